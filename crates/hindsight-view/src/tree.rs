//! From the spans of one trace, in any order and any state, to a tree in drawing order.
//!
//! In: pages of rows of one trace. Out: a [`TraceTree`], one node a span, in preorder, siblings by
//! start and then id. Holds: each span id of the trace is in exactly one node; a node's parent
//! stands before it; what could not be placed under its parent is a root and its [`Placement`]
//! says why. Bounded: one sort, everything else linear; no recursion, so depth is limited by memory
//! alone (about 150 bytes a span while assembling, 40 after).

mod assemble;
mod cycle;

#[cfg(test)]
mod tests;

use hindsight_protocol::batch::SpanRow;
use hindsight_protocol::{CheckedBatch, SpanId, TraceId};

/// All spans of one trace, arranged.
#[derive(Debug, Default)]
pub struct TraceTree {
    pages: Vec<CheckedBatch>,
    nodes: Vec<Node>,
    superseded: usize,
    foreign: usize,
}

/// One span in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    page: u32,
    row: u32,
    parent: Option<u32>,
    /// Edges up to the root; 0 for a root.
    pub depth: u32,
    /// Direct children.
    pub children: u32,
    /// All nodes below; they follow this node directly.
    pub descendants: u32,
    /// How the span came to stand here.
    pub placement: Placement,
    /// No sibling follows.
    pub last_sibling: bool,
    /// Other reports of the same span that this one replaces.
    pub duplicates: u32,
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
    /// Its parents lead back to it: the earliest span of the cycle, made a root.
    Cycle(SpanId),
}

impl TraceTree {
    /// Arranges the rows of `trace_id` in `pages`; rows of other traces are counted and left out.
    ///
    /// Of several reports of one span a final one wins over an open one, then the higher version,
    /// then the later row.
    pub fn new(trace_id: TraceId, pages: Vec<CheckedBatch>) -> Self {
        assemble::assemble(trace_id, pages)
    }

    /// All nodes in drawing order.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether no span of the trace was given.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The span of node `index`; panics when there is no such node, as slices do.
    pub fn span(&self, index: usize) -> SpanRow<'_> {
        let node = &self.nodes[index];
        self.pages[node.page as usize].row(node.row as usize)
    }

    /// The parent's index, none for a root.
    pub fn parent(&self, index: usize) -> Option<usize> {
        self.nodes.get(index)?.parent.map(|parent| parent as usize)
    }

    /// Indices of the direct children, in order.
    pub fn children(&self, index: usize) -> impl Iterator<Item = usize> {
        let end = index + 1 + self.nodes[index].descendants as usize;
        self.siblings(index + 1, end)
    }

    /// Indices of the roots, in order.
    pub fn roots(&self) -> impl Iterator<Item = usize> {
        self.siblings(0, self.len())
    }

    /// Reports left out because another report of the same span replaces them.
    pub fn superseded(&self) -> usize {
        self.superseded
    }

    /// Rows left out because they belong to another trace.
    pub fn foreign(&self) -> usize {
        self.foreign
    }

    fn siblings(&self, first: usize, end: usize) -> impl Iterator<Item = usize> {
        let mut next = first;
        std::iter::from_fn(move || {
            let index = next;
            next += 1 + self.nodes.get(index)?.descendants as usize;
            (index < end).then_some(index)
        })
    }
}
