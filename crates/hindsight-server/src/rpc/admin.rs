//! Calls that change what is stored.

use hindsight_protocol::TraceId;
use hindsight_protocol::hub::{ClearReply, HubError, PinTraceReply};
use hindsight_store::PinError;

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

pub(super) async fn pin(
    service: &HubService,
    trace_id: TraceId,
    is_pinned: bool,
) -> Result<PinTraceReply, HubError> {
    let hub = &service.hub;
    let pinned = hub
        .engine
        .pin(trace_id, is_pinned, service.session.id)
        .await;
    let pinned = pinned.map_err(|error| hub_error(error, hub.config.ingest.retry_after))?;
    let changed = pinned.map_err(|error| pin_error(&error))?;
    let peer = &service.session.peer;
    tracing::info!(%peer, %trace_id, is_pinned, changed, "a trace was pinned or unpinned");
    Ok(PinTraceReply { changed })
}

fn pin_error(error: &PinError) -> HubError {
    let code = match error {
        PinError::NotStored { .. } => HubError::NOT_STORED,
        PinError::TooMany { .. } | PinError::TooLarge { .. } => HubError::LIMIT,
    };
    HubError::new(code, error.to_string())
}
