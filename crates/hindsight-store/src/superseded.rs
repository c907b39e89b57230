//! Rows that are stored but no longer count, because a newer report of the span is stored too.
//!
//! Rare: a span given up as aborted that ends after all, a final report that is corrected. Readers
//! count a trace that has such rows span by span instead of from the directories. A note leaves
//! with its row's segment, so there are never more of them than stored rows.

use std::collections::BTreeSet;
use std::sync::Arc;

use hindsight_protocol::TraceId;

use crate::chunk::RowRef;
use crate::placed::PlacedRows;
use crate::sharded::ShardedMap;

/// About the bytes of one note.
const NOTE_BYTES: u64 = 32;

#[derive(Clone, Debug, Default)]
pub(crate) struct Superseded {
    traces: ShardedMap<TraceId, Arc<BTreeSet<RowRef>>>,
    rows: u64,
}

impl Superseded {
    pub(crate) fn add(&mut self, trace: TraceId, row: RowRef) {
        let mut rows = self.traces.remove(trace, &trace).unwrap_or_default();
        self.rows += u64::from(Arc::make_mut(&mut rows).insert(row));
        self.traces.insert(trace, trace, rows);
    }

    pub(crate) fn remove(&mut self, trace: TraceId, row: RowRef) {
        let Some(mut rows) = self.traces.remove(trace, &trace) else {
            return;
        };
        self.rows -= u64::from(Arc::make_mut(&mut rows).remove(&row));
        if !rows.is_empty() {
            self.traces.insert(trace, trace, rows);
        }
    }

    /// The superseded rows of `trace`, if it has any.
    pub(crate) fn of(&self, trace: TraceId) -> Option<&BTreeSet<RowRef>> {
        match self.traces.is_empty() {
            true => None,
            false => self.traces.get(trace, &trace).map(|rows| &**rows),
        }
    }

    /// The superseded rows that are in these columns. Cost: in proportion to all superseded rows.
    pub(crate) fn rows_in(&self, placed: &PlacedRows) -> Vec<(TraceId, RowRef)> {
        let all = self.traces.iter();
        let all = all.flat_map(|(trace, rows)| rows.iter().map(|row| (*trace, *row)));
        all.filter(|(_, at)| placed.has_chunk(at.chunk)).collect()
    }

    /// Traces with superseded rows.
    pub(crate) fn traces(&self) -> impl Iterator<Item = TraceId> {
        self.traces.iter().map(|(trace, _)| *trace)
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.rows * NOTE_BYTES
    }
}
