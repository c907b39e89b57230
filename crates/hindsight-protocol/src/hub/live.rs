//! The stream of what is stored as it is stored.

use facet::Facet;

use super::TraceSummary;
use crate::{SpanBatch, TraceId};

/// What a subscriber wants to see.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct LiveRequest {
    /// Summaries of traces that changed.
    #[facet(default)]
    pub traces: bool,
    /// Spans as they are stored.
    #[facet(default)]
    pub spans: bool,
    /// Only this trace; [`TraceId::INVALID`] for all.
    #[facet(default)]
    pub trace_id: TraceId,
    /// Only spans of this service; empty for all.
    #[facet(default)]
    pub service: String,
    /// Most traces in the snapshot; 0 means 100.
    #[facet(default)]
    pub snapshot_limit: u32,
    /// Only spans that match this query, and summaries of traces that have such a span; empty for
    /// all. Parts of a query that look at other spans of the trace see what is stored when the
    /// event is made.
    #[facet(default)]
    pub query: String,
    /// Keys of attributes of the root span (its own, or else its resource's) to tell of each trace,
    /// at most [`super::TRACE_COLUMNS_MAX`].
    #[facet(default)]
    pub columns: Vec<String>,
    /// Which traces are in the snapshot, as in [`super::ListTracesRequest::sort`]; changes come as
    /// they come.
    #[facet(default)]
    pub sort: String,
}

/// One message of a live stream; see the `KIND_` constants.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct LiveEvent {
    /// What this is.
    #[facet(default)]
    pub kind: u8,
    /// The store's revision that a receiver has reached with this event.
    #[facet(default)]
    pub revision: u64,
    /// New or changed traces.
    #[facet(default)]
    pub traces: Vec<TraceSummary>,
    /// New or changed spans.
    #[facet(default)]
    pub batch: SpanBatch,
    /// For [`LiveEvent::KIND_LAGGED`]: changes this subscriber missed.
    #[facet(default)]
    pub missed: u64,
}

impl LiveEvent {
    /// Part of the snapshot at `revision`; more follows.
    pub const KIND_SNAPSHOT: u8 = 1;
    /// The snapshot is complete; changes begin at `revision + 1`.
    pub const KIND_SNAPSHOT_END: u8 = 2;
    /// Changes up to `revision`.
    pub const KIND_CHANGE: u8 = 3;
    /// Changes were missed; a new snapshot follows.
    pub const KIND_LAGGED: u8 = 4;
    /// Nothing happened for a while.
    pub const KIND_HEARTBEAT: u8 = 5;
    /// The store was cleared.
    pub const KIND_CLEARED: u8 = 6;
}

/// Why a live stream ended.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct LiveEnd {
    /// A sentence for a person.
    #[facet(default)]
    pub reason: String,
    /// Events sent.
    #[facet(default)]
    pub events: u64,
}
