//! Lanes as pixels: the flame graph.

use crate::explore::Explorer;
use crate::format;
use crate::name::name_cell;
use crate::text::Role;
use crate::timeline::is_lost;

use super::axis::TimeAxis;
use super::frame::{Color, Rect};
use super::lanes::Lanes;
use super::metrics::Metrics;
use super::picture::{Font, Picture, TextRun};
use super::skip::{Run, first_from, runs};
use super::theme::Theme;

/// What a flame graph is drawn from.
pub(super) struct Drawing<'a> {
    pub explorer: &'a Explorer,
    pub lanes: &'a Lanes,
    pub axis: &'a TimeAxis,
    pub metrics: &'a Metrics,
    pub theme: &'a Theme,
    pub scroll: f64,
    pub shows_path: bool,
}

impl Drawing<'_> {
    /// Draws the lanes in sight.
    pub(super) fn paint(&self, picture: &mut Picture) {
        let bars = self.metrics.bars(false);
        let height = self.metrics.lane_height();
        let first = (self.scroll / f64::from(height)) as usize;
        let shift = (self.scroll - first as f64 * f64::from(height)) as f32;
        let in_sight = ((bars.bottom - bars.top) / height).ceil() as usize + 1;
        for (place, lane) in (first..self.lanes.len()).take(in_sight).enumerate() {
            let top = bars.top - shift.round() + place as f32 * height;
            let rect = Rect::new(bars.left, top, bars.right, top + height - 1.0);
            self.lane(picture, lane, rect.cut_to(&bars), top + height / 2.0);
            self.errors(picture, self.lanes.errors(lane), rect.cut_to(&bars));
        }
    }

    fn lane(&self, picture: &mut Picture, lane: usize, rect: Rect, middle: f32) {
        let nodes = self.lanes.lane(lane);
        let width = f64::from(rect.right - rect.left);
        let interval = |place: usize| self.interval(nodes[place] as usize);
        runs(nodes.len(), width, interval, |run| {
            let node = nodes[run.first] as usize;
            let edges = self.edges(run, rect);
            let color = self.bar(picture, node, edges);
            if edges.right - edges.left > self.metrics.text_width(3) {
                self.label(picture, node, edges, color, middle);
            }
        });
    }

    /// Errors have their own pass, so that none is lost among its neighbours.
    fn errors(&self, picture: &mut Picture, nodes: &[u32], rect: Rect) {
        let width = f64::from(rect.right - rect.left);
        let interval = |place: usize| self.interval(nodes[place] as usize);
        runs(nodes.len(), width, interval, |run| {
            let edges = self.edges(run, rect);
            // Whole pixels: a thin mark must not be mixed with its neighbours.
            let left = edges.left.floor();
            let right = edges.right.min(left + 3.0 * self.metrics.scale);
            let tip = Rect {
                left,
                right: right.max(left + 1.0).ceil(),
                ..edges
            };
            picture.frame.fill(tip.cut_to(&rect), self.theme.bad);
        });
    }

    fn edges(&self, run: Run, rect: Rect) -> Rect {
        let width = f64::from(rect.right - rect.left);
        Rect {
            left: rect.left + run.left.max(-1.0) as f32,
            right: rect.left + run.right.min(width) as f32,
            ..rect
        }
    }

    /// Returns the bar's colour.
    fn bar(&self, picture: &mut Picture, node: usize, edges: Rect) -> Color {
        let tree = self.explorer.tree();
        let mut color = self.theme.service(tree.service(node));
        if self.shows_path && self.explorer.critical_parts(node..node + 1).is_empty() {
            color = color.mix(self.theme.background, 0.7);
        }
        let is_selected = self.explorer.selected_node() == Some(node);
        match is_lost(tree, node) {
            true => {
                let pale = color.mix(self.theme.background, 0.65);
                picture.frame.hatch(edges, color, pale);
            }
            false => picture.frame.fill(edges, color),
        }
        if is_selected || self.explorer.is_match(node) {
            let mark = match is_selected {
                true => self.theme.text,
                false => self.theme.warning,
            };
            let line = Rect {
                top: edges.bottom - (3.0 * self.metrics.scale).round(),
                ..edges
            };
            picture.frame.fill(line, mark);
        }
        // A gap, so that neighbours of one service can be told apart.
        if edges.right - edges.left > 3.0 * self.metrics.scale {
            let gap = Rect {
                left: edges.right - 1.0,
                ..edges
            };
            picture.frame.fill(gap, self.theme.background);
        }
        color
    }

    fn label(&self, picture: &mut Picture, node: usize, edges: Rect, color: Color, middle: f32) {
        let pad = 4.0 * self.metrics.scale;
        let clip = Rect {
            left: edges.left.max(self.metrics.bars(false).left) + pad,
            right: edges.right - pad,
            ..edges
        };
        let tree = self.explorer.tree();
        let duration = self.explorer.timeline().duration_ns(tree, node);
        let mut line = name_cell(tree.name(node));
        line = line.with(Role::Plain, format!("  {}", format::duration(duration)));
        picture.texts.push(TextRun {
            x: clip.left,
            y: middle,
            clip,
            font: Font::Small,
            line,
            color: Some(color.readable()),
        });
    }

    fn interval(&self, node: usize) -> (f64, f64) {
        let (trace_start, _) = self.explorer.timeline().bounds_ns();
        let px = |ns: u64| self.axis.px(ns.saturating_sub(trace_start) as f64);
        let end = self.explorer.timeline().end_ns(node);
        (px(self.explorer.tree().start_ns(node)), px(end))
    }

    /// The span at a pixel of the time axis in `lane`.
    pub(super) fn node_at(&self, lane: usize, x: f64) -> Option<usize> {
        let nodes = self.lanes.lane(lane);
        let begun = first_from(0, nodes.len(), |place| {
            self.interval(nodes[place] as usize).0 > x
        });
        let node = nodes[begun.checked_sub(1)?] as usize;
        let (start, end) = self.interval(node);
        (x < end.max(start + 2.0)).then_some(node)
    }
}
