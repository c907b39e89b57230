//! The store, its model, and a viewer that knows only what changes told it.

use std::collections::HashMap;
use std::sync::Arc;

use hindsight_protocol::hub::{GetTraceReply, ListTracesReply};
use hindsight_protocol::{Span, SpanId, TraceId};
use hindsight_store::{BatchSource, Change, PinError, SealJob, Snapshot, Store};
use hindsight_testkit::builder::batch;
use hindsight_testkit::naive::{Evictions, NaiveChange, NaivePinError, NaiveStore};

use super::compare::Answers;
use super::operations::{Operation, Sent};
use super::scenario::{Scenario, Stress};

pub(crate) struct Bench {
    pub(crate) stress: Stress,
    pub(crate) store: Store,
    pub(crate) naive: NaiveStore,
    pub(crate) viewer: HashMap<(TraceId, SpanId), Span>,
    pub(crate) revision: u64,
    now_ns: u64,
    pub(crate) keeps_views: bool,
    /// Segments that are being sealed elsewhere.
    seals: Vec<SealJob>,
    /// An old view and what it answered.
    pub(crate) kept: Option<(Arc<Snapshot>, Vec<GetTraceReply>, ListTracesReply)>,
    answers: Answers,
}

impl Bench {
    pub(crate) fn new(scenario: &Scenario) -> Self {
        Self {
            stress: scenario.stress,
            store: Store::new(scenario.limits.clone()),
            naive: NaiveStore::new(scenario.naive_limits()),
            viewer: HashMap::new(),
            revision: 0,
            now_ns: 1_000_000_000_000_000,
            keeps_views: scenario.keeps_views,
            seals: Vec::new(),
            kept: None,
            answers: Answers::default(),
        }
    }

    pub(crate) fn take_answers(&self) -> &Answers {
        &self.answers
    }

    pub(crate) fn run(&mut self, operation: &Operation) {
        match operation {
            Operation::Append(sent) => self.append(sent),
            Operation::Disconnect(tracer) => {
                let change = self.store.tracer_disconnected(*tracer, self.now_ns);
                let expected = self.naive.tracer_disconnected(*tracer, self.now_ns);
                self.changed(change, expected);
            }
            Operation::Attach(tracer) => {
                self.store.tracer_attached(*tracer, self.now_ns);
                self.naive.tracer_attached(*tracer, self.now_ns);
            }
            Operation::Pass(ns) => self.now_ns = self.now_ns.saturating_add_signed(*ns),
            Operation::Tick => self.tick(),
            Operation::Pin(trace) => self.pin(*trace),
            Operation::Unpin(trace) => {
                let change = self.store.unpin(*trace, self.now_ns);
                let expected = self.naive.unpin(*trace, self.now_ns);
                self.changed(change, expected);
            }
            Operation::Clear => {
                let cleared = self.store.clear(self.now_ns);
                let expected = self.naive.clear(self.now_ns);
                assert_eq!((cleared.spans, cleared.traces), expected);
                assert!(cleared.change.cleared);
                self.viewer.clear();
                self.revision += 1;
            }
            Operation::Seal => self.seals.extend(self.store.take_seal_job()),
            Operation::Sealed(at) => {
                if *at < self.seals.len() {
                    let sealed = self.seals.swap_remove(*at).run();
                    self.store.finish_seal(sealed);
                }
            }
            Operation::Read => {
                let mut answers = std::mem::take(&mut self.answers);
                self.compare(&mut answers);
                self.answers = answers;
            }
        }
    }

    fn append(&mut self, sent: &Sent) {
        let source = BatchSource {
            tracer: sent.tracer,
            sequence: sent.sequence,
        };
        let columns = Arc::new(batch(&sent.spans));
        let (_, removed) = self.store.segments_counted();
        let appended = self.store.append(&columns, source, self.now_ns);
        let evictions = Evictions {
            segments: self.store.segments_counted().1 - removed,
            evicted: self.store.counters().1.evicted,
        };
        assert!(self.stress == Stress::Bytes || evictions.segments == 0);
        let Sent {
            spans,
            tracer,
            sequence,
        } = sent;
        let naive = &mut self.naive;
        let (reply, change) = naive.append(spans, *tracer, *sequence, self.now_ns, evictions);
        assert_eq!(appended.reply, reply);
        self.changed(appended.change, change);
        // A batch sent again makes no room: what a reader's first look at open spans or chunks made
        // of them since the one before is still there.
        if reply.resent {
            return;
        }
        // What readers hold may take half of the limit on top.
        let (bytes, limit) = (self.store.memory_bytes(), self.store.limits().memory_bytes);
        let held_max = if self.keeps_views { limit / 2 } else { 0 };
        assert!(bytes <= limit + held_max, "{bytes} of {limit}");
    }

    fn tick(&mut self) {
        let deadline = self.store.next_deadline_ns();
        let changes = self.store.tick(self.now_ns);
        let expected = self.naive.tick(self.now_ns);
        assert_eq!(changes.len(), expected.len());
        if deadline.is_none_or(|at| at > self.naive.now_ns()) {
            assert!(changes.is_empty(), "changes before the deadline");
        }
        for (change, expected) in changes.into_iter().zip(expected) {
            self.changed(Some(change), Some(expected));
        }
        let next = self.store.next_deadline_ns();
        assert!(
            next.is_none_or(|at| at > self.naive.now_ns()),
            "tick left work"
        );
    }

    fn pin(&mut self, trace: TraceId) {
        let pinned = self.store.pin(trace, self.now_ns);
        let expected = self.naive.pin(trace, self.now_ns);
        match (pinned, expected) {
            (Ok(change), Ok(expected)) => self.changed(change, expected),
            (Err(PinError::NotStored { .. }), Err(NaivePinError::NotStored)) => {}
            (Err(PinError::TooMany { .. }), Err(NaivePinError::TooMany)) => {}
            (pinned, expected) => panic!("{pinned:?} instead of {expected:?}"),
        }
    }

    fn changed(&mut self, change: Option<Arc<Change>>, expected: Option<NaiveChange>) {
        let trace_ids = change.as_ref().map(|change| change.trace_ids().to_vec());
        assert_eq!(trace_ids, expected.map(|change| change.trace_ids));
        let Some(change) = change else {
            return;
        };
        self.revision += 1;
        assert_eq!(change.revision, self.revision);
        for row in change.rows().rows() {
            assert!(change.trace_ids().contains(&row.trace_id()));
            self.viewer
                .insert((row.trace_id(), row.span_id()), row.to_span());
        }
    }
}
