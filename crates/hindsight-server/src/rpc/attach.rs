//! A tracer announces itself.

use hindsight_protocol::TracerId;
use hindsight_protocol::hub::{AttachReply, AttachRequest, HubError, PROTOCOL_VERSION, RunInfo};

use super::{HubService, hub_error};
use crate::clock::now_ns;
use crate::discovery::{Attachment, cut_run};
use crate::telemetry::Reason;

pub(super) async fn attach(
    service: &HubService,
    request: AttachRequest,
) -> Result<AttachReply, HubError> {
    let hub = &service.hub;
    if request.tracer_id == TracerId::default() {
        let message = "the tracer id is zero; it must be random";
        return Err(HubError::new(HubError::INVALID, message));
    }
    let mut run = request.run;
    if cut_run(&mut run, &hub.config.discovery) {
        hub.telemetry.count(Reason::AppTextCut, 1);
    }
    register(service, request.tracer_id, run).await?;
    service.session.attached.notify_one();
    Ok(AttachReply {
        hub_id: hub.id,
        protocol_version: PROTOCOL_VERSION,
        batch_bytes_max: hub.config.ingest.batch_bytes_max as u64,
        batch_spans_max: u32::try_from(hub.config.ingest.batch_spans_max).unwrap_or(u32::MAX),
    })
}

async fn register(service: &HubService, tracer: TracerId, run: RunInfo) -> Result<(), HubError> {
    let hub = &service.hub;
    let _in_order = hub.transitions.lock().await;
    let is_new = join_session(service, tracer)?;
    let service_name = run.service_name.clone();
    let attachment = Attachment {
        tracer_id: tracer,
        run,
        connection: service.session.id,
        transport: service.session.peer.to_string(),
    };
    let registered = hub.registry.attach(attachment, now_ns()).map_err(|full| {
        service.fault(Reason::AppsMax, full);
        HubError::new(HubError::OVERLOADED, full.to_string())
    })?;
    if registered.forgot {
        hub.telemetry.count(Reason::AppForgotten, 1);
    }
    if is_new {
        let peer = &service.session.peer;
        tracing::info!(%peer, %tracer, service = service_name, "app connected");
    }
    let attached = hub.engine.attach(tracer).await;
    attached.map_err(|error| hub_error(error, hub.config.ingest.retry_after))
}

/// Notes the tracer as one of this connection; false if it was.
fn join_session(service: &HubService, tracer: TracerId) -> Result<bool, HubError> {
    let max = service.hub.config.discovery.tracers_per_connection_max;
    let mut tracers = service.session.tracers.write();
    if tracers.ended {
        return Err(HubError::new(
            HubError::STOPPING,
            "the connection has ended",
        ));
    }
    if tracers.attached.contains(&tracer) {
        return Ok(false);
    }
    if tracers.attached.len() >= max {
        drop(tracers);
        let message = format!("{max} tracers are attached over this connection already");
        service.fault(Reason::AppsMax, &message);
        return Err(HubError::new(HubError::OVERLOADED, message));
    }
    tracers.attached.push(tracer);
    Ok(true)
}
