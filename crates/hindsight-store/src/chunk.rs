//! Chunks: the unit in which rows are kept until their segment is sealed, and shared with readers.
//!
//! A chunk is a large batch as it came, or the rows of small ones copied together (then at most
//! [`CHUNK_ROWS_MAX`] rows and about [`CHUNK_BYTES_MAX`] bytes, so that freezing one is bounded
//! work). Chunks are numbered in the order in which they were begun; a row is found for ever by
//! chunk number and row, whatever its chunk becomes part of. Chunk numbers wrap; only differences
//! within the stored range are used.

use std::sync::{Arc, OnceLock};

use hindsight_protocol::CheckedBatch;

use crate::placed::PlacedRows;

/// Most rows of a chunk that is copied together.
pub(crate) const CHUNK_ROWS_MAX: usize = 4096;

/// Bytes at which a chunk is frozen though it has fewer rows; small segments have smaller chunks.
pub(crate) const CHUNK_BYTES_MAX: usize = 1 << 20;

/// Where a final row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct RowRef {
    pub(crate) chunk: u32,
    pub(crate) row: u32,
}

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

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// How many rows before this one are in the set.
    pub(crate) fn len_before(&self, row: usize) -> usize {
        let whole = self.0.iter().take(row / 64);
        let whole: usize = whole.map(|word| word.count_ones() as usize).sum();
        let word = self.0.get(row / 64).copied().unwrap_or(0);
        whole + (word & ((1 << (row % 64)) - 1)).count_ones() as usize
    }

    pub(crate) fn bytes(&self) -> usize {
        8 * self.0.len()
    }
}

/// A chunk of the segment that is not sealed yet: its rows will not change any more.
#[derive(Debug)]
pub(crate) struct FrozenChunk {
    /// Number of the chunk.
    pub(crate) number: u32,
    /// The rows.
    pub(crate) batch: Arc<CheckedBatch>,
    /// Those that do not count.
    pub(crate) skipped: SkippedRows,
    /// Made by the first reader that needs them, at no cost to the writer.
    placed: OnceLock<PlacedRows>,
}

impl FrozenChunk {
    pub(crate) fn new(number: u32, batch: Arc<CheckedBatch>, skipped: SkippedRows) -> Self {
        Self {
            number,
            batch,
            skipped,
            placed: OnceLock::new(),
        }
    }

    /// The rows that count, as columns.
    pub(crate) fn placed(&self) -> &PlacedRows {
        let only = || std::iter::once((&*self.batch, self.skipped.clone()));
        self.placed
            .get_or_init(|| PlacedRows::build(self.number, only()))
    }

    /// About the bytes of the columns, if a reader has had them made.
    pub(crate) fn placed_bytes(&self) -> u64 {
        self.placed.get().map_or(0, PlacedRows::bytes)
    }
}

/// About the bytes of a batch in memory.
pub(crate) fn batch_bytes(batch: &CheckedBatch) -> u64 {
    (batch.byte_len() + size_of::<CheckedBatch>()) as u64
}
