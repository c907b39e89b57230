//! What is selected, in words: for the panel beside the picture and for readers of screens.

use crate::format;
use crate::grouping::{self, Row};
use crate::name::{name_cell, service_cell};
use crate::text::{Line, Role};
use crate::timeline::is_lost;
use crate::waterfall;

use super::page::TracePage;
use super::rows::row_line;

impl TracePage {
    /// The selected row in one sentence; empty if none is.
    pub fn described(&self) -> String {
        self.selected_shown()
            .map(|row| row_line(&self.explorer, row).to_plain())
            .unwrap_or_default()
    }

    /// Name, who made it, how long it took and what is special about it; for folds what they hold.
    pub fn about(&self) -> Vec<Line> {
        let tree = self.explorer.tree();
        match self.selected_shown() {
            None => Vec::new(),
            Some(Row::Span(index)) => {
                let mut lines = vec![name_cell(tree.name(index))];
                let mut line = service_cell(tree.service(index));
                line = line.with(Role::Dim, self.times(index));
                lines.push(line);
                let notes = waterfall::notes(tree, index);
                lines.extend((!notes.segments().is_empty()).then_some(notes));
                let below = tree.descendants(index) as u64;
                if below > 0 {
                    let children = format::plural(tree.child_count(index) as u64, "child span");
                    let text = format!("{children}, {} below", format::count(below));
                    lines.push(Line::new().with(Role::Dim, text));
                }
                lines
            }
            Some(Row::Group(group) | Row::More { group, .. }) => {
                let group = &self.explorer.grouping().groups()[group];
                let service = service_cell(tree.service(group.first));
                vec![
                    grouping::group_title(tree, group),
                    service,
                    grouping::group_notes(group),
                ]
            }
            Some(Row::Chain(chain)) => {
                vec![grouping::chain_line(
                    &self.explorer.grouping().chains()[chain],
                )]
            }
        }
    }

    /// ` · 32.5 ms · from 5.00 ms · 65 % of the trace`.
    fn times(&self, index: usize) -> String {
        let tree = self.explorer.tree();
        let timeline = self.explorer.timeline();
        let (start, end) = timeline.bounds_ns();
        let duration = timeline.duration_ns(tree, index);
        let long = match is_lost(tree, index) {
            true => "unknown duration".to_owned(),
            false => format::duration(duration),
        };
        let since = format::duration(tree.start_ns(index).saturating_sub(start));
        let share = format::percent(duration, end - start);
        format!(" · {long} · after {since} · {share} of the trace")
    }

    fn selected_shown(&self) -> Option<Row> {
        let row = self.explorer.selected_row()?;
        Some(self.explorer.outline().rows().get(row)?.row)
    }
}
