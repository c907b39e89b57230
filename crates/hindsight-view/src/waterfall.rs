//! A trace as rows of text: tree, service, duration, a bar on the common time axis, notes.
//!
//! In: a [`TraceTree`], perhaps an [`Outline`] of it, the time, a width. Out: [`WaterfallRow`]s made
//! one by one, so that a viewer of a million spans pays for what it shows, and [`Line`]s of them.
//! Holds: every bar has at least half a cell and lies within its column; what a colour says, a word
//! or a sign says too. Bounded: a row costs at most the depth that is shown, never the tree's.

mod bar;
mod critical;
mod glyphs;
mod layout;
mod notes;
mod prefix;
mod rows;

#[cfg(test)]
mod tests;

use hindsight_protocol::StatusCode;

use crate::critical_path::PathSegment;
use crate::format;
use crate::grouping::{self, Grouping, Outline, Row};
use crate::name::{name_cell, service_cell};
use crate::text::{Line, Role};
use crate::timeline::{Timeline, is_lost};
use crate::tree::TraceTree;

use bar::Axis;
use critical::CriticalRows;
use rows::Rows;

pub use bar::{Bar, BarEnd};
pub use glyphs::Glyphs;
pub use layout::WaterfallLayout;
pub(crate) use notes::notes;
pub use notes::span_notes;

/// A trace on its time axis.
#[derive(Clone, Debug)]
pub struct Waterfall<'a> {
    tree: &'a TraceTree,
    rows: Rows<'a>,
    timeline: Timeline,
    glyphs: Glyphs,
    self_times_ns: &'a [u64],
    critical: CriticalRows,
}

/// One row, ready to be drawn.
#[derive(Clone, Debug)]
pub struct WaterfallRow {
    /// What it shows.
    pub row: Row,
    /// Guides and branch in front of the title.
    pub prefix: String,
    /// Whether the status of what it shows is error.
    pub is_error: bool,
    /// Name of the span, or what is folded.
    pub title: Line,
    /// The service, empty for a fold of several.
    pub service: Line,
    /// Duration so far; `?` for a span whose process went away.
    pub duration: String,
    /// Self time so far; empty where it is not known.
    pub self_time: String,
    /// The bar, none for what has no time of its own.
    pub bar: Option<Bar>,
    /// For each cell of the bar, whether the trace was waiting for it; empty if for none.
    pub critical: Vec<bool>,
    /// The colour of the bar.
    pub bar_role: Role,
    /// State, error and oddities in words, most important first.
    pub notes: Line,
}

impl<'a> Waterfall<'a> {
    /// `tree` at the time `now_ns`, up to which running spans grow: one row a node.
    pub fn new(tree: &'a TraceTree, now_ns: u64, glyphs: Glyphs) -> Self {
        Self {
            tree,
            rows: Rows::All(tree),
            timeline: Timeline::new(tree, now_ns),
            glyphs,
            self_times_ns: &[],
            critical: CriticalRows::default(),
        }
    }

    /// The same with the rows of `outline`, which `grouping` and the tree made.
    pub fn folded(self, grouping: &'a Grouping, outline: &'a Outline) -> Self {
        Self {
            rows: Rows::Folded(grouping, outline),
            ..self
        }
    }

    /// The same with the self time of every node in a column and `path` marked in the bars. Comes
    /// after [`Self::folded`], whose rows it looks at.
    pub fn analysed(self, self_times_ns: &'a [u64], path: &[PathSegment]) -> Self {
        Self {
            self_times_ns,
            critical: CriticalRows::new(path, &self.rows_of_nodes()),
            ..self
        }
    }

    /// For each node the number of the row that shows it, or hides it in a fold.
    pub fn rows_of_nodes(&self) -> Vec<u32> {
        self.rows.of_nodes(self.tree)
    }

    /// Nanoseconds of the critical path that row `number` shows; 0 where the path is not known.
    pub fn critical_ns(&self, number: usize) -> u64 {
        self.critical.total_ns(number)
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Earliest start and latest known time of the trace.
    pub fn bounds_ns(&self) -> (u64, u64) {
        self.timeline.bounds_ns()
    }

    /// Row `number`; panics when there is no such row, as slices do.
    pub fn row(&self, number: usize, layout: &WaterfallLayout) -> WaterfallRow {
        let row = self.rows.row(number);
        let prefix = prefix::prefix(&self.rows, number, layout.levels_max, &self.glyphs);
        match (row, self.rows) {
            (Row::Span(index), _) => self.span_row((number, row), index, prefix, layout),
            (Row::Group(group), Rows::Folded(grouping, _)) => {
                self.group_row((number, row), &grouping.groups()[group], prefix, layout)
            }
            (Row::Chain(chain), Rows::Folded(grouping, _)) => {
                let chain = &grouping.chains()[chain];
                let title = grouping::chain_title(chain);
                let blank = WaterfallRow::blank(row, prefix, title);
                WaterfallRow {
                    notes: grouping::chain_notes(chain),
                    ..blank
                }
            }
            (Row::More { hidden, .. }, _) => {
                WaterfallRow::blank(row, prefix, grouping::more_line(hidden))
            }
            (Row::Group(_) | Row::Chain(_), Rows::All(_)) => {
                unreachable!("without an outline every row is a span")
            }
        }
    }

    fn span_row(
        &self,
        (number, row): (usize, Row),
        index: usize,
        prefix: String,
        layout: &WaterfallLayout,
    ) -> WaterfallRow {
        let tree = self.tree;
        let is_error = tree.status(index) == StatusCode::Error;
        let axis = self.axis(layout);
        let bar = self.bar(index, &axis);
        WaterfallRow {
            row,
            prefix,
            is_error,
            title: name_cell(tree.name(index)),
            service: service_cell(tree.service(index)),
            duration: self.duration(index),
            self_time: self.self_time(index),
            critical: self.critical.cells(number, &bar, &axis),
            bar: Some(bar),
            bar_role: self.bar_role(index, is_error),
            notes: notes::notes(tree, index),
        }
    }

    fn group_row(
        &self,
        (number, row): (usize, Row),
        group: &grouping::Group,
        prefix: String,
        layout: &WaterfallLayout,
    ) -> WaterfallRow {
        let axis = self.axis(layout);
        let bar = axis.bar(group.start_ns, group.end_ns, BarEnd::Known);
        WaterfallRow {
            is_error: group.errors > 0,
            service: service_cell(self.tree.service(group.first)),
            duration: format::duration(group.end_ns - group.start_ns),
            critical: self.critical.cells(number, &bar, &axis),
            bar: Some(bar),
            bar_role: self.bar_role(group.first, group.errors > 0),
            notes: grouping::group_notes(group),
            ..WaterfallRow::blank(row, prefix, grouping::group_title(self.tree, group))
        }
    }

    /// Guides to put in front of further lines about row `number`, below it.
    pub fn continuation(&self, number: usize, layout: &WaterfallLayout) -> String {
        prefix::continuation(&self.rows, number, layout.levels_max, &self.glyphs)
    }

    /// Row `number` as text.
    pub fn line(&self, number: usize, layout: &WaterfallLayout) -> Line {
        self.row(number, layout).line(layout, &self.glyphs)
    }

    fn bar_role(&self, index: usize, is_error: bool) -> Role {
        match is_error {
            true => Role::Error,
            false => Role::of_service(self.tree.service(index)),
        }
    }

    fn axis(&self, layout: &WaterfallLayout) -> Axis {
        let (start_ns, end_ns) = self.bounds_ns();
        Axis::new(start_ns, end_ns, layout.bar_cells)
    }

    fn bar(&self, index: usize, axis: &Axis) -> Bar {
        let end = match self.tree.end_ns(index) {
            Some(_) => BarEnd::Known,
            None if is_lost(self.tree, index) => BarEnd::Lost,
            None => BarEnd::Growing,
        };
        axis.bar(self.tree.start_ns(index), self.timeline.end_ns(index), end)
    }

    fn duration(&self, index: usize) -> String {
        match is_lost(self.tree, index) {
            true => "?".into(),
            false => format::duration(self.timeline.duration_ns(self.tree, index)),
        }
    }

    fn self_time(&self, index: usize) -> String {
        match self.self_times_ns.get(index) {
            Some(_) if is_lost(self.tree, index) => "?".into(),
            Some(ns) => format::duration(*ns),
            None => String::new(),
        }
    }

    /// Titles of the columns; the bars' is the length of the time axis.
    pub fn heading(&self, layout: &WaterfallLayout) -> Line {
        let (start_ns, end_ns) = self.bounds_ns();
        let axis = format::duration(end_ns.saturating_sub(start_ns));
        let right = |text: &str, cells: usize| {
            let text = format::truncate(text, cells);
            " ".repeat(cells - format::width(&text)) + &text
        };
        let cells = layout.bar_cells;
        let axis = match cells.checked_sub(1) {
            Some(rest) => "0".to_owned() + &right(&axis, rest),
            None => String::new(),
        };
        let dim = |text: String| Line::new().with(Role::Dim, text);
        let mut line = column(dim("SPAN".into()), layout.tree_cells);
        line.pad(1);
        line.extend(column(dim("SERVICE".into()), layout.service_cells));
        line.pad(1);
        line.extend(dim(right("DURATION", layout.duration_cells)));
        if layout.self_cells > 0 {
            line.pad(1);
            line.extend(dim(right("SELF", layout.self_cells)));
        }
        line.pad(1);
        line.extend(dim(axis));
        line
    }
}

impl WaterfallRow {
    fn blank(row: Row, prefix: String, title: Line) -> Self {
        Self {
            row,
            prefix,
            is_error: false,
            title,
            service: Line::new(),
            duration: String::new(),
            self_time: String::new(),
            bar: None,
            critical: Vec::new(),
            bar_role: Role::Plain,
            notes: Line::new(),
        }
    }

    /// The row as text in the columns of `layout`.
    pub fn line(&self, layout: &WaterfallLayout, glyphs: &Glyphs) -> Line {
        let mut line = column(self.tree_cell(glyphs), layout.tree_cells);
        line.pad(1);
        line.extend(column(self.service.clone(), layout.service_cells));
        line.extend(number(&self.duration, Role::Plain, layout.duration_cells));
        if layout.self_cells > 0 {
            line.extend(number(&self.self_time, Role::Dim, layout.self_cells));
        }
        line.pad(1);
        line.extend(column(self.bar_cell(glyphs), layout.bar_cells));
        line.pad(1);
        line.extend(self.notes.clone().truncated(layout.notes_cells));
        line
    }

    /// Guides, error sign and title.
    pub fn tree_cell(&self, glyphs: &Glyphs) -> Line {
        let mut line = Line::new().with(Role::Dim, self.prefix.as_str());
        if self.is_error {
            line = line.with(Role::Error, format!("{} ", glyphs.error));
        }
        line.extend(self.title.clone());
        line
    }

    /// The bar, coloured by service or as an error.
    pub fn bar_cell(&self, glyphs: &Glyphs) -> Line {
        let mut line = Line::new();
        let Some(bar) = &self.bar else {
            return line;
        };
        line.pad(bar.start_cell());
        line.with(self.bar_role, bar.text(&self.critical, glyphs))
    }
}

/// A blank and `text`, right-aligned in `cells`.
fn number(text: &str, role: Role, cells: usize) -> Line {
    let mut line = Line::new();
    line.pad(1 + cells.saturating_sub(format::width(text)));
    line.with(role, text)
}

/// `line` in exactly `cells` cells.
fn column(line: Line, cells: usize) -> Line {
    let mut line = line.truncated(cells);
    line.pad(cells - line.width());
    line
}
