//! Reads that a query says what of.

use hindsight_protocol::hub::{
    CompleteReply, CompleteRequest, FindSpansReply, FindSpansRequest, HubError, ListTracesReply,
    ListTracesRequest, QueryExplain, QueryReply, QueryRequest, ServiceMapReply, ServiceMapRequest,
};
use hindsight_query::Query;
use hindsight_store::Snapshot;

use super::read;
use crate::hub::Hub;
use crate::queries::{self, Run};
use crate::reads;
use crate::telemetry::Reason;

/// A query runs when it has a place; the snapshot is taken after that, so that waiting holds none.
async fn run<T: Send + 'static>(
    hub: &Hub,
    ask: impl FnOnce(&Snapshot, &Run<'_>) -> T + Send + 'static,
) -> Result<T, HubError> {
    let place = hub.queries.place().await;
    let place = place.inspect_err(|_| hub.telemetry.count(Reason::QueryRefused, 1))?;
    let snapshot = read::snapshot(hub).await?;
    place.run(&snapshot, ask).await
}

/// Counts an answer that may be incomplete.
fn note_cut(hub: &Hub, cut: &str) {
    match cut {
        "" => {}
        "deadline" => hub.telemetry.count(Reason::QueryDeadline, 1),
        _ => hub.telemetry.count(Reason::QueryBudget, 1),
    }
}

fn limit(asked: u32, default: usize, max: usize) -> u32 {
    u32::try_from(reads::limit(asked, default, max)).unwrap_or(u32::MAX)
}

/// The store's part and the rest, if it was asked for.
fn explained(found: QueryExplain, asked: bool, (query, run): (&Query, &Run<'_>)) -> QueryExplain {
    match asked {
        true => QueryExplain {
            query: query.to_string(),
            elapsed_us: run.elapsed_us(),
            ..found
        },
        false => QueryExplain::default(),
    }
}

/// `request.limit` is within the limits already.
pub(super) async fn list_traces(
    hub: &Hub,
    request: ListTracesRequest,
) -> Result<ListTracesReply, HubError> {
    let query = queries::parse(&request.query)?;
    let prepared = queries::prepare(&query)?;
    let ask = move |snapshot: &Snapshot, run: &Run<'_>| {
        let mut reply = snapshot.list_matching(&request, &prepared, run.limits, run.interrupted);
        reply.explain = explained(reply.explain, request.explain, (&query, run));
        reply
    };
    let reply = run(hub, ask).await?;
    note_cut(hub, &reply.cut);
    Ok(reply)
}

pub(super) async fn query(hub: &Hub, mut request: QueryRequest) -> Result<QueryReply, HubError> {
    let limits = &hub.config.query;
    let query = queries::parse(&request.query)?;
    let prepared = queries::prepare(&query)?;
    request.limit = limit(request.limit, limits.spans_default, limits.spans_max);
    let bytes_max = limits.answer_bytes_max;
    let ask = move |snapshot: &Snapshot, run: &Run<'_>| {
        let mut reply = snapshot.query(&request, &prepared, run.limits, run.interrupted);
        if queries::trim(&mut reply, bytes_max) {
            "budget".clone_into(&mut reply.cut);
        }
        reply.explain = explained(reply.explain, request.explain, (&query, run));
        reply
    };
    let reply = run(hub, ask).await?;
    note_cut(hub, &reply.cut);
    Ok(reply)
}

pub(super) async fn find_spans(
    hub: &Hub,
    mut request: FindSpansRequest,
) -> Result<FindSpansReply, HubError> {
    let query = queries::parse(&request.query)?;
    let prepared = queries::prepare(&query)?;
    request.limit = limit(request.limit, FOUND_DEFAULT, hub.config.query.found_max);
    let ask = move |snapshot: &Snapshot, run: &Run<'_>| {
        snapshot.find_spans(&request, &prepared, run.limits, run.interrupted)
    };
    let reply = run(hub, ask).await?;
    note_cut(hub, &reply.cut);
    Ok(reply)
}

/// What [`FindSpansRequest`] promises.
const FOUND_DEFAULT: usize = 10_000;

pub(super) async fn complete(
    hub: &Hub,
    request: CompleteRequest,
) -> Result<CompleteReply, HubError> {
    let limits = &hub.config.query;
    let text_max = hindsight_query::Limits::DEFAULT.input_bytes_max;
    if request.text.len() > text_max {
        let message = format!("a query has at most {text_max} bytes");
        return Err(HubError::new(HubError::QUERY, message));
    }
    let wanted = reads::limit(
        request.limit,
        limits.completions_default,
        limits.completions_max,
    );
    let ask = move |snapshot: &Snapshot, run: &Run<'_>| {
        let cursor = usize::try_from(request.cursor).unwrap_or(usize::MAX);
        let catalog = snapshot.catalog(run.interrupted);
        let reply = queries::completions(&request.text, cursor, &catalog, wanted);
        (reply, catalog.cut())
    };
    let (reply, cut) = run(hub, ask).await?;
    note_cut(hub, cut);
    Ok(reply)
}

pub(super) async fn service_map(
    hub: &Hub,
    request: ServiceMapRequest,
) -> Result<ServiceMapReply, HubError> {
    let prepared = match request.query.trim() {
        "" => None,
        _ => Some(queries::prepare(&queries::parse(&request.query)?)?),
    };
    let ask = move |snapshot: &Snapshot, run: &Run<'_>| {
        snapshot.service_map(&request, prepared.as_ref(), run.limits, run.interrupted)
    };
    let reply = run(hub, ask).await?;
    note_cut(hub, &reply.cut);
    Ok(reply)
}
