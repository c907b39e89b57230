//! Chunks: the unit in which final rows are built, frozen and shared.
//!
//! A chunk has at most [`CHUNK_ROWS_MAX`] rows, at most about [`CHUNK_BYTES_MAX`] bytes, and its
//! own dictionary, so that freezing one is bounded work. Chunks are numbered in the order in which they
//! were begun; a row is found for ever by chunk number and row, whatever its chunk becomes part of.
//! Chunk numbers wrap; only differences within the stored range are used.

use std::sync::{Arc, OnceLock};

use hindsight_protocol::CheckedBatch;

use crate::directory::TraceTable;

/// Rows of a chunk; a power of two because [`Slot`]s are split by it.
pub(crate) const CHUNK_ROWS_MAX: usize = 4096;

/// Bytes at which a chunk is frozen though it has fewer rows; small segments have smaller chunks.
pub(crate) const CHUNK_BYTES_MAX: usize = 4 << 20;

/// Where a final row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct RowRef {
    pub(crate) chunk: u32,
    pub(crate) row: u32,
}

/// Number of a row within consecutive chunks: chunk index times [`CHUNK_ROWS_MAX`] plus row.
pub(crate) type Slot = u32;

/// The slot of `row` in the chunk with index `chunk`.
pub(crate) fn slot_of(chunk: usize, row: usize) -> Slot {
    debug_assert!(row < CHUNK_ROWS_MAX);
    (chunk * CHUNK_ROWS_MAX + row) as Slot
}

/// Chunk index and row of a slot.
pub(crate) fn slot_parts(slot: Slot) -> (usize, usize) {
    let slot = slot as usize;
    (slot / CHUNK_ROWS_MAX, slot % CHUNK_ROWS_MAX)
}

/// A chunk of the segment that is not sealed yet: its rows will not change any more.
#[derive(Debug)]
pub(crate) struct FrozenChunk {
    /// Number of the chunk.
    pub(crate) number: u32,
    /// The rows.
    pub(crate) rows: Arc<CheckedBatch>,
    /// Made by the first reader that needs it, at no cost to the writer.
    traces: OnceLock<TraceTable>,
}

impl FrozenChunk {
    pub(crate) fn new(number: u32, rows: Arc<CheckedBatch>) -> Self {
        Self {
            number,
            rows,
            traces: OnceLock::new(),
        }
    }

    /// The directory of the chunk's traces.
    pub(crate) fn traces(&self) -> &TraceTable {
        self.traces
            .get_or_init(|| TraceTable::of_chunks(std::slice::from_ref(&self.rows)))
    }
}

/// About the bytes of a batch in memory.
pub(crate) fn batch_bytes(batch: &CheckedBatch) -> u64 {
    (batch.byte_len() + size_of::<CheckedBatch>()) as u64
}
