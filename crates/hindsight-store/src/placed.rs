//! Rows as columns, and the way from where a row was appended to where it is.
//!
//! In: consecutive chunks, with the rows that do not count. Out: their columns, in which rows of
//! like shape stand together. A row is appended as row R of chunk C and known by that for ever.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use hashbrown::HashMap;
use hindsight_protocol::CheckedBatch;

use crate::chunk::{RowRef, SkippedRows};
use crate::column::{Bitmap, SegmentBuilder, SegmentRows};
use crate::unsealed::Tip;

#[derive(Debug)]
pub(crate) struct PlacedRows {
    pub(crate) rows: SegmentRows,
    /// Number of the first chunk; the others follow.
    first_chunk: u32,
    chunks: Vec<ChunkRows>,
    /// The row of each row in order of arrival; none if it is the same.
    placed: Option<Vec<u32>>,
    orders: Orders,
}

/// The rows of large traces in order of (start, span id), as far as readers have asked for them.
/// Bounded: 4 bytes a row of the run.
#[derive(Debug, Default)]
struct Orders {
    known: Mutex<HashMap<u32, Arc<[u32]>>>,
    /// About the bytes of those known.
    bytes: AtomicU64,
    /// The sum of all runs of a store that has them counted.
    sum: OnceLock<Arc<AtomicU64>>,
}

impl Orders {
    fn known(&self) -> MutexGuard<'_, HashMap<u32, Arc<[u32]>>> {
        // Nothing is half done while it is held.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, ordinal: u32, order: &Arc<[u32]>) {
        let mut known = self.known();
        if known.insert(ordinal, Arc::clone(order)).is_some() {
            // Another reader was faster.
            return;
        }
        let bytes = (size_of_val::<[u32]>(order) + ORDER_BYTES) as u64;
        // These are figures: nothing else is read after them.
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        if let Some(sum) = self.sum.get() {
            sum.fetch_add(bytes, Ordering::Relaxed);
        }
    }

    /// Adds what is known, now and later, to a sum, until this is dropped.
    fn count_in(&self, sum: &Arc<AtomicU64>) {
        let _known = self.known();
        if self.sum.set(Arc::clone(sum)).is_ok() {
            sum.fetch_add(self.bytes.load(Ordering::Relaxed), Ordering::Relaxed);
        }
    }
}

impl Drop for Orders {
    fn drop(&mut self) {
        if let Some(sum) = self.sum.get() {
            sum.fetch_sub(*self.bytes.get_mut(), Ordering::Relaxed);
        }
    }
}

/// About what an order takes beside its rows.
const ORDER_BYTES: usize = 48;

/// Traces with fewer rows in a run are sorted each time.
const ORDER_KEPT_ROWS_MIN: usize = 1024;

#[derive(Debug)]
struct ChunkRows {
    /// How many rows arrived before.
    first: u32,
    skipped: SkippedRows,
}

impl PlacedRows {
    /// The rows of consecutive chunks that are not skipped.
    pub(crate) fn build<'a>(
        first_chunk: u32,
        chunks: impl ExactSizeIterator<Item = (&'a CheckedBatch, SkippedRows)> + Clone,
    ) -> Self {
        let rows_expected = chunks.clone().map(|(batch, _)| batch.len()).sum();
        let mut builder = SegmentBuilder::new(rows_expected);
        let mut placed_chunks = Vec::with_capacity(chunks.len());
        for (batch, skipped) in chunks {
            let first = builder.len() as u32;
            let all = 0..batch.len();
            if skipped.is_empty() {
                builder.push(batch, all.map(|row| (row, None)));
            } else {
                let kept = all.filter(|row| !skipped.contains(*row));
                builder.push(batch, kept.map(|row| (row, None)));
            }
            placed_chunks.push(ChunkRows { first, skipped });
        }
        let built = builder.finish();
        Self {
            rows: built.rows,
            first_chunk,
            chunks: placed_chunks,
            placed: built.placed,
            orders: Orders::default(),
        }
    }

    /// The rows of a trace in order of (start, span id). Cost: a sort, once for a large trace.
    pub(crate) fn order_of(&self, ordinal: u32) -> Arc<[u32]> {
        let rows = self.rows.traces().rows_of(ordinal);
        let is_kept = rows.len() >= ORDER_KEPT_ROWS_MIN;
        if is_kept && let Some(known) = self.orders.known().get(&ordinal) {
            return Arc::clone(known);
        }
        let key = |row: u32| {
            let at = row as usize;
            (self.rows.start_ns(at), self.rows.span_id(at).bits, row)
        };
        let mut keys: Vec<(u64, u64, u32)> = rows.map(key).collect();
        keys.sort_unstable();
        let order: Arc<[u32]> = keys.into_iter().map(|(_, _, row)| row).collect();
        if is_kept {
            self.orders.keep(ordinal, &order);
        }
        order
    }

    /// The rows that were appended after `tip` was taken; none if all were.
    pub(crate) fn rows_since(&self, tip: &Tip) -> Option<Bitmap> {
        // Chunk numbers wrap; those that are stored are near each other.
        let later = tip.chunk.wrapping_sub(self.first_chunk).cast_signed();
        if later <= 0 {
            return None;
        }
        let all = self.rows.len();
        let first = |chunk: usize| self.chunks.get(chunk).map_or(all, |c| c.first as usize);
        let mut rows = Bitmap::none(all);
        let mut add = |arrivals: Range<usize>| {
            for arrival in arrivals {
                let placed = self.placed.as_ref().and_then(|placed| placed.get(arrival));
                rows.insert(placed.map_or(arrival, |row| *row as usize));
            }
        };
        add(first(later as usize)..all);
        if let Some(partial) = tip.partial {
            let chunk = partial.chunk.wrapping_sub(self.first_chunk) as usize;
            if let Some(known) = self.chunks.get(chunk).filter(|_| chunk < later as usize) {
                let row = partial.row as usize;
                let before = row - known.skipped.len_before(row).min(row);
                add(first(chunk) + before..first(chunk + 1));
            }
        }
        Some(rows)
    }

    /// Whether the chunk is one of those the rows come from.
    pub(crate) fn has_chunk(&self, number: u32) -> bool {
        (number.wrapping_sub(self.first_chunk) as usize) < self.chunks.len()
    }

    /// The row that was appended at a place; none if it is not here or was skipped.
    pub(crate) fn row_of(&self, at: RowRef) -> Option<usize> {
        let chunk = at.chunk.wrapping_sub(self.first_chunk) as usize;
        let chunk = self.chunks.get(chunk)?;
        let row = at.row as usize;
        if chunk.skipped.contains(row) {
            return None;
        }
        let arrival = chunk.first as usize + row - chunk.skipped.len_before(row);
        match &self.placed {
            Some(placed) => placed.get(arrival).map(|row| *row as usize),
            None => Some(arrival),
        }
    }

    /// Has the bytes of sort orders, which readers add, counted in a sum of all runs.
    pub(crate) fn count_orders_in(&self, sum: &Arc<AtomicU64>) {
        self.orders.count_in(sum);
    }

    /// About the bytes held.
    pub(crate) fn bytes(&self) -> u64 {
        let orders = self.orders.bytes.load(Ordering::Relaxed);
        let chunks: usize = self.chunks.iter().map(ChunkRows::bytes).sum();
        let placed = self.placed.as_ref().map_or(0, |placed| 4 * placed.len());
        self.rows.bytes() + orders + (chunks + placed) as u64
    }
}

impl ChunkRows {
    fn bytes(&self) -> usize {
        size_of::<Self>() + self.skipped.bytes()
    }
}
