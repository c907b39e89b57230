//! What goes with a segment that is removed.

use hashbrown::HashSet;
use hindsight_protocol::TraceId;

use crate::segment::Segment;
use crate::superseded::Superseded;

/// What nobody finds any more.
pub(super) struct Retired {
    /// Its live spans, by trace.
    pub(super) live: Vec<(TraceId, u32)>,
    /// Its rows that have an entry in the index.
    pub(super) rows: u64,
}

impl Retired {
    /// Counts what the segment has, and removes the notes of its superseded rows.
    pub(super) fn new(segment: &Segment, superseded: &mut Superseded) -> Self {
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
        Self {
            live,
            rows: (placed.rows.len() - rows.len()) as u64,
        }
    }
}
