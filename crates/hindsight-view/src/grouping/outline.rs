//! The rows that are to be seen of a tree.
//!
//! Holds: rows are in drawing order; a row's parent stands before it; every node is shown by a row,
//! hidden in the fold or below the collapsed span of one. Bounded: 40 bytes per row that
//! is to be seen; no recursion.

use crate::tree::{NONE, TraceTree};

use super::{Expansion, Grouping};

/// What a row shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// The span of a node.
    Span(usize),
    /// A group, by its place in [`Grouping::groups`].
    Group(usize),
    /// A chain, by its place in [`Grouping::chains`].
    Chain(usize),
    /// The members of an unfolded group that are not shown.
    More {
        /// The group's place in [`Grouping::groups`].
        group: usize,
        /// How many they are.
        hidden: usize,
    },
}

/// A row and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutlineRow {
    /// What it shows.
    pub row: Row,
    /// Levels of rows above.
    pub level: u32,
    /// No row of the same parent follows.
    pub is_last: bool,
    /// Rows stand below it.
    pub has_children: bool,
    parent: u32,
}

impl OutlineRow {
    /// Number of the row above, none at level 0.
    pub fn parent(&self) -> Option<usize> {
        (self.parent != NONE).then_some(self.parent as usize)
    }
}

/// The rows to be seen, in drawing order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    rows: Vec<OutlineRow>,
}

impl Outline {
    /// The rows of `tree` with what `expansion` unfolds.
    pub fn new(tree: &TraceTree, grouping: &Grouping, expansion: &Expansion) -> Self {
        let mut builder = Builder {
            tree,
            grouping,
            expansion,
            rows: Vec::new(),
            waiting: Vec::new(),
        };
        builder.siblings(tree.roots(), NONE, 0);
        while let Some(row) = builder.waiting.pop() {
            builder.place(row);
        }
        Self { rows: builder.rows }
    }

    /// The rows.
    pub fn rows(&self) -> &[OutlineRow] {
        &self.rows
    }

    /// For each node of `tree` the number of its own row, else of the fold or the collapsed span
    /// that hides it. Cost: one pass over rows and nodes.
    pub fn rows_of_nodes(&self, tree: &TraceTree, grouping: &Grouping) -> Vec<u32> {
        let mut rows = vec![NONE; tree.len()];
        // What is shown of a fold has rows further down, which count.
        for (number, row) in (0..).zip(&self.rows) {
            match row.row {
                Row::Span(index) => rows[index] = number,
                Row::Group(group) => {
                    let members = grouping.members(&grouping.groups()[group]);
                    members.for_each(|member| rows[member] = number);
                }
                Row::Chain(chain) => {
                    let chain = &grouping.chains()[chain];
                    rows[chain.first..chain.tail()].fill(number);
                }
                Row::More { .. } => {}
            }
        }
        for index in 0..rows.len() {
            if rows[index] == NONE {
                rows[index] = tree.parent(index).map_or(0, |parent| rows[parent]);
            }
        }
        rows
    }
}

struct Builder<'a> {
    tree: &'a TraceTree,
    grouping: &'a Grouping,
    expansion: &'a Expansion,
    rows: Vec<OutlineRow>,
    /// The next row to be placed is the last.
    waiting: Vec<OutlineRow>,
}

impl Builder<'_> {
    fn place(&mut self, row: OutlineRow) {
        let number = self.rows.len() as u32;
        let waiting = self.waiting.len();
        self.rows.push(row);
        let level = row.level + 1;
        match row.row {
            Row::Span(index) => self.below_span(index, number, level),
            Row::Group(group) => self.members(group, number, level),
            Row::Chain(chain) => {
                let chain = &self.grouping.chains()[chain];
                let next = match self.expansion.shown(chain.key) {
                    0 => chain.tail(),
                    _ => chain.first,
                };
                self.below([Row::Span(next)], number, level);
            }
            Row::More { .. } => {}
        }
        self.rows[number as usize].has_children = self.waiting.len() > waiting;
    }

    fn below_span(&mut self, index: usize, number: u32, level: u32) {
        if self.expansion.is_collapsed(self.tree.span_id(index)) {
            return;
        }
        let chain = match self.tree.child_count(index) {
            1 => self.grouping.chain_at(index + 1),
            _ => None,
        };
        match chain {
            Some(chain) => self.below([Row::Chain(chain)], number, level),
            None => self.siblings(self.tree.children(index), number, level),
        }
    }

    /// Each group stands where its first member does.
    fn siblings(&mut self, siblings: impl Iterator<Item = usize>, parent: u32, level: u32) {
        let grouping = self.grouping;
        let row = |index| match grouping.group_of(index) {
            None => Some(Row::Span(index)),
            Some(group) if grouping.groups()[group].first == index => Some(Row::Group(group)),
            Some(_) => None,
        };
        self.below(siblings.filter_map(row), parent, level);
    }

    fn members(&mut self, number: usize, parent: u32, level: u32) {
        let grouping = self.grouping;
        let group = &grouping.groups()[number];
        let shown = self.expansion.shown(group.key);
        if shown == 0 {
            return;
        }
        let members = grouping.members(group).take(shown).map(Row::Span);
        let hidden = group.len().saturating_sub(shown);
        let more = (hidden > 0).then_some(Row::More {
            group: number,
            hidden,
        });
        self.below(members.chain(more), parent, level);
    }

    fn below(&mut self, rows: impl IntoIterator<Item = Row>, parent: u32, level: u32) {
        let from = self.waiting.len();
        self.waiting.extend(rows.into_iter().map(|row| OutlineRow {
            row,
            level,
            is_last: false,
            has_children: false,
            parent,
        }));
        let below = &mut self.waiting[from..];
        if let Some(last) = below.last_mut() {
            last.is_last = true;
        }
        below.reverse();
    }
}
