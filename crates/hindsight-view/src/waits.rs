//! Who waits for whom, over the open spans of all apps.
//!
//! In: pages of rows of any traces, in any order; ended rows are left out. Out: [`Waits`]: a forest
//! in drawing order, the cycles, the oldest span that waits for nothing. An open span waits for its
//! open children, a client for the server that handles its call in another process, and a span for
//! the target of a link that says so (an attribute with `wait` or `block` in it). Nobody waits for a
//! consumer. What apps tell when they are asked ([`Told`]: calls, queries) joins in. Holds: each open span is in exactly one node; a span that waits for nothing that is
//! open is a leaf: it works, or it is stuck. Bounded: the `spans_max` oldest spans, the rest is
//! counted; no recursion.

mod forest;
mod gather;
mod graph;
mod stuck;
mod table;
mod text;
mod told;

#[cfg(test)]
mod tests;

use hindsight_protocol::batch::SpanRow;
use hindsight_protocol::{CheckedBatch, SpanId, TraceId};

use gather::{OpenSpan, gather};
use graph::Graph;

pub(crate) use table::state as place_words;
pub use table::waits_table;
pub(crate) use text::{reason_word, tree_prefix};

pub use stuck::{stuck_lines, stuck_word};
pub use text::{cycle_line, oldest_leaf_line, wait_line};
pub use told::{Answer, Stuck, TOLD_MAX, Told};

/// Why a span stands below another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WaitReason {
    /// Nobody waits for it, as far as is known.
    Root,
    /// It is a child in the same process.
    Child,
    /// It handles the call of a span in another process.
    Call,
    /// A link, or its app, says so.
    Link,
}

/// An open span in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitNode {
    page: u32,
    row: u32,
    /// Nodes that wait above.
    pub depth: u32,
    /// The node that waits for it, none for a root.
    pub parent: Option<usize>,
    /// Why it stands below its parent.
    pub reason: WaitReason,
    /// No sibling follows.
    pub is_last: bool,
    /// It waits for nothing that is open.
    pub is_leaf: bool,
    /// It waits, perhaps through others, for itself.
    pub in_cycle: bool,
}

/// Open spans, arranged by who waits for whom.
#[derive(Clone, Debug)]
pub struct Waits<'a> {
    pages: &'a [CheckedBatch],
    told: Option<&'a Told>,
    nodes: Vec<WaitNode>,
    also: Vec<(usize, usize)>,
    cycles: Vec<Vec<usize>>,
    left_out: usize,
}

impl<'a> Waits<'a> {
    /// Arranges the open spans of `pages`, at most `spans_max` of them.
    ///
    /// Of several reports of one span an ended one wins, and then the span is left out; else the
    /// higher version, then the later row.
    pub fn new(pages: &'a [CheckedBatch], spans_max: usize) -> Self {
        Self::arranged(pages, None, spans_max)
    }

    /// The same with what apps told. `pages` hold [`Told::page`] too, before all others, so that of a
    /// span that was both reported and told the report is shown.
    pub fn with_told(pages: &'a [CheckedBatch], told: &'a Told, spans_max: usize) -> Self {
        Self::arranged(pages, Some(told), spans_max)
    }

    fn arranged(pages: &'a [CheckedBatch], told: Option<&'a Told>, spans_max: usize) -> Self {
        let (spans, left_out) = gather(pages, spans_max);
        let graph = Graph::of(pages, &spans, told);
        let cycles = graph.cycles();
        let forest = forest::arrange(&spans, &graph, &cycles);
        Self {
            pages,
            told,
            nodes: forest.nodes,
            also: forest.also,
            cycles: forest.cycles,
            left_out,
        }
    }

    /// All nodes in drawing order.
    pub fn nodes(&self) -> &[WaitNode] {
        &self.nodes
    }

    /// The span of node `index`; panics when there is no such node, as slices do.
    pub fn span(&self, index: usize) -> SpanRow<'a> {
        let node = &self.nodes[index];
        self.pages[node.page as usize].row(node.row as usize)
    }

    /// Why node `index` never goes on, as far as an app told.
    pub fn stuck(&self, index: usize) -> Option<&'a Stuck> {
        self.told?.stuck.get(&self.key(index))
    }

    /// Whether node `index` is a query of an incremental program that its app told of.
    pub fn is_query(&self, index: usize) -> bool {
        self.query(index).is_some()
    }

    /// What node `index` is called: a query with its key, which its span has not in its name.
    pub fn name(&self, index: usize) -> &'a str {
        self.query(index).unwrap_or_else(|| self.span(index).name())
    }

    fn query(&self, index: usize) -> Option<&'a str> {
        self.told?.queries.get(&self.key(index)).map(String::as_str)
    }

    fn key(&self, index: usize) -> (TraceId, SpanId) {
        let span = self.span(index);
        (span.trace_id(), span.span_id())
    }

    /// Further waits between nodes, of spans that several wait for: who waits, for whom; in order.
    pub fn also(&self) -> &[(usize, usize)] {
        &self.also
    }

    /// Nodes that wait for each other in a circle, the oldest of each first.
    pub fn cycles(&self) -> &[Vec<usize>] {
        &self.cycles
    }

    /// The leaf that began first, of those that somebody waits for if there are any: what the
    /// others most likely wait for.
    pub fn oldest_leaf(&self) -> Option<usize> {
        let leaves = (0..self.nodes.len()).filter(|index| self.nodes[*index].is_leaf);
        leaves.min_by_key(|index| {
            let alone = self.nodes[*index].parent.is_none();
            (alone, self.span(*index).start_ns(), *index)
        })
    }

    /// Open spans beyond the limit.
    pub fn left_out(&self) -> usize {
        self.left_out
    }
}
