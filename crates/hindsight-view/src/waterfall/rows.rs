//! The rows of a waterfall: every node of the tree, or those of an outline.

use crate::grouping::{Grouping, Outline, Row};
use crate::tree::TraceTree;

/// Where rows stand to each other.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rows<'a> {
    /// One row a node.
    All(&'a TraceTree),
    /// What is to be seen of the folded tree.
    Folded(&'a Grouping, &'a Outline),
}

impl Rows<'_> {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::All(tree) => tree.len(),
            Self::Folded(_, outline) => outline.rows().len(),
        }
    }

    pub(super) fn row(&self, number: usize) -> Row {
        match self {
            Self::All(_) => Row::Span(number),
            Self::Folded(_, outline) => outline.rows()[number].row,
        }
    }

    /// The row that shows each node, or hides it.
    pub(super) fn of_nodes(&self, tree: &TraceTree) -> Vec<u32> {
        match self {
            Self::All(tree) => (0..tree.len() as u32).collect(),
            Self::Folded(grouping, outline) => outline.rows_of_nodes(tree, grouping),
        }
    }

    pub(super) fn level(&self, number: usize) -> usize {
        match self {
            Self::All(tree) => tree.depth(number) as usize,
            Self::Folded(_, outline) => outline.rows()[number].level as usize,
        }
    }

    pub(super) fn parent(&self, number: usize) -> Option<usize> {
        match self {
            Self::All(tree) => tree.parent(number),
            Self::Folded(_, outline) => outline.rows()[number].parent(),
        }
    }

    pub(super) fn is_last(&self, number: usize) -> bool {
        match self {
            Self::All(tree) => tree.is_last_sibling(number),
            Self::Folded(_, outline) => outline.rows()[number].is_last,
        }
    }

    pub(super) fn has_children(&self, number: usize) -> bool {
        match self {
            Self::All(tree) => tree.child_count(number) > 0,
            Self::Folded(_, outline) => outline.rows()[number].has_children,
        }
    }
}
