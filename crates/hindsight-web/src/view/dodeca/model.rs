//! The view's state: what the app last said, or what stored spans say of it, shaped.

use std::time::Duration;

use futures_util::future::abortable;
use hindsight_protocol::hub::QueryRequest;
use hindsight_protocol::introspection::StreamRequest;
use hindsight_protocol::introspection::dodeca::{
    BuildEvent, BuildInfoRequest, ChangeExplanation, ExplainChangeRequest, ListPages,
    TemplateStats, TemplateStatsRequest,
};
use hindsight_protocol::{DodecaIntrospectionClient, TracerId};
use hindsight_view::lens::dodeca::stored::{self, Recalled};
use hindsight_view::lens::dodeca::{
    Causes, DodecaTab, EventLog, Head, Pages, PhaseRow, Templates, causes, head, pages, phases,
    recalled_head, templates,
};
use hindsight_view::lens::{Lens, Standing};
use leptos::task::spawn_local;
use vox_rt::time::sleep;

use crate::browser;
use crate::hub::relay::{Purpose, Relayed, follow};
use crate::hub::{self, Trouble};
use crate::reactive::prelude::*;
use crate::route::Dodeca as Set;
use crate::state::App;
use crate::view::change;

/// Between two questions while a build is under way, and while none is.
const EVERY: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(1));
/// Between two looks at stored spans.
const STORED_EVERY: Duration = Duration::from_secs(4);
/// While there is nobody to ask, or something else is asked for.
const RETRY: Duration = Duration::from_millis(100);

/// The view's state. Copies are the same.
#[derive(Clone, Copy)]
pub(super) struct Model {
    app: App,
    set: Signal<Set>,
    chosen: Signal<Option<TracerId>>,
    relayed: Relayed<DodecaIntrospectionClient>,
    stream: Relayed<DodecaIntrospectionClient>,
    head: RwSignal<Head>,
    phases: RwSignal<Vec<PhaseRow>>,
    pages: RwSignal<Pages>,
    templates: RwSignal<Templates>,
    causes: RwSignal<Causes>,
    log: RwSignal<EventLog>,
    note: RwSignal<String>,
    is_told: RwSignal<bool>,
    hovered: RwSignal<bool>,
}

impl Model {
    /// Asks for as long as the view is there.
    pub(super) fn start(chosen: Signal<Option<TracerId>>, set: Signal<Set>) -> Self {
        let model = Self {
            app: App::here(),
            set,
            chosen,
            relayed: Relayed::keep(chosen, Purpose::Calls),
            stream: Relayed::keep(chosen, Purpose::Streams),
            head: RwSignal::new(Head::default()),
            phases: RwSignal::new(Vec::new()),
            pages: RwSignal::new(Pages::default()),
            templates: RwSignal::new(Templates::default()),
            causes: RwSignal::new(Causes::default()),
            log: RwSignal::new(EventLog::default()),
            note: RwSignal::new(String::new()),
            is_told: RwSignal::new(false),
            hovered: RwSignal::new(false),
        };
        Effect::new(move || {
            // Another app: nothing of the one before is true of it.
            chosen.track();
            model.forget();
        });
        let (asking, abort_asking) = abortable(model.keep_asking());
        let (following, abort_following) = abortable(model.keep_following());
        spawn_local(async move {
            // An abort is the usual end.
            asking.await.ok();
        });
        spawn_local(async move {
            following.await.ok();
        });
        on_cleanup(move || {
            abort_asking.abort();
            abort_following.abort();
        });
        model
    }

    fn forget(&self) {
        change(self.is_told, false);
        change(self.head, Head::default());
        change(self.phases, Vec::new());
        change(self.pages, Pages::default());
        change(self.templates, Templates::default());
        change(self.causes, Causes::default());
        change(self.log, EventLog::default());
    }

    async fn keep_asking(self) {
        loop {
            if browser::is_hidden() {
                sleep(RETRY).await;
                continue;
            }
            let (app, set) = (self.chosen.get_untracked(), self.set.get_untracked());
            let (epoch, trouble) = (self.relayed.epoch(), self.relayed.trouble());
            let trouble = trouble.get_untracked();
            if trouble.is_none() && epoch.get_untracked() == 0 {
                // A lane is being opened.
                sleep(RETRY).await;
                continue;
            }
            let told = match self.relayed.client().is_ok() {
                true => self.ask(&set).await.map(|()| String::new()),
                false => self.recall(&set, trouble).await,
            };
            let is_live = told.as_ref().is_ok_and(String::is_empty);
            let note = told.unwrap_or_else(|trouble| trouble.sentence());
            if self.chosen.get_untracked() == app {
                change(self.note, note);
                change(self.is_told, true);
            }
            let is_building = self.head.with_untracked(|head| head.is_building);
            let pause = match (is_live, is_building) {
                (true, true) => EVERY.0,
                (true, false) => EVERY.1,
                (false, _) => STORED_EVERY,
            };
            self.pause(pause, is_live, &set).await;
        }
    }

    /// Until it is time to ask again, something else is asked for, or the app came or went.
    async fn pause(&self, time: Duration, is_live: bool, set: &Set) {
        let rounds = (time.as_millis() / RETRY.as_millis()).max(1);
        for _ in 0..rounds {
            sleep(RETRY).await;
            let is_other = self.set.with_untracked(|now| now != set);
            if is_other || self.relayed.client().is_ok() != is_live {
                return;
            }
        }
    }

    /// Asks the app for what is shown.
    async fn ask(&self, set: &Set) -> Result<(), Trouble> {
        let relayed = self.relayed;
        let request = BuildInfoRequest::default();
        let info = relayed.call(|client| async move { client.get_build_info(request).await });
        let info = info.await?;
        let (now_ns, at_ns) = (browser::now_ns(), info.at_ns);
        change(self.head, head(&info, now_ns, now_ns));
        change(self.phases, phases(&info));
        match set.tab {
            DodecaTab::Pages => {
                let request = set.sort.request(&set.find);
                let list = relayed.call(|client| async move { client.list_pages(request).await });
                self.show_pages(&list.await?, at_ns);
            }
            DodecaTab::Templates => {
                let request = TemplateStatsRequest::default();
                let ask = |client: DodecaIntrospectionClient| async move {
                    client.get_template_stats(request).await
                };
                self.show_templates(&relayed.call(ask).await?);
            }
            DodecaTab::Change => {
                let request = ExplainChangeRequest {
                    path: set.path.clone(),
                    limit: 0,
                };
                let ask = |client: DodecaIntrospectionClient| async move {
                    client.explain_change(request).await
                };
                self.show_change(&relayed.call(ask).await?, at_ns);
            }
            DodecaTab::Events => {}
        }
        Ok(())
    }

    /// Reads stored spans instead; says so, and why.
    async fn recall(&self, set: &Set, why: Option<Trouble>) -> Result<String, Trouble> {
        let app = self.chosen.get_untracked();
        let service = self.app.apps().with_untracked(|apps| {
            let found = apps.iter().find(|known| Some(known.tracer_id) == app)?;
            Some(found.run.service_name.clone())
        });
        let request = QueryRequest {
            query: stored::query(service.as_deref()),
            limit: stored::SPANS_MAX,
            ..QueryRequest::default()
        };
        let reply = hub::query(self.app.link, request).await?;
        let is_cut = reply.matched > reply.batch.len() as u64 || !reply.cut.is_empty();
        let spans = match reply.batch.check() {
            Ok(batch) => batch.to_spans(),
            Err(error) => {
                return Err(Trouble::Said(format!(
                    "The hub's answer is wrong: {error}."
                )));
            }
        };
        let recalled = stored::recall(&spans, is_cut);
        // Why it cannot be asked stands in the bar already, if that is for want of the app.
        let is_said = self.app.apps().with_untracked(|apps| {
            let standing = Standing::of(Lens::Dodeca.service(), apps, app);
            standing.sentence().is_some()
        });
        let why = why.filter(|_| !is_said);
        let why = why
            .map(|why| format!("{} ", why.sentence()))
            .unwrap_or_default();
        if recalled.is_empty() {
            return Ok(format!("{why}No stored span is of a build."));
        }
        self.show_recalled(&recalled, set);
        Ok(format!("{why}{}", recalled.note))
    }

    fn show_recalled(&self, recalled: &Recalled, set: &Set) {
        let now_ns = browser::now_ns();
        let info = &recalled.info;
        change(self.head, recalled_head(info, now_ns));
        change(self.phases, phases(info));
        self.show_pages(&recalled.find_pages(&set.find, set.sort), now_ns);
        self.show_templates(&recalled.templates);
        self.show_change(&recalled.change(&set.path), now_ns);
    }

    fn show_pages(&self, list: &ListPages, now_ns: u64) {
        if !self.hovered.get_untracked() {
            change(self.pages, pages(list, now_ns));
        }
    }

    fn show_templates(&self, stats: &TemplateStats) {
        if !self.hovered.get_untracked() {
            change(self.templates, templates(stats));
        }
    }

    fn show_change(&self, told: &ChangeExplanation, now_ns: u64) {
        if !self.hovered.get_untracked() {
            change(self.causes, causes(told, now_ns));
        }
    }

    /// Follows the app's events, again and again.
    async fn keep_following(self) {
        loop {
            if let Ok(client) = self.stream.client() {
                let (sender, stream) = vox::channel::<BuildEvent>();
                let call = client.stream_build_events(StreamRequest::default(), sender);
                let zone = browser::zone();
                let told = |events: Vec<BuildEvent>| {
                    self.log
                        .update(|log| events.iter().for_each(|event| log.push(event, zone)));
                };
                // Why it ended is said by the calls, which are asked all the time.
                follow(call, stream, told).await.ok();
            }
            sleep(EVERY.1).await;
        }
    }

    pub(super) fn head(&self) -> Signal<Head> {
        self.head.into()
    }

    pub(super) fn phases(&self) -> Signal<Vec<PhaseRow>> {
        self.phases.into()
    }

    pub(super) fn pages(&self) -> Signal<Pages> {
        self.pages.into()
    }

    pub(super) fn templates(&self) -> Signal<Templates> {
        self.templates.into()
    }

    pub(super) fn causes(&self) -> Signal<Causes> {
        self.causes.into()
    }

    pub(super) fn log(&self) -> Signal<EventLog> {
        self.log.into()
    }

    /// Where the answer comes from, or why there is none; empty for the app itself.
    pub(super) fn note(&self) -> Signal<String> {
        self.note.into()
    }

    /// Somebody has answered.
    pub(super) fn is_told(&self) -> Signal<bool> {
        self.is_told.into()
    }

    /// The pointer came or went.
    pub(super) fn hover(&self, is_over: bool) {
        self.hovered.set(is_over);
    }

    /// Whether rows are held because the pointer is over them.
    pub(super) fn is_held(&self) -> Signal<bool> {
        self.hovered.into()
    }
}
