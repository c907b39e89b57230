//! What is selected, in words: for the panel beside the picture and for readers of screens.

use hindsight_protocol::StatusCode;

use crate::format;
use crate::grouping::{self, Row};
use crate::name::{name_cell, service_cell};
use crate::text::{Line, Role};
use crate::timeline::is_lost;
use crate::waterfall;

use super::page::TracePage;
use super::rows::row_line;

impl TracePage {
    /// The selected row in one sentence; empty if none is. It says what does not change by itself
    /// while the trace grows, for it is read aloud.
    pub fn described(&self) -> String {
        let Some(row) = self.selected_shown() else {
            return String::new();
        };
        let mut text = row_line(&self.explorer, row).to_plain();
        if let Row::Span(index) = row {
            let tree = self.explorer.tree();
            if tree.end_ns(index).is_some() {
                text += &format!(", {}", self.duration(index));
            }
            text += &format!(", after {}", self.since(index));
        }
        text
    }

    /// Name, who made it, how long it took and what is special about it; for folds what they hold.
    pub fn about(&self) -> Vec<Line> {
        let row = self.selected_shown();
        row.map(|row| self.about_row(row)).unwrap_or_default()
    }

    /// The same of any row.
    pub(super) fn about_row(&self, row: Row) -> Vec<Line> {
        let tree = self.explorer.tree();
        match row {
            Row::Span(index) => {
                let mut lines = vec![name_cell(tree.name(index))];
                let mut line = service_cell(tree.service(index));
                line = line.with(Role::Dim, self.times(index));
                lines.push(line);
                let notes = self.standing(index);
                lines.extend((!notes.segments().is_empty()).then_some(notes));
                let below = tree.descendants(index) as u64;
                if below > 0 {
                    let children = format::plural(tree.child_count(index) as u64, "child span");
                    let text = format!("{children}, {} below", format::count(below));
                    lines.push(Line::new().with(Role::Dim, text));
                }
                lines
            }
            Row::Group(group) | Row::More { group, .. } => {
                let group = &self.explorer.grouping().groups()[group];
                let service = service_cell(tree.service(group.first));
                vec![
                    grouping::group_title(tree, group),
                    service,
                    grouping::group_notes(group),
                ]
            }
            Row::Chain(chain) => {
                vec![grouping::chain_line(
                    &self.explorer.grouping().chains()[chain],
                )]
            }
        }
    }

    /// How the query was answered, if it is one, how the span stands, and what is odd about it.
    fn standing(&self, index: usize) -> Line {
        let tree = self.explorer.tree();
        let notes = waterfall::notes(tree, index);
        let mut line = match self.explorer.outcome(index) {
            Some(outcome) => Line::new().with(outcome.role(), outcome.label()),
            None if notes.segments().is_empty() && tree.status(index) == StatusCode::Ok => {
                Line::new().with(Role::Good, StatusCode::Ok.as_str())
            }
            None => Line::new(),
        };
        if !line.segments().is_empty() && !notes.segments().is_empty() {
            line = line.with(Role::Dim, ", ");
        }
        line.extend(notes);
        line
    }

    /// ` · 32.5 ms · from 5.00 ms · 65 % of the trace`.
    fn times(&self, index: usize) -> String {
        let (start, end) = self.explorer.timeline().bounds_ns();
        let duration = self
            .explorer
            .timeline()
            .duration_ns(self.explorer.tree(), index);
        let share = format::percent(duration, end - start);
        let (long, since) = (self.duration(index), self.since(index));
        format!(" · {long} · after {since} · {share} of the trace")
    }

    fn duration(&self, index: usize) -> String {
        let tree = self.explorer.tree();
        match is_lost(tree, index) {
            true => "unknown duration".into(),
            false => format::duration(self.explorer.timeline().duration_ns(tree, index)),
        }
    }

    /// How long after the trace's start it began.
    fn since(&self, index: usize) -> String {
        let (start, _) = self.explorer.timeline().bounds_ns();
        format::duration(self.explorer.tree().start_ns(index).saturating_sub(start))
    }

    fn selected_shown(&self) -> Option<Row> {
        let row = self.explorer.selected_row()?;
        Some(self.explorer.outline().rows().get(row)?.row)
    }
}
