//! What all lenses have: the apps to choose from, and why one cannot be asked.

use hindsight_protocol::TracerId;
use hindsight_view::lens::{self, AppChoice, Lens, Standing};

use super::class;
use crate::reactive::prelude::*;
use crate::route::Route;
use crate::state::App;

/// The app that a lens shows: the one asked for, else the first that can be asked.
pub(crate) fn chosen_app(lens: Lens, asked: Signal<Option<TracerId>>) -> Memo<Option<TracerId>> {
    let app = App::here();
    Memo::new(move |_| {
        let asked = asked.get();
        app.apps().with(|apps| lens::chosen(lens, apps, asked))
    })
}

/// The head of a lens: its name, the apps to choose from, and why the chosen one cannot be asked.
#[component]
pub(crate) fn LensBar(
    /// Which lens.
    lens: Lens,
    /// The app of the address bar.
    asked: Signal<Option<TracerId>>,
    /// The lens on an app; parameters that make sense for any app stay.
    of: fn(TracerId) -> Route,
) -> impl IntoView {
    let app = App::here();
    let chosen = chosen_app(lens, asked);
    let choices = Memo::new(move |_| {
        let asked = asked.get();
        app.apps().with(|apps| lens::choices(lens, apps, asked))
    });
    let links = move || {
        let chosen = chosen.get();
        choices.with(|choices| {
            let links = choices.iter().map(|choice| link(choice, chosen, of));
            links.collect_view()
        })
    };
    let why_not = move || {
        let chosen = chosen.get();
        app.apps()
            .with(|apps| Standing::of(lens.service(), apps, chosen).sentence())
    };
    view! {
        <div class="bar">
            <h1>{lens.word()}</h1>
            <span class="choices" role="group" aria-label="App">{links}</span>
            <span class="gap"></span>
            <span class="dim" role="status">{why_not}</span>
        </div>
    }
}

fn link(
    choice: &AppChoice,
    chosen: Option<TracerId>,
    of: fn(TracerId) -> Route,
) -> impl IntoView + use<> {
    let is_here = (chosen == Some(choice.tracer)).then_some("true");
    let state = (!choice.is_connected).then_some(" gone");
    view! {
        <a href=of(choice.tracer).to_string() aria-current=is_here>
            <span class=format!("dot {}", class(choice.role))></span>
            {choice.name.clone()}" "<span class="dim">{choice.process.clone()}{state}</span>
        </a>
    }
}
