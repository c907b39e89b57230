//! The single writer.
//!
//! Everything that happens is a method with the time as argument. Each ends with the counters
//! balanced and the bounds kept. What a method changed is told as a [`Change`]; each change is one
//! revision.

mod append;
mod carry;
mod outcome;
mod passing;
mod pin;
mod retain;
mod retired;
mod sealing;
mod tables;
mod trace_counts;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use hindsight_protocol::hub::{IngestCounters, IngestReply, ReasonCount, StoreCounters};
use hindsight_protocol::{CheckedBatch, TraceId, TracerId};

use self::tables::Tables;
use crate::accounts::Accounts;
use crate::change::{Change, StoredRows};
use crate::departure::Departures;
use crate::latest::Latest;
use crate::pins::Pins;
use crate::removal::{Cause, Removals};
use crate::resend::ResendWindows;
use crate::snapshot::Snapshot;
use crate::{StoreLimits, reason};

/// Spans of all traces, in memory, bounded. See the crate's text.
#[derive(Debug)]
pub struct Store {
    limits: StoreLimits,
    tables: Tables,
    removals: Removals,
    resends: ResendWindows,
    departures: Departures,
    pins: Pins,
    accounts: Accounts,
    /// Traces of open spans that were removed and are not noted yet, one element a span.
    open_removed: Vec<TraceId>,
    revision: u64,
    now_ns: u64,
    /// For readers, until something changes.
    snapshot: Option<Arc<Snapshot>>,
    /// The same for readers on other threads, until a change is told.
    latest: Arc<Latest>,
}

/// Where a batch comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BatchSource {
    /// The tracer, if it has told its id. Its open spans become disconnected when it goes.
    pub tracer: Option<TracerId>,
    /// Number of the batch; with a tracer, a number seen before is a resend. 0 counts as none.
    pub sequence: Option<u64>,
}

/// What became of a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct Appended {
    /// For the sender; `hub_id` is 0.
    pub reply: IngestReply,
    /// What changed, if anything did.
    pub change: Option<Arc<Change>>,
}

/// What [`Store::clear`] removed.
#[derive(Clone, Debug, PartialEq)]
pub struct Cleared {
    /// Spans removed.
    pub spans: u64,
    /// Traces removed.
    pub traces: u64,
    /// For the live feed.
    pub change: Arc<Change>,
}

impl Store {
    /// An empty store.
    pub fn new(limits: StoreLimits) -> Self {
        let limits = limits.resolved();
        Self {
            tables: Tables::new(&limits),
            removals: Removals::new(&limits),
            resends: ResendWindows::new(limits.tracers_max, limits.resend_window_batches),
            departures: Departures::default(),
            pins: Pins::default(),
            accounts: Accounts::default(),
            open_removed: Vec::new(),
            revision: 0,
            now_ns: 0,
            snapshot: None,
            latest: Arc::default(),
            limits,
        }
    }

    /// The limits in force: those given, with those that depend on others resolved.
    pub fn limits(&self) -> &StoreLimits {
        &self.limits
    }

    /// Number of changes so far.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Counters of records and of spans.
    pub fn counters(&self) -> (IngestCounters, StoreCounters) {
        (self.accounts.ingest, self.accounts.store)
    }

    /// Everything refused, cut or forgotten, by the names in [`crate::reason`].
    pub fn reasons(&self) -> Vec<ReasonCount> {
        self.accounts.reasons.to_counts()
    }

    /// Segments sealed so far, and segments removed so far, by age, the byte budget or a clear.
    pub fn segments_counted(&self) -> (u64, u64) {
        self.tables.segments_counted()
    }

    /// About the bytes of everything the store holds, by the capacity of its tables, with the
    /// removed segments and the chunks of sealed ones that readers still hold. What a reader has
    /// beside them (copies of open spans that changed, notes that were forgotten, its own lists) is
    /// not counted: it is gone with the answer.
    pub fn memory_bytes(&self) -> u64 {
        self.own_bytes() + self.tables.held_bytes()
    }

    /// The same without what only readers hold.
    fn own_bytes(&self) -> u64 {
        self.tables.bytes()
            + self.removals.bytes()
            + self.resends.bytes()
            + self.departures.bytes()
            + self.pins.bytes()
    }

    /// A view of everything as it is now. Costs a copy of the current chunk (at most 4,096 rows)
    /// and of a list of segments; nothing when nothing changed since the last one.
    pub fn snapshot(&mut self) -> Arc<Snapshot> {
        if let Some(snapshot) = &self.snapshot {
            return Arc::clone(snapshot);
        }
        let view = self.tables.view();
        let pinned_bytes = self.pinned_bytes();
        let snapshot = Arc::new(Snapshot {
            revision: self.revision,
            segments: view.segments,
            chunks: view.chunks,
            tip: view.tip,
            open: view.open,
            open_stamp: view.open_stamp,
            superseded: view.superseded,
            traces: view.traces,
            removals: self.removals.clone(),
            pins: self.pins.clone(),
            pinned_bytes,
            accounts: self.accounts,
            memory_bytes: self.memory_bytes(),
            page_bytes_max: self.limits.page_bytes_max,
            lists: std::sync::OnceLock::new(),
        });
        self.snapshot = Some(Arc::clone(&snapshot));
        self.latest.set(Some(Arc::clone(&snapshot)));
        snapshot
    }

    /// Where readers find the last snapshot that was made, also while a batch is being stored: until
    /// the step ends, since what comes of it has not been told yet. Empty when something changed
    /// after the last [`Store::snapshot`], or the snapshot would keep what is being removed.
    pub fn latest(&self) -> &Arc<Latest> {
        &self.latest
    }

    /// What readers to come would see is not all that is told, or keeps what is to go.
    fn withdraw_snapshots(&mut self) {
        self.snapshot = None;
        self.latest.set(None);
    }

    /// Removes everything that is stored, pinned or not, with a note for each trace; no trace is
    /// pinned afterwards. What tracers have sent
    /// stays known: a batch sent again is still a resend.
    pub fn clear(&mut self, now_ns: u64) -> Cleared {
        self.begin(now_ns);
        let traces = self.tables.traces_len();
        let spans = self.accounts.store.live;
        self.accounts.store.live = 0;
        self.accounts.store.cleared += spans;
        let cleared = self.tables.clear(&self.limits);
        self.pins = Pins::default();
        self.note_removals(Cause::Cleared, &cleared);
        let change = self.change(Arc::default(), Vec::new(), true);
        self.end();
        Cleared {
            spans,
            traces,
            change,
        }
    }

    /// Begins a step at `now_ns`.
    fn begin(&mut self, now_ns: u64) {
        self.now_ns = self.now_ns.max(now_ns);
    }

    /// Ends a step.
    fn end(&self) {
        debug_assert!(self.accounts.balance(), "{:?}", self.accounts);
        debug_assert!(self.open_removed.is_empty(), "removals that are not noted");
    }

    fn change(
        &mut self,
        rows: Arc<CheckedBatch>,
        removed_from: Vec<TraceId>,
        cleared: bool,
    ) -> Arc<Change> {
        self.revision += 1;
        self.withdraw_snapshots();
        let change = Change::new(self.revision, rows, removed_from, cleared);
        Arc::new(change)
    }

    fn stored(
        &mut self,
        rows: (&Arc<CheckedBatch>, StoredRows),
        removed_from: Vec<TraceId>,
    ) -> Arc<Change> {
        self.revision += 1;
        self.withdraw_snapshots();
        Arc::new(Change::of_stored(self.revision, rows, removed_from))
    }

    fn note_removals(&mut self, cause: Cause, removed: &[(TraceId, u32)]) {
        let tables = &mut self.tables;
        let is_live = |trace| tables.live_of(trace) > 0;
        let forgotten = self.removals.add(cause, self.now_ns, removed, is_live);
        let reasons = &mut self.accounts.reasons;
        reasons.add(reason::REMOVALS_FORGOTTEN, forgotten);
    }
}
