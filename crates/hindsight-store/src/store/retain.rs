//! Keeping the bounds: what goes, the note it leaves, and what is spared because it is pinned.

use hindsight_protocol::TraceId;

use super::Store;
use super::carry::{Carried, CarriedTrace};
use super::pin::SPAN_OVERHEAD_BYTES;
use crate::reason;
use crate::removal::Cause;

/// Open spans of pinned traces that are passed over in the search for one to evict: what the search
/// costs is bounded, not what a pinned trace may have open.
const OPEN_PASSED_OVER_MAX: usize = 64;

/// Slots of the index that are looked through when what is old is removed.
const SWEPT_SLOTS: usize = 1 << 20;

impl Store {
    /// Evicts until the store is within its bytes again; gives the traces touched. Whole segments,
    /// oldest first; when there is none left, open spans of whoever has most; at last what is
    /// pinned. What readers hold counts, but never takes more than half of the store from those who
    /// come later.
    pub(super) fn evict_to_budget(&mut self) -> Vec<TraceId> {
        let mut touched = Vec::new();
        let mut spared = Vec::new();
        if self.is_over_budget() {
            spared = self.spared();
        }
        // What is spared comes again in a new segment: each segment is removed at most once.
        for _ in 0..self.tables.segments_len() {
            if !self.is_over_budget() {
                break;
            }
            self.remove_oldest_segment(Cause::Evicted, &spared, &mut touched);
        }
        for _ in 0..=self.tables.seals_in_flight() {
            if self.is_over_budget() && self.tables.seal() {
                self.remove_oldest_segment(Cause::Evicted, &spared, &mut touched);
            }
        }
        while self.is_over_budget() && self.remove_some_open(&mut touched) {}
        self.note_open_removals(Cause::Evicted);
        while self.is_over_budget()
            && (self.remove_oldest_segment(Cause::Evicted, &[], &mut touched) || self.tables.seal())
        {
        }
        self.tables.end_segment_if_full();
        touched
    }

    /// Whether the store exceeds its bytes.
    fn is_over_budget(&self) -> bool {
        let (own, limit) = (self.own_bytes(), self.limits.memory_bytes);
        own > limit || (own > limit / 2 && self.memory_bytes() > limit)
    }

    /// Evicts open spans beyond the limit; says how many.
    pub(super) fn evict_open_to_limit(&mut self, touched: &mut Vec<TraceId>) -> u64 {
        let mut evicted = 0;
        while self.tables.open.len() > self.limits.open_spans_max && self.remove_some_open(touched)
        {
            evicted += 1;
        }
        evicted
    }

    fn remove_some_open(&mut self, touched: &mut Vec<TraceId>) -> bool {
        match self.open_to_remove() {
            Some(serial) => {
                self.remove_open(serial, Cause::Evicted, touched);
                true
            }
            None => false,
        }
    }

    /// The open span to make room with. Those of pinned traces are passed over, to come last of their
    /// source: the next search goes on behind them.
    fn open_to_remove(&mut self) -> Option<u64> {
        if self.pins.len() == 0 {
            return self.tables.open.first_to_go();
        }
        let spared = self.spared();
        let to_go = self.tables.open.to_go().take(OPEN_PASSED_OVER_MAX);
        let to_go: Vec<(u64, TraceId)> = to_go.collect();
        let is_spared = |(_, trace): &(u64, TraceId)| spared.contains(trace);
        let passed_over = to_go.iter().take_while(|span| is_spared(span)).count();
        for (serial, _) in &to_go[..passed_over] {
            self.tables.renew_open(*serial, None);
        }
        let found = to_go.get(passed_over).map(|(serial, _)| *serial);
        found.or_else(|| self.tables.open.first_to_go())
    }

    /// Removes what is older than the time to live; gives the traces touched.
    pub(super) fn expire(&mut self) -> Vec<TraceId> {
        let mut touched = Vec::new();
        let (now_ns, ttl_ns) = (self.now_ns, self.limits.ttl_ns);
        let is_old = |at_ns: u64| at_ns.saturating_add(ttl_ns) <= now_ns;
        while self.tables.oldest_segment_ns().is_some_and(is_old) {
            let spared = self.spared();
            self.remove_oldest_segment(Cause::Expired, &spared, &mut touched);
        }
        while let Some((serial, trace)) = self.tables.open.expired(now_ns) {
            if !is_old(now_ns) && self.is_spared(trace) {
                self.tables.renew_open(serial, Some(now_ns));
            } else {
                self.remove_open(serial, Cause::Expired, &mut touched);
            }
        }
        self.note_open_removals(Cause::Expired);
        self.tables.sweep(SWEPT_SLOTS);
        self.tables.end_segment_if_full();
        touched
    }

    /// Removes a segment, but for the rows of the traces to spare: they are copied forward.
    fn remove_oldest_segment(
        &mut self,
        cause: Cause,
        spared: &[TraceId],
        touched: &mut Vec<TraceId>,
    ) -> bool {
        let Some(segment) = self.tables.take_oldest_segment() else {
            return false;
        };
        // A snapshot kept for readers to come would keep the segment.
        self.withdraw_snapshots();
        let mut carried = Carried::copy(&self.tables, &segment, spared);
        let mut removed = self.tables.forget_segment(&segment);
        carried.store(&mut self.tables, self.now_ns);
        carried.subtract_from(&mut removed);
        self.measure(&carried.traces);
        let spans = removed.iter().map(|(_, spans)| u64::from(*spans)).sum();
        self.count_removed(cause, spans);
        touched.extend(removed.iter().map(|(trace, _)| *trace));
        self.note_removals(cause, &removed);
        self.removed_of_pinned(&removed);
        true
    }

    fn measure(&mut self, carried: &[CarriedTrace]) {
        for of in carried.iter().filter(|of| of.spans > 0) {
            let span_bytes = of.bytes.div_ceil(u64::from(of.spans)) + SPAN_OVERHEAD_BYTES;
            self.pins.measured(of.trace, span_bytes);
        }
    }

    fn remove_open(&mut self, serial: u64, cause: Cause, touched: &mut Vec<TraceId>) {
        let Some(trace) = self.tables.remove_open(serial) else {
            return;
        };
        self.count_removed(cause, 1);
        touched.push(trace);
        self.open_removed.push(trace);
        self.removed_of_pinned(&[(trace, 1)]);
    }

    /// Notes which open spans were removed since the last time, all for one reason: a note for each
    /// by itself would cost many times as much.
    pub(super) fn note_open_removals(&mut self, cause: Cause) {
        if self.open_removed.is_empty() {
            return;
        }
        let mut traces = std::mem::take(&mut self.open_removed);
        traces.sort_unstable();
        let of_trace = traces.chunk_by(|a, b| a == b);
        let removed: Vec<(TraceId, u32)> = of_trace
            .map(|spans| (spans[0], spans.len() as u32))
            .collect();
        self.note_removals(cause, &removed);
    }

    /// Counts what was removed though it is pinned; a pinned trace of which nothing is left is
    /// pinned no more.
    fn removed_of_pinned(&mut self, removed: &[(TraceId, u32)]) {
        if self.pins.len() == 0 {
            return;
        }
        for (trace, spans) in removed {
            if !self.pins.contains(*trace) {
                continue;
            }
            let reasons = &mut self.accounts.reasons;
            reasons.add(reason::PINNED_REMOVED, u64::from(*spans));
            if self.tables.live_of(*trace) == 0 {
                self.pins.remove(*trace);
            }
        }
    }

    fn count_removed(&mut self, cause: Cause, spans: u64) {
        let store = &mut self.accounts.store;
        store.live -= spans;
        match cause {
            Cause::Expired => store.expired += spans,
            Cause::Evicted => store.evicted += spans,
            Cause::Cleared => store.cleared += spans,
        }
    }
}
