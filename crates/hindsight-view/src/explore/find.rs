//! Matches: the spans that a search found, and steps between them.

use hindsight_protocol::{SpanId, StatusCode};

use crate::grouping::Row;

use super::Explorer;

impl Explorer {
    /// Marks the spans of `ids` as found, instead of those before. Ids that are not stored yet are
    /// remembered.
    pub fn set_matches(&mut self, ids: Vec<SpanId>) {
        let nodes = ids.iter().filter_map(|id| self.nodes.node(*id));
        self.matches = nodes.map(|node| node as u32).collect();
        self.matches.sort_unstable();
        self.matches.dedup();
        self.match_ids = ids;
    }

    /// The nodes that were found, in drawing order.
    pub fn matches(&self) -> &[u32] {
        &self.matches
    }

    /// Whether node `index` was found.
    pub fn is_match(&self, index: usize) -> bool {
        self.matches.binary_search(&(index as u32)).is_ok()
    }

    /// Selects and reveals the next match after the selected row, or the first; without matches,
    /// the next span with an error. False if there is none.
    pub fn next_match(&mut self) -> bool {
        let from = self.selected_node().map_or(0, |node| node + 1);
        let found = match self.matches.as_slice() {
            [] => self.error_in(from..self.tree.len()),
            matches => after(matches, from),
        };
        let first = || match self.matches.as_slice() {
            [] => self.error_in(0..from),
            matches => matches.first().map(|node| *node as usize),
        };
        self.reveal_node(found.or_else(first))
    }

    /// The same towards the beginning.
    pub fn previous_match(&mut self) -> bool {
        let to = self.selected_node().unwrap_or(self.tree.len());
        let found = match self.matches.as_slice() {
            [] => self.last_error_in(0..to),
            matches => before(matches, to),
        };
        let last = || match self.matches.as_slice() {
            [] => self.last_error_in(to..self.tree.len()),
            matches => matches.last().map(|node| *node as usize),
        };
        self.reveal_node(found.or_else(last))
    }

    fn reveal_node(&mut self, node: Option<usize>) -> bool {
        node.is_some_and(|node| self.reveal(self.tree.span_id(node)))
    }

    /// The node that the selected row stands for, the first one of a fold.
    pub fn selected_node(&self) -> Option<usize> {
        let row = self.outline.rows().get(self.selected_row?)?;
        match row.row {
            Row::Span(index) => Some(index),
            Row::Group(group) | Row::More { group, .. } => {
                Some(self.grouping.groups().get(group)?.first)
            }
            Row::Chain(chain) => Some(self.grouping.chains().get(chain)?.first),
        }
    }

    fn error_in(&self, mut nodes: std::ops::Range<usize>) -> Option<usize> {
        nodes.find(|node| self.tree.status(*node) == StatusCode::Error)
    }

    fn last_error_in(&self, mut nodes: std::ops::Range<usize>) -> Option<usize> {
        nodes.rfind(|node| self.tree.status(*node) == StatusCode::Error)
    }
}

fn after(matches: &[u32], from: usize) -> Option<usize> {
    let at = matches.partition_point(|node| (*node as usize) < from);
    matches.get(at).map(|node| *node as usize)
}

fn before(matches: &[u32], to: usize) -> Option<usize> {
    let at = matches.partition_point(|node| (*node as usize) < to);
    Some(matches[at.checked_sub(1)?] as usize)
}
