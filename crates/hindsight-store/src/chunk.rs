//! Chunks: the unit in which rows are kept until their segment is sealed, and shared with readers.
//!
//! A chunk is a large batch as it came, or the rows of small ones copied together (then at most
//! [`CHUNK_ROWS_MAX`] rows and about [`CHUNK_BYTES_MAX`] bytes, so that freezing one is bounded
//! work). Chunks are numbered in the order in which they were begun; a row is found for ever by
//! chunk number and row, whatever its chunk becomes part of. Chunk numbers wrap; only differences
//! within the stored range are used.

use std::sync::{Arc, OnceLock};

use hindsight_protocol::CheckedBatch;
use hindsight_protocol::batch::SpanRow;

use crate::directory::TraceTable;

/// Most rows of a chunk that is copied together.
pub(crate) const CHUNK_ROWS_MAX: usize = 4096;

/// Bytes at which a chunk is frozen though it has fewer rows; small segments have smaller chunks.
pub(crate) const CHUNK_BYTES_MAX: usize = 4 << 20;

/// Where a final row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct RowRef {
    pub(crate) chunk: u32,
    pub(crate) row: u32,
}

/// Number of a row within its run; what it means is the run's affair.
pub(crate) type Slot = u32;

/// Rows of a batch that do not count: a bitmap, empty when there is none.
#[derive(Clone, Debug, Default)]
pub(crate) struct SkippedRows(Vec<u64>);

impl SkippedRows {
    pub(crate) fn add(&mut self, row: usize) {
        let word = row / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (row % 64);
    }

    pub(crate) fn contains(&self, row: usize) -> bool {
        let word = self.0.get(row / 64).copied().unwrap_or(0);
        word >> (row % 64) & 1 == 1
    }

    pub(crate) fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }
}

/// A chunk of the segment that is not sealed yet: its rows will not change any more.
#[derive(Debug)]
pub(crate) struct FrozenChunk {
    /// Number of the chunk.
    pub(crate) number: u32,
    /// The rows, with those that do not count.
    pub(crate) rows: Arc<CheckedBatch>,
    skipped: SkippedRows,
    /// Made by the first reader that needs it, at no cost to the writer.
    traces: OnceLock<TraceTable>,
}

impl FrozenChunk {
    pub(crate) fn new(number: u32, rows: Arc<CheckedBatch>, skipped: SkippedRows) -> Self {
        Self {
            number,
            rows,
            skipped,
            traces: OnceLock::new(),
        }
    }

    /// The rows that count; the slot of a row is its number in the batch.
    pub(crate) fn kept_rows(&self) -> impl Iterator<Item = SpanRow<'_>> {
        let is_kept = |row: &SpanRow<'_>| !self.skipped.contains(row.index());
        self.rows.rows().filter(is_kept)
    }

    /// The directory of the chunk's traces.
    pub(crate) fn traces(&self) -> &TraceTable {
        let slots = |row: SpanRow<'_>| row.index() as Slot;
        self.traces
            .get_or_init(|| TraceTable::build(self.kept_rows().map(|row| (slots(row), row))))
    }
}

/// About the bytes of a batch in memory.
pub(crate) fn batch_bytes(batch: &CheckedBatch) -> u64 {
    (batch.byte_len() + size_of::<CheckedBatch>()) as u64
}
