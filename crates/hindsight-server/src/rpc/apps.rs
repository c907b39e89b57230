//! News of apps as a call.

use hindsight_protocol::hub::{AppsEnd, AppsEvent, HubError};

use super::HubService;
use crate::discovery::{WatchEnd, Watcher};
use crate::session::SubscriberPlace;
use crate::telemetry::Reason;

pub(super) async fn watch(
    service: &HubService,
    events: vox::Tx<AppsEvent>,
) -> Result<AppsEnd, HubError> {
    let hub = &service.hub;
    let per_connection = hub.config.live.subscribers_per_connection_max;
    let place = SubscriberPlace::take(&service.session.subscribers, per_connection);
    let _place = place.ok_or_else(|| too_many(service, per_connection, "of this connection"))?;
    let total = hub.config.discovery.watchers_max;
    let place = SubscriberPlace::take(&hub.registry.watchers, total);
    let _of_all = place.ok_or_else(|| too_many(service, total, "of apps"))?;
    let mut watcher = Watcher::new(&hub.registry, &hub.config.live);
    let end = tokio::select! {
        end = watcher.run(&events) => end,
        () = hub.stopping.begun() => WatchEnd::Stopping,
    };
    if let WatchEnd::Stalled(_) = end {
        service.fault(Reason::WatchStalled, end);
    }
    Ok(AppsEnd {
        reason: end.to_string(),
        events: watcher.events(),
    })
}

fn too_many(service: &HubService, max: usize, whose: &str) -> HubError {
    let message = format!("there are {max} subscribers {whose} already");
    service.fault(Reason::SubscribersMax, &message);
    HubError::new(HubError::OVERLOADED, message)
}
