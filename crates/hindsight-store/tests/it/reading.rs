//! Pages, lists and snapshots.

use std::sync::Arc;

use hindsight_protocol::batch::{SpanHead, ValueRef};
use hindsight_protocol::hub::ListTracesRequest;
use hindsight_protocol::{BatchBuilder, OPEN_END_NS, Span, SpanId, TraceId, Value};
use hindsight_store::{Store, StoreLimits};
use hindsight_testkit::builder::{batch, span};
use hindsight_testkit::workload::Workload;

use crate::harness::{append, append_batch, spans_of, trace};

#[test]
fn a_trace_over_many_chunks_and_segments_is_paged_in_order() {
    let mut store = Store::new(StoreLimits {
        segment_spans_max: 9_000,
        ..StoreLimits::default()
    });
    // Later spans start earlier, and some start at the same time.
    let spans: Vec<Span> = (1..=20_000)
        .map(|id| span(1, id).start(30_000 - id / 3).build())
        .collect();
    for spans in spans.chunks(1500) {
        append(&mut store, spans, 1);
    }
    let mut expected: Vec<(u64, u64)> =
        spans.iter().map(|s| (s.start_ns, s.span_id.bits)).collect();
    expected.sort_unstable();
    let found = spans_of(&store.snapshot(), trace(1), 777);
    let found: Vec<(u64, u64)> = found.iter().map(|s| (s.start_ns, s.span_id.bits)).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_page_is_bounded_in_bytes_and_has_at_least_one_span() {
    let mut store = Store::new(StoreLimits {
        page_bytes_max: 1,
        ..StoreLimits::default()
    });
    let spans: Vec<Span> = (1..=3).map(|id| span(1, id).build()).collect();
    append(&mut store, &spans, 1);
    let snapshot = store.snapshot();
    assert_eq!(snapshot.trace_page(trace(1), 0, 100).batch.len(), 1);
    assert_eq!(spans_of(&snapshot, trace(1), 100).len(), 3);
}

#[test]
fn a_page_after_a_span_that_is_gone_is_empty_and_the_last() {
    let mut store = Store::new(StoreLimits::default());
    append(&mut store, &[span(1, 1).build()], 1);
    let reply = store.snapshot().trace_page(trace(1), 99, 10);
    assert_eq!((reply.batch.len(), reply.next_page), (0, 0));
    assert_eq!(reply.summary.len(), 1);
}

#[test]
fn bytes_and_nested_values_come_back_as_they_were() {
    let value = Value::Bytes(vec![0, 255, 7]);
    let nested = Value::from(vec![
        Value::from("a"),
        value.clone(),
        Value::F64(f64::INFINITY),
    ]);
    let rich = span(1, 1)
        .attribute("bytes", value)
        .attribute("nested", nested)
        .event(1, "event", "count", 3)
        .link(4, 5)
        .failed("no")
        .build();
    let mut store = Store::new(StoreLimits::default());
    append(&mut store, std::slice::from_ref(&rich), 1);
    assert_eq!(spans_of(&store.snapshot(), trace(1), 9), [rich]);
    let mut builder = BatchBuilder::new();
    builder.begin_span(&SpanHead {
        trace_id: trace(2),
        span_id: SpanId::from_u64(1),
        start_ns: 1,
        ..SpanHead::default()
    });
    builder.attribute("future", ValueRef::Unknown(99, 7));
    builder.end_span();
    append_batch(&mut store, builder.finish(), 1);
    let spans = spans_of(&store.snapshot(), trace(2), 9);
    let shown = Value::from("(unknown type 99: 0x7)");
    assert_eq!(spans[0].attribute("future"), Some(&shown));
}

#[test]
fn a_list_of_traces_that_start_together_is_in_order_of_their_ids() {
    let mut store = Store::new(StoreLimits {
        chunk_spans_max: 8,
        open_spans_max: 1_000,
        ..StoreLimits::default()
    });
    // In chunks, and open; of each trace a second span begins later.
    for number in 0..600_u64 {
        let id = number * 7 % 600 + 1;
        let open = |later: u64| Span {
            trace_id: TraceId::from_u128(u128::from(id)),
            span_id: SpanId::from_u64(number + 1 + 1_000 * later),
            start_ns: 1_000 + later,
            end_ns: if id % 3 == 0 { OPEN_END_NS } else { 2_000 },
            ..Span::default()
        };
        append_batch(&mut store, batch(&[open(0), open(1)]), 1);
    }
    let request = ListTracesRequest {
        limit: 50,
        ..ListTracesRequest::default()
    };
    let reply = store.snapshot().list_traces(&request);
    let ids: Vec<u64> = reply
        .traces
        .iter()
        .map(|trace| trace.trace_id.low)
        .collect();
    assert_eq!(ids, (1..=50).collect::<Vec<u64>>());
}

#[test]
fn the_newest_snapshot_is_there_until_a_change_is_told() {
    let mut store = Store::new(StoreLimits::default());
    let latest = Arc::clone(store.latest());
    let mut workload = Workload::new(1, 1_000_000);
    assert!(latest.get().is_none(), "none was made");
    append_batch(&mut store, workload.batch(10), 1);
    let made = store.snapshot();
    assert!(latest.get().is_some_and(|found| Arc::ptr_eq(&found, &made)));
    store.tick(2);
    assert!(latest.get().is_some(), "nothing changed");
    append_batch(&mut store, workload.batch(10), 3);
    assert!(latest.get().is_none(), "it lacks what was acknowledged");
    let made = store.snapshot();
    assert_eq!(made.stored().live, 20);
    store.clear(4);
    assert!(latest.get().is_none(), "it has what was cleared");
    assert_eq!(latest.asked(), 5);
}
