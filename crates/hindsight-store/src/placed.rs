//! Rows as columns, and the way from where a row was appended to where it is.
//!
//! In: consecutive chunks, with the rows that do not count. Out: their columns, in which rows of
//! like shape stand together. A row is appended as row R of chunk C and known by that for ever.

use hindsight_protocol::CheckedBatch;

use crate::chunk::{RowRef, SkippedRows};
use crate::column::{SegmentBuilder, SegmentRows};

#[derive(Debug)]
pub(crate) struct PlacedRows {
    pub(crate) rows: SegmentRows,
    /// Number of the first chunk; the others follow.
    first_chunk: u32,
    chunks: Vec<ChunkRows>,
    /// The row of each row in order of arrival; none if it is the same.
    placed: Option<Vec<u32>>,
}

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
            let kept = (0..batch.len()).filter(|row| !skipped.contains(*row));
            builder.push(batch, kept.map(|row| (row, None)));
            placed_chunks.push(ChunkRows { first, skipped });
        }
        let built = builder.finish();
        Self {
            rows: built.rows,
            first_chunk,
            chunks: placed_chunks,
            placed: built.placed,
        }
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

    /// About the bytes held.
    pub(crate) fn bytes(&self) -> u64 {
        let chunks: usize = self.chunks.iter().map(ChunkRows::bytes).sum();
        let placed = self.placed.as_ref().map_or(0, |placed| 4 * placed.len());
        self.rows.bytes() + (chunks + placed) as u64
    }
}

impl ChunkRows {
    fn bytes(&self) -> usize {
        size_of::<Self>() + self.skipped.bytes()
    }
}
