//! The steps of assembling: gather, sort, find parents, break cycles, lay out in preorder.

use std::collections::HashMap;

use hindsight_protocol::batch::SpanRow;
use hindsight_protocol::{CheckedBatch, SpanId, TraceId};

use super::cycle::{NONE, break_cycles};
use super::{Node, Placement, TraceTree};

/// What assembling needs to know of a span.
#[derive(Clone, Copy)]
struct Record {
    start_ns: u64,
    id: SpanId,
    parent: SpanId,
    page: u32,
    row: u32,
    rank: (bool, u32),
    duplicates: u32,
}

pub(super) fn assemble(trace_id: TraceId, pages: Vec<CheckedBatch>) -> TraceTree {
    let mut gathered = Gathered::default();
    for (page, batch) in pages.iter().enumerate() {
        for row in batch.rows() {
            gathered.add(trace_id, page as u32, row);
        }
    }
    let mut records = gathered.records;
    records.sort_unstable_by_key(|record| (record.start_ns, record.id, record.page, record.row));
    let (parents, placements) = place(&records);
    TraceTree {
        nodes: lay_out(&records, &parents, &placements),
        superseded: gathered.superseded,
        foreign: gathered.foreign,
        pages,
    }
}

#[derive(Default)]
struct Gathered {
    records: Vec<Record>,
    by_id: HashMap<SpanId, u32>,
    superseded: usize,
    foreign: usize,
}

impl Gathered {
    fn add(&mut self, trace_id: TraceId, page: u32, row: SpanRow<'_>) {
        if row.trace_id() != trace_id {
            self.foreign += 1;
            return;
        }
        let record = Record::of(page, row);
        let next = self.records.len() as u32;
        let index = match record.id.is_valid() {
            true => *self.by_id.entry(record.id).or_insert(next),
            false => next,
        };
        match self.records.get_mut(index as usize) {
            Some(known) => {
                known.meet(record);
                self.superseded += 1;
            }
            None => self.records.push(record),
        }
    }
}

impl Record {
    fn of(page: u32, row: SpanRow<'_>) -> Self {
        Self {
            start_ns: row.start_ns(),
            id: row.span_id(),
            parent: row.parent_id().unwrap_or(SpanId::INVALID),
            page,
            row: row.index() as u32,
            rank: (row.end_ns().is_some(), row.version()),
            duplicates: 0,
        }
    }

    /// Takes the place of `self` unless `self` ranks higher; counts the loser.
    fn meet(&mut self, other: Self) {
        let duplicates = self.duplicates + 1;
        if other.rank >= self.rank {
            *self = other;
        }
        self.duplicates = duplicates;
    }
}

/// The parent of each record by index, and how it came there.
fn place(records: &[Record]) -> (Vec<u32>, Vec<Placement>) {
    let by_id: HashMap<SpanId, u32> = (0..).zip(records).map(|(i, r)| (r.id, i)).collect();
    let mut parents = Vec::with_capacity(records.len());
    let mut placements = Vec::with_capacity(records.len());
    for record in records {
        let (parent, placement) = place_one(record, &by_id);
        parents.push(parent);
        placements.push(placement);
    }
    break_cycles(&mut parents, |index| {
        placements[index] = Placement::Cycle(records[index].parent);
    });
    (parents, placements)
}

fn place_one(record: &Record, by_id: &HashMap<SpanId, u32>) -> (u32, Placement) {
    if !record.parent.is_valid() {
        return (NONE, Placement::Root);
    }
    if record.parent == record.id {
        return (NONE, Placement::SelfParent);
    }
    match by_id.get(&record.parent) {
        Some(parent) => (*parent, Placement::Child),
        None => (NONE, Placement::Orphan(record.parent)),
    }
}

/// Children of every record, in the order of the records; the roots come last.
struct Children {
    ends: Vec<u32>,
    members: Vec<u32>,
}

impl Children {
    /// `parents` without cycles.
    fn of(parents: &[u32]) -> Self {
        let roots = parents.len();
        let slot = |parent: u32| (parent as usize).min(roots);
        let mut ends = vec![0u32; roots + 1];
        for parent in parents {
            ends[slot(*parent)] += 1;
        }
        let mut total = 0;
        for end in &mut ends {
            // For the moment the start of the slot; filling moves it to the end.
            total += std::mem::replace(end, total);
        }
        let mut members = vec![0u32; roots];
        for (index, parent) in (0..).zip(parents) {
            let at = &mut ends[slot(*parent)];
            members[*at as usize] = index;
            *at += 1;
        }
        Self { ends, members }
    }

    fn slice(&self, slot: usize) -> &[u32] {
        let start = match slot {
            0 => 0,
            _ => self.ends[slot - 1],
        };
        &self.members[start as usize..self.ends[slot] as usize]
    }
}

fn lay_out(records: &[Record], parents: &[u32], placements: &[Placement]) -> Vec<Node> {
    let children = Children::of(parents);
    let mut nodes: Vec<Node> = Vec::with_capacity(records.len());
    // Record, its parent's node, whether it is the last of its siblings.
    let mut waiting: Vec<(u32, Option<u32>, bool)> = Vec::new();
    push_reversed(&mut waiting, children.slice(records.len()), None);
    while let Some((record, parent, last_sibling)) = waiting.pop() {
        let index = record as usize;
        let below = children.slice(index);
        push_reversed(&mut waiting, below, Some(nodes.len() as u32));
        nodes.push(Node {
            page: records[index].page,
            row: records[index].row,
            parent,
            depth: parent.map_or(0, |parent| nodes[parent as usize].depth + 1),
            children: below.len() as u32,
            descendants: 0,
            placement: placements[index],
            last_sibling,
            duplicates: records[index].duplicates,
        });
    }
    count_descendants(&mut nodes);
    nodes
}

fn push_reversed(
    waiting: &mut Vec<(u32, Option<u32>, bool)>,
    records: &[u32],
    parent: Option<u32>,
) {
    let reversed = records.iter().rev().enumerate();
    waiting.extend(reversed.map(|(behind, record)| (*record, parent, behind == 0)));
}

fn count_descendants(nodes: &mut [Node]) {
    for index in (0..nodes.len()).rev() {
        let with_self = nodes[index].descendants + 1;
        if let Some(parent) = nodes[index].parent {
            nodes[parent as usize].descendants += with_self;
        }
    }
}
