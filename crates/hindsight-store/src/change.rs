//! What one step of the writer changed, for the live feed.

use std::sync::Arc;

use hindsight_protocol::batch::RowCopier;
use hindsight_protocol::{BatchBuilder, CheckedBatch, TraceId};

/// One revision of the store.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The revision reached with this change; one more than the one before.
    pub revision: u64,
    /// New and changed spans as they are stored now, in order: of several rows of one span the
    /// last counts.
    pub rows: Arc<CheckedBatch>,
    /// The traces of `rows` and those from which spans were removed; sorted, without repetition.
    pub trace_ids: Vec<TraceId>,
    /// Everything that was stored before is gone.
    pub cleared: bool,
}

/// Collects which rows of a batch were stored; a batch that was stored whole is shared, not copied.
#[derive(Debug, Default)]
pub(crate) struct StoredRows {
    /// Row and state.
    rows: Vec<(u32, u8)>,
    altered: bool,
    pub(crate) trace_ids: Vec<TraceId>,
}

impl StoredRows {
    /// Row `row` was stored with `state`; `altered` when that is not the report's.
    pub(crate) fn add(&mut self, trace: TraceId, row: usize, state: u8, altered: bool) {
        self.rows.push((row as u32, state));
        self.altered |= altered;
        if self.trace_ids.last() != Some(&trace) {
            self.trace_ids.push(trace);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows as stored.
    pub(crate) fn batch(&self, source: &Arc<CheckedBatch>) -> Arc<CheckedBatch> {
        if !self.altered && self.rows.len() == source.len() {
            return Arc::clone(source);
        }
        let mut copier = RowCopier::new(source);
        let mut builder = BatchBuilder::new();
        for (row, state) in &self.rows {
            copier.copy_as(*row as usize, *state, &mut builder);
        }
        Arc::new(builder.finish())
    }
}
