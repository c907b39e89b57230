//! Queries of an app and what they depend on, as picante tells them.
//!
//! In: the app and the settings of the address bar, the app's answers through the hub, and stored
//! spans of its queries. Out: a graph, figures, what is under way, what happens, and why a query was
//! computed. Holds: each part works from stored spans as far as they tell it, says so, and deepens
//! when the app is there; nothing moves under the pointer. Bounded: by `hindsight_view`'s bounds of
//! what is kept and drawn, whatever an app tells.

use hindsight_protocol::TracerId;
use hindsight_view::lens::Lens;
use hindsight_view::lens::picante::{Mode, Outcomes, Tab, written_name};

use super::lens::{LensBar, chosen_app};
use crate::reactive::prelude::*;
use crate::route::{Picante as Set, Route};
use crate::state::App;

mod graph;
mod log;
mod model;
mod panel;
mod running;
mod scene;
mod set;
mod statistics;

pub(crate) use graph::Graph;
use log::LogView;
use model::{Model, Source};
use panel::Panel;
use running::Running;
pub(crate) use scene::{Scene, Towards};
use statistics::StatisticsView;

/// The view.
#[component]
pub(crate) fn Picante() -> impl IntoView {
    let app = App::here();
    let route = app.route();
    let set = Memo::new(move |before: Option<&Set>| match route.get() {
        Route::Picante(set) => set,
        // The view is about to go.
        _ => before.cloned().unwrap_or_default(),
    });
    let asked = Memo::new(move |_| set.with(|set| set.app));
    let chosen = chosen_app(Lens::Picante, asked.into());
    let model = Model::start(app, set.into(), chosen.into());
    let look = Memo::new(move |_| set.with(set::look_of));
    let go = move |towards: Towards| {
        let set = model.set().get_untracked();
        let next = match towards {
            Towards::Query(query) => set.with_query(written_name(&query)),
            Towards::Kind(kind) => set::with_kind(&set, &kind),
        };
        app.go(Route::Picante(next));
    };
    let scene = Scene::new(model.queries(), look.into(), go);
    Effect::new(move || model.hold(scene.is_held().get()));
    let of = |app: TracerId| {
        Route::Picante(Set {
            app: Some(app),
            ..Set::default()
        })
    };
    let tab = Memo::new(move |_| set.with(|set| set.tab));
    let part = move || match tab.get() {
        Tab::Graph => view! { <GraphPart model scene /> }.into_any(),
        Tab::Statistics => view! { <StatisticsView model /> }.into_any(),
        Tab::Running => view! { <Running model /> }.into_any(),
        Tab::Log => view! { <LogView model /> }.into_any(),
    };
    view! {
        <section class="lens picante" aria-label=Lens::Picante.word()>
            <LensBar lens=Lens::Picante asked=asked.into() of />
            <Tools model scene />
            {part}
        </section>
    }
}

/// Changes the address bar; the way back does not stop there.
fn replace(model: Model, change: impl FnOnce(&mut Set)) {
    let mut set = model.set().get_untracked();
    change(&mut set);
    model.app().replace(Route::Picante(set));
}

/// Tabs, and what belongs to the graph: filter, outcomes, how queries are put together.
#[component]
fn Tools(model: Model, scene: Scene) -> impl IntoView {
    let set = model.set();
    let tabs = Tab::ALL.map(|tab| {
        let is_open = move || set.with(|set| set.tab == tab).to_string();
        view! {
            <button
                type="button"
                role="tab"
                class="quiet"
                aria-selected=is_open
                on:click=move |_| replace(model, |set| set.tab = tab)
            >
                {tab.title()}
            </button>
        }
    });
    let is_graph = move || set.with(|set| set.tab == Tab::Graph);
    view! {
        <div class="tools">
            <div role="tablist" aria-label="Shown as">{tabs.into_iter().collect_view()}</div>
            <span class="dim" role="status">{move || model.status()}</span>
            <button
                type="button"
                class="news"
                class:is-hidden=move || model.news().is_empty()
                on:click=move |_| model.let_in()
            >
                {move || model.news()}
            </button>
        </div>
        <Show when=is_graph>
            <Settings model scene />
        </Show>
    }
}

#[component]
fn Settings(model: Model, scene: Scene) -> impl IntoView {
    let set = model.set();
    let modes = Mode::ALL.map(|mode| {
        let is_here = move || set.with(|set| set.mode == mode);
        let is_off = move || mode.needs_selected() && set.with(|set| set.query.is_empty());
        view! {
            <option value=mode.word() selected=is_here disabled=is_off>{mode.label()}</option>
        }
    });
    let outcomes = Outcomes::choices().map(|outcomes| {
        let is_here = move || set.with(|set| set.outcomes == outcomes);
        view! { <option value=outcomes.word() selected=is_here>{outcomes.label()}</option> }
    });
    let left_out = move || {
        let links = scene.shown().with(|shown| shown.links_left_out);
        (links > 0).then(|| format!("{links} more links are not drawn"))
    };
    view! {
        <div class="settings">
            <input
                type="search"
                aria-label="Filter"
                placeholder="words, kind:parse_file, is:input"
                autocomplete="off"
                spellcheck="false"
                prop:value=move || set.with(|set| set.find.clone())
                on:input=move |event| {
                    let text = event_target_value(&event);
                    replace(model, |set| set.find = text);
                }
            />
            <select
                aria-label="Outcome"
                on:change=move |event| {
                    let outcomes = Outcomes::of_word(&event_target_value(&event));
                    replace(model, |set| set.outcomes = outcomes);
                }
            >
                {outcomes.collect_view()}
            </select>
            <label>
                "drawn: "
                <select on:change=move |event| {
                    let mode = Mode::of_word(&event_target_value(&event));
                    replace(model, |set| set.mode = mode);
                }>
                    {modes.into_iter().collect_view()}
                </select>
            </label>
            <Show when=move || set.with(|set| !set.opened.is_empty())>
                <button type="button" on:click=move |_| replace(model, |set| set.opened.clear())>
                    "Close all kinds"
                </button>
            </Show>
            <span class="dim">{left_out}</span>
        </div>
    }
}

/// The graph and what stands beside it.
#[component]
fn GraphPart(model: Model, scene: Scene) -> impl IntoView {
    let is_empty = Memo::new(move |_| model.queries().with(|queries| queries.is_empty()));
    let is_filtered =
        Memo::new(move |_| !is_empty.get() && scene.shown().with(|shown| shown.items.is_empty()));
    let nothing = move || match (model.source().get(), is_filtered.get()) {
        (_, true) => "No query matches.".to_owned(),
        (Source::Asking, _) => "Asking.".into(),
        (Source::App, _) => {
            "The app has no query yet: it tells them once one was asked for.".into()
        }
        (Source::Spans(_, why_not), _) => format!(
            "{why_not} No span of a query is stored. Queries appear here when an app uses \
             hindsight-picante in the place of picante, or sends spans with its attributes."
        ),
    };
    let is_drawn = move || !is_empty.get() && !is_filtered.get();
    view! {
        <div class="picture">
            <Show when=is_drawn fallback=move || view! { <p class="empty">{nothing}</p> }>
                <Graph scene />
            </Show>
            <Panel model scene />
        </div>
    }
}

/// Said above a part that stored spans tell in the app's place.
fn from_spans(model: Model) -> impl Fn() -> Option<String> {
    move || match model.source().get() {
        Source::Spans(spans, why_not) => Some(format!(
            "{why_not} Told by {}: what has no span is missing.",
            hindsight_view::format::plural(spans, "stored span")
        )),
        Source::Asking | Source::App => None,
    }
}
