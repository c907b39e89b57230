//! P2, P3, P6: the store by itself, without a hub around it.

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hindsight_protocol::hub::TraceStructureRequest;
use hindsight_protocol::{CheckedBatch, Span, SpanId, TraceId, TracerId};
use hindsight_store::{BatchSource, Snapshot, Store, StoreLimits};
use hindsight_testkit::builder::batch;
use hindsight_testkit::workload::Workload;

use crate::Scale;
use crate::figure::{Figure, heap_bytes, percentile};

const START_NS: u64 = 1_750_000_000_000_000_000;
const BATCH_SPANS: usize = 4096;
/// Batches that are made before the clock runs.
const ROUND_BATCHES: usize = 64;
const TRACER: TracerId = TracerId { high: 1, low: 1 };

/// A store that is being filled with the standard workload.
pub(crate) struct Filling {
    pub(crate) store: Store,
    workload: Workload,
    batches: u64,
    pub(crate) spans: u64,
    /// Time spent in the store.
    pub(crate) busy: Duration,
    /// The longest single append.
    pub(crate) longest: Duration,
}

impl Filling {
    pub(crate) fn new(memory_bytes: u64) -> Self {
        let limits = StoreLimits {
            memory_bytes,
            ..StoreLimits::default()
        };
        Self {
            store: Store::new(limits),
            workload: Workload::new(1, START_NS),
            batches: 0,
            spans: 0,
            busy: Duration::ZERO,
            longest: Duration::ZERO,
        }
    }

    pub(crate) fn append(&mut self, rows: &Arc<CheckedBatch>) {
        self.batches += 1;
        let source = BatchSource {
            tracer: Some(TRACER),
            sequence: Some(self.batches),
        };
        let now_ns = START_NS + self.batches;
        let begun = Instant::now();
        black_box(self.store.append(rows, source, now_ns));
        let took = begun.elapsed();
        self.busy += took;
        self.longest = self.longest.max(took);
        self.spans += rows.len() as u64;
    }

    /// Appends until so many spans have been given to the store.
    pub(crate) fn fill_to(&mut self, spans: u64) {
        while self.spans < spans {
            let missing = (spans - self.spans).div_ceil(BATCH_SPANS as u64) as usize;
            let batches: Vec<_> = (0..missing.min(ROUND_BATCHES))
                .map(|_| Arc::new(self.workload.batch(BATCH_SPANS)))
                .collect();
            for batch in &batches {
                self.append(batch);
            }
        }
    }
}

/// P2: append alone.
pub(crate) fn append(scale: &Scale) -> anyhow::Result<Vec<Figure>> {
    let spans = scale.pick(8_000_000, 20_000);
    let mut filling = Filling::new(16_000_000_000);
    filling.fill_to(spans);
    let rate = filling.spans as f64 / filling.busy.as_secs_f64();
    let longest_ms = filling.longest.as_secs_f64() * 1e3;
    Ok(vec![
        Figure::new("P2", rate, "spans/s").against(pushed(scale), "Vec::push of plain structs"),
        Figure::new("P2.longest", longest_ms, "ms"),
    ])
}

/// Spans a second that are moved into a vector of structs, allocations of the structs included.
fn pushed(scale: &Scale) -> f64 {
    let mut workload = Workload::new(1, START_NS);
    let mut all: Vec<Span> = Vec::new();
    let mut busy = Duration::ZERO;
    for _ in 0..scale.pick(100, 2) {
        let rows = workload.batch(BATCH_SPANS);
        let begun = Instant::now();
        all.extend(rows.rows().map(|row| row.to_span()));
        busy += begun.elapsed();
    }
    black_box(&all).len() as f64 / busy.as_secs_f64()
}

/// P3: heap bytes a stored span.
pub(crate) fn memory(scale: &Scale) -> anyhow::Result<Vec<Figure>> {
    let spans = scale.pick(10_000_000, 20_000);
    let structs = struct_bytes(scale);
    let before = heap_bytes();
    let mut filling = Filling::new(16_000_000_000);
    filling.fill_to(spans);
    let counted = filling.store.memory_bytes() as f64;
    let Filling {
        store,
        workload,
        spans,
        ..
    } = filling;
    drop(workload);
    let heap = heap_bytes().saturating_sub(before) as f64;
    drop(store);
    let entropy = 46.0;
    let per_span = heap / spans as f64;
    Ok(vec![
        Figure::new("P3", per_span, "bytes/span").against(structs, "Vec<Span>"),
        Figure::new("P3.entropy", per_span, "bytes/span")
            .against(entropy, "the entropy of the unique values"),
        Figure::new("P3.counted", counted / spans as f64, "bytes/span")
            .against(per_span, "the allocator's count"),
    ])
}

fn struct_bytes(scale: &Scale) -> f64 {
    let mut workload = Workload::new(1, START_NS);
    let batches: Vec<_> = (0..scale.pick(50, 2))
        .map(|_| workload.batch(BATCH_SPANS))
        .collect();
    let before = heap_bytes();
    let spans: Vec<Span> = batches.iter().flat_map(CheckedBatch::to_spans).collect();
    heap_bytes().saturating_sub(before) as f64 / spans.len() as f64
}

/// Traces of 100 spans: one stored at once, one over ten stretches of the filling.
pub(crate) struct Probes {
    pub(crate) together: TraceId,
    pub(crate) spread: TraceId,
}

pub(crate) const PROBE_SPANS: u64 = 100;

/// Fills a store to `spans` with two traces to look up in it.
pub(crate) fn filled(spans: u64) -> (Filling, Probes) {
    let mut filling = Filling::new(16_000_000_000);
    let probes = Probes {
        together: TraceId::from_u128(0x1001),
        spread: TraceId::from_u128(0x1002),
    };
    for part in 0..10 {
        filling.fill_to(spans / 10 * part);
        if part == 5 {
            filling.append(&probe_spans(probes.together, 0..PROBE_SPANS));
        }
        let ids = part * PROBE_SPANS / 10..(part + 1) * PROBE_SPANS / 10;
        filling.append(&probe_spans(probes.spread, ids));
    }
    filling.fill_to(spans);
    (filling, probes)
}

/// Standard spans, but of one trace.
pub(crate) fn probe_spans(trace_id: TraceId, ids: std::ops::Range<u64>) -> Arc<CheckedBatch> {
    let standard = Workload::new(ids.start + 7, START_NS).batch((ids.end - ids.start) as usize);
    let mut spans = standard.to_spans();
    for (span, id) in spans.iter_mut().zip(ids) {
        span.trace_id = trace_id;
        span.span_id = SpanId::from_u64(id + 1);
        span.parent_id = SpanId::from_u64(id);
    }
    Arc::new(batch(&spans))
}

/// P6: one trace by its id.
pub(crate) fn lookup(scale: &Scale) -> anyhow::Result<Vec<Figure>> {
    let (mut filling, probes) = filled(scale.pick(10_000_000, 20_000));
    let snapshot = filling.store.snapshot();
    let rounds = scale.pick(2_000, 20);
    let reference = map_lookup_ms(&snapshot, probes.together, rounds);
    let together = lookup_ms(&snapshot, probes.together, rounds);
    let spread = lookup_ms(&snapshot, probes.spread, rounds);
    let reference_name = "hash map lookup + copy";
    drop(snapshot);
    drop(filling);
    let structure = structure(scale);
    Ok(vec![
        Figure::new("P6.one", together, "ms p99").against(reference, reference_name),
        Figure::new("P6.ten", spread, "ms p99").against(reference, reference_name),
        Figure::new("P6.structure.first", structure.first_ms, "ms"),
        Figure::new("P6.structure", structure.again_ms, "ms"),
        Figure::new("P6.structure.bytes", structure.bytes_per_span, "bytes/span"),
    ])
}

/// What it takes to tell the structure of a large trace.
struct Structure {
    /// For the first time.
    first_ms: f64,
    /// Later.
    again_ms: f64,
    bytes_per_span: f64,
}

/// The whole structure of a trace of 1 M spans.
fn structure(scale: &Scale) -> Structure {
    let trace_id = TraceId::from_u128(0x1003);
    let mut filling = Filling::new(16_000_000_000);
    let mut workload = Workload::new(9, START_NS);
    while filling.spans < scale.pick(1_000_000, 20_000) {
        let mut spans = workload.batch(BATCH_SPANS).to_spans();
        spans.iter_mut().for_each(|span| span.trace_id = trace_id);
        filling.append(&Arc::new(batch(&spans)));
    }
    let snapshot = filling.store.snapshot();
    let read = || {
        let begun = Instant::now();
        let (mut bytes, mut rows) = (0, 0);
        let mut request = TraceStructureRequest {
            trace_id,
            ..TraceStructureRequest::default()
        };
        loop {
            let page = snapshot.trace_structure(&request);
            let ids = 8 * (page.span_ids.len() + page.outer_parents.len());
            let numbers = [
                &page.start_deltas_ns,
                &page.durations,
                &page.parents,
                &page.name_codes,
                &page.service_codes,
            ];
            let numbers: usize = numbers.iter().map(|column| column.bytes.len()).sum();
            let texts: usize = page
                .names
                .iter()
                .chain(&page.services)
                .map(String::len)
                .sum();
            bytes += ids + numbers + texts + page.flags.len();
            rows += page.len();
            request.cursor = page.next;
            if !black_box(page).has_more {
                break;
            }
        }
        assert_eq!(rows as u64, filling.spans);
        (
            begun.elapsed().as_secs_f64() * 1e3,
            bytes as f64 / rows as f64,
        )
    };
    let (first_ms, bytes_per_span) = read();
    let mut again: Vec<f64> = (0..5).map(|_| read().0).collect();
    Structure {
        first_ms,
        again_ms: percentile(&mut again, 0.5),
        bytes_per_span,
    }
}

/// 99 of 100 look-ups take at most this many milliseconds.
pub(crate) fn lookup_ms(snapshot: &Snapshot, trace: TraceId, rounds: usize) -> f64 {
    let mut times: Vec<f64> = (0..rounds)
        .map(|_| {
            let begun = Instant::now();
            let page = snapshot.trace_page(trace, 0, 4096);
            assert_eq!(page.batch.len() as u64, PROBE_SPANS);
            begun.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    percentile(&mut times, 0.99)
}

fn map_lookup_ms(snapshot: &Snapshot, trace: TraceId, rounds: usize) -> f64 {
    let page = snapshot.trace_page(trace, 0, 4096).batch;
    let spans = page.check().map(|rows| rows.to_spans()).unwrap_or_default();
    let map: HashMap<TraceId, Vec<Span>> = HashMap::from([(trace, spans)]);
    let mut times: Vec<f64> = (0..rounds)
        .map(|_| {
            let begun = Instant::now();
            black_box(map.get(black_box(&trace)).cloned());
            begun.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    percentile(&mut times, 0.99)
}
