//! Segments: what is stored and expires together, with a directory of its traces. Never changes.

use std::sync::Arc;

use hindsight_protocol::SpanBatch;
use hindsight_protocol::batch::SpanRow;

use crate::chunk::{FrozenChunk, RowRef, Slot, batch_bytes};
use crate::directory::TraceTable;
use crate::unsealed::Sealing;

#[derive(Debug)]
pub(crate) struct Segment {
    /// Number of the first chunk; the others follow.
    pub(crate) first_chunk: u32,
    /// The rows. At least one chunk.
    pub(crate) chunks: Vec<Arc<FrozenChunk>>,
    /// The slot of the first row of each chunk.
    starts: Vec<Slot>,
    /// The traces.
    pub(crate) traces: TraceTable,
    /// When the newest row was stored.
    pub(crate) newest_ns: u64,
    /// About the bytes of all this.
    pub(crate) bytes: u64,
}

impl Segment {
    pub(crate) fn seal(sealing: Sealing) -> Self {
        let mut starts = Vec::with_capacity(sealing.chunks.len());
        let mut rows: Slot = 0;
        for chunk in &sealing.chunks {
            starts.push(rows);
            rows += chunk.rows.len() as Slot;
        }
        let slotted = sealing.chunks.iter().zip(&starts).flat_map(|(c, start)| {
            c.kept_rows()
                .map(move |row| (start + row.index() as Slot, row))
        });
        let traces = TraceTable::build(slotted);
        let rows: u64 = sealing.chunks.iter().map(|c| batch_bytes(&c.rows)).sum();
        Self {
            first_chunk: sealing.first_chunk,
            bytes: rows + traces.bytes(),
            chunks: sealing.chunks,
            starts,
            traces,
            newest_ns: sealing.newest_ns,
        }
    }

    /// The columns and the row at a place in this segment.
    pub(crate) fn columns_at(&self, at: RowRef) -> Option<(&SpanBatch, usize)> {
        let chunk = at.chunk.wrapping_sub(self.first_chunk) as usize;
        Some((self.chunks.get(chunk)?.rows.columns(), at.row as usize))
    }

    pub(crate) fn row(&self, slot: Slot) -> SpanRow<'_> {
        let chunk = self.starts.partition_point(|start| *start <= slot) - 1;
        self.chunks[chunk].rows.row((slot - self.starts[chunk]) as usize)
    }

    pub(crate) fn place(&self, slot: Slot) -> RowRef {
        let chunk = self.starts.partition_point(|start| *start <= slot) - 1;
        RowRef {
            chunk: self.first_chunk.wrapping_add(chunk as u32),
            row: slot - self.starts[chunk],
        }
    }
}
