//! The byte budget, what goes, and what is remembered of it.

use hindsight_protocol::Span;
use hindsight_protocol::hub::ListTracesRequest;
use hindsight_store::{Store, StoreLimits, reason};
use hindsight_testkit::builder::span;
use hindsight_testkit::workload::Workload;

use crate::harness::{append, append_batch, reason_count, trace};

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
