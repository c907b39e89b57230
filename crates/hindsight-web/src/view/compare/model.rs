//! The comparison's state: both traces, and what is opened and folded.

use std::collections::HashSet;

use crate::reactive::prelude::*;
use futures_util::future::join;
use hindsight_protocol::TraceId;
use hindsight_view::compare::{CompareRows, Comparison, Wanted};
use leptos::task::spawn_local;

use super::Asked;
use super::side::{self, Side};
use crate::browser;
use crate::state::App;

/// The comparison as the view sees it. Copies are the same.
#[derive(Clone, Copy)]
pub(super) struct Model {
    pub(super) app: App,
    /// Which reading is the present one: others end.
    round: StoredValue<u64>,
    /// What was read last.
    pair: StoredValue<Option<(TraceId, TraceId)>>,
    compared: StoredValue<Option<Comparison>>,
    /// Grows when there is another comparison; 0 while there is none.
    version: RwSignal<u64>,
    sides: [RwSignal<Side>; 2],
    at_ns: RwSignal<u64>,
    all: RwSignal<bool>,
    toggled: RwSignal<HashSet<usize>>,
    opened: RwSignal<HashSet<usize>>,
}

impl Model {
    pub(super) fn new(app: App) -> Self {
        Self {
            app,
            round: StoredValue::new(0),
            pair: StoredValue::new(None),
            compared: StoredValue::new(None),
            version: RwSignal::new(0),
            sides: [0, 1].map(|_| RwSignal::new(Side::Loading(0))),
            at_ns: RwSignal::new(0),
            all: RwSignal::new(false),
            toggled: RwSignal::default(),
            opened: RwSignal::default(),
        }
    }

    pub(super) fn side(&self, side: usize) -> Signal<Side> {
        self.sides[side].into()
    }

    /// When both traces had been read.
    pub(super) fn at_ns(&self) -> u64 {
        self.at_ns.get()
    }

    /// Whether differences can be shown.
    pub(super) fn is_compared(&self) -> bool {
        self.version.get() > 0
    }

    /// Whether also what does not differ by much is shown.
    pub(super) fn all(&self) -> RwSignal<bool> {
        self.all
    }

    /// Reads what is compared.
    pub(super) fn compared<R>(&self, read: impl FnOnce(&Comparison) -> R) -> Option<R> {
        self.version.track();
        self.compared
            .with_value(|compared| compared.as_ref().map(read))
    }

    /// The rows that are to be seen.
    pub(super) fn rows(&self, asked: &Asked) -> CompareRows {
        let wanted = Wanted {
            order: asked.order,
            find: asked.find.clone(),
            all: self.all.get(),
            toggled: self.toggled.get(),
        };
        self.compared(|compared| compared.rows(&wanted))
            .unwrap_or_default()
    }

    /// Folds or unfolds what is below an operation.
    pub(super) fn fold(&self, operation: usize) {
        flip(self.toggled, operation);
    }

    pub(super) fn is_opened(&self, operation: usize) -> bool {
        self.opened.with(|opened| opened.contains(&operation))
    }

    /// Opens or closes the attributes of an operation.
    pub(super) fn open(&self, operation: usize) {
        flip(self.opened, operation);
    }

    /// Reads two traces unless they are here.
    pub(super) fn read_if_new(self, a: TraceId, b: TraceId) {
        let is_here = self.pair.get_value() == Some((a, b)) && self.version.get_untracked() > 0;
        if !is_here {
            self.read(a, b);
        }
    }

    /// Reads the same traces again.
    pub(super) fn read_again(self) {
        if let Some((a, b)) = self.pair.get_value() {
            self.read(a, b);
        }
    }

    fn read(self, a: TraceId, b: TraceId) {
        let round = self.round.get_value() + 1;
        self.round.set_value(round);
        if self.pair.get_value() != Some((a, b)) {
            self.version.set(0);
            self.compared.set_value(None);
        }
        self.pair.set_value(Some((a, b)));
        self.sides
            .iter()
            .for_each(|side| side.set(Side::Loading(0)));
        let read = async move {
            let trees = join(self.one(0, a, round), self.one(1, b, round)).await;
            if let ((Some(a), Some(b)), true) = (trees, self.is_current(round)) {
                let now_ns = browser::now_ns();
                self.compared.set_value(Some(Comparison::new(a, b, now_ns)));
                self.at_ns.set(now_ns);
                self.toggled.set(HashSet::new());
                self.opened.set(HashSet::new());
                self.version.update(|version| *version += 1);
            }
        };
        spawn_local(read);
    }

    async fn one(self, side: usize, id: TraceId, round: u64) -> Option<hindsight_view::TraceTree> {
        let told = |spans| {
            let is_current = self.is_current(round);
            if is_current {
                self.sides[side].set(Side::Loading(spans));
            }
            is_current
        };
        let read = side::read(self.app.link, id, told).await;
        if !self.is_current(round) {
            return None;
        }
        match read {
            Ok((tree, summary)) => {
                self.sides[side].set(Side::Here(summary));
                Some(tree)
            }
            Err(state) => {
                self.sides[side].set(state);
                None
            }
        }
    }

    /// Ends the reading.
    pub(super) fn stop(&self) {
        self.round.try_update_value(|round| *round += 1);
    }

    fn is_current(&self, round: u64) -> bool {
        self.round.try_get_value() == Some(round)
    }
}

fn flip(set: RwSignal<HashSet<usize>>, operation: usize) {
    set.update(|set| {
        if !set.remove(&operation) {
            set.insert(operation);
        }
    });
}
