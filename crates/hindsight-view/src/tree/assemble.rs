//! The steps of assembling: order, choose reports, find parents, break cycles, lay out.
//!
//! Holds: each step is one sort or a few passes, so that whoever must answer in between can.

use crate::columns::{ColumnsError, TraceColumns};

use super::TraceTree;
use super::layout::Layout;
use super::records::{Ordered, Records};

/// A tree on its way from columns, step by step.
#[derive(Debug)]
pub struct Assembly {
    columns: TraceColumns,
    stage: Stage,
}

#[derive(Debug, Default)]
enum Stage {
    #[default]
    Begun,
    Ordered(Ordered),
    Placed(Records),
    LaidOut(Records, Layout),
}

impl Assembly {
    /// Begins with `columns`; the error says which column is wrong.
    pub fn new(columns: TraceColumns) -> Result<Self, ColumnsError> {
        columns.check()?;
        Ok(Self::of_checked(columns))
    }

    pub(super) fn of_checked(columns: TraceColumns) -> Self {
        let stage = Stage::default();
        Self { columns, stage }
    }

    /// Does the next step; the tree after the last, and an empty one if asked again.
    pub fn step(&mut self) -> Option<TraceTree> {
        self.stage = match std::mem::take(&mut self.stage) {
            Stage::Begun => Stage::Ordered(Ordered::of(&self.columns)),
            Stage::Ordered(ordered) => Stage::Placed(ordered.placed(&self.columns)),
            Stage::Placed(records) => {
                let layout = Layout::of(&records.parents, &records.roots);
                Stage::LaidOut(records, layout)
            }
            Stage::LaidOut(records, layout) => {
                return Some(tree(std::mem::take(&mut self.columns), &records, layout));
            }
        };
        None
    }

    /// All steps at once.
    pub(super) fn finish(mut self) -> TraceTree {
        loop {
            if let Some(tree) = self.step() {
                return tree;
            }
        }
    }
}

fn tree(columns: TraceColumns, records: &Records, layout: Layout) -> TraceTree {
    let of_nodes = |record: &u32| records.rows[*record as usize];
    let rows: Vec<u32> = layout.records.iter().map(of_nodes).collect();
    let placement = |record: &u32| records.placements[*record as usize];
    TraceTree {
        placements: layout.records.iter().map(placement).collect(),
        duplicates: duplicates(records, &layout),
        superseded: records.superseded,
        depth_max: layout.depths.iter().copied().max().unwrap_or_default(),
        columns: columns.select(&rows),
        rows,
        parents: layout.parents,
        depths: layout.depths,
        sizes: layout.sizes,
        child_counts: layout.child_counts,
    }
}

/// Counted by node instead of by record.
fn duplicates(records: &Records, layout: &Layout) -> Vec<(u32, u32)> {
    if records.duplicates.is_empty() {
        return Vec::new();
    }
    let mut counts = vec![0u32; records.rows.len()];
    for (record, count) in &records.duplicates {
        counts[*record as usize] = *count;
    }
    let nodes = (0..).zip(&layout.records);
    nodes
        .map(|(node, record)| (node, counts[*record as usize]))
        .filter(|(_, count)| *count > 0)
        .collect()
}
