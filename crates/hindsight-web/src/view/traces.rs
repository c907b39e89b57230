//! The list of traces: grows while it is looked at, and holds still under the pointer.
//!
//! In: the search in the address bar and the hub's live stream. Out: a table, newest on top. Holds:
//! `hindsight_view::trace_list`'s rules; a refused search keeps the rows of the one before.

use hindsight_protocol::TraceId;
use hindsight_protocol::hub::ClearRequest;
use hindsight_view::TraceRow;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser;
use crate::hub::{self, Trouble};
use crate::route::Route;
use crate::state::App;
use crate::view::class;
use crate::view::welcome::Welcome;

mod keys;
mod model;

use model::Model;

/// The view.
#[component]
pub(crate) fn Traces(
    /// The search.
    query: Signal<String>,
) -> impl IntoView {
    let app = App::here();
    let model = Model::new(app.faults());
    let epoch = app.link.epoch();
    Effect::new(move || {
        // Anew with each connection and each search.
        if epoch.get() > 0 {
            model.subscribe(app.link, query.get());
        }
    });
    let table = NodeRef::<html::Table>::new();
    keys::listen(model, table);
    view! {
        <section class="traces" aria-label="Traces">
            <Bar model />
            <Refusal model />
            <Show when=move || model.is_empty() fallback=move || view! { <Table model node=table /> }>
                <Nothing query />
            </Show>
        </section>
    }
}

#[component]
fn Bar(model: Model) -> impl IntoView {
    let app = App::here();
    let total = move || {
        let stored = app.stats().get().map_or(0, |stats| stats.traces);
        hindsight_view::format::plural(stored, "trace") + " stored"
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
            <span class="gap"></span>
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
fn Nothing(query: Signal<String>) -> impl IntoView {
    let app = App::here();
    move || {
        let stored = app.stats().with(|stats| Some(stats.as_ref()?.traces));
        match (query.with(String::is_empty), stored) {
            (true, Some(0)) => view! { <Welcome /> }.into_any(),
            (true, _) => view! { <p class="empty">"Waiting for the list."</p> }.into_any(),
            (false, _) => {
                let text =
                    "No stored trace has a span that matches. Matching ones will appear here.";
                view! { <p class="empty">{text}</p> }.into_any()
            }
        }
    }
}

#[component]
fn Table(model: Model, node: NodeRef<html::Table>) -> impl IntoView {
    view! {
        <table
            node_ref=node
            on:pointerenter=move |_| model.hover(true)
            on:pointerleave=move |_| model.hover(false)
        >
            <thead>
                <tr>
                    <th scope="col">"Root"</th>
                    <th scope="col">"Service"</th>
                    <th scope="col" class="n">"Duration"</th>
                    <th scope="col" class="n">"Spans"</th>
                    <th scope="col" class="n">"Errors"</th>
                    <th scope="col" class="n">"Start"</th>
                </tr>
            </thead>
            <tbody>
                <For
                    each=move || model.shown().get()
                    key=|trace: &TraceId| *trace
                    children=move |trace| view! { <Row model trace /> }
                />
            </tbody>
        </table>
    }
}

#[component]
fn Row(model: Model, trace: TraceId) -> impl IntoView {
    // A trace that is shown always has a row.
    model.row(trace).map(|row| cells(model, trace, row))
}

fn cells(model: Model, trace: TraceId, row: ArcRwSignal<TraceRow>) -> impl IntoView {
    let url = Route::Trace {
        id: trace,
        span: None,
    };
    let cell = |part: fn(&TraceRow) -> String| {
        let row = row.clone();
        move || row.with(part)
    };
    let (service, notes, errors) = (row.clone(), row.clone(), row.clone());
    view! {
        <tr aria-selected=move || model.is_selected(trace).to_string()>
            <td class="name">
                <a href=url.to_string()>{cell(|row| row.name.clone())}</a>
                {move || notes.with(|row| row.notes.iter().map(note).collect_view())}
            </td>
            <td class="service">{move || service.with(service_cell)}</td>
            <td class="n">{cell(|row| row.duration.clone())}</td>
            <td class="n">{cell(|row| row.spans.clone())}</td>
            <td class="n">{move || errors.with(errors_cell)}</td>
            <td class="n dim">{cell(|row| row.started.clone())}</td>
        </tr>
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
