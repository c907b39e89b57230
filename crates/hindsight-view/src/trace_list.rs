//! The list of traces as it grows, without moving rows under a reader.
//!
//! In: the events of a live stream of summaries, an order, and whether the reader holds the list.
//! Out: rows, latest start first or in that order, and how many wait. Holds: while the list is held
//! no row comes, goes or moves, and a list in another order than latest first holds still by itself;
//! what is shown of a trace is always its latest summary. Bounded: [`ROWS_MAX`] rows, as
//! many waiting.

use std::collections::{HashMap, HashSet};

use hindsight_protocol::TraceId;
use hindsight_protocol::hub::{LiveEvent, TraceSort, TraceSummary};

mod columns;
mod row;

#[cfg(test)]
mod tests;

pub use columns::{ListShape, TraceColumn};
pub use row::TraceRow;

/// Most rows, and most traces that wait to become rows; the earliest starts give way.
pub const ROWS_MAX: usize = 500;

/// Most rows that are made at once. Making and laying out a row costs a browser about a millisecond, and
/// nobody sees the four hundredth before the first.
pub const ROWS_AT_ONCE: usize = 20;

/// What to show next, on the way from the rows that are shown to those of the list: all of these but
/// new rows beyond [`ROWS_AT_ONCE`], which follow in the next step. The way ends at the list itself;
/// rows of the list that are shown stay shown. Costs a look at each row.
pub fn next_rows(shown: &[TraceId], list: &[TraceId]) -> Vec<TraceId> {
    let shown: HashSet<&TraceId> = shown.iter().collect();
    let mut room = ROWS_AT_ONCE;
    let mut takes = |trace: &&TraceId| {
        let is_new = !shown.contains(trace);
        let is_taken = !is_new || room > 0;
        room -= usize::from(is_new && is_taken);
        is_taken
    };
    list.iter().filter(|trace| takes(trace)).copied().collect()
}

/// See the module's documentation.
#[derive(Clone, Debug, Default)]
pub struct TraceList {
    shown: Vec<TraceId>,
    waiting: Vec<TraceId>,
    summaries: HashMap<TraceId, TraceSummary>,
    is_held: bool,
    /// None for the latest start first.
    sort: Option<TraceSort>,
    /// Whether the next snapshot answers another question than the rows do.
    is_asked_anew: bool,
    /// Traces of the snapshot that is being sent.
    snapshot: Vec<TraceSummary>,
    /// Rows that the newest snapshot lacks: they go when the list is let go.
    gone: HashSet<TraceId>,
}

impl TraceList {
    /// The rows' traces, latest start first.
    pub fn shown(&self) -> &[TraceId] {
        &self.shown
    }

    /// How many traces wait until the list is let go.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// The latest summary of a trace that is shown or waits.
    pub fn summary(&self, trace: TraceId) -> Option<&TraceSummary> {
        self.summaries.get(&trace)
    }

    /// Another question has been asked, for rows in this order: its answer takes the place of all
    /// rows, also of a list that is held.
    pub fn ask(&mut self, sort: Option<TraceSort>) {
        self.sort = sort;
        self.is_asked_anew = true;
        self.snapshot.clear();
    }

    /// Holds the list as it is, or lets it go: then what waits comes in, unless the order holds it.
    pub fn hold(&mut self, is_held: bool) {
        self.is_held = is_held;
        if !self.holds() {
            self.let_in();
        }
    }

    fn holds(&self) -> bool {
        self.is_held || self.sort.is_some()
    }

    /// Brings in what waits, once, and puts all rows in order where they have one of their own; a
    /// list that is held stays so.
    pub fn let_in(&mut self) {
        let gone = std::mem::take(&mut self.gone);
        self.shown.retain(|trace| !gone.contains(trace));
        match &self.sort {
            None => {
                for trace in std::mem::take(&mut self.waiting) {
                    place(&mut self.shown, trace, &self.summaries);
                }
            }
            Some(sort) => {
                self.shown.append(&mut self.waiting);
                let summary = |trace: &TraceId| self.summaries.get(trace);
                self.shown.sort_by(|a, b| match (summary(a), summary(b)) {
                    (Some(a), Some(b)) => sort.compare(a, b),
                    _ => a.cmp(b),
                });
            }
        }
        self.shown.truncate(ROWS_MAX);
        self.forget();
    }

    /// Empties the list: another search, another hub.
    pub fn reset(&mut self) {
        *self = Self {
            is_held: self.is_held,
            sort: self.sort.take(),
            is_asked_anew: self.is_asked_anew,
            ..Self::default()
        };
    }

    /// Takes an event of the stream.
    pub fn apply(&mut self, event: LiveEvent) {
        match event.kind {
            LiveEvent::KIND_SNAPSHOT => {
                let room = ROWS_MAX.saturating_sub(self.snapshot.len());
                self.snapshot.extend(event.traces.into_iter().take(room));
            }
            LiveEvent::KIND_SNAPSHOT_END => self.replace(),
            LiveEvent::KIND_CHANGE => event.traces.into_iter().for_each(|trace| self.put(trace)),
            LiveEvent::KIND_LAGGED => self.snapshot.clear(),
            LiveEvent::KIND_CLEARED => self.reset(),
            // A heartbeat, or something of a later version.
            _ => {}
        }
    }

    fn replace(&mut self) {
        let snapshot = std::mem::take(&mut self.snapshot);
        if std::mem::take(&mut self.is_asked_anew) {
            self.reset();
            snapshot.into_iter().for_each(|trace| self.put(trace));
            return self.let_in();
        }
        let present: HashSet<_> = snapshot.iter().map(|trace| trace.trace_id).collect();
        let absent = |trace: &&TraceId| !present.contains(trace);
        self.gone = self.shown.iter().filter(absent).copied().collect();
        self.waiting.retain(|trace| present.contains(trace));
        self.forget();
        snapshot.into_iter().for_each(|trace| self.put(trace));
        if !self.holds() {
            self.let_in();
        }
    }

    fn put(&mut self, summary: TraceSummary) {
        let trace = summary.trace_id;
        if summary.spans == 0 {
            return self.take_away(trace);
        }
        if self.summaries.insert(trace, summary).is_some() {
            self.gone.remove(&trace);
            return;
        }
        let list = match self.holds() {
            true => &mut self.waiting,
            false => &mut self.shown,
        };
        place(list, trace, &self.summaries);
        if let Some(over) = (list.len() > ROWS_MAX).then(|| list.pop()).flatten() {
            self.summaries.remove(&over);
        }
    }

    /// Nothing of the trace is stored any more. A held row stays, with what was last known.
    fn take_away(&mut self, trace: TraceId) {
        self.waiting.retain(|other| *other != trace);
        match self.holds() && self.shown.contains(&trace) {
            true => drop(self.gone.insert(trace)),
            false => {
                self.shown.retain(|other| *other != trace);
                self.summaries.remove(&trace);
            }
        }
    }

    /// Drops summaries of traces that are no longer listed.
    fn forget(&mut self) {
        let listed: HashSet<_> = self.shown.iter().chain(&self.waiting).copied().collect();
        self.summaries.retain(|trace, _| listed.contains(trace));
    }
}

/// Puts a trace above the first one that started earlier. Those in the list stay as they are, even
/// where a late span has made their start earlier since.
fn place(list: &mut Vec<TraceId>, trace: TraceId, summaries: &HashMap<TraceId, TraceSummary>) {
    let start = |trace: &TraceId| summaries.get(trace).map_or(0, |summary| summary.start_ns);
    let own = start(&trace);
    let index = list.iter().position(|other| start(other) < own);
    list.insert(index.unwrap_or(list.len()), trace);
}
