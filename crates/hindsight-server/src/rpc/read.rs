//! Reads of what is stored.

use std::sync::Arc;

use hindsight_protocol::hub::{
    GetSpansReply, GetSpansRequest, GetTraceReply, GetTraceRequest, HubError, ListTracesReply,
    ListTracesRequest, OpenSpansReply, OpenSpansRequest, ReasonCount, SPANS_BY_ID_MAX, StatsReply,
    StructureCursor, TraceStructure, TraceStructureRequest,
};
use hindsight_store::Snapshot;

use super::{hub_error, query};
use crate::clock::now_ns;
use crate::hub::{Hub, VERSION};
use crate::reads::{self, open};

/// Removals told in the statistics.
const REMOVALS_MAX: usize = 100;

pub(super) async fn snapshot(hub: &Hub) -> Result<Arc<Snapshot>, HubError> {
    let snapshot = hub.engine.snapshot().await;
    snapshot.map_err(|error| hub_error(error, hub.config.ingest.retry_after))
}

pub(crate) async fn list_traces(
    hub: &Hub,
    mut request: ListTracesRequest,
) -> Result<ListTracesReply, HubError> {
    reads::check_list(&request.columns, &request.sort)?;
    let limits = &hub.config.reads;
    let limit = reads::limit(
        request.limit,
        limits.list_traces_default,
        limits.list_traces_max,
    );
    request.limit = u32::try_from(limit).unwrap_or(u32::MAX);
    if request.explain || !request.query.trim().is_empty() {
        return query::list_traces(hub, request).await;
    }
    let snapshot = snapshot(hub).await?;
    reads::off_thread(&snapshot, move |snapshot| snapshot.list_traces(&request)).await
}

pub(super) async fn get_trace(
    hub: &Hub,
    request: GetTraceRequest,
) -> Result<GetTraceReply, HubError> {
    let snapshot = snapshot(hub).await?;
    let page = move |snapshot: &Snapshot| reads::page(snapshot, request.trace_id, request.page);
    reads::off_thread(&snapshot, page).await
}

pub(super) async fn trace_structure(
    hub: &Hub,
    mut request: TraceStructureRequest,
) -> Result<TraceStructure, HubError> {
    if request.cursor.hub_id != hub.id {
        request.cursor = StructureCursor::default();
    }
    let snapshot = snapshot(hub).await?;
    let page = move |snapshot: &Snapshot| snapshot.trace_structure(&request);
    let mut page = reads::off_thread(&snapshot, page).await?;
    page.next.hub_id = hub.id;
    Ok(page)
}

pub(super) async fn get_spans(
    hub: &Hub,
    request: GetSpansRequest,
) -> Result<GetSpansReply, HubError> {
    let asked = request.span_ids.len();
    if asked > SPANS_BY_ID_MAX {
        let message = format!("{asked} spans asked for by id, at most {SPANS_BY_ID_MAX}");
        return Err(HubError::new(HubError::INVALID, message));
    }
    let snapshot = snapshot(hub).await?;
    let find = move |snapshot: &Snapshot| snapshot.get_spans(request.trace_id, &request.span_ids);
    reads::off_thread(&snapshot, find).await
}

pub(super) async fn open_spans(
    hub: &Hub,
    request: OpenSpansRequest,
) -> Result<OpenSpansReply, HubError> {
    let limits = &hub.config.reads;
    let spans_max = reads::limit(
        request.limit,
        limits.open_spans_default,
        limits.open_spans_max,
    );
    let bytes_max = limits.open_spans_bytes_max;
    let snapshot = snapshot(hub).await?;
    let read = move |snapshot: &Snapshot| {
        let (batch, total) = open::oldest(snapshot, request.trace_id, spans_max, bytes_max);
        OpenSpansReply {
            revision: snapshot.revision(),
            now_ns: now_ns(),
            batch,
            total,
        }
    };
    reads::off_thread(&snapshot, read).await
}

pub(crate) async fn stats(hub: &Hub) -> Result<StatsReply, HubError> {
    let snapshot = snapshot(hub).await?;
    let retention = &hub.config.retention;
    Ok(StatsReply {
        hub_id: hub.id,
        version: VERSION.to_owned(),
        started_ns: hub.started_ns,
        now_ns: now_ns(),
        addresses: hub.addresses.endpoints(),
        revision: snapshot.revision(),
        traces: snapshot.traces(),
        ingest: snapshot.ingest(),
        accounts: hub.registry.accounts(),
        store: snapshot.stored(),
        open_spans: snapshot.open_spans(),
        memory_bytes: snapshot.memory_bytes(),
        memory_limit_bytes: retention.memory_limit_bytes,
        ttl_ms: u64::try_from(retention.ttl.as_millis()).unwrap_or(u64::MAX),
        pinned_traces: snapshot.pinned_traces(),
        pinned_bytes: snapshot.pinned_bytes(),
        segments: snapshot.segments(),
        connections: hub.connections.open() as u64,
        subscribers: hub.feed.subscribers() as u64,
        relayed_lanes: hub.relays.open() as u64,
        relayed_lanes_total: hub.relays.total(),
        reasons: reasons(hub, &snapshot),
        removals: snapshot.removals(REMOVALS_MAX),
    })
}

/// The hub's reasons and the store's.
fn reasons(hub: &Hub, snapshot: &Snapshot) -> Vec<ReasonCount> {
    let mut reasons = hub.telemetry.counts();
    reasons.extend(snapshot.reasons().into_iter().filter(|r| r.count > 0));
    reasons
}
