//! What lies under the pointer, or at the row that keys have selected, in words.
//!
//! Out: a [`Hint`] to be shown beside it, with the lines that the panel has for a selected row.
//! Holds: nothing is told of empty room, nor while a button is held; foreign text is escaped.
//! Bounded: on the minimap [`SPANS_MAX`] spans are looked at.

use hindsight_protocol::StatusCode;

use crate::format;
use crate::grouping::Row;
use crate::text::{Line, Role};

use super::frame::Rect;
use super::hit::Hit;
use super::page::{Mode, TracePage};

/// Spans of one line of the minimap that are looked at.
const SPANS_MAX: usize = 20_000;

/// Pixels of the page beside a bar that belong to it.
const NEAR_PX: f32 = 4.0;

/// A note on a part of the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Hint {
    /// Where it is about: below or above this, never over it.
    pub about: Rect,
    /// What it says.
    pub lines: Vec<Line>,
}

impl TracePage {
    /// Of what lies under the pointer.
    pub fn hint(&self) -> Option<Hint> {
        let (x, y) = self.hovered.filter(|_| self.drag.is_none())?;
        let at = |top: f32, bottom: f32| Rect::new(x, top, x, bottom);
        match self.hit(x, y) {
            Hit::Name(row) | Hit::Fold(row) => {
                let (top, bottom) = self.row_edges(row);
                let row = self.explorer.outline().rows().get(row)?.row;
                let lines = self.about_row(row);
                let about = at(top, bottom);
                Some(Hint { about, lines })
            }
            Hit::Bars(row) if self.mode == Mode::Waterfall => {
                let (top, bottom) = self.row_edges(row);
                let row = self.explorer.outline().rows().get(row)?.row;
                let (left, right) = self.row_px(row)?;
                let near = NEAR_PX * self.metrics.scale;
                (left - near..right + near).contains(&x).then(|| Hint {
                    about: at(top, bottom),
                    lines: self.about_row(row),
                })
            }
            Hit::Node(node) => {
                let lane =
                    ((f64::from(y - self.bars().top) + self.scroll) / self.row_height()) as usize;
                let (top, bottom) = self.row_edges(lane);
                Some(Hint {
                    about: at(top, bottom),
                    lines: self.about_row(Row::Span(node)),
                })
            }
            Hit::Minimap(share) => {
                let map = self.metrics.minimap(self.has_names());
                let line = ((y - map.top) / (map.bottom - map.top).max(1.0)).clamp(0.0, 1.0);
                Some(Hint {
                    about: at(map.top, map.bottom),
                    lines: self.about_place(share, f64::from(line)),
                })
            }
            Hit::Bars(_) | Hit::Divider | Hit::Ruler(_) | Hit::ScrollBar(_) | Hit::Nothing => None,
        }
    }

    /// Of the selected row, if it is in sight.
    pub fn selected_hint(&self) -> Option<Hint> {
        let number = self.explorer.selected_row()?;
        let row = self.explorer.outline().rows().get(number)?.row;
        let number = match self.mode {
            Mode::Waterfall => number,
            Mode::Flame => {
                let node = self.explorer.selected_node()?;
                self.lanes.as_ref()?.lane_of(node)
            }
        };
        let (top, bottom) = self.row_edges(number);
        let bars = self.bars();
        if bottom < bars.top || top > bars.bottom {
            return None;
        }
        let (left, _) = self.row_px(row)?;
        let x = left.clamp(bars.left, bars.right);
        Some(Hint {
            about: Rect::new(x, top, x, bottom),
            lines: self.about_row(row),
        })
    }

    /// Top and bottom of a row or lane on the surface.
    fn row_edges(&self, row: usize) -> (f32, f32) {
        let height = self.row_height();
        let top = f64::from(self.bars().top) + row as f64 * height - self.scroll;
        (top as f32, (top + height) as f32)
    }

    /// Left and right edge of what a row stands for.
    fn row_px(&self, row: Row) -> Option<(f32, f32)> {
        let (start, end) = self.explorer.row_bounds_ns(row)?;
        let (trace_start, _) = self.explorer.timeline().bounds_ns();
        let px = |ns: u64| {
            let at = self.axis.px(ns.saturating_sub(trace_start) as f64);
            self.bars().left + at as f32
        };
        Some((px(start), px(end)))
    }

    /// What the minimap shows at shares of its width and height.
    fn about_place(&self, share: f64, line: f64) -> Vec<Line> {
        let (tree, timeline) = (self.explorer.tree(), self.explorer.timeline());
        let (start, end) = timeline.bounds_ns();
        let since = (share * (end - start) as f64) as u64;
        let at = start + since;
        let when = format!("after {}", format::duration(since));
        let when = Line::new().with(Role::Dim, when);
        // Those that are drawn at this height.
        let map = self.metrics.minimap(self.has_names());
        let lines = ((map.bottom - map.top) as usize).clamp(1, tree.len().max(1));
        let line_px = (f64::from(map.bottom - map.top) / lines as f64).min(3.0);
        let line = (line * f64::from(map.bottom - map.top) / line_px) as usize;
        if line >= lines {
            return vec![when];
        }
        let [first, after] = [line, line + 1].map(|line| tree.len() * line / lines);
        let slack = ((end - start) as f64 / f64::from(map.right - map.left).max(1.0)) as u64;
        let here = |node: &usize| {
            let from = tree.start_ns(*node).saturating_sub(slack);
            (from..=timeline.end_ns(*node).saturating_add(slack)).contains(&at)
        };
        let found: Vec<usize> = (first..after.min(first + SPANS_MAX)).filter(here).collect();
        let weight = |node: &usize| {
            let failed = tree.status(*node) == StatusCode::Error;
            (failed, timeline.duration_ns(tree, *node))
        };
        let Some(shown) = found.iter().copied().max_by_key(weight) else {
            return vec![when];
        };
        let mut lines = self.about_row(Row::Span(shown));
        // How many are below it is nothing that the minimap shows.
        lines.truncate(3);
        if found.len() > 1 {
            let more = format::plural(found.len() as u64 - 1, "more span");
            lines.push(Line::new().with(Role::Dim, format!("{more} in this place")));
        }
        lines
    }
}
