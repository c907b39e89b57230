//! Segments: what is stored and expires together, as columns. Never changes.

use crate::chunk::SkippedRows;
use crate::placed::PlacedRows;
use crate::unsealed::Sealing;

#[derive(Debug)]
pub(crate) struct Segment {
    /// Number of the first chunk it was made of.
    pub(crate) first_chunk: u32,
    /// The rows.
    pub(crate) placed: PlacedRows,
    /// When the newest row was stored.
    pub(crate) newest_ns: u64,
    /// About the bytes of all this.
    pub(crate) bytes: u64,
}

impl Segment {
    /// The rows of all chunks, without those that are superseded already.
    pub(crate) fn seal(sealing: &Sealing) -> Self {
        let mut skipped: Vec<SkippedRows> = sealing
            .chunks
            .iter()
            .map(|chunk| chunk.skipped.clone())
            .collect();
        for (_, at) in &sealing.superseded {
            let chunk = at.chunk.wrapping_sub(sealing.first_chunk) as usize;
            if let Some(skipped) = skipped.get_mut(chunk) {
                skipped.add(at.row as usize);
            }
        }
        let batches = sealing.chunks.iter().map(|chunk| &*chunk.batch);
        let placed = PlacedRows::build(sealing.first_chunk, batches.zip(skipped));
        Self {
            first_chunk: sealing.first_chunk,
            bytes: placed.bytes() + size_of::<Self>() as u64,
            placed,
            newest_ns: sealing.newest_ns,
        }
    }
}
