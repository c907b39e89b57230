//! Viewers that know a trace only by its structure, read page by page while the store changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use hindsight_protocol::hub::{
    StructureCursor, StructureFlags, TraceStructure, TraceStructureRequest,
};
use hindsight_protocol::{Span, SpanId, TraceId};
use hindsight_store::{BatchSource, SealJob, Snapshot, Store, StoreLimits};
use hindsight_testkit::builder::batch;
use hindsight_testkit::workload::Workload;
use proptest::prelude::*;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use crate::simulation::operations::{Operation, Sender, TRACES};

/// What a viewer draws of a span.
#[derive(Clone, Debug, PartialEq)]
struct Drawn {
    parent: u64,
    start_ns: u64,
    duration_ns: Option<u64>,
    name: String,
    service: String,
    flags: StructureFlags,
}

impl Drawn {
    fn of(span: &Span) -> Self {
        let rows = batch(std::slice::from_ref(span));
        let row = rows.row(0);
        Self {
            parent: span.parent_id.bits,
            start_ns: span.start_ns,
            duration_ns: row.end_ns().map(|end| end.saturating_sub(span.start_ns)),
            name: span.name.clone(),
            service: row.service().to_owned(),
            flags: StructureFlags::new(row.status(), row.kind(), row.state()),
        }
    }
}

#[derive(Debug, Default)]
struct Viewer {
    cursor: StructureCursor,
    spans: BTreeMap<u64, Drawn>,
    rows_read: usize,
}

impl Viewer {
    /// Reads a page; tells whether there is more.
    fn read(&mut self, snapshot: &Snapshot, trace_id: TraceId, limit: u32) -> bool {
        let page = snapshot.trace_structure(&TraceStructureRequest {
            trace_id,
            cursor: self.cursor,
            limit,
        });
        if page.begins {
            self.spans.clear();
        }
        assert!(limit == 0 || page.len() <= limit as usize);
        self.rows_read += page.len();
        self.cursor = page.next;
        self.add(&page);
        page.has_more
    }

    fn add(&mut self, page: &TraceStructure) {
        let starts: Vec<u64> = page.starts_ns().collect();
        let ids = page.span_ids.iter().copied();
        let order: Vec<(u64, u64)> = starts.iter().copied().zip(ids).collect();
        assert!(order.is_sorted(), "{order:?}");
        let parents: Vec<u64> = page.parent_ids().collect();
        let durations: Vec<Option<u64>> = page.durations_ns().collect();
        let names: Vec<u64> = page.name_codes.iter().collect();
        let services: Vec<u64> = page.service_codes.iter().collect();
        for (at, id) in page.span_ids.iter().enumerate() {
            let drawn = Drawn {
                parent: parents[at],
                start_ns: starts[at],
                duration_ns: durations[at],
                name: page.names[names[at] as usize].clone(),
                service: page.services[services[at] as usize].clone(),
                flags: StructureFlags(page.flags[at]),
            };
            self.spans.insert(*id, drawn);
        }
    }

    /// Reads all there is.
    fn catch_up(&mut self, snapshot: &Snapshot, trace_id: TraceId, limit: u32) {
        // The round under way, and then what was stored since it began.
        while self.read(snapshot, trace_id, limit) {}
        while self.read(snapshot, trace_id, limit) {}
    }
}

fn stored(snapshot: &Snapshot, trace: TraceId) -> BTreeMap<u64, Drawn> {
    let page = snapshot.trace_page(trace, 0, usize::MAX);
    let spans = page.batch.check().expect("a sound page").to_spans();
    let drawn = spans
        .iter()
        .map(|span| (span.span_id.bits, Drawn::of(span)));
    drawn.collect()
}

/// A store, and what happens to it.
struct Changing {
    store: Store,
    now_ns: u64,
    random: SmallRng,
    sender: Sender,
    seals: Vec<SealJob>,
}

impl Changing {
    fn new(limits: StoreLimits, seed: u64) -> Self {
        Self {
            sender: Sender::new(false, limits.ttl_ns),
            store: Store::new(limits),
            now_ns: 1_000_000_000_000_000,
            random: SmallRng::seed_from_u64(seed),
            seals: Vec::new(),
        }
    }

    fn step(&mut self) {
        let now_ns = self.now_ns;
        match self.sender.operation(&mut self.random) {
            Operation::Append(sent) => {
                let source = BatchSource {
                    tracer: sent.tracer,
                    sequence: sent.sequence,
                };
                self.store
                    .append(&Arc::new(batch(&sent.spans)), source, now_ns);
            }
            Operation::Disconnect(tracer) => {
                self.store.tracer_disconnected(tracer, now_ns);
            }
            Operation::Attach(tracer) => self.store.tracer_attached(tracer, now_ns),
            Operation::Pass(ns) => self.now_ns = now_ns.saturating_add_signed(ns),
            Operation::Tick => {
                self.store.tick(now_ns);
            }
            Operation::Pin(trace) => {
                // What is not stored cannot be pinned.
                let _ = self.store.pin(trace, now_ns);
            }
            Operation::Unpin(trace) => {
                self.store.unpin(trace, now_ns);
            }
            Operation::Clear => {
                self.store.clear(now_ns);
            }
            Operation::Seal => self.seals.extend(self.store.take_seal_job()),
            Operation::Sealed(at) => {
                if at < self.seals.len() {
                    let sealed = self.seals.swap_remove(at).run();
                    self.store.finish_seal(sealed);
                }
            }
            Operation::Read => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn a_viewer_that_reads_now_and_then_ends_up_with_what_is_stored(
        seed: u64,
        steps in 1..60_usize,
        chunk_spans_max in 1..4_usize,
        batch_kept_spans_min in 1..5_usize,
    ) {
        let limits = StoreLimits {
            ttl_ns: 80,
            chunk_spans_max,
            batch_kept_spans_min,
            segment_spans_max: 7,
            segment_age_max_ns: 10,
            open_spans_max: 4,
            abort_grace_ns: 10,
            seals_in_flight_max: seed as usize % 4,
            ..StoreLimits::default()
        };
        let mut changing = Changing::new(limits, seed);
        let mut viewers: Vec<Viewer> = (0..=TRACES).map(|_| Viewer::default()).collect();
        let trace = |low: usize| TraceId { high: 0, low: low as u64 };
        for _ in 0..steps {
            changing.step();
            let limit = changing.random.random_range(0..4);
            let catches_up: bool = changing.random.random();
            let snapshot = changing.store.snapshot();
            for (low, viewer) in viewers.iter_mut().enumerate() {
                if limit > 0 {
                    viewer.read(&snapshot, trace(low), limit);
                }
                if catches_up {
                    viewer.catch_up(&snapshot, trace(low), limit);
                    prop_assert_eq!(&viewer.spans, &stored(&snapshot, trace(low)));
                }
            }
        }
    }

    #[test]
    fn spans_are_found_by_their_ids(
        seed: u64,
        steps in 1..20_usize,
        ids in prop::collection::vec(0..9_u64, 0..6),
    ) {
        let mut changing = Changing::new(StoreLimits::default(), seed);
        for _ in 0..steps {
            changing.step();
        }
        let snapshot = changing.store.snapshot();
        let ids: Vec<SpanId> = ids.into_iter().map(SpanId::from_u64).collect();
        for low in 0..=TRACES {
            let trace = TraceId { high: 0, low };
            let page = snapshot.trace_page(trace, 0, usize::MAX).batch;
            let mut expected = page.check().expect("a sound page").to_spans();
            expected.retain(|span| ids.contains(&span.span_id));
            let reply = snapshot.get_spans(trace, &ids);
            prop_assert_eq!(reply.batch.check().expect("sound").to_spans(), expected);
            prop_assert_eq!(reply.left_out, vec![]);
        }
    }
}

/// Standard spans of one trace.
fn large_trace(trace_id: TraceId, spans: usize, seed: u64) -> Vec<Span> {
    let mut all = Workload::new(seed, 1_000_000).batch(spans).to_spans();
    all.iter_mut().for_each(|span| span.trace_id = trace_id);
    all
}

#[test]
fn only_what_is_new_is_told_again() {
    let trace = TraceId { high: 1, low: 1 };
    let mut store = Store::new(StoreLimits {
        segment_spans_max: 3_000,
        ..StoreLimits::default()
    });
    let mut viewer = Viewer::default();
    for round in 1..=8 {
        let spans = large_trace(trace, 1_000, round);
        store.append(&Arc::new(batch(&spans)), BatchSource::default(), round);
        let few = large_trace(trace, 10, round + 100);
        store.append(&Arc::new(batch(&few)), BatchSource::default(), round);
        let snapshot = store.snapshot();
        viewer.catch_up(&snapshot, trace, 300);
        assert_eq!(viewer.spans, stored(&snapshot, trace));
        assert_eq!(viewer.rows_read, 1_010 * round as usize);
    }
}

#[test]
fn a_page_with_many_long_names_is_cut_by_its_bytes() {
    let trace = TraceId { high: 1, low: 1 };
    let mut store = Store::new(StoreLimits {
        page_bytes_max: 10_000,
        ..StoreLimits::default()
    });
    let mut spans = large_trace(trace, 100, 1);
    for (at, span) in spans.iter_mut().enumerate() {
        span.name = format!("{at:01000}");
    }
    store.append(&Arc::new(batch(&spans)), BatchSource::default(), 1);
    let snapshot = store.snapshot();
    let mut viewer = Viewer::default();
    assert!(viewer.read(&snapshot, trace, 0));
    assert!((5..20).contains(&viewer.rows_read), "{}", viewer.rows_read);
    viewer.catch_up(&snapshot, trace, 0);
    assert_eq!((viewer.spans.len(), viewer.rows_read), (100, 100));
    let ids: Vec<SpanId> = spans.iter().map(|span| span.span_id).collect();
    let reply = snapshot.get_spans(trace, &ids);
    assert_eq!(reply.batch.len() + reply.left_out.len(), 100);
    assert!(!reply.left_out.is_empty());
}

#[test]
fn orders_that_readers_have_had_made_count_until_their_rows_go() {
    let spans = 5_000_u64;
    let mut store = Store::new(StoreLimits {
        segment_spans_max: spans as u32,
        ..StoreLimits::default()
    });
    let all: Vec<Span> = (1..=spans)
        .map(|id| hindsight_testkit::builder::span(1, id).build())
        .collect();
    store.append(&Arc::new(batch(&all)), BatchSource::default(), 1);
    let counted = |store: &mut Store| {
        let snapshot = store.snapshot();
        let mut viewer = Viewer::default();
        while viewer.read(&snapshot, all[0].trace_id, 1_000) {}
        assert_eq!(viewer.spans.len() as u64, spans);
        store.memory_bytes()
    };
    let before = store.memory_bytes();
    let once = counted(&mut store);
    let added = once - before;
    assert!((4 * spans..5 * spans).contains(&added), "{added} bytes");
    assert_eq!(counted(&mut store), once, "the order is made once");
    store.clear(2);
    store.snapshot();
    let left = store.memory_bytes();
    assert!(left < before, "{left} bytes are left of {before}");
}
