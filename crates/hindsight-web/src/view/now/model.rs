//! The view's state, as signals that change only where what is shown changes.

use std::collections::HashMap;
use std::time::Duration;

use crate::reactive::prelude::*;
use futures_util::future::abortable;
use hindsight_protocol::hub::{OpenSpansRequest, QueryRequest};
use hindsight_protocol::{CheckedBatch, SpanBatch};
use hindsight_view::running::{
    Filter, GroupRow, Grouping, LastWords, Look, RowKey, Running, RunningList, RunningRow, Wanted,
    groups,
};
use hindsight_view::waits::Told;
use leptos::task::spawn_local;
use vox_rt::time::sleep;

use super::group_route;
use super::told::Asker;
use crate::browser;
use crate::hub::{self, Trouble};
use crate::link::Status;
use crate::route::{Now, Route};
use crate::state::App;
use crate::view::change;
use crate::view::rows::{Walk, step};

/// Open spans that a look asks for, those that began first.
pub(super) const OPEN_SPANS_MAX: u32 = 1_000;
/// Spans of processes that went, those that began last.
const DEAD_SPANS_MAX: u32 = 100;
/// Between two looks.
const EVERY: Duration = Duration::from_secs(1);
/// While there is no connection to ask over.
const RETRY: Duration = Duration::from_millis(100);
/// Looks between two questions for the dead, who come seldom and stay.
const DEAD_EVERY: u32 = 3;
/// Rows of a page.
const PAGE: usize = 200;

/// A row of any table of the view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Item {
    Row(RowKey),
    Group(String, String),
    Words(RowKey),
}

/// Sentences about what never goes on.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sentences {
    pub(super) lines: Vec<hindsight_view::Line>,
    pub(super) more: usize,
}

/// The view's state. Copies are the same.
#[derive(Clone, Copy)]
pub(super) struct Model {
    app: App,
    set: Signal<Now>,
    asker: Asker,
    look: StoredValue<Option<Look>>,
    dead: StoredValue<Option<CheckedBatch>>,
    list: StoredValue<RunningList>,
    rows: StoredValue<HashMap<RowKey, ArcRwSignal<RunningRow>>>,
    shown: RwSignal<Vec<RowKey>>,
    groups: RwSignal<Vec<GroupRow>>,
    last_words: RwSignal<Vec<LastWords>>,
    summary: RwSignal<String>,
    more: RwSignal<usize>,
    unseen: RwSignal<u64>,
    stuck: RwSignal<Sentences>,
    ended: RwSignal<usize>,
    waiting: RwSignal<usize>,
    as_of: RwSignal<u64>,
    rows_max: RwSignal<usize>,
    paused: RwSignal<bool>,
    hovered: RwSignal<bool>,
    selected: RwSignal<Option<Item>>,
    trouble: RwSignal<Option<Trouble>>,
}

impl Model {
    /// Looks at the hub for as long as the view is there.
    pub(super) fn start(set: Signal<Now>) -> Self {
        let model = Self {
            app: App::here(),
            set,
            asker: Asker::new(),
            look: StoredValue::new(None),
            dead: StoredValue::new(None),
            list: StoredValue::new(RunningList::default()),
            rows: StoredValue::new(HashMap::new()),
            shown: RwSignal::new(Vec::new()),
            groups: RwSignal::new(Vec::new()),
            last_words: RwSignal::new(Vec::new()),
            summary: RwSignal::new(String::new()),
            more: RwSignal::new(0),
            unseen: RwSignal::new(0),
            stuck: RwSignal::new(Sentences::default()),
            ended: RwSignal::new(0),
            waiting: RwSignal::new(0),
            as_of: RwSignal::new(0),
            rows_max: RwSignal::new(PAGE),
            paused: RwSignal::new(false),
            hovered: RwSignal::new(false),
            selected: RwSignal::new(None),
            trouble: RwSignal::new(None),
        };
        Effect::new(move || {
            // Another question: what was held is of the one before.
            set.track();
            model.rows_max.set(PAGE);
            if let Some(running) = model.shape() {
                model.list.update_value(|list| list.replace(running));
                model.publish();
            }
        });
        let (looking, abort) = abortable(model.keep_looking());
        spawn_local(async move {
            // An abort is the usual end.
            looking.await.ok();
        });
        on_cleanup(move || abort.abort());
        model
    }

    async fn keep_looking(self) {
        let mut number = 0;
        loop {
            let status = self.app.link.status();
            let is_online = status.with_untracked(|now| *now == Status::Online);
            if !is_online || browser::is_hidden() {
                sleep(RETRY).await;
                continue;
            }
            match self.take_look(number % DEAD_EVERY == 0).await {
                Ok(()) => self.trouble.set(None),
                Err(trouble) => self.trouble.set(Some(trouble)),
            }
            number += 1;
            sleep(EVERY).await;
        }
    }

    async fn take_look(self, with_dead: bool) -> Result<(), Trouble> {
        let request = OpenSpansRequest {
            limit: OPEN_SPANS_MAX,
            ..OpenSpansRequest::default()
        };
        let open = hub::open_spans(self.app.link, request).await?;
        if with_dead || self.dead.with_value(Option::is_none) {
            let request = QueryRequest {
                query: "state:aborted".into(),
                limit: DEAD_SPANS_MAX,
                ..QueryRequest::default()
            };
            let dead = checked(hub::query(self.app.link, request).await?.batch)?;
            self.dead.set_value(Some(dead));
        }
        let dead = self.dead.with_value(Clone::clone);
        let dead = dead.map_or_else(|| checked(SpanBatch::default()), Ok)?;
        let told = match self.app.link.connection() {
            Some(connection) => {
                let apps = self.app.apps().get_untracked();
                self.asker.ask(&connection, &apps).await
            }
            None => Told::default(),
        };
        let look = Look::new(open.now_ns, checked(open.batch)?, open.total, dead).with_told(told);
        self.as_of.set(look.now_ns());
        self.look.set_value(Some(look));
        if let Some(running) = self.shape() {
            self.list.update_value(|list| list.apply(running));
            self.publish();
        }
        Ok(())
    }

    /// The newest look as it is asked for now.
    fn shape(&self) -> Option<Running> {
        let wanted = self.wanted();
        let apps = self.app.apps().get_untracked();
        self.look.with_value(|look| {
            let look = look.as_ref()?;
            Some(Running::new(look, &apps, &wanted, browser::zone()))
        })
    }

    fn wanted(&self) -> Wanted {
        self.set.with_untracked(|set| Wanted {
            filter: Filter::parse(&set.filter),
            long_ns: set.long_ms.saturating_mul(1_000_000),
            only_long: set.only_long,
        })
    }

    /// Tells the signals what has changed.
    fn publish(&self) {
        let wanted = self.wanted();
        let by = self.set.with_untracked(|set| set.by);
        let rows_max = self.rows_max.get_untracked();
        self.list.with_value(|list| {
            let running = list.shown();
            let rows = &running.rows[..running.rows.len().min(rows_max)];
            self.rows.update_value(|known| {
                for new in rows {
                    match known.get(&new.key()) {
                        Some(row) if row.with_untracked(|old| old == new) => {}
                        Some(row) => row.set(new.clone()),
                        None => drop(known.insert(new.key(), ArcRwSignal::new(new.clone()))),
                    }
                }
                if known.len() > 2 * rows.len() + PAGE {
                    let shown: std::collections::HashSet<RowKey> =
                        rows.iter().map(RunningRow::key).collect();
                    known.retain(|key, _| shown.contains(key));
                }
            });
            change(self.shown, rows.iter().map(RunningRow::key).collect());
            change(
                self.groups,
                match by {
                    Grouping::Waits => Vec::new(),
                    by => groups(&running.rows, by),
                },
            );
            change(self.last_words, running.last_words.clone());
            change(self.summary, running.summary(&wanted));
            change(
                self.more,
                match by {
                    Grouping::Waits => running.rows.len() - rows.len(),
                    _ => 0,
                },
            );
            change(self.unseen, running.unseen);
            let stuck = Sentences {
                lines: running.stuck.clone(),
                more: running.stuck_more,
            };
            change(self.stuck, stuck);
            change(self.ended, list.ended());
            change(self.waiting, list.waiting());
        });
    }

    pub(super) fn has_rows(&self) -> bool {
        self.shown.with(|shown| !shown.is_empty())
    }

    pub(super) fn shown(&self) -> Signal<Vec<RowKey>> {
        self.shown.into()
    }

    pub(super) fn groups(&self) -> Signal<Vec<GroupRow>> {
        self.groups.into()
    }

    pub(super) fn last_words(&self) -> Signal<Vec<LastWords>> {
        self.last_words.into()
    }

    pub(super) fn summary(&self) -> Signal<String> {
        self.summary.into()
    }

    /// Rows below those shown.
    pub(super) fn more(&self) -> Signal<usize> {
        self.more.into()
    }

    /// Open spans that no look shows.
    pub(super) fn unseen(&self) -> Signal<u64> {
        self.unseen.into()
    }

    /// What never goes on.
    pub(super) fn stuck(&self) -> Signal<Sentences> {
        self.stuck.into()
    }

    pub(super) fn ended(&self) -> Signal<usize> {
        self.ended.into()
    }

    pub(super) fn waiting(&self) -> Signal<usize> {
        self.waiting.into()
    }

    /// The hub's clock at the newest look, 0 before the first.
    pub(super) fn as_of(&self) -> Signal<u64> {
        self.as_of.into()
    }

    pub(super) fn paused(&self) -> Signal<bool> {
        self.paused.into()
    }

    pub(super) fn trouble(&self) -> Signal<Option<Trouble>> {
        self.trouble.into()
    }

    /// The row of a span that is shown.
    pub(super) fn row(&self, key: RowKey) -> Option<ArcRwSignal<RunningRow>> {
        self.rows.with_value(|rows| rows.get(&key).cloned())
    }

    pub(super) fn toggle(&self) {
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

    /// Shows what is newest, once.
    pub(super) fn let_in(&self) {
        self.list.update_value(RunningList::let_in);
        self.publish();
    }

    pub(super) fn show_more(&self) {
        self.rows_max.update(|max| *max += PAGE);
        self.publish();
    }

    pub(super) fn is_selected(&self, item: &Item) -> bool {
        self.selected
            .with(|selected| selected.as_ref() == Some(item))
    }

    /// All rows in the order of the page.
    fn items(&self) -> Vec<Item> {
        let rows = match self.set.with_untracked(|set| set.by) {
            Grouping::Waits => {
                let shown = self.shown.get_untracked();
                shown.into_iter().map(Item::Row).collect()
            }
            _ => self.groups.with_untracked(|groups| {
                let item =
                    |group: &GroupRow| Item::Group(group.service.clone(), group.name.clone());
                groups.iter().map(item).collect::<Vec<_>>()
            }),
        };
        let words = self.last_words.with_untracked(|words| {
            let words = words.iter();
            words
                .map(|words| Item::Words(words.key()))
                .collect::<Vec<_>>()
        });
        rows.into_iter().chain(words).collect()
    }
}

impl Walk for Model {
    fn select(self, by: isize) -> Option<usize> {
        let items = self.items();
        let selected = self.selected.get_untracked();
        let here = items
            .iter()
            .position(|item| Some(item) == selected.as_ref());
        let index = step(here, by, items.len())?;
        self.selected.set(items.get(index).cloned());
        Some(index)
    }

    fn target(self) -> Option<Route> {
        let selected = self.selected.get_untracked()?;
        if !self.items().contains(&selected) {
            return None;
        }
        match selected {
            Item::Row((id, span)) | Item::Words((id, span)) => {
                id.is_valid().then(|| Route::of_span(id, span))
            }
            Item::Group(service, name) => self.groups.with_untracked(|groups| {
                let mut groups = groups.iter();
                let group = groups.find(|group| group.service == service && group.name == name)?;
                Some(self.set.with_untracked(|set| group_route(set, group)))
            }),
        }
    }

    fn toggle_pause(self) {
        self.toggle();
    }
}

fn checked(batch: SpanBatch) -> Result<CheckedBatch, Trouble> {
    let checked = batch.check();
    checked.map_err(|error| Trouble::Said(format!("The hub's answer is damaged: {error}")))
}
