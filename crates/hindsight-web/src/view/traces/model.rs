//! The list's state, as signals that change only where what is shown changes.

use std::collections::HashMap;

use crate::reactive::prelude::*;
use hindsight_protocol::hub::{LiveRequest, TraceSort};
use hindsight_protocol::{LiveEvent, TraceId};
use hindsight_view::trace_list::{ROWS_MAX, next_rows};
use hindsight_view::{TraceList, TraceRow};
use leptos::task::spawn_local;

use crate::browser;
use crate::hub::Trouble;
use crate::hub::live::{self, Receiver, Subscription};
use crate::link::Link;
use crate::settled::Settled;
use crate::state::App;
use crate::view::query_bar::{self, Faults};

/// The list as the view sees it. Copies are the same list.
#[derive(Clone, Copy)]
pub(super) struct Model {
    list: StoredValue<TraceList>,
    rows: StoredValue<HashMap<TraceId, ArcRwSignal<TraceRow>>>,
    subscription: StoredValue<Option<Subscription>>,
    shown: RwSignal<Vec<TraceId>>,
    /// Whether rows are still to be made, in frames to come.
    is_growing: StoredValue<bool>,
    waiting: RwSignal<usize>,
    paused: RwSignal<bool>,
    hovered: RwSignal<bool>,
    selected: RwSignal<Option<TraceId>>,
    trouble: RwSignal<Option<Trouble>>,
    /// What the rows answer, or will when the snapshot has come.
    question: StoredValue<Option<Question>>,
    /// The query that is subscribed to, until the hub has answered it.
    asked: StoredValue<Option<String>>,
    faults: RwSignal<Option<Faults>>,
    settled: Settled,
    is_told: RwSignal<bool>,
    missed: RwSignal<u64>,
}

/// A query, the attributes to tell, and an order.
type Question = (String, Vec<String>, Option<TraceSort>);

impl Model {
    /// A list without rows; what the hub says against its query goes to the app.
    pub(super) fn new(app: App) -> Self {
        Self {
            list: StoredValue::new(TraceList::default()),
            rows: StoredValue::new(HashMap::new()),
            subscription: StoredValue::new(None),
            shown: RwSignal::new(Vec::new()),
            is_growing: StoredValue::new(false),
            waiting: RwSignal::new(0),
            paused: RwSignal::new(false),
            hovered: RwSignal::new(false),
            selected: RwSignal::new(None),
            trouble: RwSignal::new(None),
            question: StoredValue::new(None),
            asked: StoredValue::new(None),
            faults: app.faults(),
            settled: app.settled,
            is_told: RwSignal::new(false),
            missed: RwSignal::new(0),
        }
    }

    /// Replaces what is subscribed to. The rows stay until the first snapshot; the pointer does not
    /// hold them against the answer to another question.
    pub(super) fn subscribe(
        self,
        link: Link,
        query: String,
        shape: (Vec<String>, Option<TraceSort>),
    ) {
        let (columns, sort) = shape;
        let question = (query.clone(), columns.clone(), sort.clone());
        if self
            .question
            .with_value(|known| known.as_ref() != Some(&question))
        {
            self.list.update_value(|list| list.ask(sort.clone()));
            self.question.set_value(Some(question));
            self.is_told.set(false);
        }
        self.asked.set_value(Some(query.clone()));
        self.faults.set(None);
        let request = LiveRequest {
            traces: true,
            snapshot_limit: ROWS_MAX as u32,
            query,
            columns,
            sort: sort.map(|sort| sort.to_string()).unwrap_or_default(),
            ..LiveRequest::default()
        };
        self.trouble.set(None);
        // The one before ends first: its events must not mix with these.
        self.subscription.set_value(None);
        self.subscription
            .set_value(Some(live::subscribe(link, request, self)));
    }

    pub(super) fn shown(&self) -> Signal<Vec<TraceId>> {
        self.shown.into()
    }

    pub(super) fn waiting(&self) -> Signal<usize> {
        self.waiting.into()
    }

    pub(super) fn paused(&self) -> Signal<bool> {
        self.paused.into()
    }

    pub(super) fn trouble(&self) -> Signal<Option<Trouble>> {
        self.trouble.into()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.shown.with(Vec::is_empty) && self.waiting.get() == 0
    }

    /// Whether the hub has told what matches the present query.
    pub(super) fn is_told(&self) -> Signal<bool> {
        self.is_told.into()
    }

    /// Changes that came too fast to be told one by one.
    pub(super) fn missed(&self) -> Signal<u64> {
        self.missed.into()
    }

    /// The row of a trace that is shown.
    pub(super) fn row(&self, trace: TraceId) -> Option<ArcRwSignal<TraceRow>> {
        self.rows.with_value(|rows| rows.get(&trace).cloned())
    }

    pub(super) fn toggle_pause(&self) {
        self.paused.update(|paused| *paused = !*paused);
        self.hold();
    }

    /// The pointer came or went.
    pub(super) fn hover(&self, is_over: bool) {
        self.hovered.set(is_over);
        self.hold();
    }

    fn hold(&self) {
        let is_held = self.paused.get_untracked() || self.hovered.get_untracked();
        self.list.update_value(|list| list.hold(is_held));
        self.publish();
    }

    /// Brings in what waits.
    pub(super) fn let_in(&self) {
        self.list.update_value(TraceList::let_in);
        self.publish();
    }

    pub(super) fn is_selected(&self, trace: TraceId) -> bool {
        self.selected.get() == Some(trace)
    }

    pub(super) fn selected(&self) -> Option<TraceId> {
        self.selected.get_untracked()
    }

    /// The place of the selected row, and of how many.
    pub(super) fn selected_place(&self) -> (Option<usize>, usize) {
        let selected = self.selected.get_untracked();
        self.shown.with_untracked(|shown| {
            let place = shown.iter().position(|trace| Some(*trace) == selected);
            (place, shown.len())
        })
    }

    /// Selects the row at a place.
    pub(super) fn select(&self, index: usize) {
        let trace = self.shown.with_untracked(|shown| shown.get(index).copied());
        self.selected.set(trace);
    }

    /// Tells the signals what has changed.
    fn publish(self) {
        self.show_more(true);
        self.list.with_value(|list| {
            if self.waiting.get_untracked() != list.waiting() {
                self.waiting.set(list.waiting());
            }
        });
    }

    /// Shows a step more of the list; with `renews` rows that are shown already say the newest too.
    /// Further steps follow, one a frame.
    fn show_more(self, renews: bool) {
        let (now_ns, zone) = (browser::now_ns(), browser::zone());
        let is_all = self.list.with_value(|list| {
            let shown = self
                .shown
                .with_untracked(|shown| next_rows(shown, list.shown()));
            self.rows.update_value(|rows| {
                for trace in &shown {
                    let known = rows.get(trace);
                    if known.is_some() && !renews {
                        continue;
                    }
                    let Some(summary) = list.summary(*trace) else {
                        continue;
                    };
                    let new = TraceRow::new(summary, now_ns, zone);
                    match known {
                        Some(row) if row.with_untracked(|old| *old == new) => {}
                        Some(row) => row.set(new),
                        None => drop(rows.insert(*trace, ArcRwSignal::new(new))),
                    }
                }
                if rows.len() > 2 * ROWS_MAX {
                    rows.retain(|trace, _| list.summary(*trace).is_some());
                }
            });
            let is_all = shown.len() == list.shown().len();
            if self.shown.with_untracked(|old| *old != shown) {
                self.shown.set(shown);
            }
            is_all
        });
        if !is_all && !self.is_growing.get_value() {
            self.is_growing.set_value(true);
            spawn_local(async move {
                // A hidden tab has no frames; it goes on when it is looked at again.
                browser::next_frame().await;
                // The view may have gone meanwhile.
                if self.is_growing.try_get_value().is_some() {
                    self.is_growing.set_value(false);
                    self.show_more(false);
                }
            });
        }
    }
}

impl Receiver for Model {
    fn events(&mut self, events: Vec<LiveEvent>) {
        let is_whole = |event: &LiveEvent| event.kind == LiveEvent::KIND_SNAPSHOT_END;
        if events.iter().any(is_whole)
            && let Some(query) = self.asked.try_update_value(Option::take).flatten()
        {
            query_bar::remember(&query);
            self.is_told.set(true);
            let settled = self.settled;
            spawn_local(async move {
                // The first rows are seen with the present one.
                browser::next_frame().await;
                settled.set();
            });
        }
        let missed: u64 = events.iter().map(|event| event.missed).sum();
        if missed > 0 {
            self.missed.update(|all| *all += missed);
        }
        self.list
            .update_value(|list| events.into_iter().for_each(|event| list.apply(event)));
        self.publish();
    }

    fn refused(&mut self, trouble: Trouble) {
        self.settled.set();
        let text = self.asked.try_update_value(Option::take).flatten();
        match trouble {
            Trouble::Query(problems) => self.faults.set(Some(Faults {
                text: text.unwrap_or_default().trim().to_owned(),
                problems,
            })),
            other => self.trouble.set(Some(other)),
        }
    }
}
