//! The steps of assembling: order, choose reports, find parents, break cycles, lay out.

use crate::columns::TraceColumns;

use super::TraceTree;
use super::layout::Layout;
use super::records::Records;

/// `columns` of sound structure.
pub(super) fn assemble(columns: TraceColumns) -> TraceTree {
    let records = Records::of(&columns);
    let layout = Layout::of(&records.parents, &records.roots);
    let of_nodes = |record: &u32| records.rows[*record as usize];
    let rows: Vec<u32> = layout.records.iter().map(of_nodes).collect();
    let placement = |record: &u32| records.placements[*record as usize];
    TraceTree {
        placements: layout.records.iter().map(placement).collect(),
        duplicates: duplicates(&records, &layout),
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
