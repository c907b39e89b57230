//! From the spans of one trace, in any order and any state, to a tree in drawing order.
//!
//! In: [`TraceColumns`] in any order. Out: a [`TraceTree`]: the same columns, one node a span, in
//! preorder, with parent, depth and size of every subtree as vectors beside them. Holds: each span
//! id of the trace is in exactly one node; a node's parent stands before it and its subtree follows
//! it directly; siblings stand by start and then id; what could not be placed under its parent is a
//! root and its [`Placement`] says why; orphans of one missing parent stand side by side, where the
//! first of them stands. Bounded: three sorts, everything else linear; no recursion and no hashing
//! of foreign ids, so that neither depth nor chosen ids cost more than their number; about 70 bytes
//! a span.

mod assemble;
mod cycle;
mod layout;
mod records;

#[cfg(test)]
mod tests;

use std::ops::{Deref, Range};

use hindsight_protocol::SpanId;

use crate::columns::{ColumnsError, TraceColumns};

pub use assemble::Assembly;
pub(crate) use cycle::NONE;

/// All spans of one trace, arranged. Reads like its columns, in drawing order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TraceTree {
    columns: TraceColumns,
    /// Row of the input of each node.
    rows: Vec<u32>,
    /// [`NONE`] for a root.
    parents: Vec<u32>,
    depths: Vec<u32>,
    /// Nodes of the subtree, the node itself included.
    sizes: Vec<u32>,
    child_counts: Vec<u32>,
    placements: Vec<PlacementCode>,
    /// Node and number of other reports, for the few that have any.
    duplicates: Vec<(u32, u32)>,
    superseded: usize,
    depth_max: u32,
}

/// How a span came to its place in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// It has no parent.
    Root,
    /// It stands under its parent.
    Child,
    /// Its parent is not stored: a root for want of it.
    Orphan(SpanId),
    /// It names itself as its parent.
    SelfParent,
    /// Its parents lead back to it: the earliest span of the cycle, cut from its parent and made a
    /// root.
    Cycle(SpanId),
}

/// [`Placement`] without the id, which the column of parents has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PlacementCode {
    Root,
    Child,
    Orphan,
    SelfParent,
    Cycle,
}

/// A parent that is not stored, and the roots that name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MissingParent {
    /// Its id.
    pub id: SpanId,
    /// The first of its children; the others are the roots that follow.
    pub first: usize,
    /// Number of its children.
    pub children: usize,
}

impl Deref for TraceTree {
    type Target = TraceColumns;

    /// The columns in drawing order: row numbers are node numbers.
    fn deref(&self) -> &TraceColumns {
        &self.columns
    }
}

impl TraceTree {
    /// Arranges `columns`; the error says which column is wrong.
    ///
    /// Of several reports of one span an ended one wins over an open one, then the higher version,
    /// then the later row.
    pub fn new(columns: TraceColumns) -> Result<Self, ColumnsError> {
        Ok(Assembly::new(columns)?.finish())
    }

    /// Arranges columns of sound structure.
    pub(crate) fn of_checked(columns: TraceColumns) -> Self {
        Assembly::of_checked(columns).finish()
    }

    /// Row of the input that node `index` shows; panics when there is no such node, as slices do.
    pub fn row(&self, index: usize) -> usize {
        self.rows[index] as usize
    }

    /// The parent's index, none for a root.
    pub fn parent(&self, index: usize) -> Option<usize> {
        let parent = self.parents.get(index).copied();
        parent.filter(|parent| *parent != NONE).map(|p| p as usize)
    }

    /// Parents by index, `u32::MAX` for roots.
    pub(crate) fn parents(&self) -> &[u32] {
        &self.parents
    }

    /// Edges up to the root; 0 for a root.
    pub fn depth(&self, index: usize) -> u32 {
        self.depths[index]
    }

    /// Depth of the deepest node.
    pub fn depth_max(&self) -> u32 {
        self.depth_max
    }

    /// The node and all below it, which follow it directly.
    pub fn subtree(&self, index: usize) -> Range<usize> {
        index..index + self.sizes[index] as usize
    }

    /// Number of nodes below.
    pub fn descendants(&self, index: usize) -> usize {
        self.sizes[index] as usize - 1
    }

    /// Number of direct children.
    pub fn child_count(&self, index: usize) -> usize {
        self.child_counts[index] as usize
    }

    /// Whether no sibling follows.
    pub fn is_last_sibling(&self, index: usize) -> bool {
        let end = match self.parent(index) {
            Some(parent) => self.subtree(parent).end,
            None => self.len(),
        };
        self.subtree(index).end == end
    }

    /// How the span came to stand here.
    pub fn placement(&self, index: usize) -> Placement {
        let parent = || self.parent_id(index).unwrap_or_default();
        match self.placements[index] {
            PlacementCode::Root => Placement::Root,
            PlacementCode::Child => Placement::Child,
            PlacementCode::Orphan => Placement::Orphan(parent()),
            PlacementCode::SelfParent => Placement::SelfParent,
            PlacementCode::Cycle => Placement::Cycle(parent()),
        }
    }

    /// Other reports of the same span that this one replaces.
    pub fn duplicates(&self, index: usize) -> u32 {
        let found = self
            .duplicates
            .binary_search_by_key(&index, |(node, _)| *node as usize);
        found.map_or(0, |at| self.duplicates[at].1)
    }

    /// Indices of the direct children, in order.
    pub fn children(&self, index: usize) -> impl Iterator<Item = usize> + use<'_> {
        self.siblings(index + 1..self.subtree(index).end)
    }

    /// Indices of the roots, in order.
    pub fn roots(&self) -> impl Iterator<Item = usize> + use<'_> {
        self.siblings(0..self.len())
    }

    /// The root to begin with: the first that has no parent, else the first of all.
    pub fn main_root(&self) -> Option<usize> {
        let is_root = |root: &usize| self.placements[*root] == PlacementCode::Root;
        self.roots().find(is_root).or(self.roots().next())
    }

    /// The parents that are not stored, in the order of their first children.
    pub fn missing_parents(&self) -> Vec<MissingParent> {
        let mut missing: Vec<MissingParent> = Vec::new();
        for root in self.roots() {
            let Placement::Orphan(id) = self.placement(root) else {
                continue;
            };
            match missing.last_mut().filter(|last| last.id == id) {
                Some(last) => last.children += 1,
                None => missing.push(MissingParent {
                    id,
                    first: root,
                    children: 1,
                }),
            }
        }
        missing
    }

    /// Reports left out because another report of the same span replaces them.
    pub fn superseded(&self) -> usize {
        self.superseded
    }

    fn siblings(&self, range: Range<usize>) -> impl Iterator<Item = usize> + use<'_> {
        let mut next = range.start;
        std::iter::from_fn(move || {
            let index = next;
            if index >= range.end {
                return None;
            }
            next += self.sizes[index] as usize;
            Some(index)
        })
    }
}
