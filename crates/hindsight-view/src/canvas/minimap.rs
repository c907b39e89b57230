//! The whole trace on a few pixels.

use hindsight_protocol::StatusCode;

use crate::text::{Role, SERVICE_COLORS};
use crate::timeline::Timeline;
use crate::tree::TraceTree;

use super::frame::{Frame, Rect};
use super::theme::Theme;

/// Most pixels of a side: finer detail is not worth its memory.
const SIDE_MAX: usize = 4_096;

/// What each pixel of the minimap shows. Rows of the tree from top to bottom, time from left to
/// right; where several spans fall on a pixel, the service with most of them wins, an error always.
///
/// Cost: one pass over the spans, and one over pixels times services.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Minimap {
    width: usize,
    /// A layer's number for each pixel.
    cells: Vec<u8>,
}

const NOTHING: u8 = 0;
const SERVICES: usize = SERVICE_COLORS as usize;
const ERROR: u8 = SERVICE_COLORS + 1;

impl Minimap {
    /// `tree` on `width` by `height` pixels.
    pub fn new(tree: &TraceTree, timeline: &Timeline, width: usize, height: usize) -> Self {
        let width = width.clamp(1, SIDE_MAX);
        let lines = height.clamp(1, SIDE_MAX).min(tree.len().max(1));
        let (from, to) = timeline.bounds_ns();
        let px_per_ns = width as f64 / (to - from).max(1) as f64;
        let mut map = Self {
            width,
            cells: vec![NOTHING; width * lines],
        };
        let mut colors: Vec<Option<u8>> = vec![None; tree.strings.len()];
        // By layer: how many spans begin at a pixel less how many ended before it.
        let mut steps = vec![0_i32; (width + 1) * (SERVICES + 2)];
        let mut index = 0;
        for line in 0..lines {
            let until = tree.len() * (line + 1) / lines;
            for index in index..until {
                let layer = match tree.status(index) {
                    StatusCode::Error => ERROR,
                    _ => service_layer(tree, index, &mut colors),
                };
                let px = |ns: u64| ((ns.saturating_sub(from)) as f64 * px_per_ns) as usize;
                let left = px(tree.start_ns(index)).min(width - 1);
                let right = px(timeline.end_ns(index)).clamp(left, width - 1);
                let layer = &mut steps[usize::from(layer) * (width + 1)..][..=width];
                layer[left] += 1;
                layer[right + 1] -= 1;
            }
            index = until;
            map.sum_up(line, &mut steps);
        }
        map
    }

    /// Turns the steps of one line into its cells and clears them.
    fn sum_up(&mut self, line: usize, steps: &mut [i32]) {
        let cells = &mut self.cells[line * self.width..][..self.width];
        let mut most = vec![0_i32; self.width];
        for (layer, steps) in (0_u8..).zip(steps.chunks_exact_mut(self.width + 1)) {
            let mut spans = 0;
            for (x, step) in steps[..self.width].iter().enumerate() {
                spans += step;
                if spans > most[x] || (spans > 0 && layer == ERROR) {
                    most[x] = spans;
                    cells[x] = layer;
                }
            }
            steps.fill(0);
        }
    }

    /// Draws it into `rect`, stretched from top to bottom.
    pub fn paint(&self, frame: &mut Frame, rect: Rect, theme: &Theme) {
        frame.fill(rect, theme.sunk);
        let lines = self.cells.len().checked_div(self.width).unwrap_or_default();
        let height = rect.bottom - rect.top;
        // Few spans are lines of two pixels, not blocks.
        let line_height = (height / lines.max(1) as f32).min(3.0);
        for (line, cells) in self.cells.chunks(self.width.max(1)).enumerate() {
            let top = rect.top + line as f32 * line_height;
            let bottom = top + (line_height - 1.0).max(1.0);
            let mut left = 0;
            for run in cells.chunk_by(|a, b| a == b) {
                let color = match run[0] {
                    NOTHING => None,
                    ERROR => Some(theme.bad),
                    layer => Some(theme.of(Role::Service(layer - 1))),
                };
                let edge = |x: usize| rect.left + x as f32;
                let place = Rect::new(edge(left), top, edge(left + run.len()), bottom);
                if let Some(color) = color {
                    frame.fill(place.cut_to(&rect), color);
                }
                left += run.len();
            }
        }
    }
}

/// The layer of a span's service; each service's colour is worked out once.
fn service_layer(tree: &TraceTree, index: usize, colors: &mut [Option<u8>]) -> u8 {
    let code = tree.process(index).service as usize;
    let layer = || match Role::of_service(tree.service(index)) {
        Role::Service(place) => place + 1,
        _ => 1,
    };
    match colors.get_mut(code) {
        Some(known) => *known.get_or_insert_with(layer),
        None => layer(),
    }
}
