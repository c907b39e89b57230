//! The live feed as a call.

use hindsight_protocol::hub::{HubError, LiveEnd, LiveEvent, LiveRequest};

use super::HubService;
use crate::live::{StreamEnd, Subscription};
use crate::queries;
use crate::reads;
use crate::session::SubscriberPlace;
use crate::telemetry::Reason;

pub(super) async fn live(
    service: &HubService,
    request: LiveRequest,
    events: vox::Tx<LiveEvent>,
) -> Result<LiveEnd, HubError> {
    let hub = &service.hub;
    reads::check_list(&request.columns, &request.sort)?;
    let query = match request.query.trim() {
        "" => None,
        _ => Some(queries::prepare(&queries::parse(&request.query)?)?),
    };
    let limits = &hub.config.live;
    let per_connection = limits.subscribers_per_connection_max;
    let place = SubscriberPlace::take(&service.session.subscribers, per_connection);
    let _place = place.ok_or_else(|| too_many(service, per_connection, "of this connection"))?;
    let ticket = hub.feed.subscribe();
    let ticket = ticket.ok_or_else(|| too_many(service, limits.subscribers_max, "in all"))?;
    let mut subscription = Subscription::new(hub, ticket, (&request, query));
    let end = tokio::select! {
        end = subscription.run(&events) => end,
        () = hub.stopping.begun() => StreamEnd::Stopping,
    };
    if let StreamEnd::Stalled(_) = end {
        service.fault(Reason::LiveStalled, end);
    }
    Ok(LiveEnd {
        reason: end.to_string(),
        events: subscription.events(),
    })
}

fn too_many(service: &HubService, max: usize, whose: &str) -> HubError {
    let message = format!("there are {max} live subscribers {whose} already");
    service.fault(Reason::SubscribersMax, &message);
    HubError::new(HubError::OVERLOADED, message)
}
