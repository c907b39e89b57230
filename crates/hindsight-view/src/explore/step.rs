//! Steps of a viewer through the rows.

use crate::grouping::Row;

use super::Explorer;

/// Members of a group that one step unfolds.
const MEMBERS_STEP: usize = 100;

/// One step. Keys and clicks are translated to these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// To the row below.
    Next,
    /// To the row above.
    Previous,
    /// To the first row.
    First,
    /// To the last row.
    Last,
    /// So many rows down, or up.
    Rows(isize),
    /// Folds the row, or goes to the one it stands below.
    Out,
    /// Unfolds the row, or goes to the first one below it.
    Into,
    /// Folds or unfolds the row.
    Toggle,
    /// To the row of the same parent that follows.
    NextSibling,
    /// To the row of the same parent before.
    PreviousSibling,
}

impl Explorer {
    /// Takes one step. At an edge it stays where it is; the first step selects the first row.
    pub fn step(&mut self, step: Step) {
        let last = match self.rows().checked_sub(1) {
            Some(last) => last,
            None => return,
        };
        let Some(at) = self.selected_row() else {
            let to = if step == Step::Last { last } else { 0 };
            return self.select_row(to);
        };
        match step {
            Step::Next => self.select_row((at + 1).min(last)),
            Step::Previous => self.select_row(at.saturating_sub(1)),
            Step::First => self.select_row(0),
            Step::Last => self.select_row(last),
            Step::Rows(rows) => self.select_row(at.saturating_add_signed(rows).min(last)),
            Step::Toggle => self.set_folded(at, !self.is_folded(at)),
            Step::Out => self.outward(at),
            Step::Into => self.inward(at),
            Step::NextSibling => self.go_to_sibling(at, at + 1..=last),
            Step::PreviousSibling => self.go_to_sibling(at, (0..at).rev()),
        }
    }

    /// Whether rows are hidden below row `number`.
    pub fn is_folded(&self, number: usize) -> bool {
        let Some(row) = self.outline().rows().get(number) else {
            return false;
        };
        match row.row {
            Row::Span(index) => {
                self.tree().child_count(index) > 0
                    && self.expansion().is_collapsed(self.tree().span_id(index))
            }
            Row::Group(group) => {
                let key = self.grouping().groups()[group].key;
                self.expansion().shown(key) == 0
            }
            Row::Chain(chain) => {
                let key = self.grouping().chains()[chain].key;
                self.expansion().shown(key) == 0
            }
            Row::More { .. } => true,
        }
    }

    /// Folds or unfolds row `number`; of a group one more step of members is shown.
    pub fn set_folded(&mut self, number: usize, folded: bool) {
        let Some(row) = self.outline().rows().get(number).map(|row| row.row) else {
            return;
        };
        match row {
            Row::Span(index) => {
                let id = self.tree().span_id(index);
                let hides = folded && self.tree().child_count(index) > 0;
                self.expansion.set_collapsed(id, hides);
            }
            Row::Group(group) => {
                let key = self.grouping().groups()[group].key;
                self.expansion
                    .show(key, if folded { 0 } else { MEMBERS_STEP });
            }
            Row::More { group, .. } => {
                let key = self.grouping().groups()[group].key;
                let shown = self.expansion.shown(key);
                self.expansion.show(key, shown + MEMBERS_STEP);
            }
            Row::Chain(chain) => {
                let key = self.grouping().chains()[chain].key;
                self.expansion.show(key, usize::from(!folded));
            }
        }
        self.fold();
    }

    fn outward(&mut self, at: usize) {
        let row = self.outline().rows()[at];
        if row.has_children && !self.is_folded(at) {
            return self.set_folded(at, true);
        }
        if let Some(parent) = row.parent() {
            self.select_row(parent);
        }
    }

    fn inward(&mut self, at: usize) {
        if self.is_folded(at) {
            self.set_folded(at, false);
        } else if self.outline().rows()[at].has_children {
            self.select_row(at + 1);
        }
    }

    /// The first of `candidates`, which lead away from `at`, that stands at its level; none beyond
    /// a row of a lower level.
    fn go_to_sibling(&mut self, at: usize, candidates: impl IntoIterator<Item = usize>) {
        let rows = self.outline().rows();
        let level = rows[at].level;
        let found = candidates
            .into_iter()
            .take_while(|number| rows[*number].level >= level)
            .find(|number| rows[*number].level == level);
        if let Some(number) = found {
            self.select_row(number);
        }
    }
}
