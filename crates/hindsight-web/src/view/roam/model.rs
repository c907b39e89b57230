//! What the view knows: what each app told last, what spans tell, and what is shown of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hindsight_protocol::TracerId;
use hindsight_protocol::hub::{QueryRequest, ServiceMapRequest};
use hindsight_protocol::introspection::roam::RpcEvent;
use hindsight_view::format;
use hindsight_view::lens::roam::{
    self, AppTold, CallRow, ChannelRow, ConnectionRow, EventLog, MethodRow, RoamLayout, Rows,
    StoredRow, Topology,
};
use hindsight_view::lens::{self, Lens};
use leptos::task::spawn_local;
use vox_rt::time::sleep;

use crate::browser;
use crate::hub;
use crate::reactive::prelude::*;
use crate::state::App;
use crate::view::change;

/// Apps that are asked.
pub(super) const APPS_MAX: usize = 16;
/// Between two questions about stored spans.
const STORED_EVERY: Duration = Duration::from_secs(5);

/// Everything that is shown at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Shown {
    pub(super) topology: Topology,
    pub(super) calls: Rows<CallRow>,
    pub(super) channels: Rows<ChannelRow>,
    pub(super) methods: Rows<MethodRow>,
    pub(super) connections: Rows<ConnectionRow>,
}

/// The view's state. Copies are the same.
#[derive(Clone, Copy)]
pub(super) struct Model {
    page: App,
    asked: Signal<Option<TracerId>>,
    apps: Memo<Vec<TracerId>>,
    unasked: Memo<usize>,
    /// By the two halves of the tracer's id.
    told: StoredValue<BTreeMap<(u64, u64), AppTold>>,
    shown: RwSignal<Arc<Shown>>,
    stored: RwSignal<Arc<(Topology, Rows<StoredRow>)>>,
    layout: RwSignal<Arc<RoamLayout>>,
    log: RwSignal<EventLog>,
    is_told: RwSignal<bool>,
    is_held: RwSignal<bool>,
}

impl Model {
    pub(super) fn new(asked: Signal<Option<TracerId>>) -> Self {
        let page = App::here();
        let live = move || {
            let choices = page
                .apps()
                .with(|apps| lens::choices(Lens::Roam, apps, None));
            let live = choices.into_iter().filter(|choice| choice.is_connected);
            live.map(|choice| choice.tracer).collect::<Vec<_>>()
        };
        let model = Self {
            page,
            asked,
            apps: Memo::new(move |_| {
                let mut live = live();
                // The one that is wanted is among them.
                live.sort_by_key(|app| asked.get() != Some(*app));
                live.truncate(APPS_MAX);
                live.sort_by_key(|app| (app.high, app.low));
                live
            }),
            unasked: Memo::new(move |_| live().len().saturating_sub(APPS_MAX)),
            told: StoredValue::new(BTreeMap::new()),
            shown: RwSignal::default(),
            stored: RwSignal::default(),
            layout: RwSignal::default(),
            log: RwSignal::new(EventLog::default()),
            is_told: RwSignal::new(false),
            is_held: RwSignal::new(false),
        };
        Effect::new(move || {
            asked.track();
            model.arrange();
        });
        Effect::new(move || {
            let layout = Arc::new(match model.is_live() {
                true => model.shown.with(|shown| shown.topology.layout()),
                false => model.stored.with(|stored| stored.0.layout()),
            });
            change(model.layout, layout);
        });
        model.follow_stored();
        model
    }

    /// The apps that are asked.
    pub(super) fn apps(&self) -> Memo<Vec<TracerId>> {
        self.apps
    }

    /// Whether some app can be asked. Otherwise spans tell.
    pub(super) fn is_live(&self) -> bool {
        self.apps.with(|apps| !apps.is_empty())
    }

    pub(super) fn shown(&self) -> Signal<Arc<Shown>> {
        self.shown.into()
    }

    pub(super) fn stored(&self) -> Signal<Arc<(Topology, Rows<StoredRow>)>> {
        self.stored.into()
    }

    pub(super) fn layout(&self) -> Signal<Arc<RoamLayout>> {
        self.layout.into()
    }

    /// Whether the pointer is over the tables, none of which may move then.
    pub(super) fn is_held(&self) -> bool {
        self.is_held.get()
    }

    /// The pointer has come to the tables, or has gone.
    pub(super) fn hold(&self, holds: bool) {
        self.is_held.set(holds);
    }

    pub(super) fn log(&self) -> RwSignal<EventLog> {
        self.log
    }

    /// What is drawn now.
    pub(super) fn topology(&self) -> Topology {
        match self.is_live() {
            true => self.shown.with(|shown| shown.topology.clone()),
            false => self.stored.with(|stored| stored.0.clone()),
        }
    }

    pub(super) fn is_told(&self) -> bool {
        self.is_told.get()
    }

    pub(super) fn has_something(&self) -> bool {
        self.layout.with(|layout| !layout.nodes.is_empty())
    }

    /// `3 apps, 2 calls under way`.
    pub(super) fn status(&self) -> String {
        if !self.is_live() {
            return String::new();
        }
        let apps = self.apps.with(Vec::len) as u64;
        let calls = self.shown.with(|shown| shown.calls.size());
        format!(
            "{} asked, {calls} calls under way",
            format::plural(apps, "app")
        )
    }

    /// Why this is not everything.
    pub(super) fn remark(&self) -> String {
        if !self.is_live() && self.is_told() {
            return "No app can be asked now. This is what stored spans tell: who called whom, and how long it \
                    took; calls under way and channels are shown when an app is back."
                .to_owned();
        }
        match self.unasked.get() {
            0 => String::new(),
            more => format!(
                "{} more apps are not asked; choose one above.",
                format::count(more as u64)
            ),
        }
    }

    /// An app has told.
    pub(super) fn tell(&self, app: TracerId, told: AppTold) {
        self.told
            .try_update_value(|all| all.insert((app.high, app.low), told));
        self.arrange();
    }

    /// An app is not asked any more.
    pub(super) fn forget(&self, app: TracerId) {
        self.told
            .try_update_value(|all| all.remove(&(app.high, app.low)));
        if self.shown.try_get_untracked().is_some() {
            self.arrange();
        }
    }

    /// Events of an app.
    pub(super) fn happened(&self, app: TracerId, service: &str, events: &[RpcEvent]) {
        // None where the view has gone.
        let Some(asked) = self.asked.try_get_untracked() else {
            return;
        };
        if asked.is_none_or(|asked| asked == app) {
            self.log.update(|log| log.take_in(service, events));
        }
    }

    fn arrange(&self) {
        let Some(apps) = self.told.try_get_value() else {
            return;
        };
        let apps: Vec<AppTold> = apps.into_values().collect();
        let of = self.asked.try_get_untracked().flatten();
        let whole = Topology::new(&apps, browser::now_ns());
        let shown = Shown {
            topology: of.map_or_else(|| whole.clone(), |app| whole.around(app)),
            calls: roam::calls(&apps, of),
            channels: roam::channels(&apps, of),
            methods: roam::methods(&apps, of),
            connections: roam::connections(&apps, of),
        };
        if !apps.is_empty() {
            change(self.is_told, true);
        }
        change(self.shown, Arc::new(shown));
    }

    /// Asks the hub about spans while no app can be asked, until the view goes.
    fn follow_stored(self) {
        spawn_local(async move {
            loop {
                let apps: Signal<Vec<TracerId>> = self.apps.into();
                let Some(apps) = apps.try_get_untracked() else {
                    return;
                };
                if apps.is_empty() {
                    self.ask_stored().await;
                }
                sleep(STORED_EVERY).await;
                // A hidden tab asks for nothing.
                browser::next_frame().await;
            }
        });
    }

    async fn ask_stored(&self) {
        let of_map = ServiceMapRequest {
            query: Lens::Roam.stored_query().to_owned(),
            ..ServiceMapRequest::default()
        };
        let of_rows = QueryRequest {
            query: roam::stored_query(),
            ..QueryRequest::default()
        };
        let map = hub::service_map(self.page.link, of_map).await;
        let rows = hub::query(self.page.link, of_rows).await;
        if let (Ok(map), Ok(rows), Some(_)) = (map, rows, self.is_told.try_get_untracked()) {
            let told = (Topology::of_spans(&map), roam::stored_rows(&rows));
            change(self.stored, Arc::new(told));
            change(self.is_told, true);
        }
    }
}
