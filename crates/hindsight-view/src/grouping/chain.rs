//! Chains: spans that each have exactly one child.

use crate::tree::TraceTree;

use super::{Counts, FoldKey};

/// Spans with one child each, one below the other, hidden between the span above the first and the
/// one below the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chain {
    /// What stays the same while the trace grows.
    pub key: FoldKey,
    /// The first hidden node; the others follow it directly.
    pub first: usize,
    /// Number of hidden nodes.
    pub spans: usize,
    /// Hidden spans with the status error.
    pub errors: usize,
    /// Hidden spans without an end.
    pub open: usize,
}

impl Chain {
    /// The node below the last hidden one.
    pub fn tail(&self) -> usize {
        self.first + self.spans
    }
}

/// All chains that hide at least `spans_min`, in drawing order.
pub(super) fn find(tree: &TraceTree, spans_min: usize, counts: &Counts) -> Vec<Chain> {
    let single = |index: usize| tree.child_count(index) == 1;
    let mut chains = Vec::new();
    let mut head = 0;
    while head < tree.len() {
        // In preorder an only child follows its parent directly.
        let spans = (head + 1..).take_while(|index| single(head) && single(*index));
        let spans = spans.count();
        if spans >= spans_min {
            let first = head + 1;
            let (errors, open) = counts.of_range(first..first + spans);
            chains.push(Chain {
                key: FoldKey::of_chain(tree, head),
                first,
                spans,
                errors,
                open,
            });
        }
        head += spans + 1;
    }
    chains
}
