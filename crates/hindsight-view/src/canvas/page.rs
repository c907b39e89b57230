//! The state of a trace's picture: which part is seen, how, and what the viewer does with it.

use crate::explore::{Arrangement, Explorer, Selected};
use crate::lens::picante::Outcome;
use crate::tree::TraceTree;

use super::axis::TimeAxis;
use super::frame::Rect;
use super::hit::Hit;
use super::lanes::Lanes;
use super::metrics::Metrics;
use super::minimap::Minimap;
use super::picture::Picture;
use super::theme::Theme;
use super::{flame, ruler, waterfall};

/// How spans are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// One row a span or fold, with its name.
    #[default]
    Waterfall,
    /// Lanes, names in the bars.
    Flame,
}

/// A trace as a picture that answers to its viewer.
#[derive(Debug)]
pub struct TracePage {
    pub(super) explorer: Explorer,
    pub(super) axis: TimeAxis,
    pub(super) metrics: Metrics,
    pub(super) mode: Mode,
    /// Pixels scrolled away above, of rows and of lanes.
    pub(super) scroll: f64,
    /// Pixels that may be scrolled although there is nothing so far down.
    pub(super) slack: f64,
    pub(super) hovered: Option<(f32, f32)>,
    pub(super) drag: Option<super::handle::Drag>,
    pub(super) shows_path: bool,
    pub(super) lanes: Option<Lanes>,
    minimap: Option<(usize, Minimap)>,
}

impl TracePage {
    /// `tree` at the time `now_ns`, nothing scrolled, the whole trace in sight.
    pub fn new(tree: TraceTree, now_ns: u64, metrics: Metrics) -> Self {
        Self::of_explorer(Explorer::new(tree, now_ns), metrics)
    }

    /// The same with what was prepared in steps; it must be complete.
    pub fn of_arrangement(arrangement: Arrangement, metrics: Metrics) -> Self {
        Self::of_explorer(Explorer::of_arrangement(arrangement), metrics)
    }

    fn of_explorer(explorer: Explorer, metrics: Metrics) -> Self {
        let (start, end) = explorer.timeline().bounds_ns();
        let bars = metrics.bars(true);
        Self {
            axis: TimeAxis::new(end - start, f64::from(bars.right - bars.left)),
            explorer,
            metrics,
            mode: Mode::default(),
            scroll: 0.0,
            slack: 0.0,
            hovered: None,
            drag: None,
            shows_path: false,
            lanes: None,
            minimap: None,
        }
    }

    /// Shows a newer `tree` of the same trace. What is looked at stays: window, rows, selection.
    pub fn grow(&mut self, tree: TraceTree, now_ns: u64) {
        self.replace(|explorer| explorer.grow(tree, now_ns));
    }

    /// The same with what was prepared in steps; it must be complete.
    pub fn adopt(&mut self, arrangement: Arrangement) {
        self.replace(|explorer| explorer.adopt(arrangement));
    }

    fn replace(&mut self, replace: impl FnOnce(&mut Explorer)) {
        let (old_start, _) = self.explorer.timeline().bounds_ns();
        let anchor = self.anchor();
        replace(&mut self.explorer);
        let (start, end) = self.explorer.timeline().bounds_ns();
        let (from, to) = self.axis.window_ns();
        self.axis.set_length(end - start);
        if !self.axis.is_whole() {
            // Earlier spans may have come: the same times stay in sight.
            let moved = old_start as f64 - start as f64;
            self.axis.show(from + moved, to + moved);
        }
        if let Some((identity, before)) = anchor
            && let Some(after) = self.explorer.row_of(identity)
        {
            self.scroll = (self.scroll + self.row_top(after) - before).max(0.0);
        }
        self.lanes = None;
        self.minimap = None;
        if self.hovered_row().is_some() {
            // Rather some room below the last row than rows that move under the pointer.
            self.slack = self.scroll;
        }
        self.keep_scroll();
    }

    /// The row that stays where it is while rows come, and its top: the one under the pointer, else
    /// the selected one while rows are scrolled away above. Lanes do not move.
    fn anchor(&self) -> Option<(Selected, f64)> {
        if self.mode == Mode::Flame {
            return None;
        }
        let selected = self.explorer.selected_row().filter(|_| self.scroll > 0.0);
        let row = self.hovered_row().or(selected)?;
        Some((self.explorer.identity_of(row)?, self.row_top(row)))
    }

    /// The rows and what is selected.
    pub fn explorer(&self) -> &Explorer {
        &self.explorer
    }

    /// Marks the spans that a search found.
    pub fn set_matches(&mut self, ids: Vec<hindsight_protocol::SpanId>) {
        self.explorer.set_matches(ids);
    }

    /// Tells how the queries of spans were answered, instead of what was told before.
    pub fn set_outcomes(&mut self, outcomes: Vec<(hindsight_protocol::SpanId, Outcome)>) {
        self.explorer.set_outcomes(outcomes);
    }

    /// The stretch of time that is seen.
    pub fn axis(&self) -> &TimeAxis {
        &self.axis
    }

    /// Shows a stretch of time, in nanoseconds since the start of the trace.
    pub fn show_window(&mut self, from_ns: f64, to_ns: f64) {
        self.axis.show(from_ns, to_ns);
    }

    /// How spans are drawn.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Whether the critical path is shown.
    pub fn shows_critical_path(&self) -> bool {
        self.shows_path
    }

    /// Shows or hides the critical path.
    pub fn show_critical_path(&mut self, shown: bool) {
        self.shows_path = shown;
        if shown {
            self.explorer.find_critical_path();
        }
    }

    /// Draws spans another way.
    pub fn set_mode(&mut self, mode: Mode) {
        self.mode = mode;
        (self.scroll, self.slack) = (0.0, 0.0);
        self.set_metrics(self.metrics);
        self.reveal_selected();
    }

    /// Selects a span, unfolds what hides it and scrolls to it; false if it is not stored.
    pub fn select(&mut self, id: hindsight_protocol::SpanId) -> bool {
        let found = self.explorer.reveal(id);
        self.reveal_selected();
        found
    }

    /// What is selected.
    pub fn selected(&self) -> Option<Selected> {
        self.explorer.selected()
    }

    /// Where the parts lie.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Lies in a picture of another size from now on.
    pub fn set_metrics(&mut self, metrics: Metrics) {
        self.metrics = metrics;
        let bars = self.bars();
        self.axis.set_width(f64::from(bars.right - bars.left));
        self.keep_scroll();
    }

    pub(super) fn has_names(&self) -> bool {
        self.mode == Mode::Waterfall
    }

    pub(super) fn bars(&self) -> Rect {
        self.metrics.bars(self.has_names())
    }

    pub(super) fn row_height(&self) -> f64 {
        f64::from(match self.mode {
            Mode::Waterfall => self.metrics.row_height(),
            Mode::Flame => self.metrics.lane_height(),
        })
    }

    fn row_top(&self, row: usize) -> f64 {
        row as f64 * self.row_height()
    }

    pub(super) fn in_sight(&self) -> f64 {
        let bars = self.bars();
        f64::from((bars.bottom - bars.top).max(0.0))
    }

    /// Height of all rows or lanes.
    pub(super) fn content_height(&self) -> f64 {
        let rows = match self.mode {
            Mode::Waterfall => self.explorer.rows(),
            Mode::Flame => self.lanes.as_ref().map_or(0, Lanes::len),
        };
        rows as f64 * self.row_height()
    }

    pub(super) fn keep_scroll(&mut self) {
        if self.mode == Mode::Flame && self.lanes.is_none() {
            return;
        }
        let slack = self.slack.min(self.content_height() - self.row_height());
        let most = (self.content_height() - self.in_sight())
            .max(slack)
            .max(0.0);
        self.scroll = self.scroll.clamp(0.0, most);
    }

    /// Scrolls as little as needed for the selected row or span to be in sight.
    pub(super) fn reveal_selected(&mut self) {
        let row = match self.mode {
            Mode::Waterfall => self.explorer.selected_row(),
            Mode::Flame => {
                self.arrange_lanes();
                let node = self.explorer.selected_node();
                node.and_then(|node| Some(self.lanes.as_ref()?.lane_of(node)))
            }
        };
        let Some(row) = row else { return };
        let (top, height) = (self.row_top(row), self.row_height());
        let margin = (height * 2.0).min((self.in_sight() - height).max(0.0) / 2.0);
        let least = top + height + margin - self.in_sight();
        self.scroll = self.scroll.max(least).min(top - margin);
        self.keep_scroll();
    }

    fn arrange_lanes(&mut self) {
        if self.lanes.is_none() {
            let (tree, timeline) = (self.explorer.tree(), self.explorer.timeline());
            self.lanes = Some(Lanes::new(tree, timeline));
        }
    }

    /// Draws everything.
    pub fn paint(&mut self, theme: &Theme, picture: &mut Picture) {
        let (width, height) = (self.metrics.width as usize, self.metrics.height as usize);
        picture.texts.clear();
        picture.frame.reset(width, height, theme.background);
        let bars = self.bars();
        match self.mode {
            Mode::Waterfall => self.paint_waterfall(theme, picture),
            Mode::Flame => {
                self.arrange_lanes();
                self.keep_scroll();
                ruler::paint(picture, &self.axis, &self.metrics, bars, theme);
                if let Some(drawing) = self.flame(theme) {
                    drawing.paint(picture);
                }
            }
        }
        self.paint_minimap(theme, picture);
        self.paint_scroll_bar(theme, picture);
        self.paint_marked(theme, picture);
    }

    fn paint_waterfall(&self, theme: &Theme, picture: &mut Picture) {
        let bars = self.bars();
        let drawing = waterfall::Drawing {
            explorer: &self.explorer,
            axis: &self.axis,
            metrics: &self.metrics,
            theme,
            scroll: self.scroll,
            hovered: self.hovered_row(),
            shows_path: self.shows_path,
        };
        drawing.paint_behind(picture);
        // The first row may reach into the ruler.
        let above = Rect::new(0.0, 0.0, self.metrics.width, bars.top);
        picture.frame.fill(above, theme.background);
        ruler::paint(picture, &self.axis, &self.metrics, bars, theme);
        drawing.paint(picture);
        let divider = Rect::new(bars.left - 1.0, 0.0, bars.left, bars.bottom);
        picture.frame.fill(divider, theme.rule);
    }

    pub(super) fn flame<'a>(&'a self, theme: &'a Theme) -> Option<flame::Drawing<'a>> {
        Some(flame::Drawing {
            explorer: &self.explorer,
            lanes: self.lanes.as_ref()?,
            axis: &self.axis,
            metrics: &self.metrics,
            theme,
            scroll: self.scroll,
            shows_path: self.shows_path,
        })
    }

    fn paint_minimap(&mut self, theme: &Theme, picture: &mut Picture) {
        let rect = self.metrics.minimap(self.has_names());
        let width = (rect.right - rect.left).max(1.0) as usize;
        if self.minimap.as_ref().is_none_or(|(made, _)| *made != width) {
            let (tree, timeline) = (self.explorer.tree(), self.explorer.timeline());
            let height = rect.bottom as usize;
            self.minimap = Some((width, Minimap::new(tree, timeline, width, height)));
        }
        if let Some((_, minimap)) = &self.minimap {
            minimap.paint(&mut picture.frame, rect, theme);
        }
        if !self.axis.is_whole() {
            let (from, to) = self.axis.window_ns();
            let px = |ns: f64| rect.left + (ns / self.axis.length_ns()) as f32 * width as f32;
            let (left, right) = (px(from), px(to).max(px(from) + 2.0));
            let edge = self.metrics.scale;
            let frame = &mut picture.frame;
            frame.fill(
                Rect::new(left, rect.top, left + edge, rect.bottom),
                theme.accent,
            );
            frame.fill(
                Rect::new(right - edge, rect.top, right, rect.bottom),
                theme.accent,
            );
            frame.fill(
                Rect::new(left, rect.top, right, rect.top + edge),
                theme.accent,
            );
            frame.fill(
                Rect::new(left, rect.bottom - edge, right, rect.bottom),
                theme.accent,
            );
        }
    }

    fn paint_scroll_bar(&self, theme: &Theme, picture: &mut Picture) {
        let (content, sight) = (self.content_height(), self.in_sight());
        if content <= sight || sight <= 0.0 {
            return;
        }
        let bars = self.bars();
        let least = f64::from(20.0 * self.metrics.scale).min(sight);
        let height = (sight * sight / content).max(least);
        let top = self.scroll / (content - sight) * (sight - height);
        let thumb = Rect {
            left: bars.right + self.metrics.scale,
            top: bars.top + top as f32,
            right: self.metrics.width - self.metrics.scale,
            bottom: bars.top + (top + height) as f32,
        };
        picture.frame.fill(thumb, theme.rule.mix(theme.dim, 0.4));
    }

    /// The stretch that is being marked with the pointer.
    fn paint_marked(&self, theme: &Theme, picture: &mut Picture) {
        let Some((left, right)) = self.drag.as_ref().and_then(|drag| drag.marked()) else {
            return;
        };
        let bars = self.bars();
        let top = bars.top - self.metrics.ruler_height();
        let edge = self.metrics.scale.max(1.0);
        for x in [left, right] {
            let line = Rect::new(bars.left + x, top, bars.left + x + edge, bars.bottom);
            picture.frame.fill(line, theme.accent);
        }
        let band = Rect::new(bars.left + left, top, bars.left + right, top + 3.0 * edge);
        picture.frame.fill(band, theme.accent);
    }

    fn hovered_row(&self) -> Option<usize> {
        let (x, y) = self.hovered?;
        match self.hit(x, y) {
            Hit::Fold(row) | Hit::Name(row) | Hit::Bars(row) => Some(row),
            _ => None,
        }
    }
}
