//! What inputs do.

use crate::explore::Step;
use crate::grouping::Row;

use super::hit::Hit;
use super::input::{Changes, Command, Input};
use super::metrics::Metrics;
use super::page::{Mode, TracePage};

/// Pixels of the page that a pressed pointer may move and still click.
const CLICK_PX: f32 = 4.0;

/// How much closer one step of the keyboard gets.
const ZOOM_STEP: f64 = 0.7;

/// The part of the window that one step of the keyboard moves.
const PAN_STEP: f64 = 0.15;

/// A pointer that is held down.
#[derive(Clone, Copy, Debug)]
pub(super) struct Drag {
    kind: DragKind,
    from: (f32, f32),
    at: (f32, f32),
    moved: bool,
}

#[derive(Clone, Copy, Debug)]
enum DragKind {
    /// The edge of the names.
    Divider,
    /// Time and rows follow the pointer.
    Pan,
    /// Marks a stretch, in pixels of the time axis.
    Mark(f32),
    /// Marks a stretch of the minimap, as a share of the trace.
    Minimap(f64),
    ScrollBar,
    Nothing,
}

impl Drag {
    /// Left and right edge of what is marked, in pixels of the time axis.
    pub(super) fn marked(&self) -> Option<(f32, f32)> {
        match self.kind {
            DragKind::Mark(start) if self.moved => {
                let end = start + self.at.0 - self.from.0;
                Some((start.min(end), start.max(end)))
            }
            _ => None,
        }
    }
}

impl TracePage {
    /// Does what `input` asks for.
    pub fn handle(&mut self, input: Input) -> Changes {
        let changes = self.respond(input);
        self.keep_scroll();
        changes
    }

    fn respond(&mut self, input: Input) -> Changes {
        match input {
            Input::Resize {
                width,
                height,
                scale,
            } => {
                // The column of names keeps its width in pixels of the page.
                let names = self.metrics.names / self.metrics.scale * scale;
                self.set_metrics(Metrics::new(width, height, scale, names));
                Changes::PICTURE
            }
            Input::Wheel { x, dx, dy, zooms } => self.wheel(x, dx, dy, zooms),
            Input::Down { x, y, marks } => self.down(x, y, marks),
            Input::Move { x, y } => self.moved(x, y),
            Input::Up { x, y } => self.up(x, y),
            Input::DoubleClick { x, y } => match self.hit(x, y) {
                Hit::Bars(_) | Hit::Name(_) | Hit::Node(_) => self.command(Command::Focus),
                Hit::Minimap(_) | Hit::Ruler(_) => self.command(Command::Fit),
                _ => Changes::default(),
            },
            Input::Leave => {
                self.hovered = None;
                self.slack = 0.0;
                Changes::PICTURE
            }
            Input::Command(command) => self.command(command),
        }
    }

    fn wheel(&mut self, x: f32, dx: f32, dy: f32, zooms: bool) -> Changes {
        let [dx, dy] = [dx, dy].map(|delta| if delta.is_finite() { delta } else { 0.0 });
        if zooms {
            let at = f64::from(x - self.bars().left).clamp(0.0, self.axis.width());
            let steps = f64::from(dy / self.metrics.scale).clamp(-400.0, 400.0);
            self.axis.zoom((steps / 250.0).exp2(), at);
            return Changes::VIEW;
        }
        self.scroll += f64::from(dy);
        // Who scrolls up lets go.
        self.slack = self.slack.min(self.scroll);
        if dx == 0.0 {
            return Changes::PICTURE;
        }
        self.axis.pan(f64::from(dx));
        Changes::VIEW
    }

    fn down(&mut self, x: f32, y: f32, marks: bool) -> Changes {
        let along = x - self.bars().left;
        let kind = match self.hit(x, y) {
            Hit::Divider => DragKind::Divider,
            Hit::Minimap(share) => DragKind::Minimap(share),
            Hit::Ruler(_) => DragKind::Mark(along),
            Hit::Bars(_) | Hit::Node(_) if marks => DragKind::Mark(along),
            Hit::Bars(_) | Hit::Node(_) => DragKind::Pan,
            Hit::ScrollBar(share) => {
                self.scroll_to(share);
                DragKind::ScrollBar
            }
            Hit::Nothing | Hit::Fold(_) | Hit::Name(_) => DragKind::Nothing,
        };
        self.drag = Some(Drag {
            kind,
            from: (x, y),
            at: (x, y),
            moved: false,
        });
        Changes::PICTURE
    }

    fn moved(&mut self, x: f32, y: f32) -> Changes {
        self.hovered = Some((x, y));
        let Some(mut drag) = self.drag else {
            return Changes::PICTURE;
        };
        let (dx, dy) = (x - drag.at.0, y - drag.at.1);
        let far = (x - drag.from.0).abs().max((y - drag.from.1).abs());
        drag.moved |= far >= CLICK_PX * self.metrics.scale;
        drag.at = (x, y);
        self.drag = Some(drag);
        match drag.kind {
            DragKind::Divider => {
                let Metrics {
                    width,
                    height,
                    scale,
                    ..
                } = self.metrics;
                self.set_metrics(Metrics::new(width, height, scale, x));
            }
            DragKind::Pan if drag.moved => {
                self.axis.pan(f64::from(-dx));
                self.scroll -= f64::from(dy);
                return Changes::VIEW;
            }
            DragKind::Minimap(from) if drag.moved => {
                let to = self.share_of(x);
                let length = self.axis.length_ns();
                self.axis.show(from.min(to) * length, from.max(to) * length);
                return Changes::VIEW;
            }
            DragKind::ScrollBar => {
                let bars = self.bars();
                self.scroll_to(f64::from(
                    (y - bars.top) / (bars.bottom - bars.top).max(1.0),
                ));
            }
            DragKind::Pan | DragKind::Minimap(_) | DragKind::Mark(_) | DragKind::Nothing => {}
        }
        Changes::PICTURE
    }

    fn up(&mut self, x: f32, y: f32) -> Changes {
        let Some(drag) = self.drag.take() else {
            return Changes::default();
        };
        if let Some((left, right)) = drag.marked() {
            let ns = |px: f32| self.axis.ns(f64::from(px));
            let (from, to) = (ns(left), ns(right));
            self.axis.show(from, to);
            return Changes::VIEW;
        }
        match drag.kind {
            _ if drag.moved => Changes::PICTURE,
            DragKind::Minimap(share) => {
                let (from, to) = self.axis.window_ns();
                let middle = share * self.axis.length_ns();
                let half = (to - from) / 2.0;
                self.axis.show(middle - half, middle + half);
                Changes::VIEW
            }
            _ => self.click(x, y),
        }
    }

    fn click(&mut self, x: f32, y: f32) -> Changes {
        let selected = Changes {
            selection: true,
            ..Changes::VIEW
        };
        match self.hit(x, y) {
            Hit::Fold(row) => {
                let folded = self.explorer.is_folded(row);
                self.explorer.set_folded(row, !folded);
                selected
            }
            Hit::Name(row) | Hit::Bars(row) if self.mode == Mode::Waterfall => {
                let shown = self.explorer.outline().rows().get(row);
                match shown.map(|row| row.row) {
                    Some(Row::More { .. }) => self.explorer.set_folded(row, false),
                    _ => self.explorer.select_row(row),
                }
                selected
            }
            Hit::Node(node) => {
                let id = self.explorer.tree().span_id(node);
                self.explorer.reveal(id);
                selected
            }
            _ => Changes::PICTURE,
        }
    }

    fn command(&mut self, command: Command) -> Changes {
        let middle = self.axis.width() / 2.0;
        match command {
            Command::Step(step) => return self.stepped(|explorer| explorer.step(step)),
            Command::Page(pages) => {
                let rows = (self.in_sight() / self.row_height()).floor().max(2.0) as isize - 1;
                let rows = rows.saturating_mul(pages as isize);
                return self.stepped(|explorer| explorer.step(Step::Rows(rows)));
            }
            Command::NextMatch => {
                return self.stepped(|explorer| {
                    explorer.next_match();
                });
            }
            Command::PreviousMatch => {
                return self.stepped(|explorer| {
                    explorer.previous_match();
                });
            }
            Command::ZoomIn => self.axis.zoom(ZOOM_STEP, middle),
            Command::ZoomOut => self.axis.zoom(1.0 / ZOOM_STEP, middle),
            Command::Earlier => self.axis.pan(-PAN_STEP * self.axis.width()),
            Command::Later => self.axis.pan(PAN_STEP * self.axis.width()),
            Command::Fit => self.axis.fit(),
            Command::Focus => self.focus(),
            Command::ToggleCriticalPath => self.show_critical_path(!self.shows_path),
            Command::ToggleGroups => {
                let grouped = self.explorer.is_grouped();
                self.explorer.set_grouped(!grouped);
                self.reveal_selected();
            }
            Command::Show(mode) => self.set_mode(mode),
        }
        Changes::VIEW
    }

    fn stepped(&mut self, step: impl FnOnce(&mut crate::explore::Explorer)) -> Changes {
        step(&mut self.explorer);
        self.reveal_selected();
        self.show_selected_time();
        Changes {
            selection: true,
            ..Changes::VIEW
        }
    }

    /// Moves the window, if nothing of what is selected lies in it.
    fn show_selected_time(&mut self) {
        let Some((start, end)) = self.selected_bounds() else {
            return;
        };
        let (from, to) = self.axis.window_ns();
        if end < from || start > to {
            let half = (to - from) / 2.0;
            let middle = start + (end - start).min(to - from) / 2.0;
            self.axis.show(middle - half, middle + half);
        }
    }

    /// Shows the time of what is selected, with some room.
    fn focus(&mut self) {
        if let Some((start, end)) = self.selected_bounds() {
            let room = (end - start).max(1.0) * 0.05;
            self.axis.show(start - room, end + room);
        }
    }

    /// In nanoseconds since the start of the trace.
    fn selected_bounds(&self) -> Option<(f64, f64)> {
        let row = self.explorer.selected_row()?;
        let row = self.explorer.outline().rows().get(row)?.row;
        let (start, end) = self.explorer.row_bounds_ns(row)?;
        let (trace_start, _) = self.explorer.timeline().bounds_ns();
        let since = |ns: u64| ns.saturating_sub(trace_start) as f64;
        Some((since(start), since(end)))
    }

    fn share_of(&self, x: f32) -> f64 {
        (f64::from(x - self.bars().left) / self.axis.width()).clamp(0.0, 1.0)
    }

    /// Puts the middle of what is seen at a share of all rows.
    fn scroll_to(&mut self, share: f64) {
        self.scroll = share.clamp(0.0, 1.0) * self.content_height() - self.in_sight() / 2.0;
    }
}
