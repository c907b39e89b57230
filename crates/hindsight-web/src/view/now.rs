//! What runs right now: open spans below who waits for them, counted, and last words of the dead.
//!
//! In: the view's state in the address bar, and a look at the hub and at the apps once a second while the tab is
//! seen. Out: tables. Holds: nothing moves under the pointer or while paused, ages go on; while the
//! hub is away everything stays, with the time it is of. Bounded: [`model::OPEN_SPANS_MAX`] spans of
//! a look, a page of rows more with each click.

use crate::reactive::prelude::*;
use hindsight_view::running::{GroupRow, Grouping, plain_duration};
use leptos::html;

use crate::browser;
use crate::route::{Now as State, Route};
use crate::state::App;

mod model;
mod tables;
mod told;

use model::Model;
use tables::{Groups, LastWordsTable, Rows, Stuck};

use super::rows;

/// Ages that are offered as long, milliseconds.
const LONG_MS: [u64; 6] = [1_000, 5_000, 10_000, 60_000, 300_000, 3_600_000];

/// The view.
#[component]
pub(crate) fn Now(
    /// What is asked for.
    set: Signal<State>,
) -> impl IntoView {
    let model = Model::start(set);
    let section = NodeRef::<html::Section>::new();
    rows::listen(model, section);
    view! {
        <section class="now rows" aria-label="Running now" node_ref=section>
            <Bar model set />
            <Stuck model />
            <div
                class="scroll"
                on:pointerenter=move |_| model.hover(true)
                on:pointerleave=move |_| model.hover(false)
            >
                <Show when=move || model.has_rows() fallback=move || view! { <Nothing model set /> }>
                    <Show
                        when=move || set.with(|set| set.by) == Grouping::Waits
                        fallback=move || view! { <Groups model set /> }
                    >
                        <Rows model />
                    </Show>
                    <More model />
                </Show>
                <LastWordsTable model />
            </div>
        </section>
    }
}

#[component]
fn Bar(model: Model, set: Signal<State>) -> impl IntoView {
    let app = App::here();
    let change = move |change: &dyn Fn(&mut State)| {
        let mut state = set.get_untracked();
        change(&mut state);
        app.replace(Route::Now(state));
    };
    let news = move || {
        let (ended, new) = (model.ended().get(), model.waiting().get());
        let counted = |count: usize, word: &str| (count > 0).then(|| format!("{count} {word}"));
        let told = [counted(ended, "ended"), counted(new, "new")];
        told.into_iter().flatten().collect::<Vec<_>>().join(", ")
    };
    let arrangements = Grouping::ALL.map(|by| {
        let is_here = move || (set.with(|set| set.by) == by).to_string();
        view! {
            <button type="button" aria-pressed=is_here on:click=move |_| change(&|set| set.by = by)>
                {by.title()}
            </button>
        }
    });
    let offered = move || {
        let here = set.with(|set| set.long_ms);
        let mut all = LONG_MS.to_vec();
        if !all.contains(&here) {
            all.push(here);
            all.sort_unstable();
        }
        let option = |ms: u64| {
            let text = plain_duration(ms.saturating_mul(1_000_000));
            view! { <option value=ms.to_string() selected=ms == here>{text}</option> }
        };
        all.into_iter().map(option).collect_view()
    };
    view! {
        <div class="bar">
            <h1>"Running now"</h1>
            <span class="dim" aria-live="off">{move || model.summary().get()}</span>
            <AsOf model />
            <button
                type="button"
                class="news"
                class:is-hidden=move || model.ended().get() + model.waiting().get() == 0
                on:click=move |_| model.let_in()
            >
                {news}
            </button>
            <span class="gap"></span>
            <button
                type="button"
                title="Holds the list as it is (p)"
                aria-pressed=move || model.paused().get().to_string()
                on:click=move |_| model.toggle()
            >
                {move || if model.paused().get() { "Go on" } else { "Pause" }}
            </button>
        </div>
        <div class="settings">
            <input
                type="search"
                aria-label="Filter"
                placeholder="words, service:web, name:reindex"
                autocomplete="off"
                spellcheck="false"
                prop:value=move || set.with(|set| set.filter.clone())
                on:input=move |event| {
                    let text = event_target_value(&event);
                    change(&|set| set.filter = text.clone());
                }
            />
            <span class="choices" role="group" aria-label="Arrangement">{arrangements}</span>
            <label>
                "long is "
                <select on:change=move |event| {
                    if let Ok(ms) = event_target_value(&event).parse() {
                        change(&|set| set.long_ms = ms);
                    }
                }>
                    {offered}
                </select>
            </label>
            <button
                type="button"
                aria-pressed=move || set.with(|set| set.only_long).to_string()
                on:click=move |_| change(&|set| set.only_long = !set.only_long)
            >
                "Only long"
            </button>
        </div>
    }
}

/// Of when the rows are, where that is not now.
#[component]
fn AsOf(model: Model) -> impl IntoView {
    let app = App::here();
    let text = move || {
        let is_away = app.link.status().with(|now| now.trouble().is_some());
        let ns = model.as_of().get();
        if !is_away || ns == 0 {
            return String::new();
        }
        let time = hindsight_view::format::time_of_day(ns, browser::zone());
        format!("as of {}: the hub is away", &time[.."14:32:10".len()])
    };
    view! { <span class="warning" role="status">{text}</span> }
}

/// The next page of rows, and what no look shows.
#[component]
fn More(model: Model) -> impl IntoView {
    let count = |number: usize| hindsight_view::format::count(number as u64);
    let below = move || {
        let more = model.more().get();
        (more > 0).then(|| {
            view! {
                <button type="button" on:click=move |_| model.show_more()>
                    {format!("{} more rows", count(more))}
                </button>
            }
        })
    };
    let unseen = move || {
        let unseen = model.unseen().get();
        let plural = hindsight_view::format::plural(unseen, "span");
        (unseen > 0).then(|| format!("{plural} that began later are open too."))
    };
    view! { <p class="more dim">{below} {unseen}</p> }
}

#[component]
fn Nothing(model: Model, set: Signal<State>) -> impl IntoView {
    let shown = move || match (model.trouble().get(), model.as_of().get()) {
        (Some(trouble), 0) => view! { <p>{trouble.sentence()}</p> }.into_any(),
        (None, 0) => view! { <p>"Asking the hub."</p> }.into_any(),
        _ if set.with(|set| !set.filter.is_empty() || set.only_long) => {
            view! { <p>"No open span matches. Matching ones will appear here."</p> }.into_any()
        }
        _ => view! {
            <h2>"Nothing is running"</h2>
            <p>
                "Spans that are open stand here, the oldest first, each below the one that waits
                for it, so that what hangs is at the end of its branch. Spans that a process leaves
                open when it dies stay as its last words."
            </p>
        }
        .into_any(),
    };
    view! { <div class="empty">{shown}</div> }
}

/// Where a group leads: to its spans.
fn group_route(set: &State, group: &GroupRow) -> Route {
    Route::Now(State {
        filter: group.filter.clone(),
        by: Grouping::Waits,
        ..set.clone()
    })
}
