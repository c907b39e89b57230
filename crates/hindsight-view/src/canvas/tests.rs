mod axis;
mod drawing;
mod growing;
mod hints;
mod inputs;
mod parts;

use super::*;
use crate::fixture::{span, tree};
use hindsight_protocol::{Span, StatusCode};

/// Colours that can be told apart in tests.
pub(super) fn theme() -> Theme {
    let mut theme = Theme {
        background: Color::new(10, 10, 10),
        sunk: Color::new(20, 20, 20),
        rule: Color::new(30, 30, 30),
        text: Color::new(250, 250, 250),
        dim: Color::new(100, 100, 100),
        accent: Color::new(0, 200, 200),
        bad: Color::new(255, 0, 0),
        good: Color::new(0, 255, 0),
        warning: Color::new(255, 200, 0),
        ..Theme::default()
    };
    for (place, color) in (0..).zip(&mut theme.services) {
        *color = Color::new(60, 60, 120 + place * 10);
    }
    theme
}

/// A page of these spans, 800 by 400.
pub(super) fn page(spans: &[Span]) -> TracePage {
    TracePage::new(tree(spans), 0, Metrics::new(800.0, 400.0, 1.0, 300.0))
}

/// A root of 100 s and `count` children of a millisecond, the one in the middle with an error.
pub(super) fn many(count: u64) -> Vec<Span> {
    let mut spans = vec![span(1, 0, "root", 0, 100_000)];
    for child in 0..count {
        let start = child * 100_000 / count;
        spans.push(span(2 + child, 1, "step", start, start + 1));
    }
    spans[1 + count as usize / 2].status = StatusCode::Error as u8;
    spans
}

/// How many pixels have that colour.
pub(super) fn pixels(frame: &Frame, color: Color) -> usize {
    let [red, green, blue] = [color.red, color.green, color.blue];
    let all = frame.bytes().chunks_exact(4);
    all.filter(|pixel| pixel[..3] == [red, green, blue]).count()
}
