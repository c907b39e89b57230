//! Keys of the list: `j` `k` `g` `G` move, Enter opens, Space marks, `p` pauses.

use leptos::ev::keydown;
use leptos::html;
use leptos::prelude::*;
use web_sys::{Element, ScrollIntoViewOptions, ScrollLogicalPosition};

use super::marks::Marks;
use super::model::Model;
use crate::app::keys::is_typing;
use crate::route::Route;
use crate::state::App;

/// More rows than any list has.
const TO_THE_END: isize = isize::MAX / 2;

/// Listens while the view is there.
pub(super) fn listen(model: Model, marks: Marks, table: NodeRef<html::Table>) {
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
                model.toggle_pause();
                event.prevent_default();
                None
            }
            " " => {
                if let Some(id) = model.selected() {
                    marks.turn(id);
                    event.prevent_default();
                }
                None
            }
            "Enter" => {
                if let Some(id) = model.selected() {
                    app.go(Route::of_trace(id));
                    event.prevent_default();
                }
                None
            }
            _ => None,
        };
        if let Some(index) = moved.and_then(|by| model.select(by)) {
            event.prevent_default();
            reveal(table, index);
        }
    });
    on_cleanup(move || handle.remove());
}

/// Scrolls no further than needed to see a row.
fn reveal(table: NodeRef<html::Table>, index: usize) {
    let row: Option<Element> = table.get_untracked().and_then(|table| {
        let selector = format!("tbody tr:nth-child({})", index + 1);
        table.query_selector(&selector).ok().flatten()
    });
    if let Some(row) = row {
        let options = ScrollIntoViewOptions::new();
        options.set_block(ScrollLogicalPosition::Nearest);
        row.scroll_into_view_with_scroll_into_view_options(&options);
    }
}
