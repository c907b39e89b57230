//! Limits, bounds and hostile input.

use std::sync::Arc;

use hindsight_protocol::batch::{SpanHead, ValueRef};
use hindsight_protocol::hub::{ListTracesRequest, ReasonCount, TraceStructureRequest};
use hindsight_protocol::{
    BatchBuilder, CheckedBatch, OPEN_END_NS, Resource, Scope, Span, SpanId, TraceId, TracerId,
    Value,
};
use hindsight_store::{Appended, BatchSource, Snapshot, Store, StoreLimits, reason};
use hindsight_testkit::builder::{batch, span};
use hindsight_testkit::workload::Workload;

fn trace(low: u64) -> TraceId {
    TraceId { high: 0, low }
}

fn append(store: &mut Store, spans: &[Span], now_ns: u64) -> Appended {
    append_batch(store, batch(spans), now_ns)
}

fn append_batch(store: &mut Store, batch: CheckedBatch, now_ns: u64) -> Appended {
    let appended = store.append(&Arc::new(batch), BatchSource::default(), now_ns);
    let (ingest, stored) = store.counters();
    let known = ingest.inserted + ingest.updated + ingest.duplicate + ingest.rejected;
    assert_eq!(ingest.received, known);
    let kept = stored.live + stored.expired + stored.evicted + stored.cleared;
    assert_eq!(ingest.inserted, kept);
    appended
}

fn spans_of(snapshot: &Snapshot, trace: TraceId, page_spans_max: usize) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut page = 0;
    loop {
        let reply = snapshot.trace_page(trace, page, page_spans_max);
        spans.extend(reply.batch.check().expect("a sound page").to_spans());
        page = reply.next_page;
        if page == 0 {
            return spans;
        }
    }
}

fn count(reason: &str, count: u64) -> ReasonCount {
    ReasonCount {
        reason: reason.to_owned(),
        count,
    }
}

fn reason_count(store: &Store, name: &str) -> u64 {
    let reasons = store.reasons();
    let found = reasons.iter().find(|known| known.reason == name);
    found.map_or(0, |known| known.count)
}

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
fn the_byte_budget_evicts_whole_segments_oldest_first() {
    let mut store = Store::new(StoreLimits {
        memory_bytes: 4_000_000,
        ..StoreLimits::default()
    });
    let mut workload = Workload::new(1, 1_000_000);
    let first = workload.batch(500);
    let first_trace = first.row(0).trace_id();
    append_batch(&mut store, first, 1);
    for now_ns in 2..200 {
        let batch = workload.batch(500);
        let newest = batch.row(499).trace_id();
        append_batch(&mut store, batch, now_ns);
        assert!(store.memory_bytes() <= 4_000_000);
        assert!(store.snapshot().summary(newest).is_some());
    }
    let (_, stored) = store.counters();
    assert!(stored.evicted > 20_000, "{stored:?}");
    assert!(stored.live > 5_000, "{stored:?}");
    let snapshot = store.snapshot();
    assert!(snapshot.segments() > 3);
    let reply = snapshot.trace_page(first_trace, 0, 10);
    assert_eq!(reply.removals[0].reason, reason::EVICTED);
    let list = snapshot.list_traces(&ListTracesRequest {
        limit: 10_000,
        ..ListTracesRequest::default()
    });
    let spans: u64 = list.traces.iter().map(|trace| trace.spans).sum();
    assert_eq!((spans, list.total), (stored.live, list.traces.len() as u64));
    let partial = list.traces.iter().filter(|trace| trace.removed_spans > 0);
    assert!(partial.count() > 0, "no trace lost a part");
    let newest = snapshot.removals(3);
    assert_eq!(newest.len(), 3);
    assert!(newest.is_sorted_by_key(|removal| std::cmp::Reverse(removal.at_ns)));
}

#[test]
fn the_byte_budget_holds_though_no_seal_ever_comes_back_in_time() {
    let mut store = Store::new(StoreLimits {
        memory_bytes: 4_000_000,
        seals_in_flight_max: 2,
        ..StoreLimits::default()
    });
    let mut workload = Workload::new(1, 1_000_000);
    let mut jobs = Vec::new();
    for now_ns in 1..100 {
        append_batch(&mut store, workload.batch(500), now_ns);
        jobs.extend(store.take_seal_job());
        assert!(store.memory_bytes() <= 4_000_000);
        assert!(store.seals_in_flight() <= 2);
    }
    assert!(jobs.len() > 10, "{} jobs", jobs.len());
    for job in jobs {
        store.finish_seal(job.run());
    }
    assert_eq!(store.seals_in_flight(), 0);
    let (_, stored) = store.counters();
    assert!(stored.evicted > 0 && stored.live > 0, "{stored:?}");
    let list = store.snapshot().list_traces(&ListTracesRequest {
        limit: 10_000,
        ..ListTracesRequest::default()
    });
    let spans: u64 = list.traces.iter().map(|trace| trace.spans).sum();
    assert_eq!(spans, stored.live);
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
fn remembered(store: &mut Store) -> (usize, usize) {
    let snapshot = store.snapshot();
    let removals = (1..=25).map(|id| snapshot.trace_page(trace(id), 0, 1).removals);
    let known: Vec<_> = removals.filter(|removals| !removals.is_empty()).collect();
    let probably = known.iter().filter(|removals| removals[0].probably);
    (known.len(), probably.count())
}

#[test]
fn removed_traces_beyond_the_exact_notes_are_remembered_as_probable() {
    let limits = StoreLimits {
        removals_kept: 10,
        ..StoreLimits::default()
    };
    let spans: Vec<Span> = (1..=25).map(|id| span(id, 1).build()).collect();
    let mut store = Store::new(limits.clone());
    append(&mut store, &spans, 1);
    let cleared = store.clear(2);
    assert_eq!((cleared.spans, cleared.traces), (25, 25));
    assert_eq!(remembered(&mut store), (25, 25));
    assert_eq!(reason_count(&store, reason::REMOVALS_FORGOTTEN), 0);
    let mut store = Store::new(StoreLimits {
        removal_filters_bytes_max: 0,
        ..limits
    });
    append(&mut store, &spans, 1);
    store.clear(2);
    assert_eq!(remembered(&mut store), (0, 0));
    assert_eq!(reason_count(&store, reason::REMOVALS_FORGOTTEN), 25);
}

#[test]
fn a_trace_that_goes_in_parts_says_how_much_is_missing_and_since_when() {
    let mut store = Store::new(StoreLimits {
        ttl_ns: 100,
        removals_kept: 0,
        removal_filters_bytes_max: 0,
        ..StoreLimits::default()
    });
    let part = |first: u64| (first..first + 3).map(|id| span(1, id).build());
    for (now_ns, first) in [(0, 1), (40, 11), (80, 21)] {
        append(&mut store, &part(first).collect::<Vec<_>>(), now_ns);
        store.tick(now_ns + 15);
    }
    let marks = [99, 100, 139, 140].map(|now_ns| {
        store.tick(now_ns);
        let summary = store.snapshot().summary(trace(1)).expect("stored");
        assert_eq!(summary.spans + summary.removed_spans, 9);
        let removals = store.snapshot().trace_page(trace(1), 0, 9).removals;
        let told = removals.iter().map(|r| (r.at_ns, r.spans, r.probably));
        let mark = (summary.removed_at_ns, summary.removed_spans, false);
        assert!(told.eq((mark.1 > 0).then_some(mark)), "{removals:?}");
        (mark.0, mark.1, summary.removed_by)
    });
    let expired = || reason::EXPIRED.to_owned();
    let none = (0, 0, String::new());
    let expected = [
        none.clone(),
        (100, 3, expired()),
        (100, 3, expired()),
        (140, 6, expired()),
    ];
    assert_eq!(marks, expected);
    store.tick(180);
    assert_eq!(store.snapshot().summary(trace(1)), None);
}

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
fn spans_stored_again_while_their_segment_leaves_the_index_stay() {
    let mut store = Store::new(StoreLimits {
        memory_bytes: 16_000_000,
        segment_spans_max: 20_000,
        ..StoreLimits::default()
    });
    let mut workload = Workload::new(1, 1_000_000);
    let first = workload.batch(1_000);
    append_batch(&mut store, first.clone(), 1);
    let mut fill = |store: &mut Store, spans: usize| {
        append_batch(store, workload.batch(spans), 1);
        assert!(store.memory_bytes() <= 16_000_000);
    };
    while store.counters().1.evicted == 0 {
        fill(&mut store, 1_000);
    }
    let again = append_batch(&mut store, first.clone(), 1).reply;
    assert_eq!((again.inserted, again.duplicate), (1_000, 0));
    let evicted = store.counters().1.evicted;
    // Until all of the segment has left.
    for _ in 0..20 {
        fill(&mut store, 5);
    }
    assert_eq!(
        store.counters().1.evicted,
        evicted,
        "nothing else had to go"
    );
    let again = append_batch(&mut store, first, 1).reply;
    assert_eq!((again.inserted, again.duplicate), (0, 1_000));
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
