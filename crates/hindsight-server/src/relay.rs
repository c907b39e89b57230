//! Lanes between viewers and apps.
//!
//! In: a lane that a viewer opened for an app, which its metadata names by tracer id. Out: all messages
//! of either side at the other one, unread; or a rejection that says which app, which service or which
//! limit. Holds: whoever may not read may not reach an app; the decision needs nothing but the hub's
//! memory, so it holds up neither connection; when either side ends the other is told at once; no
//! service is known here by name but `ServiceIntrospection`, which the hub itself asks for. What may be
//! called is decided in the app. Bounded: by [`RelayLimits`](crate::config::RelayLimits) and, each
//! lane, by the guard's [`RelayedLimits`](hindsight_connect::RelayedLimits); a lane on which data waits
//! and does not move for `stall_timeout` is closed, see [`hindsight_connect::relay`].

use std::sync::Arc;
use std::time::Instant;

use hindsight_connect::{
    APP_METADATA_KEY, CREDIT_METADATA_KEY, Connection, RelayEnd, RelaySide, Scope, beyond_relay,
    open_lane_handle, relay,
};
use hindsight_protocol::{ServiceIntrospectionClient, TracerId};
use vox::{
    FromVoxLane, LaneRejection, LaneRequest, Metadata, PendingLane, VOX_SERVICE_METADATA_KEY,
};

use crate::discovery::RouteError;
use crate::hub::Hub;
use crate::session::Session;
use crate::telemetry::Reason;

mod error;
mod places;

#[cfg(test)]
mod tests;

use error::RelayError;
use places::Place;
pub(crate) use places::Places;

/// Whether a lane is meant for an app.
pub(crate) fn is_for_app(request: &LaneRequest<'_>) -> bool {
    request.get_str(APP_METADATA_KEY).is_some()
}

/// Takes a viewer's lane and relays it, or says why not.
pub(crate) fn accept(
    hub: &Arc<Hub>,
    session: &Session,
    request: &LaneRequest<'_>,
    lane: PendingLane,
    scope: &Scope,
) -> Result<(), LaneRejection> {
    let peer = session.peer.to_string();
    let order = Order::read(hub, session, request).map_err(|error| {
        hub.telemetry.peer_fault(error.reason(), &peer, &error);
        LaneRejection::with_message(error.lane_reason(), error.to_string())
    })?;
    let viewer = RelaySide::new(scope, lane.into_handle());
    scope.spawn(run(Arc::clone(hub), peer, order, viewer));
    Ok(())
}

/// What a viewer asked for, found to be possible.
struct Order {
    app: Connection,
    metadata: Metadata,
    credit: u32,
    place: Place,
}

impl Order {
    fn read(
        hub: &Arc<Hub>,
        session: &Session,
        request: &LaneRequest<'_>,
    ) -> Result<Self, RelayError> {
        if !session.rights.read {
            return Err(RelayError::Forbidden);
        }
        let named = request.get_str(APP_METADATA_KEY).unwrap_or_default();
        let tracer = TracerId::parse(named).ok_or_else(|| RelayError::NotAnId {
            named: named.chars().take(100).collect(),
        })?;
        // The guard has seen to it that it is the credit of the lane.
        let credit = request.get_u64(CREDIT_METADATA_KEY);
        let credit = credit.and_then(|credit| u32::try_from(credit).ok());
        let credit = credit.ok_or(RelayError::NoCredit)?;
        let service = request.service();
        let always = ServiceIntrospectionClient::SERVICE_NAME;
        let route = hub.registry.route(tracer, service, always)?;
        // Its handshake may not be quite over, or its end not yet noted.
        let app = hub.connections.session(route.connection);
        let app = app.ok_or(RelayError::NotReady { tracer })?;
        let place = hub
            .relays
            .take(session.id, route.connection, Instant::now())?;
        let metadata = vox::metadata()
            .str(VOX_SERVICE_METADATA_KEY, service)
            .str(APP_METADATA_KEY, tracer.to_string())
            .build();
        Ok(Self {
            app,
            metadata,
            credit,
            place,
        })
    }
}

/// Opens the lane to the app and joins the two. Keeps no handle to the app's connection beyond that.
async fn run(hub: Arc<Hub>, peer: String, order: Order, viewer: RelaySide) {
    let limits = &hub.config.relay;
    let Order {
        app,
        metadata,
        credit,
        place,
    } = order;
    let settings = beyond_relay(credit);
    let opened = open_lane_handle(&app, settings, metadata, limits.open_timeout).await;
    let handle = match opened {
        Ok(handle) => handle,
        Err(error) => {
            let detail = format!("a lane to an app: {error}");
            hub.telemetry.peer_fault(Reason::RelayFailed, &peer, detail);
            return;
        }
    };
    let upstream = RelaySide::new(app.scope(), handle);
    drop(app);
    let end = relay(viewer, upstream, limits.stall_timeout).await;
    let reason = match &end {
        RelayEnd::Stalled(_) => Some(Reason::RelayStalled),
        RelayEnd::Limit(_) => Some(Reason::RelayLimit),
        _ => None,
    };
    if let Some(reason) = reason {
        hub.telemetry.peer_fault(reason, &peer, end);
    }
    drop(place);
}

impl From<RouteError> for RelayError {
    fn from(error: RouteError) -> Self {
        Self::Route(error)
    }
}
