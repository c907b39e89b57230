//! The ruler: round times at even distances.

use crate::text::{Line, Role};

use super::axis::TimeAxis;
use super::frame::Rect;
use super::metrics::Metrics;
use super::picture::{Font, Picture, TextRun};
use super::theme::Theme;

/// Fewest pixels of the page between two marks.
const GAP_MIN: f64 = 96.0;

/// Most marks, whatever the width.
const MARKS_MAX: usize = 200;

/// The marks that are seen: nanoseconds since the start of the trace, 1, 2 or 5 of a power of ten
/// apart.
pub(super) fn marks(axis: &TimeAxis, scale: f32) -> (f64, Vec<f64>) {
    let (from, to) = axis.window_ns();
    let least = (to - from) / axis.width() * GAP_MIN * f64::from(scale);
    let power = 10_f64.powf(least.max(1.0).log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|times| times * power);
    let step = steps.into_iter().find(|step| *step >= least);
    let step = step.unwrap_or(10.0 * power);
    let first = (from / step).ceil() as u64;
    let marks = (first..).map(|number| number as f64 * step);
    let marks = marks.take_while(|mark| *mark <= to).take(MARKS_MAX);
    (step, marks.collect())
}

/// A time since the start of the trace, as exact as `step` asks for, in the unit that fits
/// `largest`.
pub(super) fn label(ns: f64, step: f64, largest: f64) -> String {
    let units = [(1e9, "s"), (1e6, "ms"), (1e3, "µs")];
    let unit = units.into_iter().find(|(size, _)| largest >= *size);
    let (size, name) = unit.unwrap_or((1.0, "ns"));
    let decimals = (size / step).log10().ceil().clamp(0.0, 9.0) as usize;
    format!("{:.decimals$} {name}", ns / size)
}

/// Draws the marks over `bars` and their labels above; a label that would be cut is left out.
pub(super) fn paint(
    picture: &mut Picture,
    axis: &TimeAxis,
    metrics: &Metrics,
    bars: Rect,
    theme: &Theme,
) {
    let (step, marks) = marks(axis, metrics.scale);
    let (_, largest) = axis.window_ns();
    let ruler_top = bars.top - metrics.ruler_height();
    for mark in marks {
        let x = bars.left + axis.px(mark) as f32;
        let line = Rect::new(x.floor(), bars.top, x.floor() + 1.0, bars.bottom);
        picture.frame.fill(line.cut_to(&bars), theme.rule);
        let text = label(mark, step, largest);
        let width = metrics.text_width(text.chars().count());
        if x + width < bars.right {
            picture.texts.push(TextRun {
                x: x + 3.0 * metrics.scale,
                y: ruler_top + metrics.ruler_height() / 2.0,
                clip: Rect::new(bars.left, ruler_top, bars.right, bars.top),
                font: Font::Small,
                line: Line::new().with(Role::Dim, text),
                color: None,
            });
        }
    }
    let foot = Rect::new(0.0, bars.top - 1.0, metrics.width, bars.top);
    picture.frame.fill(foot, theme.rule);
}
