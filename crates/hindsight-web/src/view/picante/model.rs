//! What the lens knows: the graph of an app, told by itself or by stored spans, and why the selected
//! query was computed.
//!
//! Holds: the app tells as long as it is connected and answers, stored spans otherwise; what is seen
//! says which. A graph with other boxes than those that are drawn waits while the pointer is over
//! them; a large one waits for the reader. Bounded: as [`read`] says.

use std::sync::Arc;
use std::time::Duration;

use hindsight_protocol::{PicanteIntrospectionClient, TracerId};
use hindsight_view::format;
use hindsight_view::lens::picante::{Look, Queries, Shown, Stored, Structure};
use leptos::task::spawn_local;
use vox_rt::time::sleep;

mod read;
mod why;

use read::run_of;
pub(super) use why::Told;

use super::set::look_of;
use crate::browser;
use crate::hub::relay::{Purpose, Relayed};
use crate::reactive::prelude::*;
use crate::route::Picante as Set;
use crate::state::App;
use crate::view::change;

/// How often is looked whether there is something new.
const INTERVAL: Duration = Duration::from_secs(2);
/// Looks at whether the app takes a lane, before stored spans tell in its place.
const OPENING_LOOKS: u32 = 20;
const LOOK: Duration = Duration::from_millis(100);

/// Who tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// Nobody yet.
    Asking,
    /// The app itself.
    App,
    /// So many stored spans, and why not the app.
    Spans(u64, String),
}

/// See the module's documentation. Copies are the same.
#[derive(Clone, Copy)]
pub(super) struct Model {
    app: App,
    set: Signal<Set>,
    tracer: Signal<Option<TracerId>>,
    relayed: Relayed<PicanteIntrospectionClient>,
    queries: RwSignal<Arc<Queries>>,
    waiting: RwSignal<Option<Arc<Queries>>>,
    /// A revision that was not read because it is large.
    newer: RwSignal<u64>,
    source: RwSignal<Source>,
    progress: RwSignal<String>,
    stored: StoredValue<Option<Arc<Stored>>>,
    told: RwSignal<Option<Told>>,
    is_held: RwSignal<bool>,
    round: StoredValue<u64>,
    reads_now: StoredValue<bool>,
}

impl Model {
    pub(super) fn start(app: App, set: Signal<Set>, tracer: Signal<Option<TracerId>>) -> Self {
        let model = Self {
            app,
            set,
            tracer,
            relayed: Relayed::keep(tracer, Purpose::Calls),
            queries: RwSignal::default(),
            waiting: RwSignal::new(None),
            newer: RwSignal::new(0),
            source: RwSignal::new(Source::Asking),
            progress: RwSignal::new(String::new()),
            stored: StoredValue::new(None),
            told: RwSignal::new(None),
            is_held: RwSignal::new(false),
            round: StoredValue::new(0),
            reads_now: StoredValue::new(false),
        };
        // Anew with another app, when the app is back or gone, and with each connection of the page.
        let standing = Memo::new(move |_| {
            let (epoch, hub) = (model.relayed.epoch().get(), app.link.epoch().get());
            let is_away = model.relayed.trouble().with(Option::is_some);
            // Whose spans to look for is known when the hub has listed its apps.
            let run = app.apps().with(|apps| run_of(apps, tracer.get()));
            (tracer.get(), epoch, is_away, hub, run)
        });
        let mut before = None;
        Effect::new(move || {
            let now = standing.get();
            let is_other = before.replace(now.0).is_some_and(|before| before != now.0);
            if now.3 > 0 {
                model.begin(is_other);
            }
        });
        let query = Memo::new(move |_| set.with(|set| set.query.clone()));
        Effect::new(move || {
            let query = query.get();
            model.source.track();
            model.queries.track();
            model.explain(query);
        });
        on_cleanup(move || {
            model.round.try_update_value(|round| *round += 1);
        });
        model
    }

    pub(super) fn app(&self) -> App {
        self.app
    }

    pub(super) fn set(&self) -> Signal<Set> {
        self.set
    }

    pub(super) fn relayed(&self) -> Relayed<PicanteIntrospectionClient> {
        self.relayed
    }

    pub(super) fn tracer(&self) -> Signal<Option<TracerId>> {
        self.tracer
    }

    pub(super) fn queries(&self) -> Signal<Arc<Queries>> {
        self.queries.into()
    }

    pub(super) fn source(&self) -> Signal<Source> {
        self.source.into()
    }

    pub(super) fn told(&self) -> Signal<Option<Told>> {
        self.told.into()
    }

    /// What stored spans tell, once they were read.
    pub(super) fn stored(&self) -> Option<Arc<Stored>> {
        self.source.track();
        self.queries.track();
        self.stored.get_value()
    }

    /// Whether boxes must stay.
    pub(super) fn hold(&self, is_held: bool) {
        change(self.is_held, is_held);
    }

    /// What waits for the reader, in words; empty for nothing.
    pub(super) fn news(&self) -> String {
        if let Some(waiting) = self.waiting.get() {
            return format!("Show revision {}", format::count(waiting.revision));
        }
        match self.newer.get() {
            0 => String::new(),
            newer => format!("Read revision {}", format::count(newer)),
        }
    }

    /// Shows what waits, or reads it.
    pub(super) fn let_in(&self) {
        if let Some(waiting) = self.waiting.get_untracked() {
            self.waiting.set(None);
            return self.queries.set(waiting);
        }
        self.newer.set(0);
        self.reads_now.set_value(true);
        self.begin(false);
    }

    /// `5,000 of 40,001 queries`, `41 queries, revision 5`.
    pub(super) fn status(&self) -> String {
        let progress = self.progress.get();
        if !progress.is_empty() {
            return progress;
        }
        let queries = self.queries.get();
        let count = queries.nodes().len() as u64;
        let mut text = match queries.total > count {
            true => format!(
                "{} of {} queries",
                format::count(count),
                format::count(queries.total)
            ),
            false => hindsight_view::lens::picante::queries(count),
        };
        if queries.revision > 0 {
            text += &format!(", revision {}", format::count(queries.revision));
        }
        match self.source.get() {
            Source::Asking => "Asking.".into(),
            Source::App => text,
            Source::Spans(spans, _) => {
                format!("{text}; from {}", format::plural(spans, "stored span"))
            }
        }
    }

    fn is_current(&self, round: u64) -> bool {
        self.round.try_get_value() == Some(round)
    }

    fn begin(&self, is_other: bool) {
        let round = self.round.get_value() + 1;
        self.round.set_value(round);
        if is_other {
            self.queries.set(Arc::default());
            self.waiting.set(None);
            self.newer.set(0);
            self.told.set(None);
            self.source.set(Source::Asking);
        }
        self.stored.set_value(None);
        spawn_local((*self).follow(round));
    }

    async fn follow(self, round: u64) {
        let mut is_first = true;
        // A lane is opened soon where the app is there; this round ends then.
        for _ in 0..OPENING_LOOKS {
            if !self.is_opening() {
                break;
            }
            sleep(LOOK).await;
            if !self.is_current(round) {
                return;
            }
        }
        loop {
            let why_not = self.why_not();
            if why_not.is_empty() {
                if let Err(trouble) = self.read_app(round, is_first).await {
                    if self.is_current(round) && is_first {
                        self.read_stored(round, trouble.sentence()).await;
                    }
                }
            } else {
                self.read_stored(round, why_not).await;
            }
            if !self.is_current(round) {
                return;
            }
            is_first = false;
            sleep(INTERVAL).await;
            // A hidden tab asks for nothing.
            browser::next_frame().await;
            if !self.is_current(round) {
                return;
            }
        }
    }

    /// Whether nobody can say yet if the app can be asked.
    fn is_opening(&self) -> bool {
        let is_wanted = self.tracer.get_untracked().is_some();
        let is_open = self.relayed.epoch().get_untracked() > 0;
        is_wanted && !is_open && self.relayed.trouble().get_untracked().is_none()
    }

    /// Why the app cannot be asked; empty where it can.
    fn why_not(&self) -> String {
        let trouble = self.relayed.trouble().get_untracked();
        match (trouble, self.relayed.epoch().get_untracked()) {
            (Some(trouble), _) => trouble.sentence(),
            (None, 0) => "The app was not asked yet.".into(),
            (None, _) => String::new(),
        }
    }

    /// Shows a graph now, or offers it where boxes would move under the pointer.
    fn show(&self, queries: Queries) {
        let set = self.set.get_untracked();
        let look = look_of(&set);
        let structure = |queries: &Queries| {
            let look: &Look = &look;
            Structure::new(queries, &Shown::new(queries, look))
        };
        let known = self.queries.get_untracked();
        let reads_now = self.reads_now.get_value();
        self.reads_now.set_value(false);
        let waits = self.is_held.get_untracked()
            && !reads_now
            && !known.is_empty()
            && structure(&known) != structure(&queries);
        if waits {
            return self.waiting.set(Some(Arc::new(queries)));
        }
        self.waiting.set(None);
        if *known != queries {
            self.queries.set(Arc::new(queries));
        }
    }
}
