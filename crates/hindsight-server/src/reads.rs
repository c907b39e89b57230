//! Reads of a snapshot, away from the tasks that carry connections.
//!
//! In: a snapshot and what to read. Out: the answer. Holds: a long read never holds up the lane it
//! was asked on. Bounded: by the limits of each request; at most one page of
//! [`PAGE_SPANS_MAX`] spans is copied at a time.

pub(crate) mod open;

use std::sync::Arc;

use hindsight_protocol::TraceId;
use hindsight_protocol::hub::{
    GetTraceReply, HubError, TRACE_COLUMN_BYTES_MAX, TRACE_COLUMNS_MAX, TraceSort,
};
use hindsight_store::Snapshot;

/// Spans of one page of a trace; its bytes are the narrower bound. Each page looks at the start of
/// every span of the trace, so there should be few.
pub(crate) const PAGE_SPANS_MAX: usize = 65_536;

/// Runs `read` on a thread for blocking work.
pub(crate) async fn off_thread<T: Send + 'static>(
    snapshot: &Arc<Snapshot>,
    read: impl FnOnce(&Snapshot) -> T + Send + 'static,
) -> Result<T, HubError> {
    let snapshot = Arc::clone(snapshot);
    blocking(move || read(&snapshot)).await
}

/// Runs `work` on a thread for blocking work.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, HubError> {
    let work = tokio::task::spawn_blocking(work);
    work.await.map_err(|failed| {
        tracing::error!("a read of the store failed: {failed}");
        HubError::new(
            HubError::STOPPING,
            "the read failed; the hub's log says why",
        )
    })
}

/// What is wrong with the columns or the order of a list, if anything is.
pub(crate) fn check_list(columns: &[String], sort: &str) -> Result<(), HubError> {
    let is_key = |key: &String| (1..=TRACE_COLUMN_BYTES_MAX).contains(&key.len());
    let message = if columns.len() > TRACE_COLUMNS_MAX {
        let asked = columns.len();
        format!("{asked} attributes of traces asked for, at most {TRACE_COLUMNS_MAX}")
    } else if !columns.iter().all(is_key) {
        format!("the key of an attribute has 1 to {TRACE_COLUMN_BYTES_MAX} bytes")
    } else if !sort.is_empty() && TraceSort::read(sort).is_none() {
        "a list is sorted by start, duration, spans, errors, services, name, service or span.KEY, \
         with - before it for the greatest first"
            .to_owned()
    } else {
        return Ok(());
    };
    Err(HubError::new(HubError::INVALID, message))
}

/// A page of a trace.
pub(crate) fn page(snapshot: &Snapshot, trace_id: TraceId, page: u64) -> GetTraceReply {
    snapshot.trace_page(trace_id, page, PAGE_SPANS_MAX)
}

/// How many to answer: what was asked for, a default for 0, and never more than `max`.
pub(crate) fn limit(asked: u32, default: usize, max: usize) -> usize {
    let asked = usize::try_from(asked).unwrap_or(usize::MAX);
    let limit = if asked == 0 { default } else { asked };
    limit.min(max)
}
