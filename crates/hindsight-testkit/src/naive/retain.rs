//! What leaves the reference store, and what is spared.

use std::cmp::Reverse;

use hindsight_protocol::hub::Removal;
use hindsight_protocol::{SpanState, TraceId};

use super::{NaiveChange, NaiveStore, Place, Record};

/// Open spans of pinned traces that are passed over in the search for one to evict.
const OPEN_PASSED_OVER_MAX: usize = 64;

/// How much the store evicted to keep within its bytes, in one step.
#[derive(Clone, Copy, Debug, Default)]
pub struct Evictions {
    /// Segments removed.
    pub segments: u64,
    /// Spans evicted since the beginning, with those of this step.
    pub evicted: u64,
}

/// Why a trace was not pinned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NaivePinError {
    /// No span of it is stored.
    NotStored,
    /// As many as may be are.
    TooMany,
}

impl NaiveStore {
    /// Spares a trace from age and the byte budget.
    pub fn pin(
        &mut self,
        trace: TraceId,
        now_ns: u64,
    ) -> Result<Option<NaiveChange>, NaivePinError> {
        self.now_ns = self.now_ns.max(now_ns);
        if self.pins.contains(&trace) {
            return Ok(None);
        }
        if !self.is_stored(trace) {
            return Err(NaivePinError::NotStored);
        }
        if self.pins.len() >= self.limits.pinned_traces_max {
            return Err(NaivePinError::TooMany);
        }
        self.pins.push(trace);
        Ok(self.change(vec![trace]))
    }

    /// Spares it no longer.
    pub fn unpin(&mut self, trace: TraceId, now_ns: u64) -> Option<NaiveChange> {
        self.now_ns = self.now_ns.max(now_ns);
        let found = self.pins.extract_if(.., |id| *id == trace).count();
        (found > 0).then(|| self.change(vec![trace]))?
    }

    /// Traces that are pinned.
    pub fn pinned(&self) -> u64 {
        self.pins.len() as u64
    }

    /// Spans removed though their trace was pinned.
    pub fn pinned_removed(&self) -> u64 {
        self.pinned_removed
    }

    /// Segments sealed and segments removed so far.
    pub fn segments_counted(&self) -> (u64, u64) {
        (
            self.segments_sealed,
            self.segments_sealed - self.sealed().len() as u64,
        )
    }

    fn is_stored(&self, trace: TraceId) -> bool {
        self.records.iter().any(|r| r.span.trace_id == trace)
    }

    fn is_pinned(&self, record: &Record) -> bool {
        self.pins.contains(&record.span.trace_id)
    }

    /// Numbers of the segments that are sealed and there, oldest first.
    fn sealed(&self) -> Vec<usize> {
        let numbers = 0..self.segments.len();
        let is_there = |n: &usize| self.segments[*n].is_sealed && !self.segments[*n].is_gone;
        numbers.filter(is_there).collect()
    }

    /// Evicts as much as the store says: segments, oldest first, then the one that is being filled,
    /// each with its pinned rows spared once; then open spans; then what is pinned.
    pub(super) fn evict(&mut self, told: Evictions, touched: &mut Vec<TraceId>) {
        let sealed = self.sealed().len() as u64;
        for number in 0..told.segments {
            while number > sealed && self.evict_some_open(touched) {}
            if self.sealed().is_empty() {
                self.seal();
            }
            let oldest = self.sealed()[0];
            self.remove_segment(oldest, "evicted", touched, number <= sealed);
        }
        while self.store.evicted < told.evicted && self.evict_some_open(touched) {}
        self.seal_if_full();
    }

    /// Evicts open spans beyond the limit; how many.
    pub(super) fn evict_open(&mut self, touched: &mut Vec<TraceId>) -> u64 {
        let mut evicted = 0;
        while self.open_spans() > self.limits.open_spans_max as u64 {
            self.evict_some_open(touched);
            evicted += 1;
        }
        evicted
    }

    /// Evicts the first in [`NaiveStore::open_to_go`] that is not pinned; if there is none among
    /// those that are passed over, what is then the first.
    fn evict_some_open(&mut self, touched: &mut Vec<TraceId>) -> bool {
        let mut to_go = self.open_to_go();
        to_go.truncate(OPEN_PASSED_OVER_MAX);
        let is_free = |at: &usize| !self.is_pinned(&self.records[*at]);
        let free = to_go.iter().position(is_free);
        let found = free.map(|free| self.records[to_go[free]].order);
        for at in &to_go[..free.unwrap_or(to_go.len())] {
            self.put_last(*at);
        }
        let first = || {
            let first = self.open_to_go().into_iter().next()?;
            Some(self.records[first].order)
        };
        let Some(order) = found.or_else(first) else {
            return false;
        };
        self.remove("evicted", touched, |record| record.order == order);
        true
    }

    /// Open spans, those of the tracer that has most first, of several such of the one that has the
    /// oldest; those of a tracer oldest first.
    fn open_to_go(&self) -> Vec<usize> {
        let open = |at: &usize| self.records[*at].place == Place::Open;
        let open: Vec<usize> = (0..self.records.len()).filter(open).collect();
        let rank = |at: &usize| {
            let tracer = self.records[*at].tracer;
            let its = open.iter().map(|at| &self.records[*at]);
            let its = its.filter(|record| record.tracer == tracer);
            let oldest = its.clone().map(|record| record.order).min();
            (Reverse(its.count()), oldest, self.records[*at].order)
        };
        let mut to_go = open.clone();
        to_go.sort_by_cached_key(rank);
        to_go
    }

    fn put_last(&mut self, at: usize) {
        self.order += 1;
        self.records[at].order = self.order;
    }

    /// Removes what is too old, but for what is pinned.
    pub(super) fn expire(&mut self) -> Vec<TraceId> {
        let mut touched = Vec::new();
        let (now_ns, ttl_ns) = (self.now_ns, self.limits.ttl_ns);
        for number in self.sealed() {
            if self.segments[number].newest_ns + ttl_ns <= now_ns {
                self.remove_segment(number, "expired", &mut touched, true);
            }
        }
        let is_due = |record: &Record| {
            let is_running = record.span.state == SpanState::Running as u8;
            let is_attended = record.tracer.is_some() && is_running;
            let is_old = record.reported_ns + ttl_ns <= now_ns;
            record.place == Place::Open && !is_attended && is_old
        };
        let mut due: Vec<usize> = (0..self.records.len()).collect();
        due.retain(|at| is_due(&self.records[*at]) && self.is_pinned(&self.records[*at]));
        due.sort_by_key(|at| (self.records[*at].reported_ns, self.records[*at].order));
        for at in due {
            self.put_last(at);
            self.records[at].reported_ns = now_ns;
        }
        self.remove("expired", &mut touched, is_due);
        self.seal_if_full();
        touched
    }

    fn remove_segment(
        &mut self,
        number: usize,
        reason: &str,
        touched: &mut Vec<TraceId>,
        spares_pinned: bool,
    ) {
        self.segments[number].is_gone = true;
        for at in 0..self.records.len() {
            let record = &self.records[at];
            let is_in = record.place == Place::Segment(number);
            if spares_pinned && is_in && self.is_pinned(record) {
                self.records[at].place = self.place_row();
            }
        }
        self.remove(reason, touched, |r| r.place == Place::Segment(number));
    }

    pub(super) fn remove(
        &mut self,
        reason: &str,
        touched: &mut Vec<TraceId>,
        goes: impl Fn(&Record) -> bool,
    ) {
        let removed: Vec<Record> = self.records.extract_if(.., |r| goes(r)).collect();
        let count = removed.len() as u64;
        self.store.live -= count;
        match reason {
            "evicted" => self.store.evicted += count,
            "expired" => self.store.expired += count,
            _ => self.store.cleared += count,
        }
        self.pinned_removed += removed.iter().filter(|r| self.is_pinned(r)).count() as u64;
        for record in &removed {
            touched.push(record.span.trace_id);
            let removal = Removal {
                reason: reason.to_owned(),
                at_ns: self.now_ns,
                spans: 1,
                probably: false,
            };
            self.removals.push((record.span.trace_id, removal));
        }
        for trace in removed.iter().map(|record| record.span.trace_id) {
            if !self.is_stored(trace) {
                self.pins.retain(|id| *id != trace);
                self.gone.push((trace, self.removals.len()));
            }
        }
    }
}
