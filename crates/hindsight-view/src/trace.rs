//! A trace whose spans are here in full: batches and the tree over them.
//!
//! In: pages of rows. Out: a [`TraceTree`] whose nodes lead back to their rows, with attributes,
//! events and links. Bounded by the pages, which are kept.

use hindsight_protocol::batch::SpanRow;
use hindsight_protocol::{CheckedBatch, TraceId};

use crate::columns::gather;
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
