//! The naive reference store: every rule of the span store in its plainest form.
//!
//! In: the same calls as the real store, with spans as structs. Out: the same answers. It keeps
//! vectors and searches them from end to end, so it is only for small tests. It knows nothing of
//! bytes, neither of limits of single spans nor when the byte budget is used up: it is told how much
//! the store evicted ([`Evictions`]), and decides what that must have been. Chunks do not exist for
//! it.

mod read;
mod retain;
mod write;

pub use retain::{Evictions, NaivePinError};

use hindsight_protocol::hub::{IngestCounters, Removal, StoreCounters};
use hindsight_protocol::{Span, TraceId, TracerId};

/// The limits that the model knows.
#[derive(Clone, Debug)]
pub struct NaiveLimits {
    /// Age at which spans expire.
    pub ttl_ns: u64,
    /// Rows of a segment.
    pub segment_spans_max: usize,
    /// Age at which a segment is sealed.
    pub segment_age_max_ns: u64,
    /// Spans that have not ended.
    pub open_spans_max: usize,
    /// Spans of a trace.
    pub spans_per_trace_max: usize,
    /// Tracers remembered.
    pub tracers_max: usize,
    /// Batch numbers remembered per tracer.
    pub resend_window_batches: u64,
    /// Time until a disconnected span is aborted.
    pub abort_grace_ns: u64,
    /// Traces that may be pinned.
    pub pinned_traces_max: usize,
}

/// Where a span is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Open,
    Segment(usize),
}

/// A live span.
#[derive(Clone, Debug)]
struct Record {
    span: Span,
    place: Place,
    tracer: Option<TracerId>,
    reported_ns: u64,
    /// Grows with each report.
    order: u64,
}

/// A segment; its spans say that they are in it.
#[derive(Clone, Debug, Default)]
struct Segment {
    rows: usize,
    first_ns: u64,
    newest_ns: u64,
    is_sealed: bool,
    is_gone: bool,
}

/// Everything, in vectors.
#[derive(Clone, Debug)]
pub struct NaiveStore {
    limits: NaiveLimits,
    records: Vec<Record>,
    segments: Vec<Segment>,
    removals: Vec<(TraceId, Removal)>,
    /// Traces of which nothing was left, and how many removals there were by then.
    gone: Vec<(TraceId, usize)>,
    pins: Vec<TraceId>,
    /// Spans removed though their trace was pinned.
    pinned_removed: u64,
    segments_sealed: u64,
    /// All batch numbers of each tracer; the one heard last is last.
    heard: Vec<(TracerId, Vec<u64>)>,
    departed: Vec<(u64, TracerId)>,
    ingest: IngestCounters,
    store: StoreCounters,
    revision: u64,
    now_ns: u64,
    order: u64,
}

/// What one call changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NaiveChange {
    /// Traces touched, sorted.
    pub trace_ids: Vec<TraceId>,
}

impl NaiveStore {
    /// An empty store.
    pub fn new(limits: NaiveLimits) -> Self {
        Self {
            limits,
            records: Vec::new(),
            segments: vec![Segment::default()],
            removals: Vec::new(),
            gone: Vec::new(),
            pins: Vec::new(),
            pinned_removed: 0,
            segments_sealed: 0,
            heard: Vec::new(),
            departed: Vec::new(),
            ingest: IngestCounters::default(),
            store: StoreCounters::default(),
            revision: 0,
            now_ns: 0,
            order: 0,
        }
    }
}
