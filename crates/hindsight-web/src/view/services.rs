//! Apps and services: all of them, or one with its processes and operations.
//!
//! In: the apps and numbers that the page keeps anyway, and answers of the hub about the last
//! minutes every few seconds while the tab is seen. Out: tables. Holds: rows stay in place while the
//! pointer is over them; while the hub is away everything stays. Bounded: by the answers;
//! [`one::RUNS_MAX`] processes at first.

use crate::reactive::prelude::*;
use hindsight_protocol::TracerId;
use hindsight_view::services::{Health, ServiceRow};
use leptos::html;

use crate::route::Route;
use crate::state::App;

mod model;
mod one;

use super::{class, rows};
use model::Model;
use one::One;

/// The view.
#[component]
pub(crate) fn Services(
    /// The service, none for all; the process of it.
    of: Signal<(Option<String>, Option<TracerId>)>,
) -> impl IntoView {
    let service = Memo::new(move |_| of.with(|(service, _)| service.clone()));
    let run = Memo::new(move |_| of.with(|(_, run)| *run));
    let model = Model::start(service.into());
    let section = NodeRef::<html::Section>::new();
    rows::listen(model, section);
    view! {
        <section class="services rows" aria-label="Services" node_ref=section>
            {move || match service.get() {
                None => view! { <All model /> }.into_any(),
                Some(service) => view! { <One model service run=run.into() /> }.into_any(),
            }}
        </section>
    }
}

#[component]
fn All(model: Model) -> impl IntoView {
    let app = App::here();
    let keys = move || {
        model.services().with(|rows| {
            rows.iter()
                .map(|row| row.service.clone())
                .collect::<Vec<_>>()
        })
    };
    let connected = move || {
        let connected = app
            .apps()
            .with(|apps| apps.iter().filter(|app| app.state == "connected").count());
        match connected {
            1 => "1 process connected".to_owned(),
            many => format!(
                "{} processes connected",
                hindsight_view::format::count(many as u64)
            ),
        }
    };
    let nothing = move || match model.is_told().get() {
        false => view! { <p class="empty">"Asking the hub."</p> }.into_any(),
        true => view! {
            <div class="empty">
                <h2>"No service is known yet"</h2>
                <p>
                    "Programs that send spans stand here: who is connected and who was, how they
                    fare, how fast they answer and how often they fail."
                </p>
            </div>
        }
        .into_any(),
    };
    view! {
        <div class="bar">
            <h1>"Services"</h1>
            <span class="dim">{connected}</span>
            <span class="gap"></span>
            <span class="dim">"rates, errors and durations of the last 15 minutes"</span>
        </div>
        <Show when=move || model.services().with(|rows| !rows.is_empty()) fallback=nothing>
            <table
                class="all"
                on:pointerenter=move |_| model.hover(true)
                on:pointerleave=move |_| model.hover(false)
            >
                <thead>
                    <tr>
                        <th scope="col">"Service"</th>
                        <th scope="col">"Health"</th>
                        <th scope="col" class="runs">"Processes"</th>
                        <th scope="col" class="n">"Rate"</th>
                        <th scope="col" class="n">"Errors"</th>
                        <th scope="col" class="n">"p50"</th>
                        <th scope="col" class="n">"p99"</th>
                        <th scope="col" class="exposes">"Offers"</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=keys key=Clone::clone children=move |key| view! { <Row model key /> } />
                </tbody>
            </table>
        </Show>
    }
}

#[component]
fn Row(model: Model, key: String) -> impl IntoView {
    let name = key.clone();
    let row = Memo::new(move |_| {
        model
            .services()
            .with(|rows| rows.iter().find(|row| row.service == name).cloned())
    });
    let url = service_url(&key);
    view! {
        <tr
            aria-selected=move || model.is_selected(&key).to_string()
            class:is-gone=move || row.with(|row| row.as_ref().is_some_and(is_gone))
        >
            {move || row.with(|row| row.as_ref().map(|row| cells(row, &url)))}
        </tr>
    }
}

fn is_gone(row: &ServiceRow) -> bool {
    row.health == Some(Health::Gone)
}

fn cells(row: &ServiceRow, url: &str) -> impl IntoView + use<> {
    let version = (!row.version.is_empty())
        .then(|| view! { <span class="dim note">{row.version.clone()}</span> });
    let role = row.health.map_or("dim", |health| class(health.role()));
    view! {
        <td class="name">
            <span class=format!("dot {}", class(row.role))></span>
            <a href=url.to_owned()>{row.name.clone()}</a>
            {version}
        </td>
        <td class=role title=row.sentence.clone()>{row.sentence.clone()}</td>
        <td class="dim runs">{row.runs.clone()}</td>
        <td class="n">{row.rate.clone()}</td>
        <td class="n">{linked(&row.errors, row.failing.as_deref(), "errors")}</td>
        <td class="n">{row.p50.clone()}</td>
        <td class="n">{linked(&row.p99, row.slow.as_deref(), "slow")}</td>
        <td class="dim exposes">{row.exposes.clone()}</td>
    }
}

/// A value that leads to the traces it is of.
fn linked(text: &str, query: Option<&str>, class: &'static str) -> AnyView {
    let text = text.to_owned();
    match query {
        Some(query) => view! { <a class=class href=list_url(query)>{text}</a> }.into_any(),
        None => text.into_any(),
    }
}

/// The list of traces that match.
fn list_url(query: &str) -> String {
    let query = query.to_owned();
    Route::Traces { query }.to_string()
}

/// A service's page.
fn service_url(service: &str) -> String {
    service_route(service).to_string()
}

fn service_route(service: &str) -> Route {
    Route::Services {
        service: (!service.is_empty()).then(|| service.to_owned()),
        run: None,
    }
}
