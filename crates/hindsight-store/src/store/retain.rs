//! Keeping the bounds: what goes, and the note it leaves.

use hindsight_protocol::TraceId;

use super::Store;
use crate::reason;
use crate::removal::Cause;

impl Store {
    /// Evicts until the store is within its bytes again; gives the traces touched. Whole segments,
    /// oldest first; when there is none left, open spans, oldest report first. What readers hold
    /// counts, but never takes more than half of the store from those who come later.
    pub(super) fn evict_to_budget(&mut self) -> Vec<TraceId> {
        let mut touched = Vec::new();
        while self.is_over_budget() {
            let removed = self.remove_oldest_segment(Cause::Evicted, &mut touched)
                || self.tables.seal()
                || self.remove_oldest_open(&mut touched);
            if !removed {
                break;
            }
        }
        touched
    }

    fn is_over_budget(&self) -> bool {
        let (own, limit) = (self.own_bytes(), self.limits.memory_bytes);
        own > limit || (own > limit / 2 && self.memory_bytes() > limit)
    }

    /// Evicts open spans beyond the limit.
    pub(super) fn evict_open_to_limit(&mut self, touched: &mut Vec<TraceId>) {
        while self.tables.open.len() > self.limits.open_spans_max {
            self.accounts.reasons.add(reason::OPEN_SPANS, 1);
            if !self.remove_oldest_open(touched) {
                break;
            }
        }
    }

    fn remove_oldest_open(&mut self, touched: &mut Vec<TraceId>) -> bool {
        match self.tables.open.oldest() {
            Some(serial) => {
                self.remove_open(serial, Cause::Evicted, touched);
                true
            }
            None => false,
        }
    }

    /// Removes what is older than the time to live; gives the traces touched.
    pub(super) fn expire(&mut self) -> Vec<TraceId> {
        let mut touched = Vec::new();
        let (now_ns, ttl_ns) = (self.now_ns, self.limits.ttl_ns);
        let is_old = |at_ns: u64| at_ns.saturating_add(ttl_ns) <= now_ns;
        while self.tables.oldest_segment_ns().is_some_and(is_old) {
            self.remove_oldest_segment(Cause::Expired, &mut touched);
        }
        while let Some(serial) = self.tables.open.expired(self.now_ns) {
            self.remove_open(serial, Cause::Expired, &mut touched);
        }
        touched
    }

    fn remove_oldest_segment(&mut self, cause: Cause, touched: &mut Vec<TraceId>) -> bool {
        let Some(removed) = self.tables.remove_oldest_segment() else {
            return false;
        };
        let spans = removed.iter().map(|(_, spans)| u64::from(*spans)).sum();
        self.count_removed(cause, spans);
        touched.extend(removed.iter().map(|(trace, _)| *trace));
        self.note_removals(cause, &removed);
        true
    }

    fn remove_open(&mut self, serial: u64, cause: Cause, touched: &mut Vec<TraceId>) {
        let Some(trace) = self.tables.remove_open(serial) else {
            return;
        };
        self.count_removed(cause, 1);
        touched.push(trace);
        self.note_removals(cause, &[(trace, 1)]);
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
