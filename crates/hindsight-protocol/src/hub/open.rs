//! What is open right now.

use facet::Facet;

use crate::{SpanBatch, TraceId};

/// Which open spans to answer.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct OpenSpansRequest {
    /// Most spans to answer, those that began first; 0 means 1,000.
    #[facet(default)]
    pub limit: u32,
    /// Only spans of this trace; the invalid id for all traces.
    #[facet(default)]
    pub trace_id: TraceId,
}

/// Spans that have not ended and are not given up: running or disconnected.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct OpenSpansReply {
    /// Revision of the store that was read.
    #[facet(default)]
    pub revision: u64,
    /// The hub's clock, nanoseconds since the Unix epoch.
    #[facet(default)]
    pub now_ns: u64,
    /// The spans, earliest start first.
    #[facet(default)]
    pub batch: SpanBatch,
    /// Open spans in all, of the trace if one was asked for.
    #[facet(default)]
    pub total: u64,
}
