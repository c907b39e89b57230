//! Segments that were removed, on their way out of the index.
//!
//! In: a segment that nobody finds any more. Out: its live spans by trace, at once; its entries in
//! the index, bit by bit, because that is a look-up for each row. Holds: an entry whose place is
//! not stored any more is no span, and a span that is stored again has an entry of its own. Bounded:
//! the segment is kept until then; the caller goes on with each batch.

use std::sync::Arc;

use hashbrown::HashSet;
use hindsight_protocol::TraceId;

use crate::identity::{IdentityIndex, Place};
use crate::segment::Segment;
use crate::superseded::Superseded;

/// Rows whose identities are looked up together.
const BLOCK_ROWS: usize = 64;

#[derive(Debug)]
pub(super) struct Retired {
    segment: Arc<Segment>,
    /// Rows that have no entry.
    superseded: HashSet<usize>,
    /// Rows that were looked at.
    swept: usize,
}

impl Retired {
    /// Removes the notes of its superseded rows; gives its live spans by trace.
    pub(super) fn new(
        segment: Arc<Segment>,
        superseded: &mut Superseded,
    ) -> (Self, Vec<(TraceId, u32)>) {
        let (placed, traces) = (&segment.placed, segment.placed.rows.traces());
        let ordinals = 0..traces.len() as u32;
        let mut live: Vec<(TraceId, u32)> = ordinals
            .map(|ordinal| (traces.id(ordinal), traces.rows_of(ordinal).len() as u32))
            .collect();
        let mut rows = HashSet::new();
        for (trace, at) in superseded.rows_in(placed) {
            superseded.remove(trace, at);
            if let Some(row) = placed.row_of(at)
                && rows.insert(row)
            {
                live[traces.of_row(row) as usize].1 -= 1;
            }
        }
        live.retain(|(_, spans)| *spans > 0);
        let retired = Self {
            segment,
            superseded: rows,
            swept: 0,
        };
        (retired, live)
    }

    /// Takes at most about so many rows out of the index.
    pub(super) fn sweep(&mut self, identity: &mut IdentityIndex, rows_max: usize) {
        let placed = &self.segment.placed;
        let rows = &placed.rows;
        let end = rows.len().min(self.swept.saturating_add(rows_max));
        let mut hashes = Vec::with_capacity(BLOCK_ROWS);
        while self.swept < end {
            let block = self.swept..end.min(self.swept + BLOCK_ROWS);
            self.swept = block.end;
            let hash = |row| identity.hash(rows.trace_id(row), rows.span_id(row));
            hashes.clear();
            hashes.extend(block.clone().map(hash));
            identity.touch(&hashes);
            for (row, hash) in block.zip(&hashes) {
                if self.superseded.contains(&row) {
                    continue;
                }
                // Any entry of this segment with this hash will do: all of them go.
                let is_here = |place| matches!(place, Place::Row(at) if placed.has_chunk(at.chunk));
                let was_there = identity.remove(*hash, is_here);
                debug_assert!(was_there, "row {row} was not in the index");
            }
        }
    }

    /// Whether none of its rows is in the index.
    pub(super) fn is_swept(&self) -> bool {
        self.swept == self.segment.placed.rows.len()
    }
}
