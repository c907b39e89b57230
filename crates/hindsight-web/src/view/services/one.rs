//! One service: its operations, its processes, one of them in full.

use crate::reactive::prelude::*;
use hindsight_protocol::TracerId;
use hindsight_view::services::{Counter, Health, OperationRow, RunSheet};
use hindsight_view::{Role, format};

use super::model::Model;
use super::{linked, list_url};
use crate::route::{Now, Route};
use crate::state::App;
use crate::view::class;
use crate::view::generic::ServiceView;

/// Processes that are listed before more are asked for.
pub(super) const RUNS_MAX: usize = 8;

/// Cells of a service's name.
const NAME_CELLS_MAX: usize = 120;

/// The page of a service.
#[component]
pub(super) fn One(model: Model, service: String, run: Signal<Option<TracerId>>) -> impl IntoView {
    view! {
        <Head model service=service.clone() />
        <div
            on:pointerenter=move |_| model.hover(true)
            on:pointerleave=move |_| model.hover(false)
        >
            <Operations model />
            <Runs model service run />
            <Offers model run />
            <Sheet model run />
        </div>
    }
}

#[component]
fn Head(model: Model, service: String) -> impl IntoView {
    let name = hindsight_view::format::escape(&service).into_owned();
    let dot = class(Role::of_service(&service));
    let term = hindsight_view::query_text::service_term(&service);
    let failing = list_url(&format!("{term} status:error"));
    let now = Route::Now(Now {
        filter: format!("service:\"{}\"", service.replace('"', " ")),
        ..Now::default()
    });
    let health = move || {
        model.runs().with(|runs| {
            let run = runs.first()?;
            let role = class(run.health.role());
            Some(view! { <span class=role>{run.sentence.clone()}</span> })
        })
    };
    let trouble = move || model.trouble().get().map(|trouble| trouble.sentence());
    view! {
        <div class="bar">
            <h1><a href="/services">"Services"</a>" / "<span class=format!("dot {dot}")></span>{name}</h1>
            {health}
            <span class="warning" role="status">{trouble}</span>
            <span class="gap"></span>
            <a class="button" href=list_url(&term)>"Traces"</a>
            <a class="button" href=failing>"Failing"</a>
            <a class="button" href=now.to_string()>"Running now"</a>
        </div>
    }
}

#[component]
fn Operations(model: Model) -> impl IntoView {
    let nothing = move || {
        let text = match model.is_told().get() {
            true => "It made no span in the last 15 minutes.",
            false => "Asking the hub.",
        };
        view! { <p class="about dim">{text}</p> }
    };
    let keys = move || {
        model.operations().with(|rows| {
            rows.iter()
                .map(|row| row.operation.clone())
                .collect::<Vec<_>>()
        })
    };
    view! {
        <h2>"Operations in the last 15 minutes"</h2>
        <Show when=move || model.operations().with(|rows| !rows.is_empty()) fallback=nothing>
            <table class="operations">
                <thead>
                    <tr>
                        <th scope="col">"Operation"</th>
                        <th scope="col" class="n">"Spans"</th>
                        <th scope="col" class="n">"Rate"</th>
                        <th scope="col" class="n">"Errors"</th>
                        <th scope="col" class="n">"p50"</th>
                        <th scope="col" class="n">"p99"</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=keys key=Clone::clone children=move |key| view! { <Operation model key /> } />
                </tbody>
            </table>
        </Show>
    }
}

#[component]
fn Operation(model: Model, key: String) -> impl IntoView {
    let name = key.clone();
    let row = Memo::new(move |_| {
        model
            .operations()
            .with(|rows| rows.iter().find(|row| row.operation == name).cloned())
    });
    view! {
        <tr aria-selected=move || model.is_selected(&key).to_string()>
            {move || row.with(|row| row.as_ref().map(operation_cells))}
        </tr>
    }
}

fn operation_cells(row: &OperationRow) -> impl IntoView + use<> {
    view! {
        <td class="name"><a href=list_url(&row.query)>{row.name.clone()}</a></td>
        <td class="n">{row.spans.clone()}</td>
        <td class="n">{row.rate.clone()}</td>
        <td class="n">{linked(&row.errors, row.failing.as_deref(), "errors")}</td>
        <td class="n">{row.p50.clone()}</td>
        <td class="n">{linked(&row.p99, row.slow.as_deref(), "slow")}</td>
    }
}

/// Its processes; a click shows one in full.
#[component]
fn Runs(model: Model, service: String, run: Signal<Option<TracerId>>) -> impl IntoView {
    let shows_all = RwSignal::new(false);
    let items = move || {
        let max = if shows_all.get() {
            usize::MAX
        } else {
            RUNS_MAX
        };
        let chosen = run.get();
        model.runs().with(|runs| {
            let chosen = chosen.or(runs.first().map(|run| run.tracer));
            let runs = runs.iter().take(max);
            runs.map(|run| item(&service, run, chosen)).collect_view()
        })
    };
    let more = move || {
        let more = model.runs().with(Vec::len).saturating_sub(RUNS_MAX);
        (more > 0 && !shows_all.get()).then(|| {
            view! {
                <p class="about">
                    <button type="button" on:click=move |_| shows_all.set(true)>
                        {format!("{more} more")}
                    </button>
                </p>
            }
        })
    };
    let none = move || {
        model.runs().with(Vec::is_empty).then(|| {
        view! { <p class="about dim">"No process of this name has attached to this hub; its spans, if any, came another way."</p> }
    })
    };
    view! {
        <h2>"Processes"</h2>
        {none}
        <ul class="runs">{items}</ul>
        {more}
    }
}

fn item(service: &str, run: &RunSheet, chosen: Option<TracerId>) -> impl IntoView + use<> {
    let route = Route::Services {
        service: Some(service.to_owned()),
        run: Some(run.tracer),
    };
    let is_here = (chosen == Some(run.tracer)).then_some("true");
    view! {
        <li class:is-gone=run.health == Health::Gone>
            <a href=route.to_string() aria-current=is_here>{run.title.clone()}</a>
            <span class=class(run.health.role())>{run.sentence.clone()}</span>
            <span class="dim">{run.times.clone()}</span>
        </li>
    }
}

/// The process that is chosen, in full.
#[component]
fn Sheet(model: Model, run: Signal<Option<TracerId>>) -> impl IntoView {
    let sheet = Memo::new(move |_| {
        let chosen = run.get();
        model.runs().with(|runs| {
            let is_chosen = |run: &&RunSheet| Some(run.tracer) == chosen;
            let first = runs.first().filter(|_| chosen.is_none());
            runs.iter().find(is_chosen).or(first).cloned()
        })
    });
    let lost = move || {
        let is_lost = run.get().is_some() && model.runs().with(|runs| !runs.is_empty());
        let text = "The hub has forgotten that process, or never knew it.";
        is_lost.then(|| view! { <p class="about dim">{text}</p> })
    };
    move || match sheet.get() {
        Some(sheet) => in_full(&sheet).into_any(),
        None => lost().into_any(),
    }
}

/// The services that the chosen process offers, to be looked into and called.
#[component]
fn Offers(model: Model, run: Signal<Option<TracerId>>) -> impl IntoView {
    let app = App::here();
    let chosen = Memo::new(move |_| {
        let chosen = run.get();
        let first = || model.runs().with(|runs| runs.first().map(|run| run.tracer));
        chosen.or_else(first)
    });
    let services = Memo::new(move |_| {
        let chosen = chosen.get();
        app.apps().with(|apps| {
            let of = apps.iter().find(|app| Some(app.tracer_id) == chosen);
            of.map(|app| app.services.clone()).unwrap_or_default()
        })
    });
    let none = move || {
        let is_none = services.with(Vec::is_empty);
        is_none.then(|| view! { <p class="about dim">"Nothing, as far as it said."</p> })
    };
    let service = move |name: String| {
        let title = format::truncate(&format::escape(&name), NAME_CELLS_MAX).into_owned();
        let heading = title.clone();
        view! {
            <section class="offer" aria-label=title>
                <h3>{heading}</h3>
                <ServiceView app=chosen.into() service=name />
            </section>
        }
    };
    view! {
        <h2>"Offers"</h2>
        {none}
        <For each=move || services.get() key=Clone::clone children=service />
    }
}

fn in_full(sheet: &RunSheet) -> impl IntoView + use<> {
    let facts = sheet.facts.iter().map(|(name, fact)| {
        view! { <tr><th scope="row">{*name}</th><td>{fact.clone()}</td></tr> }
    });
    let reasons = sheet.reasons.iter().map(|(reason, count)| {
        view! { <tr><th scope="row">{reason.clone()}</th><td class="n">{count.clone()}</td></tr> }
    });
    let none = sheet
        .reasons
        .is_empty()
        .then_some("Nothing was refused or cut.");
    view! {
        <h2>{sheet.title.clone()}</h2>
        <div class="sheets">
            <section class="facts">
                <h2>"Process"</h2>
                <table><tbody>{facts.collect_view()}</tbody></table>
            </section>
            <section class="accounts">
                <h2>"What became of its records"</h2>
                <table><tbody>{sheet.counters.iter().map(counter).collect_view()}</tbody></table>
            </section>
            <section>
                <h2>"Refused or cut by the hub"</h2>
                <p class="dim">{none}</p>
                <table><tbody>{reasons.collect_view()}</tbody></table>
            </section>
        </div>
    }
}

fn counter(counter: &Counter) -> impl IntoView + use<> {
    let class = format!("n {}", class(counter.role));
    view! {
        <tr class:sum=counter.is_sum>
            <th scope="row">{counter.name}</th>
            <td class=class>{counter.count.clone()}</td>
        </tr>
    }
}
