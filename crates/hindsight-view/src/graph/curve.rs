//! Paths as SVG path data (SVG 2, 9.3).

use std::fmt::Write;

use super::{EdgePath, Point};

/// Length and half the width of the head of an arrow.
const HEAD: (f64, f64) = (9.0, 5.5);

impl EdgePath {
    /// The line, ending where the head begins; empty for no path.
    pub fn line_data(&self) -> String {
        let mut points = self.points.clone();
        if let (Some(last), Some(step)) = (points.last_mut(), self.step()) {
            last.x -= step.x * HEAD.0;
            last.y -= step.y * HEAD.0;
        }
        let Some(first) = points.first() else {
            return String::new();
        };
        let mut data = format!("M{:.1} {:.1}", first.x, first.y);
        let curves = points.windows(2).map(|pair| {
            let (from, to) = (pair[0], pair[1]);
            let middle = (from.x + to.x) / 2.0;
            let at = |y| Point { x: middle, y };
            [at(from.y), at(to.y), to]
        });
        let curves: Vec<[Point; 3]> = match (self.is_loop, points.as_slice()) {
            (true, [_, up, down, end]) => vec![[*up, *down, *end]],
            _ => curves.collect(),
        };
        for curve in curves {
            data.push('C');
            for point in curve {
                // Writing to a text does not fail.
                let _ = write!(data, "{:.1} {:.1} ", point.x, point.y);
            }
        }
        data
    }

    /// The head of the arrow, closed; empty for no path.
    pub fn head_data(&self) -> String {
        let (Some(end), Some(step)) = (self.points.last(), self.step()) else {
            return String::new();
        };
        let (length, half) = HEAD;
        let (x, y) = (end.x - step.x * length, end.y - step.y * length);
        // At a right angle to the step.
        let (dx, dy) = (-step.y * half, step.x * half);
        format!(
            "M{:.1} {:.1}L{:.1} {:.1}L{:.1} {:.1}Z",
            x + dx,
            y + dy,
            end.x,
            end.y,
            x - dx,
            y - dy
        )
    }

    /// The direction of the end: level, or down into the box of a self-call.
    fn step(&self) -> Option<Point> {
        let [.., before, end] = self.points.as_slice() else {
            return None;
        };
        Some(match (self.is_loop, end.x < before.x) {
            (true, _) => Point { x: 0.0, y: 1.0 },
            (false, true) => Point { x: -1.0, y: 0.0 },
            (false, false) => Point { x: 1.0, y: 0.0 },
        })
    }
}
