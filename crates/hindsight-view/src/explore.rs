//! Walking through a trace: rows, the selected one, what is folded, what was found.
//!
//! In: a [`TraceTree`], the time, [`Step`]s of the viewer. Out: the [`Outline`] to be drawn and the
//! row that is selected. Holds: selection, folds and matches are kept by identity, so that they
//! survive [`Explorer::grow`]; a selected row is always in the outline. Terminal and browser walk by
//! the same steps. Bounded: what the tree and its outline take, 16 bytes a span for look-ups by id
//! and as many for each outcome of a query, 16 bytes a stretch of the critical path. Cost: a step that folds makes the outline anew, others
//! are at most one pass over the rows between here and there.

mod arrange;
mod find;
mod ids;
mod outcomes;
mod path;
mod step;

#[cfg(test)]
mod tests;

use hindsight_protocol::SpanId;

use crate::grouping::{Expansion, FoldKey, Grouping, Outline, Row};
use crate::lens::picante::Outcome;
use crate::timeline::Timeline;
use crate::tree::TraceTree;

use ids::NodesById;
use path::PathByNode;

pub use arrange::Arrangement;
pub use step::Step;

/// What is selected, by identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selected {
    /// A span.
    Span(SpanId),
    /// A group or chain.
    Fold(FoldKey),
}

/// A trace, and where in it the viewer is.
#[derive(Debug, Default)]
pub struct Explorer {
    tree: TraceTree,
    timeline: Timeline,
    grouping: Grouping,
    expansion: Expansion,
    outline: Outline,
    nodes: NodesById,
    path: PathByNode,
    /// Nodes in order.
    matches: Vec<u32>,
    match_ids: Vec<SpanId>,
    /// By span id.
    outcomes: Vec<(u64, Outcome)>,
    is_grouped: bool,
    selected: Option<Selected>,
    selected_row: Option<usize>,
}

impl Explorer {
    /// `tree` at the time `now_ns`, with repeats folded and the main root selected.
    pub fn new(tree: TraceTree, now_ns: u64) -> Self {
        Self::of_arrangement(Arrangement::of_tree(tree, now_ns, true).finish())
    }

    /// The same with what was prepared in steps; it must be complete.
    pub fn of_arrangement(arrangement: Arrangement) -> Self {
        let mut explorer = Self {
            is_grouped: arrangement.is_grouped,
            ..Self::default()
        };
        explorer.take_in(arrangement);
        let root = explorer.tree.main_root();
        explorer.select_span(root.map(|root| explorer.tree.span_id(root)));
        explorer
    }

    /// Shows a newer `tree` of the same trace; selection, folds and matches stay where they were.
    pub fn grow(&mut self, tree: TraceTree, now_ns: u64) {
        self.adopt(Arrangement::of_tree(tree, now_ns, self.is_grouped).finish());
    }

    /// The same with what was prepared in steps; it must be complete.
    pub fn adopt(&mut self, arrangement: Arrangement) {
        let was_at = self.selected_span();
        self.take_in(arrangement);
        let root = || Some(self.tree.span_id(self.tree.main_root()?));
        self.stay_at(was_at.or_else(root));
    }

    fn take_in(&mut self, arrangement: Arrangement) {
        let is_of_same_kind = arrangement.is_grouped == self.is_grouped;
        self.timeline = arrangement.timeline;
        self.nodes = arrangement.nodes;
        self.tree = arrangement.tree;
        self.path = PathByNode::default();
        let found = std::mem::take(&mut self.match_ids);
        self.set_matches(found);
        match is_of_same_kind {
            true => {
                self.grouping = arrangement.grouping;
                self.fold();
            }
            // Changed while it was prepared.
            false => self.group(),
        }
    }

    /// Groups repeats, or shows every span.
    pub fn set_grouped(&mut self, grouped: bool) {
        if self.is_grouped != grouped {
            let was_at = self.selected_span();
            self.is_grouped = grouped;
            self.group();
            self.stay_at(was_at);
        }
    }

    /// The span of the selected row, the first one of a fold.
    fn selected_span(&self) -> Option<SpanId> {
        Some(self.tree.span_id(self.selected_node()?))
    }

    /// Selects the row of `span`, or what hides it, if nothing is selected.
    fn stay_at(&mut self, span: Option<SpanId>) {
        if self.selected.is_none() {
            self.selected = span.map(Selected::Span);
            self.find_selected();
        }
    }

    /// Whether repeats are folded.
    pub fn is_grouped(&self) -> bool {
        self.is_grouped
    }

    fn group(&mut self) {
        self.grouping = arrange::grouping(&self.tree, &self.timeline, self.is_grouped);
        self.fold();
    }

    /// Makes the rows anew and finds the selected one again.
    fn fold(&mut self) {
        self.outline = Outline::new(&self.tree, &self.grouping, &self.expansion);
        self.find_selected();
    }

    /// Finds the row of what is selected, or of what hides it.
    fn find_selected(&mut self) {
        let wanted = self.selected;
        self.selected_row = wanted.and_then(|selected| self.row_of(selected));
        if let (None, Some(Selected::Span(id))) = (self.selected_row, wanted) {
            self.select_nearest(id);
        }
        if self.selected_row.is_none() {
            self.selected = None;
        }
    }

    /// The tree.
    pub fn tree(&self) -> &TraceTree {
        &self.tree
    }

    /// When its spans lie.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// What folds.
    pub fn grouping(&self) -> &Grouping {
        &self.grouping
    }

    /// What is unfolded.
    pub fn expansion(&self) -> &Expansion {
        &self.expansion
    }

    /// The rows.
    pub fn outline(&self) -> &Outline {
        &self.outline
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.outline.rows().len()
    }

    /// What is selected.
    pub fn selected(&self) -> Option<Selected> {
        self.selected
    }

    /// Number of the selected row.
    pub fn selected_row(&self) -> Option<usize> {
        self.selected_row
    }

    /// The node of a span, if it is stored.
    pub fn node(&self, id: SpanId) -> Option<usize> {
        self.nodes.node(id)
    }

    /// Times of nodes `row` stands for: start and end in nanoseconds since the Unix epoch.
    pub fn row_bounds_ns(&self, row: Row) -> Option<(u64, u64)> {
        match row {
            Row::Span(index) => Some((self.tree.start_ns(index), self.timeline.end_ns(index))),
            Row::Group(group) | Row::More { group, .. } => {
                let group = self.grouping.groups().get(group)?;
                Some((group.start_ns, group.end_ns))
            }
            Row::Chain(chain) => {
                let first = self.grouping.chains().get(chain)?.first;
                Some((self.tree.start_ns(first), self.timeline.end_ns(first)))
            }
        }
    }

    /// Selects row `number`, or nothing if there is no such row.
    pub fn select_row(&mut self, number: usize) {
        let row = self.outline.rows().get(number).map(|row| row.row);
        self.selected = row.map(|row| self.identity(row));
        self.selected_row = row.map(|_| number);
    }

    /// Selects a span and unfolds what hides it; false if it is not stored.
    pub fn reveal(&mut self, id: SpanId) -> bool {
        let Some(node) = self.node(id) else {
            return false;
        };
        self.unfold_to(node);
        self.selected = Some(Selected::Span(id));
        self.fold();
        true
    }

    fn select_span(&mut self, id: Option<SpanId>) {
        self.selected = id.map(Selected::Span);
        self.selected_row = self.selected.and_then(|selected| self.row_of(selected));
    }

    /// What row `number` is, so that it can be found again in a newer tree.
    pub(crate) fn identity_of(&self, number: usize) -> Option<Selected> {
        let row = self.outline.rows().get(number)?.row;
        (!matches!(row, Row::More { .. })).then(|| self.identity(row))
    }

    fn identity(&self, row: Row) -> Selected {
        match row {
            Row::Span(index) => Selected::Span(self.tree.span_id(index)),
            Row::Group(group) | Row::More { group, .. } => {
                Selected::Fold(self.grouping.groups()[group].key)
            }
            Row::Chain(chain) => Selected::Fold(self.grouping.chains()[chain].key),
        }
    }

    /// The row of what [`Self::identity_of`] named, if it has one.
    pub(crate) fn row_of(&self, selected: Selected) -> Option<usize> {
        let is_more = |row: &Row| matches!(row, Row::More { .. });
        let mut rows = self.outline.rows().iter().map(|row| row.row);
        match selected {
            Selected::Span(id) => {
                let node = self.node(id)?;
                rows.position(|row| row == Row::Span(node))
            }
            Selected::Fold(_) => {
                rows.position(|row| !is_more(&row) && self.identity(row) == selected)
            }
        }
    }

    /// The nearest span above `id` that has a row.
    fn select_nearest(&mut self, id: SpanId) {
        let mut above = self.node(id).and_then(|node| self.tree.parent(node));
        while let Some(node) = above {
            self.select_span(Some(self.tree.span_id(node)));
            if self.selected_row.is_some() {
                return;
            }
            above = self.tree.parent(node);
        }
    }

    /// Opens whatever hides `node`.
    fn unfold_to(&mut self, node: usize) {
        let mut at = Some(node);
        while let Some(index) = at {
            if index != node {
                let id = self.tree.span_id(index);
                self.expansion.set_collapsed(id, false);
            }
            if let Some(group) = self.grouping.group_of(index) {
                let group = &self.grouping.groups()[group];
                let place = self.grouping.members(group).position(|m| m == index);
                let wanted = place.map_or(0, |place| place + 1);
                let shown = self.expansion.shown(group.key).max(wanted);
                self.expansion.show(group.key, shown);
            }
            at = self.tree.parent(index);
        }
        let chains = self.grouping.chains();
        let after = chains.partition_point(|chain| chain.first <= node);
        if let Some(chain) = after.checked_sub(1).map(|before| chains[before])
            && node < chain.tail()
        {
            self.expansion.show(chain.key, 1);
        }
    }
}
