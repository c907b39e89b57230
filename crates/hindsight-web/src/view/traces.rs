//! The list of traces: grows while it is looked at, and holds still under the pointer.
//!
//! In: the search in the address bar and the hub's live stream. Out: a table, newest on top. Holds:
//! `hindsight_view::trace_list`'s rules; a refused search keeps the rows of the one before.

use crate::reactive::prelude::*;
use hindsight_protocol::TraceId;
use hindsight_protocol::hub::ClearRequest;
use hindsight_view::trace_list::TraceColumn;
use hindsight_view::{TraceRow, format};
use leptos::html;
use leptos::task::spawn_local;

use crate::browser;
use crate::hub::{self, Trouble};
use crate::route::Route;
use crate::state::App;
use crate::view::{class, rows};

mod head;
mod heat;
mod keys;
mod marks;
mod model;
mod nothing;

use head::{Columns, Heads};
use heat::Heat;
use keys::Keys;
use marks::{Marked, Marks};
use model::Model;
use nothing::Nothing;

/// The view.
#[component]
pub(crate) fn Traces(
    /// The search.
    query: Signal<String>,
) -> impl IntoView {
    let app = App::here();
    let model = Model::new(app);
    let epoch = app.link.epoch();
    let marks = Marks::new();
    let shape = Memo::new(move |_| {
        app.list()
            .with(|list| (list.attributes(), list.sort.clone()))
    });
    Effect::new(move || {
        // Anew with each connection and each search.
        if epoch.get() > 0 {
            model.subscribe(app.link, query.get(), shape.get());
        }
    });
    let has_traces = Memo::new(move |_| {
        let stats = app.stats();
        stats.with(|stats| stats.as_ref().is_some_and(|stats| stats.traces > 0))
            || !model.is_empty()
    });
    let section = NodeRef::<html::Section>::new();
    rows::listen(Keys { model, marks }, section);
    view! {
        <section class="traces" aria-label="Traces" node_ref=section>
            <Bar model marks />
            <Refusal model />
            <Show when=move || has_traces.get()>
                <Heat query />
            </Show>
            <Show when=move || model.is_empty() fallback=move || view! { <Table model marks /> }>
                <Nothing model query />
            </Show>
        </section>
    }
}

#[component]
fn Bar(model: Model, marks: Marks) -> impl IntoView {
    let app = App::here();
    let total = move || {
        let stored = app.stats().get().map_or(0, |stats| stats.traces);
        format::count(stored) + " stored"
    };
    let missed = move || {
        let missed = model.missed().get();
        (missed > 0).then(|| format!("lagging: {} changes missed", format::count(missed)))
    };
    let clear = move |_| {
        let question = "Remove all spans that the hub stores?";
        let window = browser::window();
        let is_sure = window.and_then(|window| window.confirm_with_message(question).ok());
        if is_sure == Some(true) {
            spawn_local(async move {
                // A hub that is away shows in the status; there is nothing to clear then.
                hub::clear(app.link, ClearRequest::default()).await.ok();
                app.refresh().await;
            });
        }
    };
    view! {
        <div class="bar">
            <h1>"Traces"</h1>
            <span class="dim">{total}</span>
            <button
                type="button"
                class="news"
                class:is-hidden=move || model.waiting().get() == 0
                on:click=move |_| model.let_in()
            >
                {move || format!("{} new", model.waiting().get())}
            </button>
            <span class="warning" title="They came faster than this page took them; the list was read anew.">
                {missed}
            </span>
            <Marked marks />
            <span class="gap"></span>
            <Columns />
            <button
                type="button"
                title="Holds the list as it is (p)"
                aria-pressed=move || model.paused().get().to_string()
                on:click=move |_| model.toggle_pause()
            >
                {move || if model.paused().get() { "Go on" } else { "Pause" }}
            </button>
            <button type="button" title="Removes all stored spans" on:click=clear>
                "Clear"
            </button>
        </div>
    }
}

/// Why the hub does not tell the list. What it says against the query stands below the query.
#[component]
fn Refusal(model: Model) -> impl IntoView {
    let shown = move || match model.trouble().get()? {
        Trouble::Offline | Trouble::Query(_) => None,
        Trouble::Said(sentence) => Some(view! { <p>{sentence}</p> }),
    };
    view! {
        <div class="refusal trouble" role="alert" class:is-gone=move || shown().is_none()>
            {shown}
        </div>
    }
}

#[component]
fn Table(model: Model, marks: Marks) -> impl IntoView {
    view! {
        <table
            on:pointerenter=move |_| model.hover(true)
            on:pointerleave=move |_| model.hover(false)
        >
            <thead><Heads /></thead>
            <tbody>
                <For
                    each=move || model.shown().get()
                    key=|trace: &TraceId| *trace
                    children=move |trace| view! { <Row model marks trace /> }
                />
            </tbody>
        </table>
    }
}

#[component]
fn Row(model: Model, marks: Marks, trace: TraceId) -> impl IntoView {
    // A trace that is shown always has a row.
    model.row(trace).map(|row| cells(model, marks, trace, row))
}

fn cells(model: Model, marks: Marks, trace: TraceId, row: ArcRwSignal<TraceRow>) -> impl IntoView {
    let app = App::here();
    let url = Route::of_trace(trace);
    let (name, notes, label) = (row.clone(), row.clone(), row.clone());
    let columns = move || {
        let columns = app.list().with(|list| list.columns().to_vec());
        let cells = columns.into_iter().map(|column| cell(column, row.clone()));
        cells.collect_view()
    };
    let mark = move |event: web_sys::MouseEvent| match event.shift_key() {
        true => marks.extend(trace, &model.shown().get_untracked()),
        false => marks.turn(trace),
    };
    view! {
        <tr
            aria-selected=move || model.is_selected(trace).to_string()
            class:is-marked=move || marks.has(trace)
        >
            <td class="mark">
                <input
                    type="checkbox"
                    tabindex="-1"
                    aria-label=move || label.with(|row| format!("Mark {}", row.name))
                    prop:checked=move || marks.has(trace)
                    on:click=mark
                />
            </td>
            <td class="name">
                <a href=url.to_string()>{move || name.with(|row| row.name.clone())}</a>
                {move || notes.with(|row| row.notes.iter().map(note).collect_view())}
            </td>
            {columns}
        </tr>
    }
}

fn cell(column: TraceColumn, row: ArcRwSignal<TraceRow>) -> AnyView {
    match column {
        TraceColumn::Service => {
            view! { <td class="extra">{move || row.with(service_cell)}</td> }.into_any()
        }
        TraceColumn::Errors => {
            view! { <td class="n">{move || row.with(errors_cell)}</td> }.into_any()
        }
        column => {
            let class = match (&column, column.is_number()) {
                (TraceColumn::Duration, _) => "n",
                (TraceColumn::Start, _) => "n dim extra start",
                (_, true) => "n extra",
                (_, false) => "extra",
            };
            let text = move || row.with(|row| row.cell(&column).to_owned());
            view! { <td class=class>{text}</td> }.into_any()
        }
    }
}

fn note((role, text): &(hindsight_view::Role, String)) -> impl IntoView + use<> {
    view! { <span class=format!("note {}", class(*role))>{text.clone()}</span> }
}

fn service_cell(row: &TraceRow) -> impl IntoView + use<> {
    let others = (row.other_services > 0).then(|| {
        view! { <span class="dim">{format!(" +{}", row.other_services)}</span> }
    });
    view! {
        <span class=format!("dot {}", class(row.service_role))></span>
        {row.service.clone()}
        {others}
    }
}

fn errors_cell(row: &TraceRow) -> Option<impl IntoView + use<>> {
    (!row.errors.is_empty())
        .then(|| view! { <span class="errors">{format!("! {}", row.errors)}</span> })
}
