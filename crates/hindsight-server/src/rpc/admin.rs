//! Calls that change what is stored.

use hindsight_protocol::hub::{ClearReply, HubError};

use super::{HubService, hub_error};
use crate::telemetry::Reason;

pub(super) async fn clear(service: &HubService) -> Result<ClearReply, HubError> {
    let hub = &service.hub;
    let cleared = hub.engine.clear().await;
    let cleared = cleared.map_err(|error| hub_error(error, hub.config.ingest.retry_after))?;
    hub.telemetry.count(Reason::Cleared, 1);
    let (peer, spans) = (&service.session.peer, cleared.spans);
    tracing::info!(%peer, spans, "the store was cleared");
    Ok(cleared)
}
