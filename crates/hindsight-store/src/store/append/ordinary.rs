//! The rows that nearly all batches consist of: final reports of spans not heard of before, within
//! every limit. They stay where they are, so all there is to do is to note that they are there.
//!
//! In: rows of a batch that becomes a chunk. Out: those that were taken, the others are for the
//! long way. Rows of one trace that follow each other are counted together.

use hindsight_protocol::{OPEN_END_NS, SpanBatch, SpanId, SpanState, TraceId};

use super::{Append, BLOCK_ROWS};
use crate::chunk::RowRef;
use crate::identity::{IdentityHash, Place};
use crate::store::Store;
use crate::store::outcome::TIME_MAX_NS;

const _: () = assert!(BLOCK_ROWS <= 64, "a bit for each row of a block");

/// Consecutive rows of one trace that were stored and are not counted yet.
#[derive(Debug, Default)]
pub(super) struct Run {
    trace: TraceId,
    /// Live spans of the trace, with those of this run.
    live: u32,
    /// Spans of this run.
    spans: u32,
}

/// Which of these rows are ordinary by themselves, as bits: they have ids and possible times in
/// order, and have ended. The rows must exist.
pub(super) fn ordinary_rows(columns: &SpanBatch, rows: std::ops::Range<usize>) -> u64 {
    let ids = columns.trace_ids_high[rows.clone()].iter();
    let ids = ids.zip(&columns.trace_ids_low[rows.clone()]);
    let ids = ids.zip(&columns.span_ids[rows.clone()]);
    let times = columns.starts_ns[rows.clone()].iter();
    let times = times.zip(&columns.ends_ns[rows.clone()]);
    let mut bits = 0;
    for (at, (((high, low), span), (start, end))) in ids.zip(times).enumerate() {
        // Without branches.
        let has_ids = (high | low != 0) & (*span != 0);
        let has_times = (*start != 0) & (start <= end) & (*end <= TIME_MAX_NS);
        bits |= u64::from(has_ids & has_times) << at;
    }
    if let Some(states) = columns.states.get(rows) {
        for (at, state) in states.iter().enumerate() {
            let is_ended =
                (*state == SpanState::Ended as u8) | (*state == SpanState::EndedByDrop as u8);
            bits &= !(u64::from(!is_ended) << at);
        }
    }
    bits
}

const _: () = assert!(TIME_MAX_NS < OPEN_END_NS, "what has no end is not ordinary");

impl Store {
    /// Stores an ordinary row if its span is new and its trace has room.
    #[inline]
    pub(super) fn append_ordinary(
        &mut self,
        (trace, row): (TraceId, usize),
        hash: IdentityHash,
        append: &mut Append<'_>,
    ) -> bool {
        let Some(chunk) = append.chunk else {
            return false;
        };
        if append.run.trace != trace {
            self.count_run(append);
            append.run.trace = trace;
            append.run.live = self.tables.live_of(trace);
        }
        if append.run.live >= self.limits.spans_per_trace_max {
            return false;
        }
        let columns = append.columns;
        let span = columns.span_ids[row];
        let Err(vacant) = self
            .tables
            .find_or_vacant(hash, (trace, SpanId::from_u64(span)))
        else {
            return false;
        };
        let row = row as u32;
        self.tables
            .insert_uncounted(hash, vacant, Place::Row(RowRef { chunk, row }));
        append.run.live += 1;
        append.run.spans += 1;
        let state = columns
            .states
            .get(row as usize)
            .copied()
            .unwrap_or_default();
        append.stored.add(row as usize, state, false);
        true
    }

    /// Counts what [`Store::append_ordinary`] stored. Before anything else looks at the counts.
    pub(super) fn count_run(&mut self, append: &mut Append<'_>) {
        let run = std::mem::take(&mut append.run);
        if run.spans > 0 {
            self.tables.count(run.trace, run.spans);
            self.accounts.store.live += u64::from(run.spans);
            append.reply.inserted += u64::from(run.spans);
        }
    }
}
