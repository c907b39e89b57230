//! A trace whose spans are here in full: batches and the tree over them.
//!
//! In: pages of rows. Out: a [`TraceTree`] whose nodes lead back to their rows, with attributes,
//! events and links. Bounded by the pages, which are kept.

use hindsight_protocol::batch::SpanRow;
use hindsight_protocol::{CheckedBatch, TraceId};

use crate::columns::gather;
use crate::skew::ClockOverlay;
use crate::tree::TraceTree;

/// Spans of one trace with everything that is known of them, arranged.
#[derive(Debug, Default)]
pub struct Trace {
    pages: Vec<CheckedBatch>,
    /// Page and row of each row of the tree's input.
    places: Vec<(u32, u32)>,
    tree: TraceTree,
    foreign: usize,
}

impl Trace {
    /// Arranges the rows of `trace_id` in `pages`; rows of other traces are counted and left out.
    pub fn new(trace_id: TraceId, pages: Vec<CheckedBatch>) -> Self {
        let gathered = gather(trace_id, &pages);
        Self {
            tree: TraceTree::of_checked(gathered.columns),
            places: gathered.places,
            foreign: gathered.foreign,
            pages,
        }
    }

    /// The same spans arranged in one clock. What [`Self::span`] answers stays as it was recorded.
    pub fn aligned(self, overlay: &ClockOverlay) -> Self {
        let tree = overlay.apply(&self.tree);
        let place = |node| self.places[self.tree.row(node)];
        Self {
            places: (0..self.tree.len()).map(place).collect(),
            tree,
            ..self
        }
    }

    /// What to add to the times of node `index` as they were recorded to get those of the tree,
    /// in nanoseconds: 0 unless the trace is [`Self::aligned`].
    pub fn shift_ns(&self, index: usize) -> i64 {
        let shown = self.tree.start_ns(index).cast_signed();
        shown.wrapping_sub(self.span(index).start_ns().cast_signed())
    }

    /// The arrangement.
    pub fn tree(&self) -> &TraceTree {
        &self.tree
    }

    /// Number of spans.
    pub fn len(&self) -> usize {
        self.tree.len()
    }

    /// Whether no span of the trace was given.
    pub fn is_empty(&self) -> bool {
        self.tree.is_empty()
    }

    /// The span of node `index`; panics when there is no such node, as slices do.
    pub fn span(&self, index: usize) -> SpanRow<'_> {
        let (page, row) = self.places[self.tree.row(index)];
        self.pages[page as usize].row(row as usize)
    }

    /// Rows left out because they belong to another trace.
    pub fn foreign(&self) -> usize {
        self.foreign
    }
}
