//! Connections, calls under way, channels and counters of roam, of all apps that tell of them.
//!
//! In: the app of the address bar, and the answers of all apps, one every second while the tab is seen;
//! stored spans where no app can be asked. Out: a picture of who calls whom, tables, a log of events. Holds:
//! numbers change in place, nothing moves under the pointer or while the log is held. Bounded:
//! [`model::APPS_MAX`] apps that are asked, and the bounds of `hindsight_view::lens::roam`.

use hindsight_protocol::TracerId;
use hindsight_view::lens::{self, Lens};
use leptos::html;

use super::class;
use super::rows::{self, InPlace};
use crate::reactive::prelude::*;
use crate::route::{Roam as Set, Route};
use crate::state::App;

mod asker;
mod log;
mod model;
mod picture;
mod table;
mod tables;

use asker::Asker;
use log::Log;
use model::Model;
use picture::Picture;
use tables::Tables;

/// The view.
#[component]
pub(crate) fn Roam() -> impl IntoView {
    let route = App::here().route();
    let asked = Memo::new(move |before: Option<&Option<TracerId>>| match route.get() {
        Route::Roam(set) => set.app,
        // The view is about to go.
        _ => before.copied().flatten(),
    });
    let model = Model::new(asked.into());
    let section = NodeRef::<html::Section>::new();
    let log = model.log();
    let pause = move || log.update(|log| log.toggle_pause());
    rows::listen(
        InPlace {
            within: section,
            pause,
        },
        section,
    );
    view! {
        <section class="lens roam rows" aria-label=Lens::Roam.word() node_ref=section>
            <Bar model asked=asked.into() />
            <For
                each=move || model.apps().get()
                key=|app: &TracerId| *app
                children=move |app| view! { <Asker model app /> }
            />
            <p class="about dim" class:is-hidden=move || model.remark().is_empty() role="status">
                {move || model.remark()}
            </p>
            <Show when=move || model.has_something() fallback=move || view! { <Nothing model /> }>
                <Picture model />
                <div
                    class="tables"
                    tabindex="0"
                    role="region"
                    aria-label="Calls, channels, counters and events"
                    on:pointerenter=move |_| model.hold(true)
                    on:pointerleave=move |_| model.hold(false)
                >
                    <Tables model />
                    <Log model />
                </div>
            </Show>
        </section>
    }
}

#[component]
fn Bar(model: Model, asked: Signal<Option<TracerId>>) -> impl IntoView {
    let app = App::here();
    let choices = Memo::new(move |_| {
        let asked = asked.get();
        app.apps()
            .with(|apps| lens::choices(Lens::Roam, apps, asked))
    });
    let link = |tracer: Option<TracerId>| Route::Roam(Set { app: tracer }).to_string();
    let links = move || {
        let here = asked.get();
        let apps = choices.get();
        let links = apps.into_iter().map(|choice| {
            let is_here = (here == Some(choice.tracer)).then_some("true");
            let state = (!choice.is_connected).then_some(" gone");
            view! {
                <a href=link(Some(choice.tracer)) aria-current=is_here>
                    <span class=format!("dot {}", class(choice.role))></span>
                    {choice.name}" "<span class="dim">{choice.process}{state}</span>
                </a>
            }
        });
        links.collect_view()
    };
    let all = move || asked.get().is_none().then_some("true");
    view! {
        <div class="bar">
            <h1>{Lens::Roam.word()}</h1>
            <span class="choices" role="group" aria-label="App">
                <a href=link(None) aria-current=all>"All"</a>
                {links}
            </span>
            <span class="gap"></span>
            <span class="dim" aria-live="off">{move || model.status()}</span>
        </div>
    }
}

/// What would be here, and why it is not.
#[component]
fn Nothing(model: Model) -> impl IntoView {
    let why = move || match model.is_told() {
        false => "Asking.",
        true => "No app tells of roam now, and no stored span is of a roam call.",
    };
    let what = "An app shows its connections, the calls that are under way and its channels here with one \
                line: hindsight_roam::introspect(&tracer). Calls that go through hindsight-roam make spans \
                without it.";
    view! {
        <div class="empty">
            <p>{why}</p>
            <p>{move || model.is_told().then_some(what)}</p>
        </div>
    }
}
