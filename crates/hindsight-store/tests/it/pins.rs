//! Pinned traces.

use std::sync::Arc;

use hindsight_protocol::{Span, TraceId, TracerId};
use hindsight_store::{BatchSource, PinError, Store, StoreLimits, reason};
use hindsight_testkit::builder::{batch, span};
use hindsight_testkit::workload::Workload;

fn trace(low: u64) -> TraceId {
    TraceId { high: 0, low }
}

fn append(store: &mut Store, spans: &[Span], now_ns: u64) {
    store.append(&Arc::new(batch(spans)), BatchSource::default(), now_ns);
}

fn pinned_removed(store: &Store) -> u64 {
    let reasons = store.reasons();
    let found = reasons.iter().find(|r| r.reason == reason::PINNED_REMOVED);
    found.map_or(0, |reason| reason.count)
}

#[test]
fn a_pinned_trace_outlives_age_and_budget_as_it_was() {
    let mut store = Store::new(StoreLimits {
        memory_bytes: 4_000_000,
        ..StoreLimits::default()
    });
    let spans: Vec<Span> = (1..=20)
        .map(|id| span(1, id).parent(id / 2).attribute("id", id).build())
        .collect();
    append(&mut store, &spans, 1);
    assert!(store.pin(trace(1), 1).expect("small").is_some());
    assert_eq!(store.pin(trace(1), 1), Ok(None));
    let mut workload = Workload::new(1, 1_000_000);
    for now_ns in 2..150 {
        let batch = Arc::new(workload.batch(500));
        store.append(&batch, BatchSource::default(), now_ns);
        assert!(store.memory_bytes() <= 4_000_000);
    }
    let ttl_ns = store.limits().ttl_ns;
    store.tick(ttl_ns);
    store.tick(3 * ttl_ns);
    assert!(store.counters().1.evicted > 10_000);
    assert_eq!(store.counters().1.live, 20);
    let snapshot = store.snapshot();
    let page = snapshot.trace_page(trace(1), 0, 100);
    let mut kept = page.batch.check().expect("a sound page").to_spans();
    kept.sort_by_key(|span| span.span_id);
    assert_eq!(kept, spans);
    assert_eq!((page.removals, page.summary[0].pinned), (Vec::new(), true));
    let again = Arc::new(batch(&spans));
    let reply = store
        .append(&again, BatchSource::default(), 3 * ttl_ns)
        .reply;
    assert_eq!(reply.duplicate, 20);
    store.unpin(trace(1), 3 * ttl_ns).expect("a change");
    store.tick(4 * ttl_ns);
    store.tick(5 * ttl_ns);
    assert_eq!(store.counters().1.live, 0);
    assert_eq!(pinned_removed(&store), 0);
}

#[test]
fn a_pin_that_is_refused_names_its_limit() {
    let mut store = Store::new(StoreLimits {
        pinned_traces_max: 1,
        pinned_bytes_max: 5_000,
        ..StoreLimits::default()
    });
    let large = (1..=30).map(|id| span(1, id).attribute("text", format!("{id:0200}")).build());
    append(&mut store, &large.collect::<Vec<_>>(), 1);
    append(&mut store, &[span(2, 1).build(), span(3, 1).build()], 1);
    let refused = |store: &mut Store, low| store.pin(trace(low), 1).expect_err("refused");
    let error = refused(&mut store, 9);
    assert_eq!(error, PinError::NotStored { trace: trace(9) });
    let error = refused(&mut store, 1);
    assert!(
        matches!(error, PinError::TooLarge { bytes, .. } if bytes > 5_000),
        "{error}"
    );
    assert!(
        error.to_string().contains("5000 in all (pinned_bytes_max"),
        "{error}"
    );
    assert!(store.pin(trace(2), 1).is_ok());
    let error = refused(&mut store, 3);
    assert!(error.to_string().contains("(pinned_traces_max)"), "{error}");
    store.unpin(trace(2), 1);
    assert!(store.pin(trace(3), 1).is_ok());
    assert_eq!(store.unpin(trace(2), 1), None);
}

#[test]
fn a_pinned_trace_that_outgrows_its_bytes_loses_what_is_old() {
    let mut store = Store::new(StoreLimits {
        ttl_ns: 100,
        pinned_bytes_max: 20_000,
        ..StoreLimits::default()
    });
    append(&mut store, &[span(1, 1000).build()], 1);
    store.pin(trace(1), 1).expect("small");
    let many: Vec<Span> = (1..=200).map(|id| span(1, id).build()).collect();
    append(&mut store, &many, 1);
    assert!(store.snapshot().pinned_bytes() > 20_000);
    store.tick(50);
    append(&mut store, &[span(1, 1001).build()], 60);
    store.tick(101);
    let summary = store.snapshot().summary(trace(1)).expect("stored");
    assert_eq!(
        (summary.spans, summary.removed_spans, summary.pinned),
        (1, 201, true)
    );
    assert_eq!(pinned_removed(&store), 201);
    store.tick(1_000);
    store.tick(2_000);
    assert_eq!(store.snapshot().pinned_traces(), 1, "it fits again");
    store.clear(2_001);
    assert_eq!(store.snapshot().pinned_traces(), 0);
}

#[test]
fn what_is_open_of_a_pinned_trace_is_passed_over_even_if_its_tracer_has_most() {
    let mut store = Store::new(StoreLimits {
        open_spans_max: 8,
        ..StoreLimits::default()
    });
    let open = |of: u64, id| span(of, id).running(1).build();
    let report = |store: &mut Store, tracer: u64, spans: &[Span]| {
        let source = BatchSource {
            tracer: Some(TracerId {
                high: 0,
                low: tracer,
            }),
            sequence: None,
        };
        store.append(&Arc::new(batch(spans)), source, 1).reply
    };
    let of_pinned: Vec<Span> = (1..=5).map(|id| open(1, id)).collect();
    report(&mut store, 1, &of_pinned);
    store.pin(trace(1), 1).expect("small");
    let others: Vec<Span> = (1..=3).map(|id| open(2, id)).collect();
    report(&mut store, 2, &others);
    let live = |store: &mut Store, low| {
        let summary = store.snapshot().summary(trace(low));
        summary.map_or(0, |summary| summary.spans)
    };
    // The first tracer has most, and nothing else than what is pinned.
    let reply = report(&mut store, 3, &[open(3, 1)]);
    assert_eq!(reply.notes[0].reason, reason::OPEN_SPANS);
    assert_eq!(
        (
            live(&mut store, 1),
            live(&mut store, 2),
            live(&mut store, 3)
        ),
        (5, 2, 1)
    );
    // Of its own there is something else now, which goes first.
    report(&mut store, 1, &[open(4, 1)]);
    assert_eq!(
        (
            live(&mut store, 1),
            live(&mut store, 4),
            live(&mut store, 2)
        ),
        (5, 0, 2)
    );
    assert_eq!(pinned_removed(&store), 0);
    // When nothing else is left, the pinned ones go.
    let more: Vec<Span> = (6..=12).map(|id| open(1, id)).collect();
    report(&mut store, 1, &more);
    assert_eq!(live(&mut store, 1), 8);
    assert_eq!(pinned_removed(&store), 4);
}
