//! One roam connection, from its link to its end.
//!
//! In: a link, who is at the other end, and what they may do. Out: served lanes while it lasts; at
//! its end, the tracers that came with it are detached. Holds: without the token there is no lane;
//! after the end nothing of this connection reaches the engine any more, so that a detach is the
//! last word of a tracer that is gone. Bounded: `handshake_timeout`, the guard's limits,
//! `tracers_per_connection_max`, `subscribers_per_connection_max`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hindsight_connect::{
    AcceptError, AcceptOptions, CloseReason, Connection, ControlledLink, Lanes, accept, bearer,
    serve_lane,
};
use hindsight_protocol::introspection::ServiceInfo;
use hindsight_protocol::{HindsightServiceClient, HindsightServiceDispatcher, TracerId};
use parking_lot::RwLock;
use tokio::sync::Notify;
use vox::{
    Decline, EstablishmentRejectReason, FromVoxLane, LaneRejectReason, LaneRejection, PeerIdentity,
};

use crate::clock::now_ns;
use crate::connections::{ConnectionId, Slot};
use crate::discovery::{self, Offers};
use crate::hub::Hub;
use crate::peer::Peer;
use crate::relay;
use crate::rights::Rights;
use crate::rpc::HubService;
use crate::telemetry::Reason;

/// Least time between two questions to the same app.
const PROBE_PAUSE: Duration = Duration::from_millis(250);

/// Most characters of why an app's services are not known.
const FAULT_CHARS_MAX: usize = 200;

/// What the lanes of one connection share.
pub(crate) struct Session {
    pub(crate) id: ConnectionId,
    pub(crate) peer: Peer,
    pub(crate) rights: Rights,
    pub(crate) subscribers: AtomicUsize,
    pub(crate) tracers: RwLock<Tracers>,
    /// A tracer attached, so its app may be asked what it offers.
    pub(crate) attached: Notify,
}

/// The tracers of one connection.
#[derive(Debug, Default)]
pub(crate) struct Tracers {
    /// The connection has ended; nothing more is taken from it.
    pub(crate) ended: bool,
    pub(crate) attached: Vec<TracerId>,
}

/// Serves a link until it ends. Keeps `slot` for as long.
pub(crate) async fn serve<L>(hub: Arc<Hub>, link: L, peer: Peer, rights: Rights, slot: Arc<Slot>)
where
    L: ControlledLink,
    L::Rx: Send,
{
    let session = Arc::new(Session {
        id: slot.id(),
        peer,
        rights,
        subscribers: AtomicUsize::new(0),
        tracers: RwLock::default(),
        attached: Notify::new(),
    });
    let accepted = tokio::select! {
        accepted = accept(link, options(&hub, &session)) => accepted,
        () = hub.stopping.begun() => return,
    };
    match accepted {
        Ok(connection) => {
            slot.watch(connection.clone());
            let probing = probe(Arc::clone(&hub), Arc::clone(&session), connection.clone());
            connection.scope().spawn(probing);
            let reason = until_closed(&hub, connection).await;
            note_end(&hub, &session.peer, &reason);
        }
        Err(error) => note_failure(&hub, &session.peer, &error),
    }
    detach_all(&hub, &session).await;
}

async fn until_closed(hub: &Hub, connection: Connection) -> CloseReason {
    tokio::select! {
        reason = connection.closed() => return reason,
        () = hub.stopping.begun() => {}
    }
    connection.shutdown();
    connection.closed().await
}

/// Asks the app for its services: once after each attach (or several that come together), and when
/// an app that answered has been silent for half of `idle_timeout`. A browser holds the timers of a
/// hidden page back, so that it does not ping; what comes from outside it hands over, and the page
/// answers.
async fn probe(hub: Arc<Hub>, session: Arc<Session>, connection: Connection) {
    let limit = hub.config.discovery.probe_timeout;
    let silence_max = hub.config.connections.idle_timeout / 2;
    let mut answers = false;
    loop {
        tokio::select! {
            () = session.attached.notified() => {}
            () = silent(&connection, silence_max), if answers => {}
        }
        answers = match discovery::list_services(&connection, limit).await {
            Ok(services) => {
                remember(&hub, &session, services);
                true
            }
            Err(error) if error.is_refusal() => false,
            Err(error) => {
                forgo(&hub, &session, &error.to_string());
                let peer = session.peer.to_string();
                hub.telemetry.peer_fault(Reason::ProbeFailed, &peer, error);
                false
            }
        };
        tokio::time::sleep(PROBE_PAUSE.min(silence_max)).await;
    }
}

/// Waits until nothing has come for `time`.
async fn silent(connection: &Connection, time: Duration) {
    loop {
        let left = time.saturating_sub(connection.activity().idle_for());
        if left.is_zero() {
            return;
        }
        tokio::time::sleep(left).await;
    }
}

fn remember(hub: &Hub, session: &Session, services: Vec<ServiceInfo>) {
    let offers = Offers::cut(services, &hub.config.discovery);
    if offers.cut {
        hub.telemetry.count(Reason::AppTextCut, 1);
    }
    let tracers = session.tracers.read().attached.clone();
    for tracer in tracers {
        hub.registry.learn(tracer, Ok(offers.clone()), now_ns());
    }
}

fn forgo(hub: &Hub, session: &Session, fault: &str) {
    let fault: String = fault.chars().take(FAULT_CHARS_MAX).collect();
    let tracers = session.tracers.read().attached.clone();
    for tracer in tracers {
        hub.registry.learn(tracer, Err(fault.clone()), now_ns());
    }
}

fn options(hub: &Arc<Hub>, session: &Arc<Session>) -> AcceptOptions {
    let limits = &hub.config.connections;
    let metadata = vox::metadata()
        .str("hindsight.hub", format!("{:016x}", hub.id))
        .str("hindsight.version", crate::hub::VERSION);
    AcceptOptions {
        timeout: limits.handshake_timeout,
        metadata: metadata.build(),
        guard: limits.guard,
        lanes: lanes(hub, session),
        identity: identity(hub),
        ..AcceptOptions::default()
    }
}

/// Everyone is anonymous; where a token is configured they must know it.
fn identity(hub: &Hub) -> Arc<dyn vox::IdentityResolver> {
    let token = hub.config.token.clone();
    Arc::new(vox::identity_resolver_fn(move |context| {
        let claim = bearer(context.claims).unwrap_or_default();
        match &token {
            Some(token) if !token.matches(claim) => {
                Err(Decline::new(EstablishmentRejectReason::Unauthenticated))
            }
            _ => Ok(PeerIdentity::anonymous()),
        }
    }))
}

fn lanes(hub: &Arc<Hub>, session: &Arc<Session>) -> Lanes {
    let (hub, session) = (Arc::clone(hub), Arc::clone(session));
    Lanes::scoped(move |request, lane, scope| {
        if relay::is_for_app(request) {
            return relay::accept(&hub, &session, request, lane, scope);
        }
        let name = request.service();
        if name != HindsightServiceClient::SERVICE_NAME {
            hub.telemetry.count(Reason::ServiceUnknown, 1);
            let name: String = name.chars().take(100).collect();
            let message = format!("the hub offers HindsightService, not {name:?}");
            let reason = LaneRejectReason::UnknownService;
            return Err(LaneRejection::with_message(reason, message));
        }
        let service = HubService::new(Arc::clone(&hub), Arc::clone(&session));
        serve_lane(scope, lane, HindsightServiceDispatcher::new(service));
        Ok(())
    })
}

fn note_end(hub: &Hub, peer: &Peer, reason: &CloseReason) {
    let fault = match reason {
        CloseReason::PeerClosed | CloseReason::Local => return,
        // Counted by whoever aborted it.
        CloseReason::Aborted(_) => return,
        CloseReason::Violation(_) => Reason::ConnectionViolation,
        _ => Reason::ConnectionFailed,
    };
    hub.telemetry.peer_fault(fault, &peer.to_string(), reason);
}

fn note_failure(hub: &Hub, peer: &Peer, error: &AcceptError) {
    let reason = match error {
        AcceptError::TimedOut(_) => Reason::HandshakeTimeout,
        AcceptError::Declined(EstablishmentRejectReason::Unauthenticated) => {
            Reason::Unauthenticated
        }
        AcceptError::Violation(_) => Reason::ConnectionViolation,
        _ => Reason::HandshakeFailed,
    };
    hub.telemetry.peer_fault(reason, &peer.to_string(), error);
}

async fn detach_all(hub: &Hub, session: &Session) {
    let _in_order = hub.transitions.lock().await;
    let attached = {
        let mut tracers = session.tracers.write();
        tracers.ended = true;
        std::mem::take(&mut tracers.attached)
    };
    for tracer in attached {
        if hub.registry.detach(tracer, session.id, now_ns()) {
            tracing::info!(peer = %session.peer, %tracer, "app disconnected");
            // A stopping engine needs no news of tracers.
            let _ = hub.engine.detach(tracer, session.id).await;
        }
    }
}

/// Counts one live stream of a connection for as long as it exists.
pub(crate) struct SubscriberPlace<'a>(&'a AtomicUsize);

impl<'a> SubscriberPlace<'a> {
    /// A place, unless the connection has `max` already.
    pub(crate) fn take(count: &'a AtomicUsize, max: usize) -> Option<Self> {
        let more = |taken| (taken < max).then_some(taken + 1);
        let taken = count.fetch_update(Ordering::AcqRel, Ordering::Acquire, more);
        taken.ok().map(|_| Self(count))
    }
}

impl Drop for SubscriberPlace<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}
