//! The map's state: the newest answer, what is marked, whether it may change.

use std::time::Duration;

use crate::reactive::prelude::*;
use hindsight_protocol::hub::QueryRequest;
use hindsight_view::heatmap::brush::Brush;
use hindsight_view::heatmap::{Heatmap, Plot};
use hindsight_view::query_text::edit;
use leptos::task::spawn_local;
use vox_rt::time::sleep;
use web_sys::PointerEvent;

use super::cells;
use crate::browser;
use crate::hub;
use crate::link::Link;
use crate::state::App;

/// How often the hub is asked while spans come.
const INTERVAL: Duration = Duration::from_secs(2);
/// A pointer that moved further than this, in pixels of the page, has drawn a brush.
const CLICK_PIXELS: f64 = 4.0;

/// The state. Copies are the same.
#[derive(Clone, Copy)]
pub(super) struct Model {
    map: RwSignal<Heatmap>,
    brush: RwSignal<Option<Brush>>,
    plot: StoredValue<Plot>,
    is_hovered: RwSignal<bool>,
    is_focused: RwSignal<bool>,
    /// Where the pointer went down, in pixels and as a cell.
    began: StoredValue<Option<(f64, f64, (usize, usize))>>,
    /// The corner that the cursor's brush began at, and where the cursor is.
    cursor: StoredValue<Option<((usize, usize), (usize, usize))>>,
    question: StoredValue<u64>,
    /// The query and the store's revision that the map shows.
    shown: StoredValue<Option<(String, u64)>>,
}

impl Model {
    pub(super) fn new() -> Self {
        Self {
            map: RwSignal::new(Heatmap::default()),
            brush: RwSignal::new(None),
            plot: StoredValue::new(Plot::default()),
            is_hovered: RwSignal::new(false),
            is_focused: RwSignal::new(false),
            began: StoredValue::new(None),
            cursor: StoredValue::new(None),
            question: StoredValue::new(0),
            shown: StoredValue::new(None),
        }
    }

    pub(super) fn map(&self) -> Signal<Heatmap> {
        self.map.into()
    }

    pub(super) fn with_map<T>(&self, look: impl FnOnce(&Heatmap) -> T) -> T {
        self.map.with(look)
    }

    pub(super) fn brush(&self) -> Signal<Option<Brush>> {
        self.brush.into()
    }

    pub(super) fn set_brush(&self, brush: Option<Brush>) {
        if brush.is_none() {
            self.cursor.set_value(None);
        }
        if self.brush.get_untracked() != brush {
            self.brush.set(brush);
        }
    }

    pub(super) fn set_plot(&self, plot: Plot) {
        self.plot.set_value(plot);
    }

    /// Whether the view is still there: the browser tells of blurs and leaving after it has gone.
    fn is_there(&self) -> bool {
        self.brush.try_get_untracked().is_some()
    }

    pub(super) fn hover(&self, is_over: bool) {
        if !self.is_there() {
            return;
        }
        self.is_hovered.set(is_over);
        if !is_over && self.began.with_value(Option::is_none) && !self.is_focused.get_untracked() {
            self.set_brush(None);
        }
    }

    pub(super) fn focus(&self, is_here: bool) {
        if !self.is_there() {
            return;
        }
        self.is_focused.set(is_here);
        if !is_here {
            self.set_brush(None);
        }
    }

    /// Asks anew for another query, another connection, and while spans come.
    pub(super) fn keep(self, query: Signal<String>, is_open: Signal<bool>) {
        let app = App::here();
        let epoch = app.link.epoch();
        Effect::new(move || {
            let filter = query.with(|query| edit::filter(query).to_owned());
            if app.settled.get() && epoch.get() > 0 && is_open.get() {
                self.set_brush(None);
                self.ask(app.link, filter);
            }
        });
        spawn_local(async move {
            loop {
                sleep(INTERVAL).await;
                // Nothing of this is there any more once the view is left.
                let (Some(is_open), Some(query)) =
                    (is_open.try_get_untracked(), query.try_get_untracked())
                else {
                    return;
                };
                let is_held = self.is_hovered.try_get_untracked() != Some(false)
                    || self.brush.try_get_untracked() != Some(None);
                let filter = edit::filter(&query);
                let stats = app.stats().get_untracked();
                let revision = stats.map_or(0, |stats| stats.revision);
                let is_new = self.shown.try_with_value(|shown| {
                    shown
                        .as_ref()
                        .is_none_or(|shown| *shown != (filter.to_owned(), revision))
                });
                if is_open && !is_held && is_new == Some(true) && !browser::is_hidden() {
                    self.ask(app.link, filter.to_owned());
                }
            }
        });
    }

    fn ask(self, link: Link, filter: String) {
        let number = self.question.get_value() + 1;
        self.question.set_value(number);
        let request = QueryRequest {
            query: format!("{filter} | heatmap()"),
            ..QueryRequest::default()
        };
        spawn_local(async move {
            let reply = hub::query(link, request).await;
            if self.question.try_get_value() != Some(number) {
                return;
            }
            let is_same = self
                .shown
                .with_value(|shown| shown.as_ref().is_some_and(|(shown, _)| *shown == filter));
            // The pointer may have come while the hub was at work.
            let is_held = self.is_hovered.get_untracked() || self.brush.get_untracked().is_some();
            // A refused query is told below its field, and leaves the map as it leaves the rows.
            let Ok(reply) = reply else { return };
            if is_held && is_same {
                return;
            }
            let map = cells(&reply.heatmap);
            self.shown.set_value(Some((filter, reply.revision)));
            if self.map.with_untracked(|old| *old != map) {
                self.map.set(map);
            }
        });
    }

    fn cell(&self, event: &PointerEvent) -> Option<(usize, usize)> {
        let (x, y) = (f64::from(event.offset_x()), f64::from(event.offset_y()));
        self.plot.with_value(|plot| plot.cell_at(x, y))
    }

    /// The pointer went down.
    pub(super) fn begin(&self, event: &PointerEvent) {
        let place = (f64::from(event.client_x()), f64::from(event.client_y()));
        let cell = self.cell(event);
        self.began
            .set_value(cell.map(|cell| (place.0, place.1, cell)));
        self.set_brush(cell.map(|cell| Brush::between(cell, cell)));
    }

    /// The pointer moved, perhaps with its button down.
    pub(super) fn drag(&self, event: &PointerEvent) {
        if !self.is_there() {
            return;
        }
        let Some(cell) = self.cell(event) else { return };
        let began = self.began.get_value();
        if began.is_none() && self.cursor.with_value(Option::is_some) {
            return;
        }
        let from = began.map_or(cell, |(_, _, from)| from);
        self.set_brush(Some(Brush::between(from, cell)));
    }

    /// The button came up: the cells, and whether they were brushed rather than clicked.
    pub(super) fn end(&self, event: &PointerEvent) -> Option<(Brush, bool)> {
        let (x, y, from) = self.began.try_update_value(Option::take).flatten()?;
        let to = self.cell(event)?;
        let moved = (f64::from(event.client_x()) - x).abs() > CLICK_PIXELS
            || (f64::from(event.client_y()) - y).abs() > CLICK_PIXELS;
        Some((Brush::between(from, to), moved))
    }

    /// Moves the cursor by columns and rows; `marks` leaves the other corner where it is.
    pub(super) fn move_cursor(&self, (columns, rows): (isize, isize), marks: bool) {
        let (width, height) = self
            .map
            .with_untracked(|map| (map.starts_ns.len(), map.floors_ns.len()));
        if width == 0 || height == 0 {
            return;
        }
        let (from, at) = match self.cursor.get_value() {
            // The newest are at the right.
            None => ((width - 1, 0), (width - 1, 0)),
            Some((from, at)) => {
                let at = (
                    at.0.saturating_add_signed(columns).min(width - 1),
                    at.1.saturating_add_signed(rows).min(height - 1),
                );
                (if marks { from } else { at }, at)
            }
        };
        self.set_brush(Some(Brush::between(from, at)));
        self.cursor.set_value(Some((from, at)));
    }
}
