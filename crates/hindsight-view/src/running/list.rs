//! The rows as they are shown, without moving them under a reader.
//!
//! In: shaped looks, and whether the reader holds the list. Out: rows, how many of them have ended
//! and how many wait. Holds: while the list is held no row comes, goes or moves; ages and words of
//! rows that still run go on. Bounded: two looks.

use std::collections::{HashMap, HashSet};

use super::{LastWords, RowKey, Running, RunningRow};
use crate::text::{Line, Role};

/// See the module's documentation.
#[derive(Clone, Debug, Default)]
pub struct RunningList {
    shown: Running,
    latest: Running,
    is_held: bool,
}

impl RunningList {
    /// What is shown; its rows and last words stay while the list is held, its counts are the
    /// latest.
    pub fn shown(&self) -> &Running {
        &self.shown
    }

    /// Rows shown that have ended since.
    pub fn ended(&self) -> usize {
        self.shown.rows.iter().filter(|row| row.has_ended).count()
    }

    /// Rows that wait until the list is let go.
    pub fn waiting(&self) -> usize {
        let shown: HashSet<RowKey> = self.shown.rows.iter().map(RunningRow::key).collect();
        let is_new = |row: &&RunningRow| !shown.contains(&row.key());
        self.latest.rows.iter().filter(is_new).count()
    }

    /// Holds the list as it is, or lets it go.
    pub fn hold(&mut self, is_held: bool) {
        self.is_held = is_held;
        if !is_held {
            self.let_in();
        }
    }

    /// Shows the latest look, once; a list that is held stays so.
    pub fn let_in(&mut self) {
        self.shown = self.latest.clone();
    }

    /// Takes the next look.
    pub fn apply(&mut self, latest: Running) {
        self.latest = latest;
        match self.is_held {
            true => self.keep(),
            false => self.let_in(),
        }
    }

    /// Takes a look that answers another question: what was held is gone.
    pub fn replace(&mut self, latest: Running) {
        self.latest = latest;
        self.let_in();
    }

    /// Brings the words of held rows up to date, and nothing else.
    fn keep(&mut self) {
        let latest: HashMap<RowKey, &RunningRow> = self
            .latest
            .rows
            .iter()
            .map(|row| (row.key(), row))
            .collect();
        let dead: HashSet<RowKey> = self.latest.last_words.iter().map(LastWords::key).collect();
        for row in &mut self.shown.rows {
            match latest.get(&row.key()) {
                Some(now) => {
                    *row = RunningRow {
                        // Its place stays, so what draws the place does too.
                        guide: std::mem::take(&mut row.guide),
                        reason: row.reason,
                        depth: row.depth,
                        ..(*now).clone()
                    };
                }
                None if row.has_ended => {}
                None => {
                    row.has_ended = true;
                    row.is_open = false;
                    row.state = match dead.contains(&row.key()) {
                        true => Line::new().with(Role::Warning, "its process went away"),
                        false => Line::new().with(Role::Good, "ended"),
                    };
                }
            }
        }
        let rows = std::mem::take(&mut self.shown.rows);
        let last_words = std::mem::take(&mut self.shown.last_words);
        // They stand above the rows: another one would move them.
        let stuck = std::mem::take(&mut self.shown.stuck);
        self.shown = Running {
            rows,
            last_words,
            stuck,
            stuck_more: self.shown.stuck_more,
            ..counts(&self.latest)
        };
    }
}

/// A look without its rows.
fn counts(of: &Running) -> Running {
    Running {
        rows: Vec::new(),
        last_words: Vec::new(),
        stuck: Vec::new(),
        stuck_more: of.stuck_more,
        open: of.open,
        long: of.long,
        traces: of.traces,
        open_before_filter: of.open_before_filter,
        unseen: of.unseen,
    }
}
