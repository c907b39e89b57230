//! Lists of traces, and traces page by page.

use facet::Facet;

use super::query::QueryExplain;
use crate::{KeyValue, SpanBatch, TraceId};

/// Which traces to list.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct ListTracesRequest {
    /// Most traces to answer; 0 means 100.
    #[facet(default)]
    pub limit: u32,
    /// Only traces that a span of this service belongs to; empty for all.
    #[facet(default)]
    pub service: String,
    /// Only traces that began before this time; 0 for all.
    #[facet(default)]
    pub before_ns: u64,
    /// Only traces of which a span matches this query (`docs/query-language.md`); empty for all.
    #[facet(default)]
    pub query: String,
    /// Also tell how the answer was found.
    #[facet(default)]
    pub explain: bool,
    /// Keys of attributes of the root span (its own, or else its resource's) to tell of each trace,
    /// at most [`super::TRACE_COLUMNS_MAX`].
    #[facet(default)]
    pub columns: Vec<String>,
    /// The order, as [`super::TraceSort`] reads it, of the 10,000 newest traces that match; empty
    /// for newest first.
    #[facet(default)]
    pub sort: String,
}

/// Traces, newest start first.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct ListTracesReply {
    /// Revision of the store that was read.
    #[facet(default)]
    pub revision: u64,
    /// The summaries.
    #[facet(default)]
    pub traces: Vec<TraceSummary>,
    /// Traces stored in all.
    #[facet(default)]
    pub total: u64,
    /// Why the list may lack traces that match: `"deadline"` or `"budget"`; empty when it is
    /// complete.
    #[facet(default)]
    pub cut: String,
    /// How the answer was found, if that was asked for.
    #[facet(default)]
    pub explain: QueryExplain,
}

/// One trace in a list.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct TraceSummary {
    /// Its id.
    #[facet(default)]
    pub trace_id: TraceId,
    /// Name of the root span; of the earliest span when no root is stored.
    #[facet(default)]
    pub name: String,
    /// Service of that span.
    #[facet(default)]
    pub service: String,
    /// Whether a span without parent is stored.
    #[facet(default)]
    pub has_root: bool,
    /// Earliest start, nanoseconds since the Unix epoch.
    #[facet(default)]
    pub start_ns: u64,
    /// Latest end so far (latest start while nothing has ended).
    #[facet(default)]
    pub end_ns: u64,
    /// Stored spans.
    #[facet(default)]
    pub spans: u64,
    /// Spans whose status is error.
    #[facet(default)]
    pub errors: u64,
    /// Spans that have not ended and whose process is there.
    #[facet(default)]
    pub running: u64,
    /// Spans that never ended because their process went away (disconnected or aborted).
    #[facet(default)]
    pub aborted: u64,
    /// Spans per service, most first.
    #[facet(default)]
    pub services: Vec<ServiceSpans>,
    /// Spans removed from this trace by age or by the byte budget.
    #[facet(default)]
    pub removed_spans: u64,
    /// When the last of them were; 0 when there are none.
    #[facet(default)]
    pub removed_at_ns: u64,
    /// `"expired"` or `"evicted"` if that holds for all of them, else empty.
    #[facet(default)]
    pub removed_by: String,
    /// Whether age and the byte budget spare it.
    #[facet(default)]
    pub pinned: bool,
    /// The attributes of the root (of the earliest span when no root is stored) that the request
    /// named and the span has, as far as they are texts, numbers or booleans.
    #[facet(default)]
    pub attributes: Vec<KeyValue>,
}

/// Spans of one service within a trace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Facet)]
pub struct ServiceSpans {
    /// `service.name`.
    #[facet(default)]
    pub service: String,
    /// How many.
    #[facet(default)]
    pub spans: u64,
}

/// Which trace, and which page of it.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct GetTraceRequest {
    /// The trace.
    #[facet(default)]
    pub trace_id: TraceId,
    /// [`GetTraceReply::next_page`] of the page before; 0 for the first.
    #[facet(default)]
    pub page: u64,
}

/// A page of a trace.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct GetTraceReply {
    /// Revision of the store that was read.
    #[facet(default)]
    pub revision: u64,
    /// One element, or none when no span of the trace is stored.
    #[facet(default)]
    pub summary: Vec<TraceSummary>,
    /// The spans of this page.
    #[facet(default)]
    pub batch: SpanBatch,
    /// Page to ask for next; 0 when this is the last.
    #[facet(default)]
    pub next_page: u64,
    /// What is known of spans that were removed.
    #[facet(default)]
    pub removals: Vec<Removal>,
}

/// Which trace to pin.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct PinTraceRequest {
    /// The trace.
    #[facet(default)]
    pub trace_id: TraceId,
}

/// What a pin, or an unpin, changed.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct PinTraceReply {
    /// Whether it was not so before.
    #[facet(default)]
    pub changed: bool,
}

/// Which trace to unpin.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct UnpinTraceRequest {
    /// The trace.
    #[facet(default)]
    pub trace_id: TraceId,
}

/// Spans that left the store.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct Removal {
    /// `"expired"`, `"evicted"` or `"cleared"`.
    #[facet(default)]
    pub reason: String,
    /// When, nanoseconds since the Unix epoch.
    #[facet(default)]
    pub at_ns: u64,
    /// How many spans, 0 when not known.
    #[facet(default)]
    pub spans: u64,
    /// Whether this is only likely: a trace that was never stored may be taken for one that was
    /// removed long ago.
    #[facet(default)]
    pub probably: bool,
}
