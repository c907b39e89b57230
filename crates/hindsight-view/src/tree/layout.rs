//! From parents to preorder.

use super::cycle::NONE;

/// Nodes in preorder.
#[derive(Debug)]
pub(super) struct Layout {
    /// Record of each node.
    pub(super) records: Vec<u32>,
    /// Parent node of each node, [`NONE`] for roots.
    pub(super) parents: Vec<u32>,
    pub(super) depths: Vec<u32>,
    pub(super) sizes: Vec<u32>,
    pub(super) child_counts: Vec<u32>,
}

impl Layout {
    /// `parents` of records, without cycles; `roots` in drawing order. Records that are neither
    /// child nor root are left out.
    pub(super) fn of(parents: &[u32], roots: &[u32]) -> Self {
        let children = Children::of(parents);
        let mut layout = Self::with_capacity(parents.len());
        let mut waiting: Vec<(u32, u32)> = Vec::with_capacity(roots.len());
        waiting.extend(roots.iter().rev().map(|root| (*root, NONE)));
        while let Some((record, parent)) = waiting.pop() {
            let below = children.slice(record as usize);
            let node = layout.push(record, parent, below.len());
            waiting.extend(below.iter().rev().map(|child| (*child, node)));
        }
        layout.measure();
        layout
    }

    fn with_capacity(nodes: usize) -> Self {
        Self {
            records: Vec::with_capacity(nodes),
            parents: Vec::with_capacity(nodes),
            depths: Vec::with_capacity(nodes),
            sizes: Vec::new(),
            child_counts: Vec::with_capacity(nodes),
        }
    }

    fn push(&mut self, record: u32, parent: u32, children: usize) -> u32 {
        let depth = match parent {
            NONE => 0,
            parent => self.depths[parent as usize] + 1,
        };
        self.records.push(record);
        self.parents.push(parent);
        self.depths.push(depth);
        self.child_counts.push(children as u32);
        self.records.len() as u32 - 1
    }

    /// A parent stands before its children: from the back, each subtree is complete when met.
    fn measure(&mut self) {
        self.sizes = vec![1; self.records.len()];
        for node in (0..self.records.len()).rev() {
            if self.parents[node] != NONE {
                self.sizes[self.parents[node] as usize] += self.sizes[node];
            }
        }
    }
}

/// Children of every record, in the order of the records.
struct Children {
    /// End of each record's children in `members`.
    ends: Vec<u32>,
    members: Vec<u32>,
}

impl Children {
    fn of(parents: &[u32]) -> Self {
        let has_parent = |parent: &&u32| **parent != NONE;
        let mut ends = vec![0u32; parents.len()];
        for parent in parents.iter().filter(has_parent) {
            ends[*parent as usize] += 1;
        }
        let mut total = 0;
        for end in &mut ends {
            // For the moment where the record's children begin; filling moves it to their end.
            total += std::mem::replace(end, total);
        }
        let mut members = vec![0u32; total as usize];
        for (record, parent) in (0..).zip(parents) {
            if *parent != NONE {
                let at = &mut ends[*parent as usize];
                members[*at as usize] = record;
                *at += 1;
            }
        }
        Self { ends, members }
    }

    fn slice(&self, record: usize) -> &[u32] {
        let start = match record {
            0 => 0,
            _ => self.ends[record - 1],
        };
        &self.members[start as usize..self.ends[record] as usize]
    }
}
