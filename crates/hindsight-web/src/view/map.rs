//! Which services call which, how often, with what outcome and how fast.
//!
//! In: the filter and the window of the address bar, and the hub's answers, one every few seconds.
//! Out: a picture that can be moved and zoomed, and tables with the same numbers. Holds: numbers
//! change in place; nothing moves unless a service or call comes that was not there before.

use hindsight_view::service_map::{CALLS_MAX, MapWindow, SERVICES_MAX};

use crate::hub::Trouble;
use crate::reactive::prelude::*;
use crate::route::Route;
use crate::state::App;
use crate::view::query_bar::{Faults, QueryBar};

mod model;
mod picture;
mod tables;

use model::Model;
use picture::Picture;
use tables::Tables;

/// The view.
#[component]
pub(crate) fn Map() -> impl IntoView {
    let app = App::here();
    let route = app.route();
    let asked = Memo::new(
        move |before: Option<&(String, MapWindow)>| match route.get() {
            Route::Map { query, window } => (query, window),
            // The view is about to go.
            _ => before.cloned().unwrap_or_default(),
        },
    );
    let model = Model::new(app);
    let epoch = app.link.epoch();
    Effect::new(move || {
        let (query, window) = asked.get();
        if epoch.get() > 0 {
            model.follow(query, window);
        }
    });
    on_cleanup(move || model.stop());
    view! {
        <section class="map" aria-label="Map">
            <Bar model asked=asked.into() />
            <Refusal model />
            <Show when=move || !model.is_empty() fallback=move || view! { <Nothing model asked=asked.into() /> }>
                <Picture model />
                <Tables model />
            </Show>
        </section>
    }
}

#[component]
fn Bar(model: Model, asked: Signal<(String, MapWindow)>) -> impl IntoView {
    let app = App::here();
    let text = RwSignal::new(String::new());
    Effect::new(move || text.set(asked.get().0));
    let submit = move |query: String| {
        let window = asked.get_untracked().1;
        app.go(Route::Map { query, window });
    };
    let faults = Signal::derive(move || match model.trouble().get()? {
        Trouble::Query(problems) => Some(Faults {
            text: asked.get_untracked().0.trim().to_owned(),
            problems,
        }),
        _ => None,
    });
    let windows = MapWindow::CHOICES.into_iter().map(|(window, word)| {
        let url = move || {
            let query = asked.get().0;
            Route::Map { query, window }.to_string()
        };
        let is_here = move || (asked.get().1 == window).then_some("true");
        view! { <a href=url aria-current=is_here>{word}</a> }
    });
    view! {
        <div class="bar">
            <h1>"Map"</h1>
            <span class="dim status" role="status">{move || model.status()}</span>
            <span class="gap"></span>
            <span class="choices" role="group" aria-label="Spans that started in the last">
                {windows.collect_view()}
            </span>
            <QueryBar
                id="map-query"
                label="Count only spans that match"
                placeholder="only spans that match"
                text
                faults
                on_submit=Callback::new(submit)
            />
        </div>
    }
}

/// Why the hub does not answer. What it says against the filter stands below the filter.
#[component]
fn Refusal(model: Model) -> impl IntoView {
    let shown = move || match model.trouble().get()? {
        Trouble::Offline | Trouble::Query(_) => None,
        Trouble::Said(sentence) => Some(view! { <p>{sentence}</p> }),
    };
    view! {
        <div class="trouble" role="alert" class:is-hidden=move || shown().is_none()>
            {shown}
        </div>
    }
}

/// What would be here, and why it is not.
#[component]
fn Nothing(model: Model, asked: Signal<(String, MapWindow)>) -> impl IntoView {
    let why = move || {
        let (query, window) = asked.get();
        match (model.is_told().get(), query.is_empty(), window.length_ns) {
            (false, ..) => "Asking the hub.",
            (true, true, None) => "No span is stored yet.",
            (true, true, Some(_)) => "No span started in this time.",
            (true, false, None) => "No stored span matches.",
            (true, false, Some(_)) => "No span that started in this time matches.",
        }
    };
    let what = "Each service that sends spans is a box here, each pair of services of which one \
                calls the other an arrow, with calls a second, errors and durations. Nothing has to \
                be set up: the hub counts them from the spans it stores.";
    view! {
        <div class="empty">
            <p>{why}</p>
            <p>{move || model.is_told().get().then_some(what)}</p>
        </div>
    }
}

/// Said where there is more than a picture can hold.
fn left_out() -> String {
    format!("only {SERVICES_MAX} services and {CALLS_MAX} calls are drawn")
}
