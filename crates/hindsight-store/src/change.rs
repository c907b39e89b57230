//! What one step of the writer changed, for the live feed.

use std::sync::{Arc, OnceLock};

use hindsight_protocol::batch::RowCopier;
use hindsight_protocol::{BatchBuilder, CheckedBatch, TraceId};

/// A batch of which fewer rows than one in so many were stored is not kept for them.
const KEPT_PART: usize = 4;

/// One revision of the store.
#[derive(Clone, Debug)]
pub struct Change {
    /// The revision reached with this change; one more than the one before.
    pub revision: u64,
    /// What the rows are of: the batch that was stored, and those of its rows that were, unless all
    /// were as they are.
    source: Arc<CheckedBatch>,
    stored: Option<StoredRows>,
    /// Made by the first who asks, at no cost to the writer.
    rows: OnceLock<Arc<CheckedBatch>>,
    /// Traces from which spans were removed, in no order, perhaps repeated.
    pub removed_from: Vec<TraceId>,
    /// Everything that was stored before is gone.
    pub cleared: bool,
    /// Made by the first who asks, at no cost to the writer.
    trace_ids: OnceLock<Vec<TraceId>>,
}

impl Change {
    /// The change with these fields; see [`Change::rows`].
    pub fn new(
        revision: u64,
        rows: Arc<CheckedBatch>,
        removed_from: Vec<TraceId>,
        cleared: bool,
    ) -> Self {
        Self {
            revision,
            source: rows,
            stored: None,
            rows: OnceLock::new(),
            removed_from,
            cleared,
            trace_ids: OnceLock::new(),
        }
    }

    /// The change of which these rows of a batch are new. Where they are few, it does not keep the
    /// batch.
    pub(crate) fn of_stored(
        revision: u64,
        (source, stored): (&Arc<CheckedBatch>, StoredRows),
        removed_from: Vec<TraceId>,
    ) -> Self {
        let is_whole = stored.whole == source.len();
        let rows = match !is_whole && stored.len() * KEPT_PART < source.len() {
            true => return Self::new(revision, Arc::new(stored.copy(source)), removed_from, false),
            false => Arc::clone(source),
        };
        Self {
            stored: (!is_whole).then_some(stored),
            ..Self::new(revision, rows, removed_from, false)
        }
    }

    /// New and changed spans as they are stored now, in order: of several rows of one span the
    /// last counts. Costs nothing where a batch was stored as it came, else a copy of the rows, once.
    pub fn rows(&self) -> &Arc<CheckedBatch> {
        match &self.stored {
            None => &self.source,
            Some(stored) => self
                .rows
                .get_or_init(|| Arc::new(stored.copy(&self.source))),
        }
    }

    /// About the most bytes that the change holds.
    pub fn byte_len(&self) -> usize {
        let copy = match self.stored {
            None => 0,
            // A part of it, but perhaps all.
            Some(_) => self.source.byte_len(),
        };
        let ids = self.removed_from.len() * size_of::<TraceId>();
        self.source.byte_len() + copy + ids
    }

    /// The traces of the rows and those from which spans were removed; sorted, without repetition.
    /// Costs a sort of the rows' traces, once.
    pub fn trace_ids(&self) -> &[TraceId] {
        self.trace_ids.get_or_init(|| {
            let columns = self.source.columns();
            let ids = columns.trace_ids_high.iter().zip(&columns.trace_ids_low);
            let ids = ids.map(|(high, low)| TraceId {
                high: *high,
                low: *low,
            });
            let is_stored = |row: usize| self.stored.as_ref().is_none_or(|s| s.contains(row));
            let stored = ids.enumerate().filter(|(row, _)| is_stored(*row));
            let mut ids: Vec<TraceId> = stored.map(|(_, id)| id).collect();
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
            && self.rows() == other.rows()
            && self.trace_ids() == other.trace_ids()
    }
}

/// Which rows of a batch were stored; a batch that was stored whole is shared, not copied.
#[derive(Clone, Debug, Default)]
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

    fn len(&self) -> usize {
        self.whole + self.rows.len()
    }

    fn contains(&self, row: usize) -> bool {
        // Rows come in order.
        let is_it = |(stored, _): &(u32, u8)| (*stored as usize).cmp(&row);
        row < self.whole || self.rows.binary_search_by(is_it).is_ok()
    }

    /// The rows as stored.
    fn copy(&self, source: &CheckedBatch) -> CheckedBatch {
        let mut copier = RowCopier::new(source);
        let mut builder = BatchBuilder::new();
        for row in 0..self.whole {
            copier.copy(row, &mut builder);
        }
        for (row, state) in &self.rows {
            copier.copy_as(*row as usize, *state, &mut builder);
        }
        builder.finish()
    }
}
