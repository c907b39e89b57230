//! Whatever happens, the store answers as the naive model does.

use std::collections::HashMap;
use std::sync::Arc;

use hindsight_protocol::hub::{GetTraceReply, ListTracesReply, ListTracesRequest};
use hindsight_protocol::{Span, SpanId, TraceId};
use hindsight_store::{BatchSource, Change, Snapshot, Store, StoreLimits};
use hindsight_testkit::builder::batch;
use hindsight_testkit::naive::{NaiveChange, NaiveLimits, NaiveStore};
use proptest::prelude::*;

use crate::operations::{Operation, SERVICES, TRACES, operation};

const TTL_NS: u64 = 80;
const SEGMENT_AGE_MAX_NS: u64 = 10;
const SEGMENT_SPANS_MAX: u32 = 5;
const OPEN_SPANS_MAX: usize = 4;
const SPANS_PER_TRACE_MAX: u32 = 6;
const TRACERS_MAX: usize = 2;
const RESEND_WINDOW_BATCHES: u32 = 4;
const ABORT_GRACE_NS: u64 = 10;

fn limits(chunk_spans_max: usize, batch_kept_spans_min: usize) -> StoreLimits {
    StoreLimits {
        ttl_ns: TTL_NS,
        chunk_spans_max,
        batch_kept_spans_min,
        segment_spans_max: SEGMENT_SPANS_MAX,
        segment_age_max_ns: SEGMENT_AGE_MAX_NS,
        open_spans_max: OPEN_SPANS_MAX,
        spans_per_trace_max: SPANS_PER_TRACE_MAX,
        tracers_max: TRACERS_MAX,
        resend_window_batches: RESEND_WINDOW_BATCHES,
        abort_grace_ns: ABORT_GRACE_NS,
        ..StoreLimits::default()
    }
}

fn naive_limits() -> NaiveLimits {
    NaiveLimits {
        ttl_ns: TTL_NS,
        segment_spans_max: SEGMENT_SPANS_MAX as usize,
        segment_age_max_ns: SEGMENT_AGE_MAX_NS,
        open_spans_max: OPEN_SPANS_MAX,
        spans_per_trace_max: SPANS_PER_TRACE_MAX as usize,
        tracers_max: TRACERS_MAX,
        resend_window_batches: u64::from(RESEND_WINDOW_BATCHES),
        abort_grace_ns: ABORT_GRACE_NS,
    }
}

fn trace(low: u64) -> TraceId {
    TraceId { high: 0, low }
}

/// The store, its model, and a viewer that knows only what changes told it.
struct Bench {
    store: Store,
    naive: NaiveStore,
    viewer: HashMap<(TraceId, SpanId), Span>,
    revision: u64,
    now_ns: u64,
    /// An old view and what it answered.
    kept: Option<(Arc<Snapshot>, Vec<GetTraceReply>, ListTracesReply)>,
}

impl Bench {
    fn new(chunk_spans_max: usize, batch_kept_spans_min: usize) -> Self {
        Self {
            store: Store::new(limits(chunk_spans_max, batch_kept_spans_min)),
            naive: NaiveStore::new(naive_limits()),
            viewer: HashMap::new(),
            revision: 0,
            now_ns: 1000,
            kept: None,
        }
    }

    fn run(&mut self, operation: &Operation) {
        match operation {
            Operation::Append {
                spans,
                tracer,
                sequence,
            } => {
                let source = BatchSource {
                    tracer: *tracer,
                    sequence: *sequence,
                };
                let columns = Arc::new(batch(spans));
                let appended = self.store.append(&columns, source, self.now_ns);
                let (reply, change) = self.naive.append(spans, *tracer, *sequence, self.now_ns);
                assert_eq!(appended.reply, reply);
                self.changed(appended.change, change);
            }
            Operation::Disconnect(tracer) => {
                let change = self.store.tracer_disconnected(*tracer, self.now_ns);
                let expected = self.naive.tracer_disconnected(*tracer, self.now_ns);
                self.changed(change, expected);
            }
            Operation::Attach(tracer) => {
                self.store.tracer_attached(*tracer, self.now_ns);
                self.naive.tracer_attached(*tracer, self.now_ns);
            }
            Operation::Pass(ns) => self.now_ns += ns,
            Operation::Tick => self.tick(),
            Operation::Clear => {
                let cleared = self.store.clear(self.now_ns);
                let expected = self.naive.clear(self.now_ns);
                assert_eq!((cleared.spans, cleared.traces), expected);
                assert!(cleared.change.cleared);
                self.viewer.clear();
                self.revision += 1;
            }
        }
    }

    fn tick(&mut self) {
        let deadline = self.store.next_deadline_ns();
        let changes = self.store.tick(self.now_ns);
        let expected = self.naive.tick(self.now_ns);
        assert_eq!(changes.len(), expected.len());
        if deadline.is_none_or(|at| at > self.now_ns) {
            assert!(changes.is_empty(), "changes before the deadline");
        }
        for (change, expected) in changes.into_iter().zip(expected) {
            self.changed(Some(change), Some(expected));
        }
        let next = self.store.next_deadline_ns();
        assert!(next.is_none_or(|at| at > self.now_ns), "tick left work");
    }

    fn changed(&mut self, change: Option<Arc<Change>>, expected: Option<NaiveChange>) {
        let trace_ids = change.as_ref().map(|change| change.trace_ids.clone());
        assert_eq!(trace_ids, expected.map(|change| change.trace_ids));
        let Some(change) = change else {
            return;
        };
        self.revision += 1;
        assert_eq!(change.revision, self.revision);
        for row in change.rows.rows() {
            assert!(change.trace_ids.contains(&row.trace_id()));
            self.viewer
                .insert((row.trace_id(), row.span_id()), row.to_span());
        }
    }

    fn compare(&mut self) {
        let snapshot = self.store.snapshot();
        assert_eq!(self.store.revision(), self.naive.revision());
        assert_eq!(snapshot.revision(), self.naive.revision());
        assert_eq!(self.store.counters(), self.naive.counters());
        assert_eq!(
            (snapshot.ingest(), snapshot.stored()),
            self.naive.counters()
        );
        assert_eq!(snapshot.traces(), self.naive.traces());
        assert_eq!(snapshot.open_spans(), self.naive.open_spans());
        let mut open = 0;
        snapshot.for_each_open(|row| open += u64::from(row.state().is_open()));
        assert_eq!(open, snapshot.open_spans());
        self.compare_counters();
        self.compare_lists(&snapshot);
        for id in 0..=TRACES {
            self.compare_trace(&snapshot, trace(id));
        }
        self.compare_kept(snapshot);
    }

    fn compare_counters(&self) {
        let (ingest, store) = self.store.counters();
        let known = ingest.inserted + ingest.updated + ingest.duplicate + ingest.rejected;
        assert_eq!(ingest.received, known);
        let kept = store.live + store.sampled_out + store.expired + store.evicted + store.cleared;
        assert_eq!(ingest.inserted, kept);
    }

    fn compare_lists(&self, snapshot: &Snapshot) {
        for (limit, before_ns) in [(0, 0), (1, 0), (2, 12), (0, 5)] {
            for service in SERVICES {
                let request = ListTracesRequest {
                    limit,
                    service: service.to_owned(),
                    before_ns,
                    ..ListTracesRequest::default()
                };
                let reply = snapshot.list_traces(&request);
                assert_eq!(
                    reply.traces,
                    self.naive.list_traces(&request),
                    "{request:?}"
                );
                assert_eq!(reply.total, self.naive.traces());
            }
        }
    }

    fn compare_trace(&self, snapshot: &Snapshot, trace: TraceId) {
        let expected = self.naive.trace(trace);
        assert_eq!(snapshot.summary(trace), self.naive.summary(trace));
        for page_spans_max in [1, 3, 100] {
            let spans = all_pages(snapshot, trace, page_spans_max);
            assert_eq!(spans, expected, "pages of {page_spans_max}");
        }
        for span in &expected {
            let seen = self.viewer.get(&(trace, span.span_id));
            assert_eq!(seen, Some(span), "the viewer missed a change");
        }
        let reply = snapshot.trace_page(trace, 0, 100);
        assert_eq!(reply.removals, self.naive.removals(trace));
        assert_eq!(reply.summary, Vec::from_iter(self.naive.summary(trace)));
    }

    /// A view does not change, whatever the writer does meanwhile.
    fn compare_kept(&mut self, snapshot: Arc<Snapshot>) {
        let answers = |snapshot: &Snapshot| {
            let pages = (1..=TRACES).map(|id| snapshot.trace_page(trace(id), 0, 100));
            let list = snapshot.list_traces(&ListTracesRequest::default());
            (pages.collect::<Vec<_>>(), list)
        };
        if let Some((kept, pages, list)) = &self.kept {
            assert_eq!(answers(kept), (pages.clone(), list.clone()));
            if self.revision < kept.revision() + 5 {
                return;
            }
        }
        let (pages, list) = answers(&snapshot);
        self.kept = Some((snapshot, pages, list));
    }
}

fn all_pages(snapshot: &Snapshot, trace: TraceId, page_spans_max: usize) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut page = 0;
    loop {
        let reply = snapshot.trace_page(trace, page, page_spans_max);
        let columns = reply.batch.check().expect("a sound page");
        assert!(columns.len() <= page_spans_max);
        spans.extend(columns.to_spans());
        page = reply.next_page;
        if page == 0 {
            return spans;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn the_store_answers_as_the_naive_model(
        operations in prop::collection::vec(operation(), 1..40),
        chunk_spans_max in 1..4_usize,
        batch_kept_spans_min in 1..5_usize,
    ) {
        let mut bench = Bench::new(chunk_spans_max, batch_kept_spans_min);
        for operation in &operations {
            bench.run(operation);
            bench.compare();
        }
    }
}
