//! Parts of the program that come in modules of their own, when they are needed first.
//!
//! In: nothing; the build splits the program at the functions below (docs/decisions/0011-web-ui.md).
//! Out: what they make, or that they could not be loaded. Holds: the list of traces is in the first
//! module, so that it waits for nothing else; a part that could not be loaded is asked for again by
//! whoever wants it next. Bounded: each part is loaded once.

use std::time::Duration;

use hindsight_protocol::{SpanId, TraceId, TracerId};
use js_sys::Array;
use leptos::prelude::Owner;
use vox_rt::time::sleep;
use wasm_bindgen_futures::spawn_local;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use crate::browser;
use crate::link::Link;
use crate::reactive::prelude::*;
use crate::route::{Now as NowRoute, TraceLook};
use crate::trace;
use crate::view::{compare, dodeca, hub, map, now, picante, roam, services};

/// Until the parts that nobody has asked for are loaded too, and a worker: the first view is there by
/// then. What is there already can be opened at once, and though the hub has gone, or has become another
/// version.
const AHEAD_AFTER: Duration = Duration::from_secs(2);

/// Runs a worker.
type WorkerStart = fn(Option<Link>, &Array);
/// Makes the view of a trace.
type TraceView = fn(Signal<TraceId>, Signal<Option<SpanId>>, Signal<TraceLook>) -> AnyView;
/// What the address of the services says.
type ServicesOf = (Option<String>, Option<TracerId>);

/// Makes one of the other views.
#[derive(Clone, Copy)]
pub(crate) struct Views {
    pub(crate) now: fn(Signal<NowRoute>) -> AnyView,
    pub(crate) services: fn(Signal<ServicesOf>) -> AnyView,
    pub(crate) map: fn() -> AnyView,
    pub(crate) compare: fn() -> AnyView,
    pub(crate) hub: fn() -> AnyView,
    pub(crate) roam: fn() -> AnyView,
    pub(crate) picante: fn() -> AnyView,
    pub(crate) dodeca: fn() -> AnyView,
}

#[wasm_split(trace, fallible)]
fn trace_part() -> Result<TraceView, SplitLoaderError> {
    use crate::view::trace::Trace;
    Ok(|id, span, look| view! { <Trace id span look /> }.into_any())
}

#[wasm_split(views, fallible)]
fn views_part() -> Result<Views, SplitLoaderError> {
    use {compare::Compare, dodeca::Dodeca, hub::Hub, map::Map, now::Now};
    use {picante::Picante, roam::Roam, services::Services};
    Ok(Views {
        now: |set| view! { <Now set /> }.into_any(),
        services: |of| view! { <Services of /> }.into_any(),
        map: || view! { <Map /> }.into_any(),
        compare: || view! { <Compare /> }.into_any(),
        hub: || view! { <Hub /> }.into_any(),
        roam: || view! { <Roam /> }.into_any(),
        picante: || view! { <Picante /> }.into_any(),
        dodeca: || view! { <Dodeca /> }.into_any(),
    })
}

#[wasm_split(worker, fallible)]
fn worker_part() -> Result<WorkerStart, SplitLoaderError> {
    Ok(trace::start)
}

/// Runs the worker. It calls the hub while its part comes, if it knows with which token; where that
/// cannot be loaded, the page is told as of any error there.
pub(crate) fn work() {
    // What keeps the link's state, for as long as the worker lives.
    let owner = Owner::new();
    owner.set();
    std::mem::forget(owner);
    let said: Array = browser::left_by_start("hindsightSaid").unwrap_or_default();
    let link = said
        .get(0)
        .as_string()
        .map(|token| Link::start_with(&token));
    spawn_local(async move {
        match worker_part().await {
            Ok(start) => start(link, &said),
            Err(error) => browser::throw(&error.to_string()),
        }
    });
}

/// How far a part is.
#[derive(Clone, Copy)]
enum State<T> {
    Absent,
    Coming,
    Here(T),
    Failed,
}

/// A part of the page. Copies are the same part.
pub(crate) struct Part<T: 'static> {
    state: RwSignal<State<T>>,
    load: fn(Self),
}

impl<T> Clone for Part<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Part<T> {}

/// The parts of the page.
#[derive(Clone, Copy)]
pub(crate) struct Parts {
    pub(crate) trace: Part<TraceView>,
    pub(crate) views: Part<Views>,
}

impl Parts {
    /// None is there yet.
    pub(crate) fn new() -> Self {
        let parts = Self {
            trace: Part::new(|part| spawn_local(async move { part.take(trace_part().await) })),
            views: Part::new(|part| spawn_local(async move { part.take(views_part().await) })),
        };
        spawn_local(async move {
            sleep(AHEAD_AFTER).await;
            parts.trace.need();
            parts.views.need();
            trace::prepare(None);
        });
        parts
    }
}

impl<T: Copy + Send + Sync> Part<T> {
    fn new(load: fn(Self)) -> Self {
        Self {
            state: RwSignal::new(State::Absent),
            load,
        }
    }

    fn need(self) {
        if matches!(self.state.get_untracked(), State::Absent | State::Failed) {
            self.state.set(State::Coming);
            (self.load)(self);
        }
    }

    fn take(self, loaded: Result<T, SplitLoaderError>) {
        self.state.set(match loaded {
            Ok(part) => State::Here(part),
            Err(_) => State::Failed,
        });
    }

    /// What `make` makes of the part once it is there; nothing until then.
    pub(crate) fn shown(self, make: impl FnOnce(T) -> AnyView) -> AnyView {
        if matches!(self.state.get_untracked(), State::Absent) {
            self.need();
        }
        match self.state.get() {
            State::Here(part) => make(part),
            State::Absent | State::Coming => ().into_any(),
            State::Failed => view! {
                <div class="bar"><h1>"This view could not be loaded"</h1></div>
                <p class="empty">
                    "The hub is away, or has become another version. "
                    <button type="button" on:click=move |_| self.need()>"Try again"</button>
                </p>
            }
            .into_any(),
        }
    }
}
