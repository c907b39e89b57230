//! Batches of spans and what became of them.

use facet::Facet;

use super::TracerId;
use crate::{Span, SpanBatch};

/// A batch and the sender's accounts.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct IngestRequest {
    /// Who sends.
    #[facet(default)]
    pub tracer_id: TracerId,
    /// Number of the batch, from 1, not repeated by this tracer.
    #[facet(default)]
    pub sequence: u64,
    /// The spans.
    #[facet(default)]
    pub batch: SpanBatch,
    /// The sender's totals when it made this request.
    #[facet(default)]
    pub accounts: TracerAccounts,
}

/// A tracer's own counters, since its start. Records are reports of spans: one when a span stays
/// open long enough to be reported while it runs (again when it changed), one at its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Facet)]
pub struct TracerAccounts {
    /// Records that entered the tracer's buffers.
    #[facet(default)]
    pub offered: u64,
    /// Records lost for lack of room.
    #[facet(default)]
    pub dropped: u64,
    /// Records that an earlier hub had acknowledged before it went away.
    #[facet(default)]
    pub acknowledged_elsewhere: u64,
    /// Connections made after the first.
    #[facet(default)]
    pub reconnects: u64,
    /// Values cut, and attributes, events and links left out, by the tracer's own limits.
    #[facet(default)]
    pub cut: u64,
}

/// Spans as structs.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct IngestSpansRequest {
    /// The spans.
    #[facet(default)]
    pub spans: Vec<Span>,
}

/// What became of a batch.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct IngestReply {
    /// Which hub acknowledges.
    #[facet(default)]
    pub hub_id: u64,
    /// The batch had been stored before; the counts below are 0.
    #[facet(default)]
    pub resent: bool,
    /// Records stored as new spans.
    #[facet(default)]
    pub inserted: u64,
    /// Records that changed a stored span.
    #[facet(default)]
    pub updated: u64,
    /// Records that said nothing new.
    #[facet(default)]
    pub duplicate: u64,
    /// Records refused.
    #[facet(default)]
    pub rejected: u64,
    /// Why, by reason.
    #[facet(default)]
    pub rejections: Vec<ReasonCount>,
    /// Values cut by a limit, by limit.
    #[facet(default)]
    pub truncations: Vec<ReasonCount>,
    /// What else is worth knowing, by reason: spans stored as they came though they cannot be
    /// right, open spans that had to go.
    #[facet(default)]
    pub notes: Vec<ReasonCount>,
}

/// How often a reason occurred.
#[derive(Clone, Debug, Default, PartialEq, Eq, Facet)]
pub struct ReasonCount {
    /// The reason's name.
    #[facet(default)]
    pub reason: String,
    /// How often.
    #[facet(default)]
    pub count: u64,
}
