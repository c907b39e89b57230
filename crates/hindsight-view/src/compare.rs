//! Two traces side by side, for looking at: a summary, and a row for each operation.
//!
//! In: the trees of two traces, and what the viewer wants to see. Out: a [`Comparison`] that keeps
//! both trees, its summary in sentences, and [`CompareRow`]s. Holds: the rows are those of
//! [`TraceDiff`]; a row says in a word what its signs and colours say. Bounded: [`ROWS_MAX`] rows;
//! about 100 bytes an operation and 8 a span beside the trees.

mod rows;
mod summary;

#[cfg(test)]
mod tests;

use hindsight_protocol::SpanId;

use crate::diff::{Side, TraceDiff};
use crate::timeline::Timeline;
use crate::tree::TraceTree;

pub use rows::{Amount, CompareRow, CompareRows, Presence, Wanted};

/// Rows that are shown; the rest is counted.
pub const ROWS_MAX: usize = 500;

/// What part of the longer trace a difference must be to be worth a look: one in so many.
const NOTABLE_PART: u64 = 100;

/// How operations are sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CompareOrder {
    /// Each below what called it, in the order of time.
    #[default]
    Tree,
    /// By the difference of the self times, largest first.
    SelfTime,
    /// By the difference of the total times, largest first.
    Total,
    /// By the difference of the numbers of spans, largest first.
    Spans,
}

impl CompareOrder {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Tree, Self::SelfTime, Self::Total, Self::Spans];

    /// As it stands in links.
    pub fn word(self) -> &'static str {
        match self {
            Self::Tree => "tree",
            Self::SelfTime => "self",
            Self::Total => "total",
            Self::Spans => "spans",
        }
    }

    /// What [`Self::word`] stands for.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.word() == word)
    }
}

/// An operation at its place below others.
#[derive(Clone, Debug)]
struct Operation {
    /// Side and node that name, service and kind are read from.
    origin: (usize, usize),
    parent: Option<usize>,
    depth: u32,
    /// The operation and all below it, which follow it.
    size: usize,
    sides: [Side; 2],
    /// The longest span of either side.
    longest: [Option<usize>; 2],
    is_notable: bool,
    /// Something below it is.
    leads_to_notable: bool,
}

/// Two traces and what is different.
#[derive(Debug)]
pub struct Comparison {
    trees: [TraceTree; 2],
    durations_ns: [u64; 2],
    operations: Vec<Operation>,
    /// Operation and node of each span, sorted.
    spans: [Vec<(u32, u32)>; 2],
}

impl Comparison {
    /// Compares `a` with `b` at the time `now_ns`, up to which running spans grow.
    pub fn new(a: TraceTree, b: TraceTree, now_ns: u64) -> Self {
        let trees = [a, b];
        let timelines = [0, 1].map(|side| Timeline::new(&trees[side], now_ns));
        let durations_ns = [0, 1].map(|side: usize| {
            let (start, end) = timelines[side].bounds_ns();
            end.saturating_sub(start)
        });
        let notable_ns = (durations_ns[0].max(durations_ns[1]) / NOTABLE_PART).max(1);
        let diff = TraceDiff::of_trees(&trees[0], &trees[1], now_ns);
        let operation = |node: &crate::diff::DiffNode<'_>| Operation {
            origin: (0, 0),
            parent: node.parent,
            depth: node.depth,
            size: 1,
            sides: [node.a, node.b],
            longest: [None; 2],
            is_notable: is_notable(&node.a, &node.b, notable_ns),
            leads_to_notable: false,
        };
        let mut operations: Vec<Operation> = diff.nodes.iter().map(operation).collect();
        let spans = [0, 1].map(|side: usize| {
            let of_nodes = diff.operations()[side];
            for (node, operation) in of_nodes.iter().enumerate() {
                let operation = &mut operations[*operation];
                operation.origin = (side, node);
                let duration = |node| timelines[side].duration_ns(&trees[side], node);
                let longest = &mut operation.longest[side];
                if longest.is_none_or(|longest| duration(longest) < duration(node)) {
                    *longest = Some(node);
                }
            }
            let pairs = of_nodes.iter().zip(0_u32..);
            let mut spans: Vec<(u32, u32)> = pairs.map(|(at, node)| (*at as u32, node)).collect();
            spans.sort_unstable();
            spans
        });
        for index in (0..operations.len()).rev() {
            let of = &operations[index];
            let (size, is_notable) = (of.size, of.is_notable || of.leads_to_notable);
            if let Some(parent) = of.parent {
                operations[parent].size += size;
                operations[parent].leads_to_notable |= is_notable;
            }
        }
        Self {
            trees,
            durations_ns,
            operations,
            spans,
        }
    }

    /// Operations of both traces together.
    pub fn len(&self) -> usize {
        self.operations.len()
    }

    /// Whether neither trace has a span.
    pub fn is_empty(&self) -> bool {
        self.operations.is_empty()
    }

    /// Up to `most` spans of an operation on one side, 0 or 1, the earliest first.
    pub fn span_ids(&self, operation: usize, side: usize, most: usize) -> Vec<SpanId> {
        let spans = &self.spans[side];
        let first = spans.partition_point(|(of, _)| (*of as usize) < operation);
        let of_operation = spans[first..]
            .iter()
            .take_while(|(of, _)| *of as usize == operation);
        let ids = of_operation.map(|(_, node)| self.trees[side].span_id(*node as usize));
        ids.take(most).collect()
    }

    fn name(&self, operation: usize) -> &str {
        let (side, node) = self.operations[operation].origin;
        self.trees[side].name(node)
    }

    fn service(&self, operation: usize) -> &str {
        let (side, node) = self.operations[operation].origin;
        self.trees[side].service(node)
    }
}

fn is_notable(a: &Side, b: &Side, notable_ns: u64) -> bool {
    a.spans != b.spans
        || a.errors != b.errors
        || a.total_ns.abs_diff(b.total_ns) >= notable_ns
        || a.self_ns.abs_diff(b.self_ns) >= notable_ns
}
