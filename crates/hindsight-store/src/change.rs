//! What one step of the writer changed, for the live feed.

use std::sync::{Arc, OnceLock};

use hindsight_protocol::batch::RowCopier;
use hindsight_protocol::{BatchBuilder, CheckedBatch, TraceId};

/// One revision of the store.
#[derive(Clone, Debug)]
pub struct Change {
    /// The revision reached with this change; one more than the one before.
    pub revision: u64,
    /// New and changed spans as they are stored now, in order: of several rows of one span the
    /// last counts.
    pub rows: Arc<CheckedBatch>,
    /// Traces from which spans were removed, in no order, perhaps repeated.
    pub removed_from: Vec<TraceId>,
    /// Everything that was stored before is gone.
    pub cleared: bool,
    /// Made by the first who asks, at no cost to the writer.
    trace_ids: OnceLock<Vec<TraceId>>,
}

impl Change {
    /// The change with these fields.
    pub fn new(
        revision: u64,
        rows: Arc<CheckedBatch>,
        removed_from: Vec<TraceId>,
        cleared: bool,
    ) -> Self {
        Self {
            revision,
            rows,
            removed_from,
            cleared,
            trace_ids: OnceLock::new(),
        }
    }

    /// The traces of `rows` and those from which spans were removed; sorted, without repetition.
    /// Costs a sort of the rows' traces, once.
    pub fn trace_ids(&self) -> &[TraceId] {
        self.trace_ids.get_or_init(|| {
            let columns = self.rows.columns();
            let ids = columns.trace_ids_high.iter().zip(&columns.trace_ids_low);
            let ids = ids.map(|(high, low)| TraceId {
                high: *high,
                low: *low,
            });
            let mut ids: Vec<TraceId> = ids.collect();
            // Rows of one trace often follow each other: fewer to sort.
            ids.dedup();
            ids.extend_from_slice(&self.removed_from);
            ids.sort_unstable();
            ids.dedup();
            ids
        })
    }
}

impl PartialEq for Change {
    fn eq(&self, other: &Self) -> bool {
        let known = |change: &Self| (change.revision, change.cleared);
        known(self) == known(other)
            && self.rows == other.rows
            && self.trace_ids() == other.trace_ids()
    }
}

/// Collects which rows of a batch were stored; a batch that was stored whole is shared, not copied.
#[derive(Debug, Default)]
pub(crate) struct StoredRows {
    /// So many rows from the first on were stored as they are.
    whole: usize,
    /// Row and state of the others.
    rows: Vec<(u32, u8)>,
}

impl StoredRows {
    /// Row `row` was stored with `state`; `altered` when that is not the report's.
    #[inline]
    pub(crate) fn add(&mut self, row: usize, state: u8, altered: bool) {
        if row == self.whole && !altered && self.rows.is_empty() {
            self.whole += 1;
            return;
        }
        self.rows.push((row as u32, state));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.whole == 0 && self.rows.is_empty()
    }

    /// The rows as stored.
    pub(crate) fn batch(&self, source: &Arc<CheckedBatch>) -> Arc<CheckedBatch> {
        if self.whole == source.len() {
            return Arc::clone(source);
        }
        let mut copier = RowCopier::new(source);
        let mut builder = BatchBuilder::new();
        for row in 0..self.whole {
            copier.copy(row, &mut builder);
        }
        for (row, state) in &self.rows {
            copier.copy_as(*row as usize, *state, &mut builder);
        }
        Arc::new(builder.finish())
    }
}
