//! The critical path in the bars: which cells of a row's bar the trace was waiting for.
//!
//! In: stretches of the path, the rows. Out: for a row, the cells of its bar that are mostly on the
//! path. A row that folds others shows what of the path goes through all it hides. Holds: a row that
//! is on the path has at least one cell that says so. Bounded: 24 bytes a stretch; a row costs
//! its stretches times its cells.

use crate::critical_path::PathSegment;

use super::bar::{Axis, Bar};

/// Stretches of the path by row.
#[derive(Clone, Debug, Default)]
pub(super) struct CriticalRows {
    /// Row, start, end; in this order.
    stretches: Vec<(u32, u64, u64)>,
}

impl CriticalRows {
    /// `row_of_nodes` says which row shows a node.
    pub(super) fn new(path: &[PathSegment], row_of_nodes: &[u32]) -> Self {
        let stretch = |segment: &PathSegment| {
            let row = *row_of_nodes.get(segment.index)?;
            Some((row, segment.from_ns, segment.to_ns))
        };
        let mut stretches: Vec<_> = path.iter().filter_map(stretch).collect();
        stretches.sort_unstable();
        Self { stretches }
    }

    fn of_row(&self, row: usize) -> &[(u32, u64, u64)] {
        let from = self.stretches.partition_point(|s| (s.0 as usize) < row);
        let to = self.stretches.partition_point(|s| s.0 as usize <= row);
        &self.stretches[from..to]
    }

    /// Nanoseconds of the path that `row` shows.
    pub(super) fn total_ns(&self, row: usize) -> u64 {
        let stretches = self.of_row(row).iter();
        stretches.map(|(_, from, to)| to - from).sum()
    }

    /// For each cell of `bar`, whether most of it is on the path; empty for a row that is not.
    pub(super) fn cells(&self, row: usize, bar: &Bar, axis: &Axis) -> Vec<bool> {
        let stretches = self.of_row(row);
        if stretches.is_empty() {
            return Vec::new();
        }
        let cell_length = axis.cell_length();
        let mut covered = vec![0; bar.cells()];
        for (_, from_ns, to_ns) in stretches {
            let (from, to) = (axis.scaled(*from_ns), axis.scaled(*to_ns));
            for (place, covered) in covered.iter_mut().enumerate() {
                let cell = (bar.start_cell() + place) as u128 * cell_length;
                let shared = to.min(cell + cell_length).saturating_sub(from.max(cell));
                *covered += shared;
            }
        }
        let most = covered.iter().copied().max().unwrap_or_default();
        let enough = most.min(cell_length.div_ceil(2));
        covered.iter().map(|part| *part >= enough).collect()
    }
}
