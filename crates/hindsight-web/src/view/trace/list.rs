//! A list in place of the picture: the worker tells the rows in sight, whatever its length.
//!
//! Holds: while the pointer is over them, rows do not move though the trace grows; rows stay until the worker has told others; one selects by a click, or with the keys that
//! walk through the picture.

use crate::reactive::prelude::*;
use hindsight_protocol::SpanId;
use hindsight_view::listing::{Scroll, SortBy};
use leptos::html;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{HtmlDivElement, ResizeObserver};

use super::model::Model;
use super::pieces;
use crate::browser;
use crate::trace::{Order, Row, Rows};

/// Height of a row, as the style sheet has it.
const ROW_PX: f64 = 24.0;
/// Height of what stands above the rows.
const HEAD_PX: f64 = 56.0;

/// The box and what of it is in sight. Copies are the same.
#[derive(Clone, Copy)]
struct Sight {
    model: Model,
    scrolled: NodeRef<html::Div>,
    seen: RwSignal<u64>,
    is_waiting: StoredValue<bool>,
}

/// The view.
#[component]
pub(super) fn List(model: Model) -> impl IntoView {
    let scrolled = NodeRef::<html::Div>::new();
    let sight = Sight {
        model,
        scrolled,
        seen: RwSignal::new(0),
        is_waiting: StoredValue::new(false),
    };
    let observer = StoredValue::new(None::<ResizeObserver>);
    Effect::new(move || {
        if let Some(scrolled) = scrolled.get() {
            sight.measure();
            observer.set_value(sight.observe(&scrolled));
        }
    });
    on_cleanup(move || {
        model.hold(false);
        if let Some(Some(observer)) = observer.try_get_value() {
            observer.disconnect();
        }
    });
    // Another tab or order begins at its top.
    let mut before = None;
    Effect::new(move || {
        let now = model.look().with(|look| (look.tab, look.sort.clone()));
        let before = before.replace(now.clone());
        if before.is_some_and(|before| before != now) {
            sight.scroll_to(0.0);
        }
    });
    Effect::new(move || {
        let go_to = model.rows().with(|rows| rows.go_to);
        if let Some(row) = go_to.checked_sub(1) {
            sight.reveal(row);
        }
    });
    let rows = move || {
        let rows = model.rows().get();
        let is_of_tab = model.look().with(|look| look.tab.word() == rows.tab);
        is_of_tab.then_some(rows)
    };
    let length = move || format!("{}px", sight.scroll().length_px());
    view! {
        <div
            class="list"
            role="region"
            aria-label="Rows"
            node_ref=scrolled
            tabindex="0"
            on:scroll=move |_| sight.look_soon()
            on:pointerenter=move |_| model.hold(true)
            on:pointerleave=move |_| model.hold(false)
        >
            <div class="window">
                <p class="note dim" role="status">
                    {move || rows().map(|rows| rows.note)}
                </p>
                {move || rows().map(|rows| table(model, rows))}
            </div>
            <div style:height=length></div>
        </div>
    }
}

fn table(model: Model, rows: Rows) -> impl IntoView {
    let sort = model.look().with_untracked(|look| look.sort.clone());
    let are_numbers = rows.are_numbers.clone();
    let heads = rows.keys.into_iter().zip(rows.titles).zip(rows.are_numbers);
    let heads = heads.map(|((key, title), is_number)| head(model, &sort, key, title, is_number));
    let first = rows.first;
    let body = (first..).zip(rows.rows);
    let body = body.map(|(number, row)| self::row(model, number, row, &are_numbers));
    view! {
        <table class=format!("of-{}", rows.tab) aria-rowcount=rows.total.to_string()>
            <thead><tr>{heads.collect_view()}</tr></thead>
            <tbody>{body.collect_view()}</tbody>
        </table>
    }
}

fn head(
    model: Model,
    sort: &str,
    key: String,
    title: String,
    is_number: bool,
) -> impl IntoView + use<> {
    let (column, is_reversed) = match sort.strip_prefix('-') {
        Some(column) => (column, true),
        None => (sort, false),
    };
    // Figures begin with the largest, texts and times with the smallest.
    let falls = is_number && !matches!(key.as_str(), "start" | "at");
    let sorted = match (column == key && !key.is_empty(), is_reversed, falls) {
        (false, _, _) => None,
        (true, reversed, falls) if reversed == falls => Some("ascending"),
        (true, _, _) => Some("descending"),
    };
    let content = match key.is_empty() {
        true => view! { <span>{title}</span> }.into_any(),
        false => view! {
            <button
                type="button"
                class="quiet"
                on:click=move |_| {
                    model.change(|look| look.sort = SortBy::next_word(&look.sort, &key));
                }
            >
                {title}
            </button>
        }
        .into_any(),
    };
    view! { <th scope="col" class:n=is_number aria-sort=sorted>{content}</th> }
}

fn row(model: Model, number: u64, row: Row, are_numbers: &[bool]) -> impl IntoView + use<> {
    let span = Some(SpanId::from_u64(row.span)).filter(|span| span.is_valid());
    let is_selected = move || {
        let is_it = span.is_some() && model.selected_span().get() == span;
        is_it.to_string()
    };
    let is_number = |column: usize| are_numbers.get(column).copied().unwrap_or_default();
    let cells = row.cells.into_iter().enumerate().map(|(column, cell)| {
        let text: String = cell.iter().map(|piece| piece.text.as_str()).collect();
        view! { <td class:n=is_number(column) title=text>{pieces(cell)}</td> }
    });
    view! {
        <tr
            aria-rowindex=(number + 1).to_string()
            aria-selected=is_selected
            on:click=move |_| {
                if let Some(span) = span {
                    model.choose(span);
                }
            }
        >
            {cells.collect_view()}
        </tr>
    }
}

impl Sight {
    fn observe(self, scrolled: &HtmlDivElement) -> Option<ResizeObserver> {
        let resized = Closure::<dyn Fn()>::new(move || self.measure());
        let observer = ResizeObserver::new(resized.as_ref().unchecked_ref()).ok()?;
        observer.observe(scrolled);
        // Once a list: the observer may call as long as the box lives.
        resized.forget();
        Some(observer)
    }

    fn element(self) -> Option<HtmlDivElement> {
        self.scrolled.try_get_untracked().flatten()
    }

    fn scroll(self) -> Scroll {
        Scroll {
            rows: self.model.rows().with(|rows| rows.total),
            row_px: ROW_PX,
            seen: self.seen.get(),
        }
    }

    fn scroll_untracked(self) -> Scroll {
        untrack(move || self.scroll())
    }

    fn measure(self) {
        let Some(element) = self.element() else {
            return;
        };
        let room = (f64::from(element.client_height()) - HEAD_PX).max(ROW_PX);
        self.seen.set((room / ROW_PX) as u64);
        self.look();
    }

    /// Asks for the rows in sight.
    fn look(self) {
        let Some(element) = self.element() else {
            return;
        };
        let scroll = self.scroll_untracked();
        let first = scroll.first_at(f64::from(element.scroll_top()));
        // One more, which is in sight in part.
        self.model
            .order(&Order::Window(first as u32, scroll.seen as u32 + 1));
    }

    /// Asks with the next frame, once.
    fn look_soon(self) {
        if self.is_waiting.get_value() {
            return;
        }
        self.is_waiting.set_value(true);
        spawn_local(async move {
            browser::next_frame().await;
            if self
                .is_waiting
                .try_update_value(|waits| *waits = false)
                .is_some()
            {
                self.look();
            }
        });
    }

    fn scroll_to(self, px: f64) {
        if let Some(element) = self.element() {
            element.set_scroll_top(px.round() as i32);
            self.look_soon();
        }
    }

    fn reveal(self, row: u64) {
        let Some(element) = self.element() else {
            return;
        };
        let scroll = self.scroll_untracked();
        let first = scroll.first_at(f64::from(element.scroll_top()));
        let wanted = scroll.reveal(row, first);
        if wanted != first {
            self.scroll_to(scroll.px_of(wanted));
        }
    }
}
