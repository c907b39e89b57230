//! A trace in a list.

use hindsight_protocol::TraceId;
use hindsight_protocol::hub::TraceSummary;
use hindsight_view::format;
use serde::Serialize;

/// One element of `traces`.
#[derive(Debug, Serialize)]
pub(crate) struct TraceJson<'a> {
    trace_id: String,
    name: &'a str,
    service: &'a str,
    has_root: bool,
    start_ns: u64,
    start: String,
    end_ns: u64,
    end: String,
    duration_ns: u64,
    spans: u64,
    errors: u64,
    running: u64,
    aborted: u64,
    removed_spans: u64,
    removed_at_ns: u64,
    removed_by: &'a str,
    pinned: bool,
    services: Vec<ServiceJson<'a>>,
}

#[derive(Debug, Serialize)]
struct ServiceJson<'a> {
    service: &'a str,
    spans: u64,
}

impl<'a> From<&'a TraceSummary> for TraceJson<'a> {
    fn from(trace: &'a TraceSummary) -> Self {
        let service = |service: &'a hindsight_protocol::hub::ServiceSpans| ServiceJson {
            service: &service.service,
            spans: service.spans,
        };
        Self {
            trace_id: trace.trace_id.to_string(),
            name: &trace.name,
            service: &trace.service,
            has_root: trace.has_root,
            start_ns: trace.start_ns,
            start: format::iso(trace.start_ns),
            end_ns: trace.end_ns,
            end: format::iso(trace.end_ns),
            duration_ns: trace.end_ns.saturating_sub(trace.start_ns),
            spans: trace.spans,
            errors: trace.errors,
            running: trace.running,
            aborted: trace.aborted,
            removed_spans: trace.removed_spans,
            removed_at_ns: trace.removed_at_ns,
            removed_by: &trace.removed_by,
            pinned: trace.pinned,
            services: trace.services.iter().map(service).collect(),
        }
    }
}

/// `pin` and `unpin`.
#[derive(Debug, Serialize)]
pub(crate) struct PinJson {
    trace_id: String,
    pinned: bool,
    changed: bool,
}

impl PinJson {
    /// The trace is pinned now or is not, and whether it was not so before.
    pub(crate) fn new(trace_id: TraceId, pinned: bool, changed: bool) -> Self {
        Self {
            trace_id: trace_id.to_string(),
            pinned,
            changed,
        }
    }
}
