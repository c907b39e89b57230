//! The view's state: what the hub last said, shaped, as signals that change where it changes.

use std::time::Duration;

use crate::reactive::prelude::*;
use futures_util::future::abortable;
use hindsight_protocol::hub::{QueryRequest, QueryTable};
use hindsight_view::services::{
    OperationRow, RunSheet, ServiceRow, Traffic, Vitals, WINDOW_NS, left_open_query, operations,
    queries, runs, services,
};
use leptos::task::spawn_local;
use vox_rt::time::sleep;

use super::service_route;
use crate::browser;
use crate::hub::{self, Trouble};
use crate::link::Status;
use crate::route::Route;
use crate::state::App;
use crate::view::change;
use crate::view::rows::{Walk, step};

/// Between two questions about the last minutes.
const EVERY: Duration = Duration::from_secs(3);
/// While there is no connection to ask over, or another service is asked for.
const RETRY: Duration = Duration::from_millis(100);

/// The view's state. Copies are the same.
#[derive(Clone, Copy)]
pub(super) struct Model {
    app: App,
    service: Signal<Option<String>>,
    vitals: StoredValue<Vitals>,
    traffic: StoredValue<Traffic>,
    services: RwSignal<Vec<ServiceRow>>,
    runs: RwSignal<Vec<RunSheet>>,
    operations: RwSignal<Vec<OperationRow>>,
    is_told: RwSignal<bool>,
    hovered: RwSignal<bool>,
    selected: RwSignal<Option<String>>,
    trouble: RwSignal<Option<Trouble>>,
}

impl Model {
    /// Asks for as long as the view is there.
    pub(super) fn start(service: Signal<Option<String>>) -> Self {
        let app = App::here();
        let model = Self {
            app,
            service,
            vitals: StoredValue::new(Vitals::default()),
            traffic: StoredValue::new(Traffic::default()),
            services: RwSignal::new(Vec::new()),
            runs: RwSignal::new(Vec::new()),
            operations: RwSignal::new(Vec::new()),
            is_told: RwSignal::new(false),
            hovered: RwSignal::new(false),
            selected: RwSignal::new(None),
            trouble: RwSignal::new(None),
        };
        Effect::new(move || {
            // Another service: nothing of the one before is true of it.
            service.track();
            model.traffic.set_value(Traffic::default());
            model.is_told.set(false);
            model.selected.set(None);
            model.shape();
        });
        Effect::new(move || {
            // Once a second, with the numbers that the page asks for anyway.
            let now_ns = app
                .stats()
                .with(|stats| stats.as_ref().map(|stats| stats.now_ns));
            app.apps().with(|apps| {
                let now_ns = now_ns.unwrap_or_else(browser::now_ns);
                model
                    .vitals
                    .update_value(|vitals| vitals.look(apps, now_ns));
            });
            model.shape();
        });
        let (asking, abort) = abortable(model.keep_asking());
        spawn_local(async move {
            // An abort is the usual end.
            asking.await.ok();
        });
        on_cleanup(move || abort.abort());
        model
    }

    async fn keep_asking(self) {
        loop {
            let status = self.app.link.status();
            let is_online = status.with_untracked(|now| *now == Status::Online);
            if !is_online || browser::is_hidden() {
                sleep(RETRY).await;
                continue;
            }
            let service = self.service.get_untracked();
            let answer = self.ask(service.as_deref()).await;
            if self.service.get_untracked() != service {
                continue;
            }
            match answer {
                Ok(traffic) => {
                    self.is_told.set(true);
                    self.trouble.set(None);
                    self.traffic.set_value(traffic);
                    self.shape();
                }
                Err(trouble) => self.trouble.set(Some(trouble)),
            }
            self.pause(service).await;
        }
    }

    /// Until it is time to ask again, or another service is asked for.
    async fn pause(self, service: Option<String>) {
        for _ in 0..EVERY.as_millis() / RETRY.as_millis() {
            if self.service.with_untracked(|now| *now != service) {
                return;
            }
            sleep(RETRY).await;
        }
    }

    async fn ask(self, service: Option<&str>) -> Result<Traffic, Trouble> {
        let [all, failed] = queries(service);
        Ok(Traffic {
            all: self.table(all, true).await?,
            failed: self.table(failed, true).await?,
            left_open: self.table(left_open_query(), false).await?,
        })
    }

    async fn table(self, query: String, in_window: bool) -> Result<QueryTable, Trouble> {
        let stats = self.app.stats();
        let now_ns = stats.with_untracked(|stats| stats.as_ref().map(|stats| stats.now_ns));
        let now_ns = now_ns.unwrap_or_else(browser::now_ns);
        let request = QueryRequest {
            query,
            since_ns: if in_window {
                now_ns.saturating_sub(WINDOW_NS)
            } else {
                0
            },
            ..QueryRequest::default()
        };
        Ok(hub::query(self.app.link, request).await?.table)
    }

    /// Shapes what is known, unless the pointer is over it.
    fn shape(&self) {
        if self.hovered.get_untracked() {
            return;
        }
        let apps = self.app.apps().get_untracked();
        let zone = browser::zone();
        self.vitals.with_value(|vitals| {
            self.traffic
                .with_value(|traffic| match self.service.get_untracked() {
                    None => change(self.services, services(&apps, vitals, traffic)),
                    Some(service) => {
                        change(self.runs, runs(&service, &apps, vitals, traffic, zone));
                        change(self.operations, operations(&service, traffic));
                    }
                });
        });
    }

    pub(super) fn services(&self) -> Signal<Vec<ServiceRow>> {
        self.services.into()
    }

    pub(super) fn runs(&self) -> Signal<Vec<RunSheet>> {
        self.runs.into()
    }

    pub(super) fn operations(&self) -> Signal<Vec<OperationRow>> {
        self.operations.into()
    }

    /// The hub has answered about what is asked for.
    pub(super) fn is_told(&self) -> Signal<bool> {
        self.is_told.into()
    }

    pub(super) fn trouble(&self) -> Signal<Option<Trouble>> {
        self.trouble.into()
    }

    /// The pointer came or went.
    pub(super) fn hover(&self, is_over: bool) {
        self.hovered.set(is_over);
        self.shape();
    }

    pub(super) fn is_selected(&self, key: &str) -> bool {
        self.selected
            .with(|selected| selected.as_deref() == Some(key))
    }

    /// What tells rows apart, in the order of the page: services, or operations of one.
    fn keys(&self) -> Vec<String> {
        match self.service.with_untracked(Option::is_none) {
            true => self
                .services
                .with_untracked(|rows| rows.iter().map(|row| row.service.clone()).collect()),
            false => self
                .operations
                .with_untracked(|rows| rows.iter().map(|row| row.operation.clone()).collect()),
        }
    }
}

impl Walk for Model {
    fn select(self, by: isize) -> Option<usize> {
        let keys = self.keys();
        let selected = self.selected.get_untracked();
        let here = keys.iter().position(|key| Some(key) == selected.as_ref());
        let index = step(here, by, keys.len())?;
        self.selected.set(keys.get(index).cloned());
        Some(index)
    }

    fn target(self) -> Option<Route> {
        let selected = self.selected.get_untracked()?;
        if self.service.with_untracked(Option::is_none) {
            return Some(service_route(&selected));
        }
        self.operations.with_untracked(|rows| {
            let row = rows.iter().find(|row| row.operation == selected)?;
            let query = row.query.clone();
            Some(Route::Traces { query })
        })
    }

    /// There is nothing to hold: rows stay where they are.
    fn toggle_pause(self) {}
}
