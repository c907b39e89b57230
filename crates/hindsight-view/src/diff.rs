//! Two traces compared: which operations came, went, became more, took longer, or changed attributes.
//!
//! In: two traces and their times. Out: a [`TraceDiff`]: one tree of operations over both, a node for
//! all spans of one service, name and kind below the same node, with what each side has of them.
//! Holds: the diff of a trace with itself says nothing; the diff of B and A is that of A and B with
//! the sides swapped. Bounded: by the operations of both traces; [`KEYS_MAX`] attribute keys of each,
//! values stay in their traces. Cost: one pass over each trace and its attributes; no recursion.

mod attributes;
mod merge;
mod text;

#[cfg(test)]
mod tests;

use hindsight_protocol::SpanKind;
use hindsight_protocol::batch::SpanRow;

use crate::self_time::self_times_ns;
use crate::timeline::Timeline;
use crate::trace::Trace;
use crate::tree::TraceTree;

pub use attributes::{AttributeChange, Seen};
pub use text::{attribute_line, diff_table};

/// Attribute keys of an operation that are compared, the first by appearance.
pub const KEYS_MAX: usize = 200;

/// What one trace has of an operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Side {
    /// Spans.
    pub spans: u64,
    /// Spans with the status error.
    pub errors: u64,
    /// Sum of the durations, of open spans so far.
    pub total_ns: u64,
    /// Sum of the self times.
    pub self_ns: u64,
}

/// An operation at its place below others.
#[derive(Clone, Debug, PartialEq)]
pub struct DiffNode<'a> {
    /// The service, empty if none.
    pub service: &'a str,
    /// The spans' name.
    pub name: &'a str,
    /// The spans' kind.
    pub kind: SpanKind,
    /// The operation above, none for a root.
    pub parent: Option<usize>,
    /// Operations above.
    pub depth: u32,
    /// No sibling follows.
    pub is_last: bool,
    /// It, or something below it, differs.
    pub leads_to_change: bool,
    /// What the first trace has.
    pub a: Side,
    /// What the second trace has.
    pub b: Side,
    /// Attributes that differ, by key; none where one side has no span.
    pub attributes: Vec<AttributeChange<'a>>,
}

/// Two traces as one tree of operations, in drawing order: siblings by how soon after the beginning
/// of their traces they first start.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TraceDiff<'a> {
    /// The operations; parents stand before their children.
    pub nodes: Vec<DiffNode<'a>>,
    /// The operation of each span, by node of its tree.
    operations: [Vec<usize>; 2],
}

/// A trace with what is compared of its times.
pub(crate) struct Measured<'a> {
    tree: &'a TraceTree,
    /// Where attributes are, if they are compared.
    trace: Option<&'a Trace>,
    timeline: Timeline,
    self_times_ns: Vec<u64>,
}

impl<'a> Measured<'a> {
    fn new(tree: &'a TraceTree, trace: Option<&'a Trace>, now_ns: u64) -> Self {
        let timeline = Timeline::new(tree, now_ns);
        Self {
            self_times_ns: self_times_ns(tree, &timeline),
            timeline,
            tree,
            trace,
        }
    }
}

impl<'a> TraceDiff<'a> {
    /// Compares `a` with `b` at the time `now_ns`, up to which running spans grow.
    pub fn new(a: &'a Trace, b: &'a Trace, now_ns: u64) -> Self {
        let measured = |trace: &'a Trace| Measured::new(trace.tree(), Some(trace), now_ns);
        merge::merge(&[measured(a), measured(b)])
    }

    /// Compares structure and times alone, which is all that a [`TraceTree`] has;
    /// [`attribute_changes`] compares the attributes of what is looked at.
    pub fn of_trees(a: &'a TraceTree, b: &'a TraceTree, now_ns: u64) -> Self {
        let measured = |tree: &'a TraceTree| Measured::new(tree, None, now_ns);
        merge::merge(&[measured(a), measured(b)])
    }

    /// The operation that each span of the first and of the second trace belongs to, by node of
    /// their trees.
    pub fn operations(&self) -> [&[usize]; 2] {
        [&self.operations[0], &self.operations[1]]
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        !self.nodes.iter().any(|node| node.leads_to_change)
    }

    /// The nodes that differ and those above them.
    pub fn changed(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.nodes.len()).filter(|index| self.nodes[*index].leads_to_change)
    }
}

/// What differs between the attributes of some spans and those of others, by key.
pub fn attribute_changes<'a>(
    a: impl Iterator<Item = SpanRow<'a>>,
    b: impl Iterator<Item = SpanRow<'a>>,
) -> Vec<AttributeChange<'a>> {
    let mut keys = [attributes::Keys::default(), attributes::Keys::default()];
    a.for_each(|span| keys[0].add(span));
    b.for_each(|span| keys[1].add(span));
    attributes::changes(&keys[0], &keys[1])
}

impl DiffNode<'_> {
    /// Whether the two sides differ in this operation itself.
    pub fn differs(&self) -> bool {
        self.a != self.b || !self.attributes.is_empty()
    }
}
