//! What happens without a batch: time passes, tracers go and come back.

use std::sync::Arc;

use hindsight_protocol::batch::RowCopier;
use hindsight_protocol::{BatchBuilder, SpanState, TracerId};

use super::Store;
use crate::change::Change;
use crate::identity::Place;

impl Store {
    /// A tracer's connection is gone: its running spans are disconnected, and aborted unless it
    /// comes back within the grace.
    pub fn tracer_disconnected(&mut self, tracer: TracerId, now_ns: u64) -> Option<Arc<Change>> {
        self.begin(now_ns);
        let deadline = self.now_ns.saturating_add(self.limits.abort_grace_ns);
        self.departures.add(tracer, deadline);
        let mut restated = BatchBuilder::new();
        for serial in self.tables.open.of_tracer(tracer) {
            self.disconnect(serial, &mut restated);
        }
        while self.departures.len() > self.limits.tracers_max
            && let Some(oldest) = self.departures.pop_due(u64::MAX)
        {
            self.abort(oldest, &mut restated);
        }
        self.restated(restated)
    }

    /// A tracer is there (again). Its disconnected spans will not be aborted; each is running again
    /// when the tracer reports it again.
    pub fn tracer_attached(&mut self, tracer: TracerId, now_ns: u64) {
        self.begin(now_ns);
        self.departures.remove(tracer);
    }

    /// Does what is due: aborts the open spans of tracers that stayed away, seals a segment that is
    /// old, removes what has expired. To be called by [`Store::next_deadline_ns`]; calling it
    /// more often does nothing.
    pub fn tick(&mut self, now_ns: u64) -> Vec<Arc<Change>> {
        self.begin(now_ns);
        let mut restated = BatchBuilder::new();
        while let Some(tracer) = self.departures.pop_due(self.now_ns) {
            self.abort(tracer, &mut restated);
        }
        let aborted = self.restated(restated);
        let age_max_ns = self.limits.segment_age_max_ns;
        let is_old = |since: u64| since.saturating_add(age_max_ns) <= self.now_ns;
        if self.tables.unsealed_since_ns().is_some_and(is_old) {
            self.tables.end_segment();
            self.withdraw_snapshots();
        }
        if let Some(expired_ns) = self.now_ns.checked_sub(self.limits.ttl_ns) {
            self.tables.seal_until(expired_ns);
        }
        let touched = self.expire();
        let expired = (!touched.is_empty()).then(|| self.change(Arc::default(), touched, false));
        self.end();
        aborted.into_iter().chain(expired).collect()
    }

    /// When [`Store::tick`] has something to do, if ever.
    pub fn next_deadline_ns(&self) -> Option<u64> {
        let seal = self.tables.unsealed_since_ns();
        let seal = seal.map(|at| at.saturating_add(self.limits.segment_age_max_ns));
        let expiry = self.tables.oldest_full_ns();
        let expiry = expiry.map(|at| at.saturating_add(self.limits.ttl_ns));
        let open_expiry = self.tables.open.next_expiry_ns();
        let abort = self.departures.next_deadline_ns();
        [seal, expiry, open_expiry, abort]
            .into_iter()
            .flatten()
            .min()
    }

    fn disconnect(&mut self, serial: u64, restated: &mut BatchBuilder) {
        let open = &mut self.tables.open;
        let is_running = |report: &(SpanState, u32)| report.0 == SpanState::Running;
        if open.report(serial).filter(is_running).is_none() {
            return;
        }
        let Some((piece, row)) = open.row(serial) else {
            return;
        };
        let state = SpanState::Disconnected;
        RowCopier::new(piece.batch()).copy_as(row, state as u8, restated);
        open.restate(serial, state);
    }

    /// The last words of a tracer: its open spans leave the open table as they are.
    fn abort(&mut self, tracer: TracerId, restated: &mut BatchBuilder) {
        for serial in self.tables.open.of_tracer(tracer) {
            let report = self.tables.open.row(serial);
            let (Some((piece, row)), Some(key)) = (report, self.tables.open.remove(serial)) else {
                continue;
            };
            let state = SpanState::Aborted;
            let mut copier = RowCopier::new(piece.batch());
            copier.copy_as(row, state as u8, restated);
            copier.restart();
            let place = self.tables.push_row(&mut copier, row, state, self.now_ns);
            let hash = self.tables.hash(key);
            self.tables
                .supersede(hash, key.0, Place::Open(serial), place);
        }
        self.tables.end_segment_if_full();
    }

    fn restated(&mut self, restated: BatchBuilder) -> Option<Arc<Change>> {
        if restated.is_empty() {
            return None;
        }
        let rows = Arc::new(restated.finish());
        Some(self.change(rows, Vec::new(), false))
    }
}
