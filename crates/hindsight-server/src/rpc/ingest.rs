//! Spans come in.

use hindsight_protocol::hub::{HubError, IngestReply, IngestRequest, IngestSpansRequest};
use hindsight_protocol::{BatchBuilder, CheckedBatch, TracerId};
use hindsight_store::BatchSource;
use tokio::sync::oneshot;

use super::{HubService, hub_error};
use crate::clock::now_ns;
use crate::engine::EngineError;
use crate::ingest::{self, Refused};
use crate::telemetry::Reason;

/// A batch of columns from an attached tracer.
pub(super) async fn batch(
    service: &HubService,
    request: IngestRequest,
) -> Result<IngestReply, HubError> {
    let hub = &service.hub;
    let tracer = request.tracer_id;
    check_attached(service, tracer)?;
    hub.registry.told(tracer, &request.accounts, now_ns());
    let batch = ingest::admit(request.batch, &hub.config.ingest);
    let batch = batch.map_err(|refused| refuse(service, Some(tracer), &refused))?;
    let source = BatchSource {
        tracer: Some(tracer),
        sequence: Some(request.sequence).filter(|sequence| *sequence != 0),
    };
    store(service, batch, source).await
}

/// Spans as structs, from anybody.
pub(super) async fn spans(
    service: &HubService,
    request: IngestSpansRequest,
) -> Result<IngestReply, HubError> {
    let limits = &service.hub.config.ingest;
    let mut builder = BatchBuilder::new();
    let too_many = ingest::check_spans(request.spans.len(), limits);
    too_many.map_err(|refused| refuse(service, None, &refused))?;
    for span in &request.spans {
        builder.push(span);
    }
    let batch = ingest::admit_checked(builder.finish(), limits);
    let batch = batch.map_err(|refused| refuse(service, None, &refused))?;
    let source = BatchSource {
        tracer: None,
        sequence: None,
    };
    store(service, batch, source).await
}

fn check_attached(service: &HubService, tracer: TracerId) -> Result<(), HubError> {
    if service.session.tracers.read().attached.contains(&tracer) {
        return Ok(());
    }
    service.fault(Reason::NotAttached, format_args!("tracer {tracer}"));
    let message = "this tracer is not attached to this connection; call attach first";
    Err(HubError::new(HubError::NOT_ATTACHED, message))
}

/// Nothing of the batch is stored: that is counted once for the batch, for the hub and its app.
fn refuse(service: &HubService, tracer: Option<TracerId>, refused: &Refused) -> HubError {
    count(service, tracer, refused.reason(), refused);
    let reason = refused.reason().as_str();
    HubError::new(HubError::INVALID, refused.to_string()).because(reason)
}

fn count(
    service: &HubService,
    tracer: Option<TracerId>,
    reason: Reason,
    detail: impl std::fmt::Display,
) {
    service.fault(reason, detail);
    if let Some(tracer) = tracer {
        service.hub.registry.refused(tracer, reason.as_str());
    }
}

async fn store(
    service: &HubService,
    batch: CheckedBatch,
    source: BatchSource,
) -> Result<IngestReply, HubError> {
    let (hub, tracer) = (&service.hub, source.tracer);
    let stored = match submit(service, batch, source)? {
        Ok(stored) => stored.await.map_err(|_| EngineError::Stopped),
        Err(error) => Err(error),
    };
    stored.map_err(|error| {
        if matches!(error, EngineError::Overloaded { .. }) {
            count(service, tracer, Reason::Overloaded, error);
            let overloaded = hub_error(error, hub.config.ingest.retry_after);
            return overloaded.because(Reason::Overloaded.as_str());
        }
        hub_error(error, hub.config.ingest.retry_after)
    })
}

/// Under the lock, so that no batch follows the end of its connection.
fn submit(
    service: &HubService,
    batch: CheckedBatch,
    source: BatchSource,
) -> Result<Result<oneshot::Receiver<IngestReply>, EngineError>, HubError> {
    let tracers = service.session.tracers.read();
    if tracers.ended {
        return Err(HubError::new(
            HubError::STOPPING,
            "the connection has ended",
        ));
    }
    Ok(service.hub.engine.submit(batch, source, service.session.id))
}
