//! Durations over time above the list: where the slow and the failed ones are, and a way to them.
//!
//! In: the list's query. Out: a canvas of cells, and queries made with a brush. Holds: while the
//! pointer or the cursor is on it, it stays as it is; a failed cell is told by a stroke as well as
//! by colour; everything can be done with keys, and is said in words. Bounded: one question at a
//! time, [`COLUMNS_MAX`] times [`ROWS_MAX`] cells.

use crate::reactive::prelude::*;
use hindsight_view::heatmap::Heatmap;
use hindsight_view::heatmap::brush::{self, Brush};
use leptos::html;
use web_sys::{KeyboardEvent, PointerEvent};

use crate::browser;
use crate::route::Route;
use crate::state::App;
use crate::theme;

mod draw;
mod model;

use model::Model;

/// Most columns and rows of cells.
const COLUMNS_MAX: usize = 100;
/// See [`COLUMNS_MAX`].
const ROWS_MAX: usize = 16;
/// Where it is kept whether the map is folded.
const KEY: &str = "hindsight.heatmap";

/// The map with its head, which folds it.
#[component]
pub(super) fn Heat(query: Signal<String>) -> impl IntoView {
    let stored = browser::local_storage().and_then(|storage| storage.get_item(KEY).ok()?);
    let app = App::here();
    let is_open = RwSignal::new(stored.as_deref() != Some("closed"));
    let model = Model::new();
    model.keep(query, is_open.into());
    let fold = move |_| {
        is_open.update(|is_open| *is_open = !*is_open);
        if let Some(storage) = browser::local_storage() {
            let word = if is_open.get_untracked() {
                "open"
            } else {
                "closed"
            };
            // Where nothing can be stored the choice lasts until the page is left.
            storage.set_item(KEY, word).ok();
        }
    };
    let said = move || match model.brush().get() {
        Some(brush) => model.with_map(|map| map.described_part(&brush, browser::zone())),
        None => model.with_map(|map| map.described(browser::zone())),
    };
    view! {
        <div class="heat">
            <div class="heat-head">
                <button
                    type="button"
                    class="quiet"
                    aria-expanded=move || is_open.get().to_string()
                    aria-controls="heat-map"
                    on:click=fold
                >
                    {move || if is_open.get() { "Durations −" } else { "Durations +" }}
                </button>
                <span id="heat-said" class="dim" aria-live="polite">
                    {move || is_open.get().then(said)}
                </span>
            </div>
            <Show when=move || is_open.get()>
                <div class="heat-map">
                    <Show when=move || app.settled.get()><Map model query /></Show>
                </div>
            </Show>
        </div>
    }
}

#[component]
fn Map(model: Model, query: Signal<String>) -> impl IntoView {
    let app = App::here();
    let canvas = NodeRef::<html::Canvas>::new();
    Effect::new(move || {
        model.map().track();
        model.brush().track();
        theme::shown().track();
        app.width().track();
        if let Some(canvas) = canvas.get() {
            model.set_plot(draw::draw(&canvas, model));
        }
    });
    let ask = move |brush: Brush| {
        let terms = model.with_map(|map| brush.terms(map));
        if !terms.is_empty() {
            let query = query.with_untracked(|query| brush::with_terms(query, &terms));
            app.go(Route::Traces { query });
        }
        model.set_brush(None);
    };
    let open = move |cell: (usize, usize)| {
        if let Some(exemplar) = model.with_map(|map| map.exemplar(cell.0, cell.1)) {
            app.go(Route::of_span(exemplar.trace_id, exemplar.span_id));
        }
    };
    let down = move |event: PointerEvent| {
        if event.button() == 0 {
            if let Some(canvas) = canvas.get_untracked() {
                // A pointer that went already needs no capture; a canvas always takes the focus.
                canvas.set_pointer_capture(event.pointer_id()).ok();
                canvas.focus().ok();
            }
            model.begin(&event);
        }
    };
    let up = move |event: PointerEvent| match model.end(&event) {
        Some((brush, true)) => ask(brush),
        Some((brush, false)) => open((brush.columns.0, brush.rows.0)),
        None => {}
    };
    let keys = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let by = match event.key().as_str() {
            "ArrowLeft" => (-1, 0),
            "ArrowRight" => (1, 0),
            "ArrowUp" => (0, 1),
            "ArrowDown" => (0, -1),
            "Enter" => {
                match model.brush().get_untracked() {
                    Some(brush) if brush.is_cell() => open((brush.columns.0, brush.rows.0)),
                    Some(brush) => ask(brush),
                    None => return,
                }
                return take(&event);
            }
            "b" => match model.brush().get_untracked() {
                Some(brush) => {
                    ask(brush);
                    return take(&event);
                }
                None => return,
            },
            "Escape" if model.brush().get_untracked().is_some() => {
                model.set_brush(None);
                return take(&event);
            }
            _ => return,
        };
        model.move_cursor(by, event.shift_key());
        take(&event);
    };
    view! {
        <canvas
            id="heat-map"
            node_ref=canvas
            tabindex="0"
            role="application"
            aria-label="Durations over time. Arrows go to a cell, with Shift they mark several; \
                        Enter opens a trace of the cell, or asks for what is marked; b asks for the cell."
            aria-describedby="heat-said"
            title="Click: a trace of the cell. Drag: ask for these."
            on:pointerdown=down
            on:pointermove=move |event| model.drag(&event)
            on:pointerup=up
            on:pointerenter=move |_| model.hover(true)
            on:pointerleave=move |_| model.hover(false)
            on:focus=move |_| model.focus(true)
            on:blur=move |_| model.focus(false)
            on:keydown=keys
        ></canvas>
    }
}

/// The key is ours: the list has other uses for it.
fn take(event: &KeyboardEvent) {
    event.prevent_default();
    event.stop_propagation();
}

/// The cells that an answer is drawn in.
fn cells(answer: &hindsight_protocol::hub::QueryHeatmap) -> Heatmap {
    Heatmap::new(answer, COLUMNS_MAX, ROWS_MAX)
}
