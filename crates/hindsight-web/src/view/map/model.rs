//! The map's state: what the hub told, and what is pointed at.

use std::sync::Arc;
use std::time::Duration;

use crate::reactive::prelude::*;
use hindsight_protocol::hub::{ServiceMapReply, ServiceMapRequest};
use hindsight_view::format;
use hindsight_view::service_map::{MapLayout, MapMemory, MapNumbers, MapWindow};
use leptos::task::spawn_local;
use vox_rt::time::sleep;

use crate::browser;
use crate::hub::{self, Trouble};
use crate::state::App;

/// How often the hub is asked again.
const INTERVAL: Duration = Duration::from_secs(2);

/// What is pointed at or has the focus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lit {
    /// A service: its calls and the services at their other ends are lit too.
    Service(String),
    /// A call and both its ends.
    Call(String, String),
}

/// The map as the view sees it. Copies are the same.
#[derive(Clone, Copy)]
pub(super) struct Model {
    app: App,
    /// Which following is the present one: others end.
    round: StoredValue<u64>,
    memory: StoredValue<MapMemory>,
    layout: RwSignal<Arc<MapLayout>>,
    numbers: RwSignal<Arc<MapNumbers>>,
    asked: RwSignal<(String, MapWindow)>,
    remark: RwSignal<String>,
    lit: RwSignal<Option<Lit>>,
    trouble: RwSignal<Option<Trouble>>,
    is_told: RwSignal<bool>,
}

impl Model {
    pub(super) fn new(app: App) -> Self {
        Self {
            app,
            round: StoredValue::new(0),
            memory: StoredValue::new(MapMemory::default()),
            layout: RwSignal::default(),
            numbers: RwSignal::default(),
            asked: RwSignal::default(),
            remark: RwSignal::default(),
            lit: RwSignal::new(None),
            trouble: RwSignal::new(None),
            is_told: RwSignal::new(false),
        }
    }

    /// Changes only when something comes that was not there before.
    pub(super) fn layout(&self) -> Signal<Arc<MapLayout>> {
        self.layout.into()
    }

    /// Change with every answer.
    pub(super) fn numbers(&self) -> Signal<Arc<MapNumbers>> {
        self.numbers.into()
    }

    /// The filter and the window that the numbers are of.
    pub(super) fn asked(&self) -> Signal<(String, MapWindow)> {
        self.asked.into()
    }

    pub(super) fn trouble(&self) -> Signal<Option<Trouble>> {
        self.trouble.into()
    }

    pub(super) fn is_told(&self) -> Signal<bool> {
        self.is_told.into()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.layout.with(|layout| layout.services.is_empty())
    }

    /// `5 services, 4 calls between them`.
    pub(super) fn status(&self) -> String {
        let layout = self.layout.get();
        if layout.services.is_empty() {
            return String::new();
        }
        let services = format::plural(layout.services.len() as u64, "service");
        let calls = match layout.calls.len() {
            0 => "no calls between them".into(),
            1 => "1 kind of call between them".into(),
            calls => format!(
                "{} kinds of calls between them",
                format::count(calls as u64)
            ),
        };
        format!("{services}, {calls}{}", self.remark.get())
    }

    /// Points at something, or no longer at what was pointed at.
    pub(super) fn light(&self, lit: Option<Lit>) {
        // What has the focus loses it when the view goes, and says so when there is no view any more.
        if self.lit.try_with_untracked(|before| *before != lit) == Some(true) {
            self.lit.set(lit);
        }
    }

    /// Whether something else is pointed at, to which this service does not belong.
    pub(super) fn is_service_faint(&self, service: &str) -> bool {
        match self.lit.get() {
            None => false,
            Some(Lit::Call(from, to)) => from != service && to != service,
            Some(Lit::Service(lit)) => {
                let is_neighbour = |from: &str, to: &str| {
                    (from == service && to == lit) || (to == service && from == lit)
                };
                lit != service
                    && !self.layout.with_untracked(|layout| {
                        let mut calls = layout.calls.iter();
                        calls.any(|((from, to), _)| is_neighbour(from, to))
                    })
            }
        }
    }

    /// The same of a call.
    pub(super) fn is_call_faint(&self, from: &str, to: &str) -> bool {
        match self.lit.get() {
            None => false,
            Some(Lit::Call(lit_from, lit_to)) => lit_from != from || lit_to != to,
            Some(Lit::Service(lit)) => lit != from && lit != to,
        }
    }

    /// Asks for the map, again and again, until another one is asked for.
    pub(super) fn follow(self, query: String, window: MapWindow) {
        let round = self.round.get_value() + 1;
        self.round.set_value(round);
        self.is_told.set(false);
        spawn_local(self.read(query, window, round));
    }

    /// Ends the following.
    pub(super) fn stop(&self) {
        self.round.try_update_value(|round| *round += 1);
    }

    fn is_current(&self, round: u64) -> bool {
        self.round.try_get_value() == Some(round)
    }

    async fn read(self, query: String, window: MapWindow, round: u64) {
        loop {
            // The hub's clock says which spans are of the last minute.
            let stats = self.app.stats();
            let now_ns = stats.try_with_untracked(|stats| stats.as_ref().map(|stats| stats.now_ns));
            let now_ns = now_ns.flatten().unwrap_or_else(browser::now_ns);
            let request = ServiceMapRequest {
                since_ns: window.since_ns(now_ns),
                until_ns: 0,
                query: query.clone(),
            };
            let reply = hub::service_map(self.app.link, request).await;
            if !self.is_current(round) {
                return;
            }
            match reply {
                Ok(reply) => self.take_in(&reply, &query, window, now_ns),
                Err(trouble) => {
                    let is_final = matches!(trouble, Trouble::Query(_));
                    self.is_told.set(trouble != Trouble::Offline);
                    self.trouble.set(Some(trouble));
                    if is_final {
                        return;
                    }
                }
            }
            sleep(INTERVAL).await;
            // A hidden tab asks for nothing.
            browser::next_frame().await;
            if !self.is_current(round) {
                return;
            }
        }
    }

    fn take_in(&self, reply: &ServiceMapReply, query: &str, window: MapWindow, now_ns: u64) {
        let is_other = self
            .asked
            .with_untracked(|(before, of)| before != query || *of != window);
        let is_first = !self.is_told.get_untracked() && is_other;
        if is_first {
            self.memory.set_value(MapMemory::default());
            self.asked.set((query.to_owned(), window));
        }
        let memory = self.memory;
        let is_news = memory.try_update_value(|memory| memory.take_in(reply));
        self.numbers
            .set(Arc::new(MapNumbers::new(reply, window, now_ns)));
        if is_news == Some(true) || is_first {
            self.layout
                .set(Arc::new(memory.with_value(MapMemory::layout)));
        }
        let mut remark = String::new();
        if memory.with_value(MapMemory::is_full) {
            remark = format!("; {}", super::left_out());
        }
        if !reply.cut.is_empty() {
            remark += "; not all spans were counted within the hub's limits";
        }
        if self.remark.with_untracked(|before| *before != remark) {
            self.remark.set(remark);
        }
        self.trouble.set(None);
        self.is_told.set(true);
    }
}
