//! The rows of a waterfall as pixels.

use hindsight_protocol::StatusCode;

use crate::explore::Explorer;
use crate::format;
use crate::grouping::{Group, Row};
use crate::text::{Line, Role};
use crate::timeline::is_lost;

use super::axis::TimeAxis;
use super::frame::{Color, Frame, Rect};
use super::metrics::Metrics;
use super::picture::{Font, Picture, TextRun};
use super::rows::row_line;
use super::theme::Theme;

/// Most members of a group that are looked at to draw its bar; a larger one is drawn whole.
const MEMBERS_MAX: usize = 20_000;

/// Deepest level that is set in: deeper rows stand below it.
const LEVELS_MAX: u32 = 32;

/// What a waterfall is drawn from.
pub(super) struct Drawing<'a> {
    pub explorer: &'a Explorer,
    pub axis: &'a TimeAxis,
    pub metrics: &'a Metrics,
    pub theme: &'a Theme,
    /// Pixels that are scrolled away above.
    pub scroll: f64,
    /// The row under the pointer.
    pub hovered: Option<usize>,
    pub shows_path: bool,
}

impl Drawing<'_> {
    /// Draws what lies behind the rows in sight.
    pub(super) fn paint_behind(&self, picture: &mut Picture) {
        for (number, rect) in self.in_sight() {
            let row = self.explorer.outline().rows()[number];
            if let Some(color) = self.behind(number, row.row) {
                picture.frame.fill(rect, color);
            }
            if self.explorer.selected_row() == Some(number) {
                let edge = Rect {
                    right: 2.0 * self.metrics.scale,
                    ..rect
                };
                picture.frame.fill(edge, self.theme.accent);
            }
        }
    }

    /// Draws the rows in sight.
    pub(super) fn paint(&self, picture: &mut Picture) {
        for (number, rect) in self.in_sight() {
            let row = self.explorer.outline().rows()[number].row;
            self.name(picture, number, rect);
            let color = self.color(row);
            let bar = self.bar(&mut picture.frame, row, rect, color);
            if let Some(edges) = bar {
                self.duration(picture, row, rect, edges);
            }
        }
    }

    /// Numbers and places of the rows in sight. The places of the first and the last may reach
    /// beyond what is seen.
    fn in_sight(&self) -> impl Iterator<Item = (usize, Rect)> + use<> {
        let bars = self.metrics.bars(true);
        let height = self.metrics.row_height();
        let first = (self.scroll / f64::from(height)) as usize;
        let shift = (self.scroll - first as f64 * f64::from(height)).round() as f32;
        let count = ((bars.bottom - bars.top) / height).ceil() as usize + 1;
        let last = self.explorer.rows().min(first + count);
        (first..last).map(move |number| {
            let top = bars.top - shift + (number - first) as f32 * height;
            (number, Rect::new(0.0, top, bars.right, top + height))
        })
    }

    fn behind(&self, number: usize, row: Row) -> Option<Color> {
        let is_match = match row {
            Row::Span(index) => self.explorer.is_match(index),
            _ => false,
        };
        if self.explorer.selected_row() == Some(number) {
            return Some(self.theme.selected());
        }
        match (is_match, self.hovered == Some(number)) {
            (true, _) => Some(self.theme.found()),
            (false, true) => Some(self.theme.sunk),
            (false, false) => None,
        }
    }

    /// Fold mark, dot and words.
    fn name(&self, picture: &mut Picture, number: usize, rect: Rect) {
        let row = self.explorer.outline().rows()[number];
        let scale = self.metrics.scale;
        let names = Rect {
            right: self.metrics.names - 6.0 * scale,
            ..rect
        };
        let bars = self.metrics.bars(true);
        let clip = names.cut_to(&Rect { left: 0.0, ..bars });
        let middle = (rect.top + rect.bottom) / 2.0;
        let mut x = indent(self.metrics, row.level);
        let mark = match (self.explorer.is_folded(number), row.has_children) {
            (true, _) => "▸",
            (false, true) => "▾",
            (false, false) => "",
        };
        if !mark.is_empty() {
            picture.texts.push(TextRun {
                x,
                y: middle,
                clip,
                font: Font::Small,
                line: Line::new().with(Role::Dim, mark),
                color: None,
            });
        }
        x += 14.0 * scale;
        let half = (4.0 * scale).round();
        let dot = Rect::new(x, middle - half, x + 2.0 * half, middle + half);
        if !matches!(row.row, Row::More { .. } | Row::Chain(_)) {
            let color = self.color(row.row);
            picture.frame.fill(dot.cut_to(&clip), color);
        }
        x += 14.0 * scale;
        picture.texts.push(TextRun {
            x,
            y: middle,
            clip,
            font: Font::Text,
            line: row_line(self.explorer, row.row),
            color: None,
        });
    }

    fn color(&self, row: Row) -> Color {
        let tree = self.explorer.tree();
        match row {
            Row::Span(index) => self.theme.service(tree.service(index)),
            Row::Group(group) | Row::More { group, .. } => {
                let first = self.explorer.grouping().groups()[group].first;
                self.theme.service(tree.service(first))
            }
            Row::Chain(_) => self.theme.dim,
        }
    }

    /// Draws the bar of a row and returns its left and right edge.
    fn bar(&self, frame: &mut Frame, row: Row, rect: Rect, color: Color) -> Option<(f32, f32)> {
        let (start, end) = self.explorer.row_bounds_ns(row)?;
        let scale = self.metrics.scale;
        let place = Rect {
            top: rect.top + (6.0 * scale).round(),
            bottom: rect.bottom - (6.0 * scale).round(),
            ..self.interval(start, end)
        };
        let bars = self.metrics.bars(true);
        let seen = place.cut_to(&bars);
        let pale = color.mix(self.theme.background, 0.65);
        match row {
            Row::Span(index) => {
                let tree = self.explorer.tree();
                match is_lost(tree, index) {
                    true => frame.hatch(seen, color, pale),
                    false => frame.fill(seen, color),
                }
                if tree.end_ns(index).is_none() && !is_lost(tree, index) {
                    let tip = Rect {
                        left: place.right - 3.0 * scale,
                        ..place
                    };
                    frame.fill(tip.cut_to(&bars), self.theme.good);
                }
                if tree.status(index) == StatusCode::Error {
                    self.error_mark(frame, place);
                }
                self.path(frame, index..index + 1, place);
            }
            Row::Group(group) => {
                let group = &self.explorer.grouping().groups()[group];
                frame.fill(seen, pale);
                self.members(frame, group, place, color);
                self.path_of_group(frame, group, place);
            }
            Row::Chain(chain) => {
                let chain = self.explorer.grouping().chains()[chain];
                frame.stripe(seen, color, pale);
                self.path(frame, chain.first..chain.tail(), place);
            }
            Row::More { .. } => return None,
        }
        Some((place.left, place.right))
    }

    /// The members of a group over its bar, those that failed over the others.
    fn members(&self, frame: &mut Frame, group: &Group, place: Rect, color: Color) {
        let bars = self.metrics.bars(true);
        if group.len() > MEMBERS_MAX {
            let pale = color.mix(self.theme.background, 0.4);
            frame.stripe(place.cut_to(&bars), color, pale);
            if group.errors > 0 {
                self.error_mark(frame, place);
            }
            return;
        }
        let tree = self.explorer.tree();
        let own = |member: usize| {
            let end = self.explorer.timeline().end_ns(member);
            let times = self.interval(tree.start_ns(member), end);
            Rect {
                left: times.left,
                right: times.right,
                ..place
            }
        };
        let mut drawn_to = f32::MIN;
        for rect in self.explorer.grouping().members(group).map(own) {
            if rect.right > drawn_to {
                frame.fill(rect.cut_to(&bars), color);
                drawn_to = rect.left.floor() + 1.0;
            }
        }
        if group.errors == 0 {
            return;
        }
        let failed = |member: &usize| tree.status(*member) == StatusCode::Error;
        for member in self.explorer.grouping().members(group).filter(failed) {
            self.error_mark(frame, own(member));
        }
    }

    /// Marks a bar as failed, in whole pixels: a thin mark must not be mixed with its neighbours.
    fn error_mark(&self, frame: &mut Frame, bar: Rect) {
        let left = bar.left.floor();
        let mark = Rect {
            left,
            right: left + (3.0 * self.metrics.scale).ceil(),
            ..bar
        };
        frame.fill(mark.cut_to(&self.metrics.bars(true)), self.theme.bad);
    }

    fn path_of_group(&self, frame: &mut Frame, group: &Group, place: Rect) {
        if self.shows_path && group.len() <= MEMBERS_MAX {
            for member in self.explorer.grouping().members(group) {
                self.path(frame, member..member + 1, place);
            }
        }
    }

    /// A line below the bar where the critical path leads through `nodes`.
    fn path(&self, frame: &mut Frame, nodes: std::ops::Range<usize>, place: Rect) {
        if !self.shows_path {
            return;
        }
        let bars = self.metrics.bars(true);
        for part in self.explorer.critical_parts(nodes) {
            let line = Rect {
                top: place.bottom,
                bottom: place.bottom + (2.0 * self.metrics.scale).round(),
                ..self.interval(part.from_ns, part.to_ns)
            };
            frame.fill(line.cut_to(&bars), self.theme.text);
        }
    }

    /// How long it took, where there is room: right of the bar, left of it, else in it.
    fn duration(&self, picture: &mut Picture, row: Row, rect: Rect, (left, right): (f32, f32)) {
        let bars = self.metrics.bars(true);
        if right < bars.left || left > bars.right {
            return;
        }
        let text = match row {
            Row::Span(index) if is_lost(self.explorer.tree(), index) => "?".into(),
            row => match self.explorer.row_bounds_ns(row) {
                Some((start, end)) => format::duration(end.saturating_sub(start)),
                None => return,
            },
        };
        let gap = 6.0 * self.metrics.scale;
        let width = self.metrics.text_width(text.chars().count()) + gap;
        let x = if right + width < bars.right {
            right + gap
        } else if left - width > bars.left {
            left - width
        } else {
            return self.duration_inside(picture, (row, text), rect, (left, right));
        };
        picture.texts.push(TextRun {
            x,
            y: (rect.top + rect.bottom) / 2.0,
            clip: rect.cut_to(&bars),
            font: Font::Small,
            line: Line::new().with(Role::Dim, text),
            color: None,
        });
    }

    fn duration_inside(
        &self,
        picture: &mut Picture,
        (row, text): (Row, String),
        rect: Rect,
        (left, right): (f32, f32),
    ) {
        let bars = self.metrics.bars(true);
        let gap = 4.0 * self.metrics.scale;
        let width = self.metrics.text_width(text.chars().count()) + gap;
        let right = right.min(bars.right) - gap;
        if right - width > left.max(bars.left) {
            let middle = (rect.top + rect.bottom) / 2.0;
            let color = match row {
                Row::Span(index) if !is_lost(self.explorer.tree(), index) => self.color(row),
                _ => {
                    // On a patch, so that it can be read over whatever the bar is made of.
                    let half = (6.0 * self.metrics.scale).round();
                    let patch = Rect::new(right - width, middle - half, right, middle + half);
                    let color = self.theme.background;
                    picture.frame.fill(patch.cut_to(&bars), color);
                    color
                }
            };
            picture.texts.push(TextRun {
                x: right - width + gap / 2.0,
                y: middle,
                clip: rect.cut_to(&bars),
                font: Font::Small,
                line: Line::new().with(Role::Plain, text),
                color: Some(color.readable()),
            });
        }
    }

    /// Left and right edge of a stretch of time, at least a pixel apart.
    fn interval(&self, start_ns: u64, end_ns: u64) -> Rect {
        let (trace_start, _) = self.explorer.timeline().bounds_ns();
        let left_edge = f64::from(self.metrics.bars(true).left);
        // Far outside, pixels would lose their exactness.
        let far = 4.0 * super::frame::EDGE_MAX as f64;
        let px = |ns: u64| self.axis.px(ns.saturating_sub(trace_start) as f64);
        let left = (left_edge + px(start_ns)).clamp(-far, far) as f32;
        let right = (left_edge + px(end_ns)).clamp(-far, far) as f32;
        Rect::new(left, 0.0, right.max(left + self.metrics.scale), 0.0)
    }
}

/// Where a row of that level begins.
pub(super) fn indent(metrics: &Metrics, level: u32) -> f32 {
    let step = 14.0 * metrics.scale;
    let most = (metrics.names / 2.0 / step).max(1.0) as u32;
    8.0 * metrics.scale + level.min(LEVELS_MAX).min(most) as f32 * step
}
