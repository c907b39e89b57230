//! A trace as rows of text: tree, service, duration, a bar on the common time axis, notes.
//!
//! In: a [`TraceTree`], the time, a width. Out: [`WaterfallRow`]s made one by one, so that a viewer
//! of a million spans pays for what it shows, and [`Line`]s of them. Holds: every bar has at least
//! half a cell and lies within its column; what a colour says, a word or a sign says too. Bounded:
//! a row costs at most the depth that is shown, never the tree's.

mod bar;
mod glyphs;
mod layout;
mod notes;
mod prefix;

#[cfg(test)]
mod tests;

use hindsight_protocol::batch::SpanRow;
use hindsight_protocol::{SpanState, StatusCode};

use crate::format;
use crate::text::{Line, Role};
use crate::tree::TraceTree;

pub use bar::{Bar, BarEnd};
pub use glyphs::Glyphs;
pub use layout::WaterfallLayout;
pub use notes::span_notes;

/// A trace on its time axis.
#[derive(Clone, Copy, Debug)]
pub struct Waterfall<'a> {
    tree: &'a TraceTree,
    glyphs: Glyphs,
    now_ns: u64,
    start_ns: u64,
    end_ns: u64,
}

/// One span, ready to be drawn.
#[derive(Clone, Debug)]
pub struct WaterfallRow<'a> {
    /// The node in the tree.
    pub index: usize,
    /// The span itself.
    pub span: SpanRow<'a>,
    /// Guides and branch in front of the name.
    pub prefix: String,
    /// Whether its status is error.
    pub is_error: bool,
    /// Duration so far; `?` for a span whose process went away.
    pub duration: String,
    /// The bar.
    pub bar: Bar,
    /// State, error and oddities in words, most important first.
    pub notes: Line,
}

impl<'a> Waterfall<'a> {
    /// `tree` at the time `now_ns`, up to which running spans grow.
    pub fn new(tree: &'a TraceTree, now_ns: u64, glyphs: Glyphs) -> Self {
        let spans = || (0..tree.len()).map(|index| tree.span(index));
        let start_ns = spans().map(SpanRow::start_ns).min().unwrap_or_default();
        let end_ns = spans().map(|span| last_known_ns(span, now_ns)).max();
        Self {
            tree,
            glyphs,
            now_ns,
            start_ns,
            end_ns: end_ns.unwrap_or_default(),
        }
    }

    /// Earliest start and latest known time of the trace.
    pub fn bounds_ns(&self) -> (u64, u64) {
        (self.start_ns, self.end_ns)
    }

    /// Row of node `index`; panics when there is no such node, as slices do.
    pub fn row(&self, index: usize, layout: &WaterfallLayout) -> WaterfallRow<'a> {
        let span = self.tree.span(index);
        WaterfallRow {
            index,
            span,
            prefix: prefix::prefix(self.tree, index, layout.levels_max, &self.glyphs),
            is_error: span.status() == StatusCode::Error,
            duration: duration(span, self.now_ns),
            bar: self.bar(span, layout.bar_cells),
            notes: notes::notes(&self.tree.nodes()[index], span),
        }
    }

    /// Guides to put in front of further lines about node `index`, below its row.
    pub fn continuation(&self, index: usize, layout: &WaterfallLayout) -> String {
        prefix::continuation(self.tree, index, layout.levels_max, &self.glyphs)
    }

    /// The row of node `index` as text.
    pub fn line(&self, index: usize, layout: &WaterfallLayout) -> Line {
        self.row(index, layout).line(layout, &self.glyphs)
    }

    fn bar(&self, span: SpanRow<'_>, cells: usize) -> Bar {
        let end = match span.state() {
            _ if span.end_ns().is_some() => BarEnd::Known,
            SpanState::Disconnected | SpanState::Aborted => BarEnd::Lost,
            _ => BarEnd::Growing,
        };
        let end_ns = match end {
            // Nobody knows how long it lasted: to the end of what is known.
            BarEnd::Lost => self.end_ns,
            _ => last_known_ns(span, self.now_ns),
        };
        let axis = bar::Axis::new(self.start_ns, self.end_ns, cells);
        axis.bar(span.start_ns(), end_ns, end)
    }
}

/// The end; the time of asking while it runs; the start when nothing else is known.
fn last_known_ns(span: SpanRow<'_>, now_ns: u64) -> u64 {
    let known = match (span.end_ns(), span.state()) {
        (Some(end), _) => end,
        (None, SpanState::Disconnected | SpanState::Aborted) => 0,
        (None, _) => now_ns,
    };
    known.max(span.start_ns())
}

fn duration(span: SpanRow<'_>, now_ns: u64) -> String {
    match (span.end_ns(), span.state()) {
        (None, SpanState::Disconnected | SpanState::Aborted) => "?".into(),
        _ => format::duration(last_known_ns(span, now_ns) - span.start_ns()),
    }
}

impl WaterfallRow<'_> {
    /// The row as text in the columns of `layout`.
    pub fn line(&self, layout: &WaterfallLayout, glyphs: &Glyphs) -> Line {
        let mut line = column(self.tree_cell(glyphs), layout.tree_cells);
        let service = self.span.service();
        let cell = Line::new().with(Role::of_service(service), service);
        line.pad(1);
        line.extend(column(cell, layout.service_cells));
        let missing = layout
            .duration_cells
            .saturating_sub(format::width(&self.duration));
        line.pad(1 + missing);
        line = line.with(Role::Plain, self.duration.as_str());
        line.pad(1);
        line.extend(column(self.bar_cell(glyphs), layout.bar_cells));
        line.pad(1);
        line.extend(self.notes.clone().truncated(layout.notes_cells));
        line
    }

    /// Guides, error sign and name.
    pub fn tree_cell(&self, glyphs: &Glyphs) -> Line {
        let mut line = Line::new().with(Role::Dim, self.prefix.as_str());
        if self.is_error {
            line = line.with(Role::Error, format!("{} ", glyphs.error));
        }
        match self.span.name() {
            "" => line.with(Role::Dim, "(no name)"),
            name => line.with(Role::Strong, name),
        }
    }

    /// The bar, coloured by service or as an error.
    pub fn bar_cell(&self, glyphs: &Glyphs) -> Line {
        let role = match self.is_error {
            true => Role::Error,
            false => Role::of_service(self.span.service()),
        };
        let mut line = Line::new();
        line.pad(self.bar.start_cell());
        line.with(role, self.bar.text(glyphs))
    }
}

/// `line` in exactly `cells` cells.
fn column(line: Line, cells: usize) -> Line {
    let mut line = line.truncated(cells);
    line.pad(cells - line.width());
    line
}
