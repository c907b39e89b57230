//! Builds of an app, as dodeca tells them: how far one is, pages, templates, what a change rebuilt.
//!
//! In: the view's state in the address bar, the app's answers through the hub, and its events as they
//! happen; stored spans where the app is not there. Out: a head, phases, and one of four tables.
//! Holds: rows of tables stay while the pointer is over them; where an answer comes from is said.
//! Bounded: by `hindsight_view::lens::dodeca`.

use hindsight_view::lens::Lens;
use hindsight_view::lens::dodeca::DodecaTab;

use super::class;
use super::lens::{LensBar, chosen_app};
use crate::reactive::prelude::*;
use crate::route::{Dodeca as Set, Route};
use crate::state::App;

mod change;
mod head;
mod log;
mod model;
mod pages;
mod templates;

use change::Change;
use head::Build;
use log::Log;
use model::Model;
use pages::PagesTable;
use templates::TemplatesTable;

/// The view.
#[component]
pub(crate) fn Dodeca() -> impl IntoView {
    let app = App::here();
    let route = app.route();
    let set = Memo::new(move |before: Option<&Set>| match route.get() {
        Route::Dodeca(set) => set,
        // The view is about to go.
        _ => before.cloned().unwrap_or_default(),
    });
    let asked = Memo::new(move |_| set.with(|set| set.app));
    let chosen = chosen_app(Lens::Dodeca, asked.into());
    let model = Model::start(chosen.into(), set.into());
    let of = |app| {
        let app = Some(app);
        let set = Set {
            app,
            ..Set::default()
        };
        Route::Dodeca(set)
    };
    let tabs = move || {
        let here = set.get();
        let tab = |tab: DodecaTab| {
            let route = Route::Dodeca(Set {
                tab,
                ..here.clone()
            });
            let is_here = (here.tab == tab).then_some("page");
            view! { <a href=route.to_string() aria-current=is_here>{tab.title()}</a> }
        };
        DodecaTab::ALL.map(tab).collect_view()
    };
    let shown = Memo::new(move |_| set.with(|set| set.tab));
    view! {
        <section class="lens dodeca" aria-label=Lens::Dodeca.word()>
            <LensBar lens=Lens::Dodeca asked=asked.into() of />
            <p class="about note" role="status">{move || model.note().get()}</p>
            <Build model />
            <nav class="parts" aria-label="Parts of the build">{tabs}</nav>
            <div
                class="part"
                on:pointerenter=move |_| model.hover(true)
                on:pointerleave=move |_| model.hover(false)
            >
                {move || match shown.get() {
                    DodecaTab::Pages => view! { <PagesTable model set=set.into() /> }.into_any(),
                    DodecaTab::Templates => view! { <TemplatesTable model /> }.into_any(),
                    DodecaTab::Change => view! { <Change model set=set.into() /> }.into_any(),
                    DodecaTab::Events => view! { <Log model /> }.into_any(),
                }}
            </div>
        </section>
    }
}

/// A text that leads to a span, where there is one.
fn to_span(
    text: String,
    span: Option<(hindsight_protocol::TraceId, hindsight_protocol::SpanId)>,
) -> AnyView {
    match span {
        Some((trace, span)) => {
            let url = Route::of_span(trace, span).to_string();
            view! { <a href=url>{text}</a> }.into_any()
        }
        None => text.into_any(),
    }
}

/// The style sheet's class of a role that may be missing.
fn class_of(role: Option<hindsight_view::Role>) -> &'static str {
    role.map_or("plain", class)
}
