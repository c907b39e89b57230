//! One clock for all processes, as a copy of the tree.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use hindsight_protocol::OPEN_END_NS;

use crate::tree::TraceTree;

use super::SkewEstimate;

/// What each process' clock is ahead of the reference's.
///
/// Every process is tied to the reference by the chain of estimates whose errors add up to the
/// least: a spanning tree, so that no two ways contradict each other. Estimates that equal clocks
/// explain as well count as equal clocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockOverlay {
    reference: u32,
    /// Offset and error of each process, none where no chain of calls leads to the reference.
    clocks: Vec<Option<(i64, u64)>>,
}

impl ClockOverlay {
    /// Offsets of `processes` processes against the clock of `reference`.
    pub fn new(processes: usize, estimates: &[SkewEstimate], reference: u32) -> Self {
        let mut edges: Vec<Vec<(u32, i64, u64)>> = vec![Vec::new(); processes];
        for estimate in estimates {
            let (offset, error) = applied(estimate);
            if estimate.from.max(estimate.to) as usize >= processes {
                continue;
            }
            edges[estimate.from as usize].push((estimate.to, offset, error));
            edges[estimate.to as usize].push((estimate.from, -offset, error));
        }
        Self {
            reference,
            clocks: least_errors(&edges, reference),
        }
    }

    /// Offsets against the clock of the main root's process, from all of `estimates`.
    pub fn of_tree(tree: &TraceTree, estimates: &[SkewEstimate]) -> Self {
        let reference = tree.main_root().map_or(0, |root| tree.process_row(root));
        Self::new(tree.processes.len(), estimates, reference)
    }

    /// Whose clock is the reference.
    pub fn reference(&self) -> u32 {
        self.reference
    }

    /// What the clock of `process` is ahead of the reference, and by how much that may be wrong.
    pub fn offset_ns(&self, process: u32) -> Option<(i64, u64)> {
        self.clocks.get(process as usize).copied().flatten()
    }

    /// A copy of `tree` in the reference's clock, arranged anew; its rows are the nodes of `tree`.
    ///
    /// Spans of processes without an offset keep their times. The copy is for looking at: it is not
    /// what was recorded.
    pub fn apply(&self, tree: &TraceTree) -> TraceTree {
        let mut columns = (**tree).clone();
        for index in 0..tree.len() {
            let Some((offset, _)) = self.offset_ns(tree.process_row(index)) else {
                continue;
            };
            columns.starts_ns[index] = moved(columns.starts_ns[index], offset);
            if let Some(end) = tree.end_ns(index) {
                columns.ends_ns[index] = moved(end, offset);
            }
        }
        TraceTree::of_checked(columns)
    }
}

/// Offset and error of an estimate, no offset where it is not significant.
fn applied(estimate: &SkewEstimate) -> (i64, u64) {
    match estimate.is_significant() {
        true => (estimate.offset_ns, estimate.error_ns),
        false => {
            let far = estimate.offset_ns.unsigned_abs();
            (0, estimate.error_ns.saturating_add(far))
        }
    }
}

/// A time that stays one: not before the epoch, not the mark of an open span.
fn moved(time_ns: u64, offset: i64) -> u64 {
    let moved = i128::from(time_ns) - i128::from(offset);
    moved.clamp(0, i128::from(OPEN_END_NS - 1)) as u64
}

/// Shortest paths from `reference` by added error.
fn least_errors(edges: &[Vec<(u32, i64, u64)>], reference: u32) -> Vec<Option<(i64, u64)>> {
    let mut clocks: Vec<Option<(i64, u64)>> = vec![None; edges.len()];
    let mut waiting = BinaryHeap::from([Reverse((0u64, reference, 0i64))]);
    while let Some(Reverse((error, process, offset))) = waiting.pop() {
        let Some(clock) = clocks.get_mut(process as usize) else {
            continue;
        };
        if clock.is_some() {
            continue;
        }
        *clock = Some((offset, error));
        for (next, step, step_error) in &edges[process as usize] {
            if clocks[*next as usize].is_none() {
                let error = error.saturating_add(*step_error);
                waiting.push(Reverse((error, *next, offset.saturating_add(*step))));
            }
        }
    }
    clocks
}
