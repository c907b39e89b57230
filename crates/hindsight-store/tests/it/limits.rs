//! Limits of spans and batches, and hostile input.

use std::sync::Arc;

use hindsight_protocol::batch::SpanHead;
use hindsight_protocol::hub::{ListTracesRequest, TraceStructureRequest};
use hindsight_protocol::{
    BatchBuilder, OPEN_END_NS, Resource, Scope, Span, SpanId, TracerId, Value,
};
use hindsight_store::{BatchSource, Snapshot, Store, StoreLimits, reason};
use hindsight_testkit::builder::{batch, span};
use hindsight_testkit::workload::Workload;

use crate::harness::{append, append_batch, count, reason_count, spans_of, trace};

#[test]
fn what_cannot_be_shown_is_rejected_by_name() {
    let table = [
        (span(0, 1).build(), reason::ZERO_TRACE_ID),
        (span(1, 0).build(), reason::ZERO_SPAN_ID),
        (span(1, 1).start(0).build(), reason::START_MISSING),
        (
            span(1, 1).start(1 << 63).build(),
            reason::START_OUT_OF_RANGE,
        ),
        (
            span(1, 1).lasting(1, OPEN_END_NS - 1).build(),
            reason::END_OUT_OF_RANGE,
        ),
    ];
    let mut store = Store::new(StoreLimits::default());
    for (span, name) in table {
        let appended = append(&mut store, &[span], 1);
        assert_eq!(appended.reply.rejections, [count(name, 1)]);
        assert_eq!(appended.change, None);
        assert_eq!(reason_count(&store, name), 1);
    }
    assert_eq!(store.revision(), 0);
}

#[test]
fn an_end_before_the_start_is_stored_as_it_came_and_noted() {
    let mut store = Store::new(StoreLimits::default());
    let odd = span(1, 1).lasting(10, 5).build();
    assert_eq!(
        append(&mut store, std::slice::from_ref(&odd), 1)
            .reply
            .inserted,
        1
    );
    assert_eq!(spans_of(&store.snapshot(), trace(1), 9), [odd]);
    assert_eq!(reason_count(&store, reason::END_BEFORE_START), 1);
}

#[test]
fn a_full_trace_rejects_further_spans() {
    let mut store = Store::new(StoreLimits {
        spans_per_trace_max: 2,
        ..StoreLimits::default()
    });
    let spans: Vec<Span> = (1..=4).map(|id| span(1, id).build()).collect();
    let reply = append(&mut store, &spans, 1).reply;
    assert_eq!((reply.inserted, reply.rejected), (2, 2));
    assert_eq!(reply.rejections, [count(reason::SPANS_PER_TRACE, 2)]);
}

#[test]
fn a_full_trace_is_still_read_and_listed_and_leaves_as_a_whole() {
    let most = 3_000;
    let mut store = Store::new(StoreLimits {
        spans_per_trace_max: most,
        segment_spans_max: 1_000,
        memory_bytes: 4_000_000,
        ..StoreLimits::default()
    });
    let mut rejected = 0;
    for first in (1..=4_000_u64).step_by(400) {
        let spans: Vec<Span> = (first..first + 400).map(|id| span(1, id).build()).collect();
        let reply = append(&mut store, &spans, 1).reply;
        rejected += reply.rejected;
        let named = reply
            .rejections
            .iter()
            .map(|reason| reason.count)
            .sum::<u64>();
        assert_eq!(named, reply.rejected);
    }
    assert_eq!(rejected, 1_000);
    assert_eq!(reason_count(&store, reason::SPANS_PER_TRACE), 1_000);
    let before = store.snapshot();
    let mut request = TraceStructureRequest {
        trace_id: trace(1),
        ..TraceStructureRequest::default()
    };
    let mut read = 0;
    loop {
        let page = before.trace_structure(&request);
        read += page.len();
        request.cursor = page.next;
        if !page.has_more {
            break;
        }
    }
    assert_eq!(read, most as usize);
    let listed = |snapshot: &Snapshot| -> Vec<u64> {
        let list = snapshot.list_traces(&ListTracesRequest::default());
        let all = list.traces.iter().filter(|t| t.trace_id == trace(1));
        all.map(|trace| trace.spans).collect()
    };
    assert_eq!(listed(&before), [u64::from(most)]);
    drop(before);
    let mut workload = Workload::new(1, 1_000_000);
    while store.counters().1.evicted < u64::from(most) {
        append_batch(&mut store, workload.batch(1_000), 1);
    }
    let after = store.snapshot();
    assert!(listed(&after).is_empty());
    assert_eq!(spans_of(&after, trace(1), 1_000), []);
    // It is another trace now, with room for as many.
    let reply = append(&mut store, &[span(1, 1).build()], 2).reply;
    assert_eq!((reply.inserted, reply.rejected), (1, 0));
}

#[test]
fn what_exceeds_the_limits_of_a_span_is_cut_and_counted() {
    let limits = StoreLimits {
        attributes_per_span_max: 2,
        attributes_per_event_max: 0,
        events_per_span_max: 1,
        links_per_span_max: 1,
        value_bytes_max: 5,
        name_bytes_max: 4,
        ..StoreLimits::default()
    };
    let large = span(1, 1)
        .named("größer")
        .attribute("k1", "äöüß")
        .attribute("k2", vec![Value::from(1); 9])
        .attribute("k3", 1)
        .event(1, "e1", "k", 1)
        .event(2, "e2", "k", 1)
        .link(1, 2)
        .link(1, 3)
        .link(1, 4)
        .build();
    let mut store = Store::new(limits);
    let appended = append(&mut store, &[large, span(1, 2).named("ok").build()], 1);
    assert_eq!(
        appended.reply.truncations,
        [
            count(reason::ATTRIBUTES_PER_SPAN, 1),
            count(reason::ATTRIBUTES_PER_EVENT, 1),
            count(reason::EVENTS_PER_SPAN, 1),
            count(reason::LINKS_PER_SPAN, 2),
            count(reason::VALUE_BYTES, 2),
            count(reason::NAME_BYTES, 1),
        ]
    );
    let expected = span(1, 1)
        .named("grö")
        .attribute("k1", "äö")
        .attribute("k2", "(array or map too large)")
        .link(1, 2);
    let mut expected = expected.event(1, "e1", "k", 1).build();
    expected.events[0].attributes.clear();
    expected.events[0].dropped_attributes = 1;
    expected.dropped_attributes = 1;
    expected.dropped_events = 1;
    expected.dropped_links = 2;
    let stored = spans_of(&store.snapshot(), trace(1), 9);
    assert_eq!(stored[0], expected);
    assert_eq!(stored[1].name, "ok");
    let change = appended.change.expect("a change");
    assert_eq!(change.rows().to_spans(), stored);
}

#[test]
fn many_references_to_a_long_text_cost_one_copy_of_it() {
    let mut builder = BatchBuilder::new();
    let text = "x".repeat(1_000_000);
    builder.resource(&Resource::default());
    builder.scope(&Scope::default());
    for id in 1..=100 {
        builder.begin_span(&SpanHead {
            trace_id: trace(1),
            span_id: SpanId::from_u64(id),
            start_ns: id,
            ..SpanHead::default()
        });
        builder.end_span();
    }
    let mut columns = builder.finish().into_batch();
    columns.strings.bytes = text.into_bytes();
    columns.strings.ends = vec![0, 1_000_000];
    columns.attributes.keys = vec![1; 100_000];
    columns.attributes.tags = vec![0; 100_000];
    columns.attributes.bits = vec![1; 100_000];
    columns.attribute_ends = (1..=100).map(|row| row * 1000).collect();
    let mut store = Store::new(StoreLimits::default());
    let appended = append_batch(&mut store, columns.check().expect("sound"), 1);
    assert_eq!(appended.reply.inserted, 100);
    assert!(
        store.memory_bytes() < 20_000_000,
        "{}",
        store.memory_bytes()
    );
    let page = store.snapshot().trace_page(trace(1), 0, 1000);
    assert!(page.batch.byte_len() < 10_000_000);
}

#[test]
fn a_store_without_a_budget_keeps_nothing_and_says_so() {
    let mut store = Store::new(StoreLimits {
        memory_bytes: 0,
        ..StoreLimits::default()
    });
    let spans = [span(1, 1).build(), span(2, 1).running(1).build()];
    assert_eq!(append(&mut store, &spans, 5).reply.inserted, 2);
    let (_, stored) = store.counters();
    assert_eq!((stored.live, stored.evicted), (0, 2));
    let reply = store.snapshot().trace_page(trace(1), 0, 10);
    assert_eq!(reply.summary, []);
    assert_eq!((reply.removals[0].at_ns, reply.removals[0].spans), (5, 1));
}

/// How many of the traces 1..=25 are known to be gone, and of how many only probably.

#[test]
fn parents_that_make_no_tree_are_stored() {
    let mut store = Store::new(StoreLimits::default());
    let spans = [
        span(1, 1).parent(1).build(),
        span(1, 2).parent(3).build(),
        span(1, 3).parent(2).build(),
        span(1, 4).parent(77).build(),
    ];
    append(&mut store, &spans, 1);
    let summary = store.snapshot().summary(trace(1)).expect("stored");
    assert_eq!((summary.spans, summary.has_root), (4, false));
    assert_eq!(summary.name, "span 1");
}

#[test]
fn a_run_of_tracers_that_go_away_is_bounded() {
    let mut store = Store::new(StoreLimits {
        tracers_max: 3,
        ..StoreLimits::default()
    });
    for low in 1..=10 {
        let source = BatchSource {
            tracer: Some(TracerId { high: 0, low }),
            sequence: Some(1),
        };
        let spans = Arc::new(batch(&[span(low, 1).running(1).build()]));
        store.append(&spans, source, low);
        store.tracer_disconnected(TracerId { high: 0, low }, low);
    }
    let snapshot = store.snapshot();
    assert_eq!(snapshot.open_spans(), 3, "the others were aborted early");
    assert_eq!(reason_count(&store, reason::TRACERS_FORGOTTEN), 7);
}

#[test]
fn a_batch_of_which_nothing_is_kept_takes_nothing() {
    let mut store = Store::new(StoreLimits::default());
    let running: Vec<Span> = (0..2_000)
        .map(|number| Span {
            trace_id: trace(number + 1),
            span_id: SpanId::from_u64(number + 1),
            start_ns: 1,
            end_ns: OPEN_END_NS,
            ..Span::default()
        })
        .collect();
    append_batch(&mut store, batch(&running), 1);
    let once = store.memory_bytes();
    for _ in 0..20 {
        // Reported again as they are: duplicates.
        let reply = append_batch(&mut store, batch(&running), 1).reply;
        assert_eq!(reply.duplicate, 2_000);
    }
    assert_eq!(store.memory_bytes(), once);
    assert_eq!(store.snapshot().segments(), 0);
    assert_eq!(store.snapshot().open_spans(), 2_000);
}
