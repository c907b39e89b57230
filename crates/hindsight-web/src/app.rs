//! The page around the views: top bar, apps, foot, and what to do in trouble.

use std::time::Duration;

use crate::reactive::prelude::*;
use hindsight_view::service_map::MapWindow;
use hindsight_view::{format, losses};
use leptos::mount::mount_to_body;
use leptos::task::spawn_local;
use vox_rt::time::sleep;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::browser;
use crate::link::Status;
use crate::parts::{self, Parts};
use crate::route::{Now as NowRoute, Route, TraceLook};
use crate::state::App;
use crate::theme::{self, ThemeButton};
use crate::trace;
use crate::view::class;
use crate::view::traces::Traces;

mod apps;
mod help;
pub(crate) mod keys;
mod lenses;
mod search;

use apps::Apps;
use help::Help;
use lenses::LensTabs;
use search::Search;

/// Runs the page. The glue calls it once the module is there.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        show_crash();
    }));
    match trace::is_worker() {
        true => parts::work(),
        false => {
            if let Route::Trace { id, .. } = Route::parse(&browser::url()) {
                trace::prepare(Some(id));
            }
            mount_to_body(Page);
        }
    }
}

/// After a panic nothing can be relied on: locks stay locked. The banner is a part of the document,
/// so that showing it needs nothing of this program.
fn show_crash() {
    let banner = browser::document().and_then(|document| document.get_element_by_id("crash"));
    if let Some(banner) = banner {
        banner.remove_attribute("hidden").ok();
    }
}

#[component]
fn Page() -> impl IntoView {
    let app = App::start();
    provide_context(app);
    theme::provide();
    keys::listen(app);
    let is_next_turn = next_turn();
    let is_settled = move || app.settled.get();
    view! {
        <header class="top">
            <a class="brand" href="/">"hindsight"</a>
            <nav aria-label="Views">
                <Tab route=Route::start() word="Traces" />
                <Tab route=Route::Now(NowRoute::default()) word="Now" />
                <Tab route=Route::Services { service: None, run: None } word="Services" />
                <Tab route=Route::Map { query: String::new(), window: MapWindow::default() } word="Map" />
                <Tab route=Route::comparison(None, None) word="Compare" />
                <Tab route=Route::Hub word="Hub" />
                <LensTabs />
            </nav>
            <div class="search"><Show when=is_settled><Search /></Show></div>
            <Connection />
            <ThemeButton />
        </header>
        <Show when=is_settled><Interruption /></Show>
        <div class="middle">
            <aside aria-label="Apps"><Show when=is_settled><Apps /></Show></aside>
            <main><Show when=move || is_next_turn.get()><Shown /></Show></main>
        </div>
        <footer><Show when=is_settled><Foot /></Show></footer>
    }
}

/// Whether the page has had a turn since now: the tabs come in the first, the view in the second. A
/// browser compiles each function when it is called first, so that one turn for all would be long.
fn next_turn() -> RwSignal<bool> {
    let is_next = RwSignal::new(false);
    spawn_local(async move {
        sleep(Duration::ZERO).await;
        is_next.set(true);
    });
    is_next
}

#[component]
fn Tab(route: Route, word: &'static str) -> impl IntoView {
    let here = App::here().route();
    let url = route.to_string();
    let current = move || {
        let is_here =
            here.with(|here| std::mem::discriminant(here) == std::mem::discriminant(&route));
        is_here.then_some("page")
    };
    view! { <a href=url aria-current=current>{word}</a> }
}

/// The view of the route. A view stays while only its parameters change.
#[component]
fn Shown() -> impl IntoView {
    let app = App::here();
    let route = app.route();
    let kind = Memo::new(move |_| route.with(std::mem::discriminant));
    let query = Signal::derive(move || match route.get() {
        Route::Traces { query } => query,
        _ => String::new(),
    });
    let query = Memo::new(move |_| query.get());
    let trace = Memo::new(
        move |before: Option<&hindsight_protocol::TraceId>| match route.get() {
            Route::Trace { id, .. } => id,
            _ => before.copied().unwrap_or_default(),
        },
    );
    let span = Memo::new(move |_| match route.get() {
        Route::Trace { span, .. } => span,
        _ => None,
    });
    let now = Memo::new(move |_| match route.get() {
        Route::Now(now) => now,
        _ => NowRoute::default(),
    });
    let services = Memo::new(move |_| match route.get() {
        Route::Services { service, run } => (service, run),
        _ => (None, None),
    });
    let look = Memo::new(move |_| match route.get() {
        Route::Trace { look, .. } => look,
        _ => TraceLook::default(),
    });
    let Parts {
        trace: of_trace,
        views,
    } = Parts::new();
    move || {
        // Read, not tracked: a memo that nobody reads follows nothing.
        kind.get();
        let route = route.get_untracked();
        if !matches!(route, Route::Traces { .. } | Route::Trace { .. }) {
            // These ask for what stands around them too.
            app.settled.set();
        }
        match route {
            Route::Traces { .. } => view! { <Traces query=query.into() /> }.into_any(),
            Route::Trace { .. } => {
                of_trace.shown(|make| make(trace.into(), span.into(), look.into()))
            }
            Route::Now(_) => views.shown(|views| (views.now)(now.into())),
            Route::Services { .. } => views.shown(|views| (views.services)(services.into())),
            Route::Map { .. } => views.shown(|views| (views.map)()),
            Route::Compare { .. } => views.shown(|views| (views.compare)()),
            Route::Roam(_) => views.shown(|views| (views.roam)()),
            Route::Picante(_) => views.shown(|views| (views.picante)()),
            Route::Dodeca(_) => views.shown(|views| (views.dodeca)()),
            Route::Hub => views.shown(|views| (views.hub)()),
            Route::Unknown => {
                view! {
                    <div class="bar"><h1>"There is no such page"</h1></div>
                    <p class="empty">"The address names none of the views above. " <a href="/">"All traces"</a></p>
                }
                .into_any()
            }
        }
    }
}

/// How long a connection that came back is said to be back.
const BACK_SHOWN: Duration = Duration::from_secs(8);

/// `live · 1,204/s`; `connected again` for a while after the hub was away.
#[component]
fn Connection() -> impl IntoView {
    let app = App::here();
    let status = app.link.status();
    let is_back = RwSignal::new(false);
    let epoch = app.link.epoch();
    Effect::new(move || {
        let now = epoch.get();
        // The first connection is none that came back.
        if now > 1 {
            is_back.set(true);
            spawn_local(async move {
                sleep(BACK_SHOWN).await;
                if epoch.get_untracked() == now {
                    is_back.set(false);
                }
            });
        }
    });
    let words = move || match status.get() {
        Status::Online if is_back.get() => "connected again".to_owned(),
        Status::Online => format!("live · {}/s", format::count(app.rates().get().received)),
        other => other.word().to_owned(),
    };
    view! {
        <span class="connection" role="status" data-status=move || status.with(Status::word)>
            <span class="lamp"></span>
            {words}
        </span>
    }
}

/// What is wrong with the connection, and what the reader can do.
#[component]
fn Interruption() -> impl IntoView {
    let app = App::here();
    let status = app.link.status();
    let token = RwSignal::new(String::new());
    // The hub's program was replaced while the page stayed open.
    let version = Memo::new(move |_| {
        let theirs = app
            .stats()
            .with(|stats| Some(stats.as_ref()?.version.clone()))?;
        crate::link::other_program(&theirs)
    });
    let help = move || match status.get() {
        Status::Offline { .. } => view! {
            <button type="button" on:click=move |_| app.link.try_now()>"Try now"</button>
        }
        .into_any(),
        Status::TokenNeeded { .. } => view! {
            <form on:submit=move |event| {
                event.prevent_default();
                app.link.set_token(&token.get_untracked());
            }>
                <input
                    type="password"
                    autocomplete="off"
                    aria-label="Token"
                    on:input=move |event| token.set(event_target_value(&event))
                />
                <button type="submit">"Use"</button>
            </form>
        }
        .into_any(),
        Status::OtherVersion { .. } => reload().into_any(),
        _ if version.get().is_some() => reload().into_any(),
        _ => ().into_any(),
    };
    let words = move || status.with(Status::trouble).or_else(|| version.get());
    view! {
        <div class="interruption" role="alert" class:is-hidden=move || words().is_none()>
            <span>{words}</span>
            {help}
        </div>
    }
}

fn reload() -> impl IntoView {
    let reload = |_| {
        if let Some(window) = browser::window() {
            // A browser that refuses leaves the page as it is.
            window.location().reload().ok();
        }
    };
    view! { <button type="button" on:click=reload>"Reload"</button> }
}

#[component]
fn Foot() -> impl IntoView {
    let app = App::here();
    let stored = move || {
        let stats = app.stats().get()?;
        Some(format!(
            "stored {} · {} of {} · expired {} · evicted {}",
            format::plural(stats.store.live, "span"),
            format::bytes(stats.memory_bytes),
            format::bytes(stats.memory_limit_bytes),
            format::count(stats.store.expired),
            format::count(stats.store.evicted),
        ))
    };
    let losses = move || {
        let losses = app.stats().with(|stats| stats.as_ref().map(losses::of_hub));
        let losses = losses.filter(|losses| !losses.is_empty());
        let Some(losses) = losses else {
            return view! { "dropped 0" }.into_any();
        };
        let each = losses.into_iter().enumerate().map(|(index, (role, text))| {
            let gap = if index > 0 { " · " } else { "" };
            view! { {gap} <span class=class(role)>{text}</span> }
        });
        each.collect_view().into_any()
    };
    view! {
        <span class="keys">
            <kbd>"j"</kbd><kbd>"k"</kbd>" move  "
            <kbd>"Enter"</kbd>" open  "
            <kbd>"p"</kbd>" pause  "
            <kbd>"/"</kbd>" find"
        </span>
        <Help />
        <span class="gap"></span>
        <span>{losses}</span>
        <span>{stored}</span>
    }
}
