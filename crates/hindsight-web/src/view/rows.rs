//! Rows that keys walk through, in any view: `j` `k` `g` `G` move, Enter opens, `p` pauses, and so
//! does Space where the view has no other use for it.

use crate::reactive::prelude::*;
use hindsight_view::Line;
use leptos::ev::keydown;
use leptos::html;
use web_sys::{Element, ScrollIntoViewOptions, ScrollLogicalPosition};

use super::piece;
use crate::app::keys::is_typing;
use crate::route::Route;
use crate::state::App;

/// More rows than any list has.
const TO_THE_END: isize = isize::MAX / 2;

/// What keys do to the rows of a view.
pub(super) trait Walk: Copy + 'static {
    /// Selects the row `by` rows below the selected one, the first one where none is; its place
    /// among all rows of the view.
    fn select(self, by: isize) -> Option<usize>;
    /// Where the selected row leads.
    fn target(self) -> Option<Route>;
    /// Holds the rows as they are, or lets them go.
    fn toggle_pause(self);
    /// What Space does.
    fn space(self) {
        self.toggle_pause();
    }
}

/// Listens while the view is there. Rows are the `tr` of all `tbody` in `within`.
pub(super) fn listen(walk: impl Walk, within: NodeRef<html::Section>) {
    let app = App::here();
    let handle = window_event_listener(keydown, move |event| {
        if is_typing(&event) || event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let moved = match event.key().as_str() {
            "j" | "ArrowDown" => Some(1),
            "k" | "ArrowUp" => Some(-1),
            "g" => Some(-TO_THE_END),
            "G" => Some(TO_THE_END),
            "p" => {
                walk.toggle_pause();
                event.prevent_default();
                None
            }
            " " => {
                walk.space();
                event.prevent_default();
                None
            }
            "Enter" => {
                if let Some(route) = walk.target() {
                    app.go(route);
                    event.prevent_default();
                }
                None
            }
            _ => None,
        };
        if let Some(index) = moved.and_then(|by| walk.select(by)) {
            event.prevent_default();
            reveal(within, index);
        }
    });
    on_cleanup(move || handle.remove());
}

/// The place `by` places after that of `selected`, within `count`.
pub(super) fn step(selected: Option<usize>, by: isize, count: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    Some(selected.map_or(0, |here| here.saturating_add_signed(by).min(last)))
}

/// Walks through rows where they stand in the page, for tables that keep no selection themselves.
///
/// Holds: the mark is on the row's element, so that it goes where its row goes; Enter follows the
/// first link of the row.
pub(super) struct InPlace<P> {
    /// Rows are the `tr` of all `tbody` in it.
    pub(super) within: NodeRef<html::Section>,
    /// What `p` does.
    pub(super) pause: P,
}

impl<P: Copy> Copy for InPlace<P> {}

impl<P: Copy> Clone for InPlace<P> {
    fn clone(&self) -> Self {
        *self
    }
}

const SELECTED: &str = "aria-selected";

impl<P> InPlace<P> {
    fn rows(&self) -> Vec<Element> {
        let section = self.within.get_untracked();
        let found = section.and_then(|section| section.query_selector_all("tbody tr").ok());
        let found = found.into_iter();
        let all = found.flat_map(|rows| (0..rows.length()).filter_map(move |at| rows.item(at)));
        all.filter_map(|row| wasm_bindgen::JsCast::dyn_into(row).ok())
            .collect()
    }
}

impl<P: Fn() + Copy + 'static> Walk for InPlace<P> {
    fn select(self, by: isize) -> Option<usize> {
        let rows = self.rows();
        let here = rows.iter().position(|row| row.has_attribute(SELECTED));
        let index = step(here, by, rows.len())?;
        // Elements of this page take attributes.
        for row in &rows {
            row.remove_attribute(SELECTED).ok();
        }
        rows.get(index)?.set_attribute(SELECTED, "true").ok();
        Some(index)
    }

    fn target(self) -> Option<Route> {
        let rows = self.rows();
        let row = rows.iter().find(|row| row.has_attribute(SELECTED))?;
        let link = row.query_selector("a[href^='/']").ok()??;
        Some(Route::parse(&link.get_attribute("href")?))
    }

    fn toggle_pause(self) {
        (self.pause)();
    }
}

/// Scrolls no further than needed to see a row.
fn reveal(within: NodeRef<html::Section>, index: usize) {
    let row: Option<Element> = within.get_untracked().and_then(|section| {
        let rows = section.query_selector_all("tbody tr").ok()?;
        wasm_bindgen::JsCast::dyn_into(rows.item(index as u32)?).ok()
    });
    if let Some(row) = row {
        let options = ScrollIntoViewOptions::new();
        options.set_block(ScrollLogicalPosition::Nearest);
        row.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

/// A line of text in its colours.
pub(super) fn line(line: &Line) -> impl IntoView + use<> {
    let segments = line.segments().iter();
    let parts = segments.map(|part| piece(part.role(), part.text()));
    parts.collect_view()
}
