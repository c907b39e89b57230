//! Segments: what is stored and expires together, with a directory of its traces. Never changes.

use std::sync::Arc;

use hindsight_protocol::CheckedBatch;

use crate::chunk::{FrozenChunk, batch_bytes};
use crate::directory::TraceTable;

#[derive(Debug)]
pub(crate) struct Segment {
    /// Number of the first chunk; the others follow.
    pub(crate) first_chunk: u32,
    /// The rows. At least one chunk.
    pub(crate) chunks: Vec<Arc<CheckedBatch>>,
    /// The traces.
    pub(crate) traces: TraceTable,
    /// When the newest row was stored.
    pub(crate) newest_ns: u64,
    /// About the bytes of all this.
    pub(crate) bytes: u64,
}

impl Segment {
    /// Seals consecutive chunks; none when there is no chunk.
    pub(crate) fn seal(chunks: &[Arc<FrozenChunk>], newest_ns: u64) -> Option<Self> {
        let first_chunk = chunks.first()?.number;
        let chunks: Vec<_> = chunks.iter().map(|chunk| Arc::clone(&chunk.rows)).collect();
        let traces = TraceTable::of_chunks(&chunks);
        let rows: u64 = chunks.iter().map(|rows| batch_bytes(rows)).sum();
        Some(Self {
            first_chunk,
            bytes: rows + traces.bytes(),
            chunks,
            traces,
            newest_ns,
        })
    }
}
