//! What the lens knows: the graph of an app, told by itself or by stored spans, and why the selected
//! query was computed.
//!
//! Holds: the app tells as long as it is connected and answers, stored spans otherwise; what is seen
//! says which. A graph with other boxes than those that are drawn waits while the pointer is over
//! them; a large one waits for the reader. Bounded: [`QueriesBuilder`] for what an app tells,
//! [`SPANS_MAX`] spans.

use std::sync::Arc;
use std::time::Duration;

use hindsight_protocol::hub::{AppInfo, QueryRequest};
use hindsight_protocol::introspection::picante::{
    CurrentGraphRequest, ExplainRequest, Explanation,
};
use hindsight_protocol::{PicanteIntrospectionClient, TracerId};
use hindsight_view::format;
use hindsight_view::lens::picante::{
    Look, Queries, QueriesBuilder, Shown, Stored, Structure, Why, parse_name,
};
use leptos::task::spawn_local;
use vox_rt::time::sleep;

use super::set::look_of;
use crate::browser;
use crate::hub::relay::{Purpose, Relayed};
use crate::hub::{self, Trouble};
use crate::reactive::prelude::*;
use crate::route::Picante as Set;
use crate::state::App;
use crate::view::change;

/// How often is looked whether there is something new.
const INTERVAL: Duration = Duration::from_secs(2);
/// Looks at whether the app takes a lane, before stored spans tell in its place.
const OPENING_LOOKS: u32 = 20;
const LOOK: Duration = Duration::from_millis(100);
/// Nodes that are asked for at once, and pages of them.
const PAGE: u32 = 1_000;
const PAGES_MAX: usize = 60;
/// Queries up to which a new revision is read without being asked to.
const READ_ANEW_MAX: u64 = 2_000;
/// Stored spans that are read, and how many at once.
const SPANS_MAX: usize = 12_000;
const SPANS_AT_ONCE: u32 = 4_000;

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

/// Why a query was computed, and who tells.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Told {
    pub(super) name: String,
    pub(super) why: Why,
    pub(super) by_app: bool,
    /// What went wrong with the app's answer, if it was asked.
    pub(super) trouble: String,
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

    async fn read_app(&self, round: u64, is_first: bool) -> Result<(), Trouble> {
        if !is_first {
            let request = CurrentGraphRequest {
                limit: 1,
                ..CurrentGraphRequest::default()
            };
            let newest = self.current_graph(request).await?;
            if !self.is_current(round) {
                return Ok(());
            }
            let known = self.queries.with_untracked(|queries| queries.revision);
            if newest.revision == known {
                return Ok(());
            }
            if newest.nodes_total > READ_ANEW_MAX {
                change(self.newer, newest.revision);
                return Ok(());
            }
        }
        let mut builder = QueriesBuilder::default();
        let mut cursor = 0;
        for _ in 0..PAGES_MAX {
            let request = CurrentGraphRequest {
                depth: 1,
                limit: PAGE,
                cursor,
                ..CurrentGraphRequest::default()
            };
            let page = self.current_graph(request).await?;
            if !self.is_current(round) {
                return Ok(());
            }
            let (total, next) = (page.nodes_total, page.next);
            builder.add(page);
            // An app that goes back would be read for ever.
            if next <= cursor || builder.is_full() {
                break;
            }
            cursor = next;
            let read = format::count(builder.len() as u64);
            change(
                self.progress,
                format!("reading: {read} of {} queries", format::count(total)),
            );
        }
        change(self.progress, String::new());
        change(self.source, Source::App);
        self.show(builder.finish());
        Ok(())
    }

    async fn current_graph(
        &self,
        request: CurrentGraphRequest,
    ) -> Result<hindsight_protocol::introspection::picante::QueryGraph, Trouble> {
        let call = self
            .relayed
            .call(|client| async move { client.get_current_graph(request).await });
        call.await
    }

    async fn read_stored(&self, round: u64, why_not: String) {
        let stored = match self.stored.get_value() {
            Some(stored) => stored,
            None => {
                let Ok(stored) = self.ask_stored().await else {
                    return;
                };
                Arc::new(stored)
            }
        };
        if !self.is_current(round) {
            return;
        }
        let is_known = self.stored.get_value().is_some();
        let source = Source::Spans(stored.len() as u64, why_not);
        change(self.progress, String::new());
        if is_known {
            return change(self.source, source);
        }
        let mut builder = QueriesBuilder::default();
        builder.add(stored.graph(None));
        self.stored.set_value(Some(stored));
        change(self.source, source);
        self.show(builder.finish());
    }

    /// The spans of queries of the app, newest first.
    async fn ask_stored(&self) -> Result<Stored, Trouble> {
        let tracer = self.tracer.get_untracked();
        let apps = self.app.apps().get_untracked();
        let run = run_of(&apps, tracer);
        let mut stored = Stored::default();
        if tracer.is_some() && run.is_none() {
            return Ok(stored);
        }
        let service = run.as_ref().map(|(service, _)| service.as_str());
        let query = Stored::query_text(service, run.as_ref().map(|(_, pid)| *pid));
        let mut until_ns = 0;
        while stored.len() < SPANS_MAX {
            let request = QueryRequest {
                query: query.clone(),
                limit: SPANS_AT_ONCE,
                until_ns,
                ..QueryRequest::default()
            };
            let reply = hub::query(self.app.link, request).await?;
            let Ok(batch) = reply.batch.check() else {
                break;
            };
            let before = stored.len();
            stored.add(&batch);
            let oldest = batch.rows().map(|row| row.start_ns()).min();
            let all = batch.len() as u64 >= reply.matched;
            match oldest {
                // One more nanosecond: others may have started with it.
                Some(oldest) if !all && stored.len() > before => until_ns = oldest + 1,
                _ => break,
            }
        }
        Ok(stored)
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

    /// Finds out why the query of that name was computed.
    fn explain(self, name: String) {
        if name.is_empty() {
            return change(self.told, None);
        }
        let source = self.source.get_untracked();
        let query = parse_name(&name);
        let request = ExplainRequest {
            kind: query.kind,
            key: query.key,
            limit: 0,
        };
        spawn_local(async move {
            let mut trouble = String::new();
            let by_app = match source {
                Source::App => {
                    let request = request.clone();
                    let call = self
                        .relayed
                        .call(|client| async move { client.explain(request).await });
                    match call.await {
                        Ok(told) => Some(told),
                        Err(why) => {
                            trouble = why.sentence();
                            None
                        }
                    }
                }
                _ => None,
            };
            let is_asked = self.set.try_with_untracked(|set| set.query == name) == Some(true);
            if !is_asked {
                return;
            }
            let tell = |told: &Explanation| Why::new(told, browser::zone());
            let stored = self.stored.try_get_value().flatten();
            let (why, is_by_app) = match (&by_app, stored) {
                (Some(told), _) => (tell(told), true),
                (None, Some(stored)) => (tell(&stored.explain(&request)), false),
                (None, None) => return,
            };
            let told = Told {
                name,
                why,
                by_app: is_by_app,
                trouble,
            };
            change(self.told, Some(told));
        });
    }
}

/// By what the spans of an app are found: service and process id.
fn run_of(apps: &[AppInfo], tracer: Option<TracerId>) -> Option<(String, u32)> {
    let app = apps.iter().find(|app| Some(app.tracer_id) == tracer)?;
    Some((app.run.service_name.clone(), app.run.pid))
}
