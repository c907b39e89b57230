//! The shape of a trace, as columns, for drawing all of its spans; and single spans by their ids.
//!
//! A viewer asks with an empty cursor, then with [`TraceStructure::next`] of the answer before: at
//! once while [`TraceStructure::has_more`], and then whenever the trace may have grown. A row takes
//! the place of an earlier one with the same span id.

mod varints;

use facet::Facet;

pub use varints::Varints;

use super::traces::TraceSummary;
use crate::{SpanBatch, SpanId, SpanKind, SpanState, StatusCode, TraceId};

/// Most rows of a [`TraceStructure`].
pub const STRUCTURE_ROWS_MAX: usize = 65_536;

/// Most spans asked for at once with [`GetSpansRequest`].
pub const SPANS_BY_ID_MAX: usize = 1_024;

/// Asks for the next page of a trace's structure.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct TraceStructureRequest {
    /// The trace.
    #[facet(default)]
    pub trace_id: TraceId,
    /// [`TraceStructure::next`] of the answer before; the default to begin.
    #[facet(default)]
    pub cursor: StructureCursor,
    /// Most rows to answer; 0 means [`STRUCTURE_ROWS_MAX`], which is also the most.
    #[facet(default)]
    pub limit: u32,
}

/// A page of a trace's structure: a column for each fact, rows in order of (start, span id). A
/// page of an answer to what is new has only what was stored since.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct TraceStructure {
    /// Revision of the store that was read.
    #[facet(default)]
    pub revision: u64,
    /// On the last page of a round: one element, or none when no span of the trace is stored.
    #[facet(default)]
    pub summary: Vec<TraceSummary>,
    /// Whether what was told of the trace before no longer holds and this begins anew: true on
    /// the first page, and when spans of the trace were removed from the store.
    #[facet(default)]
    pub begins: bool,
    /// Start of the first row, nanoseconds since the Unix epoch.
    #[facet(default)]
    pub base_ns: u64,
    /// The id of each span; as many as there are rows.
    #[facet(default)]
    pub span_ids: Vec<u64>,
    /// Start of each row minus that of the row before; 0 for the first. Nanoseconds.
    #[facet(default)]
    pub start_deltas_ns: Varints,
    /// One more than the duration in nanoseconds; 0 where there is no end.
    #[facet(default)]
    pub durations: Varints,
    /// 0 for a root; row `p - 1` of this page; beyond the rows, element `p - 1 - rows` of
    /// [`Self::outer_parents`].
    #[facet(default)]
    pub parents: Varints,
    /// Ids of parents that are not in this page, if they are stored at all.
    #[facet(default)]
    pub outer_parents: Vec<u64>,
    /// Index into [`Self::names`].
    #[facet(default)]
    pub name_codes: Varints,
    /// Index into [`Self::services`].
    #[facet(default)]
    pub service_codes: Varints,
    /// [`StructureFlags`] of each row.
    #[facet(default)]
    pub flags: Vec<u8>,
    /// Names of this page's rows.
    #[facet(default)]
    pub names: Vec<String>,
    /// Services of this page's rows.
    #[facet(default)]
    pub services: Vec<String>,
    /// Whether there is more to be had at once.
    #[facet(default)]
    pub has_more: bool,
    /// What to ask with next.
    #[facet(default)]
    pub next: StructureCursor,
}

impl TraceStructure {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.span_ids.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.span_ids.is_empty()
    }

    /// The parent's id of each row, 0 for a root. For columns that a hub made; others end early.
    pub fn parent_ids(&self) -> impl Iterator<Item = u64> + '_ {
        self.parents.iter().map_while(|parent| match parent {
            0 => Some(0),
            parent => {
                let at = usize::try_from(parent - 1).ok()?;
                let outer = || self.outer_parents.get(at - self.len());
                self.span_ids.get(at).or_else(outer).copied()
            }
        })
    }

    /// Start of each row, nanoseconds since the Unix epoch.
    pub fn starts_ns(&self) -> impl Iterator<Item = u64> + '_ {
        self.start_deltas_ns.iter().scan(self.base_ns, |at, delta| {
            *at = at.wrapping_add(delta);
            Some(*at)
        })
    }

    /// Duration of each row in nanoseconds, none where there is no end.
    pub fn durations_ns(&self) -> impl Iterator<Item = Option<u64>> + '_ {
        self.durations.iter().map(|more| more.checked_sub(1))
    }
}

/// How far a viewer has read. To be handed back as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Facet)]
pub struct StructureCursor {
    /// The hub's run that it is of, as in [`crate::hub::PingReply`]; another one begins anew.
    #[facet(default)]
    pub hub_id: u64,
    /// Everything until here was told before this round.
    #[facet(default)]
    pub told: StructureMark,
    /// Everything until here will have been told after it.
    #[facet(default)]
    pub coming: StructureMark,
    /// Whether a round is under way; then its last row was this one.
    #[facet(default)]
    pub is_under_way: bool,
    /// Start of that row.
    #[facet(default)]
    pub start_ns: u64,
    /// Its span's id.
    #[facet(default)]
    pub span_id: u64,
}

/// A moment in the life of a trace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Facet)]
pub struct StructureMark {
    /// False before everything.
    #[facet(default)]
    pub is_set: bool,
    /// Chunks from this number on are later.
    #[facet(default)]
    pub chunk: u32,
    /// Of this chunk,
    #[facet(default)]
    pub partial_chunk: u32,
    /// rows from this one on are later.
    #[facet(default)]
    pub partial_rows: u32,
    /// Reports of open spans with a greater number are later.
    #[facet(default)]
    pub open_stamp: u64,
    /// Spans that had been removed from the trace,
    #[facet(default)]
    pub removed_spans: u64,
    /// last at this time.
    #[facet(default)]
    pub removed_ns: u64,
}

/// Status, kind and state of a span in one byte: 2, 3 and 3 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StructureFlags(pub u8);

impl StructureFlags {
    /// All three.
    pub fn new(status: StatusCode, kind: SpanKind, state: SpanState) -> Self {
        Self(status as u8 & 3 | (kind as u8 & 7) << 2 | (state as u8 & 7) << 5)
    }

    /// The outcome.
    pub fn status(self) -> StatusCode {
        StatusCode::from_u8(self.0 & 3)
    }

    /// The role.
    pub fn kind(self) -> SpanKind {
        SpanKind::from_u8(self.0 >> 2 & 7)
    }

    /// How the span stands.
    pub fn state(self) -> SpanState {
        SpanState::from_u8(self.0 >> 5)
    }
}

/// Asks for spans of a trace by their ids.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct GetSpansRequest {
    /// The trace.
    #[facet(default)]
    pub trace_id: TraceId,
    /// The spans; more than [`SPANS_BY_ID_MAX`] are refused.
    #[facet(default)]
    pub span_ids: Vec<SpanId>,
}

/// Spans as they are stored.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct GetSpansReply {
    /// Revision of the store that was read.
    #[facet(default)]
    pub revision: u64,
    /// Those that are stored, in order of (start, span id).
    #[facet(default)]
    pub batch: SpanBatch,
    /// Those that are stored but found no room in this answer; ask again for them.
    #[facet(default)]
    pub left_out: Vec<SpanId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_come_back_as_they_went_in() {
        for bits in 0..=u8::MAX {
            let (status, kind, state) = (bits & 3, bits >> 2 & 7, bits >> 5);
            let (status, kind) = (StatusCode::from_u8(status), SpanKind::from_u8(kind));
            let state = SpanState::from_u8(state);
            let flags = StructureFlags::new(status, kind, state);
            assert_eq!(
                (flags.status(), flags.kind(), flags.state()),
                (status, kind, state)
            );
        }
    }

    #[test]
    fn parents_that_point_nowhere_end_the_column() {
        let page = TraceStructure {
            span_ids: vec![5, 6],
            parents: [0, 1, 3, 9].into_iter().collect(),
            outer_parents: vec![7],
            ..TraceStructure::default()
        };
        assert_eq!(page.parent_ids().collect::<Vec<_>>(), [0, 5, 7]);
    }
}
