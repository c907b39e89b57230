use std::sync::Arc;

use hindsight_protocol::hub::{LiveRequest, ServiceSpans};
use hindsight_protocol::{KeyValue, Span, SpanId, TraceId};

use super::*;

fn change(revision: u64, spans: std::ops::Range<u64>, bytes: usize) -> Change {
    let mut builder = BatchBuilder::new();
    for id in spans {
        builder.push(&Span {
            trace_id: TraceId::from_u128(u128::from(id % 2) + 1),
            span_id: SpanId::from_u64(id),
            attributes: vec![KeyValue::new("k", format!("{id}{}", "x".repeat(bytes)))],
            ..Span::default()
        });
    }
    Change::new(revision, Arc::new(builder.finish()), Vec::new(), false)
}

fn filter(request: LiveRequest) -> Filter {
    let request = LiveRequest {
        spans: true,
        ..request
    };
    Filter::new(&request, None)
}

fn ids(events: &[LiveEvent]) -> Vec<u64> {
    let batches = events
        .iter()
        .map(|event| event.batch.clone().check().unwrap());
    let spans = batches.flat_map(|batch| batch.to_spans());
    spans.map(|span| span.span_id.bits).collect()
}

#[test]
fn small_changes_are_gathered_and_the_event_reaches_the_last() {
    let mut events = ChangeEvents::changes(64 << 10, 4);
    let all = filter(LiveRequest::default());
    events.add(&change(5, 1..3, 10), &mut Sieve::new(&all), 64 << 10);
    events.add(&change(6, 3..4, 10), &mut Sieve::new(&all), 64 << 10);
    let events = events.finish();
    assert_eq!((events.len(), events[0].revision), (1, 6));
    assert_eq!(ids(&events), [1, 2, 3]);
}

#[test]
fn a_large_change_is_split_and_reached_with_its_last_part() {
    let mut events = ChangeEvents::changes(4_096, 4);
    let all = filter(LiveRequest::default());
    events.add(&change(5, 1..21, 1_000), &mut Sieve::new(&all), 4_096);
    let events = events.finish();
    let (last, before) = events.split_last().unwrap();
    assert!(before.len() >= 4 && before.iter().all(|event| event.revision == 4));
    assert_eq!(last.revision, 5);
    assert!(events.iter().all(|event| event.batch.byte_len() < 6_000));
    assert_eq!(ids(&events), (1..=20).collect::<Vec<_>>());
}

#[test]
fn a_large_change_between_small_ones_goes_out_whole_and_in_order() {
    let mut events = ChangeEvents::changes(4_096, 4);
    let all = filter(LiveRequest::default());
    for change in [
        change(5, 1..2, 1),
        change(6, 2..22, 1_000),
        change(7, 22..23, 1),
    ] {
        events.add(&change, &mut Sieve::new(&all), 64 << 10);
    }
    let events = events.finish();
    let reached: Vec<(u64, usize)> = events.iter().map(|e| (e.revision, e.batch.len())).collect();
    assert_eq!(reached, [(5, 1), (6, 20), (7, 1)]);
    assert_eq!(ids(&events), (1..=22).collect::<Vec<_>>());
}

#[test]
fn rows_that_were_not_asked_for_are_left_out() {
    let request = LiveRequest {
        trace_id: TraceId::from_u128(2),
        ..LiveRequest::default()
    };
    let mut events = ChangeEvents::changes(64 << 10, 0);
    events.add(
        &change(1, 1..7, 1),
        &mut Sieve::new(&filter(request)),
        64 << 10,
    );
    assert_eq!(ids(&events.finish()), [1, 3, 5]);
}

#[test]
fn a_clear_comes_between_what_was_before_and_after() {
    let all = filter(LiveRequest::default());
    let mut cleared = change(6, 0..0, 0);
    cleared.cleared = true;
    let mut events = ChangeEvents::changes(64 << 10, 4);
    for change in [change(5, 1..2, 1), cleared, change(7, 2..3, 1)] {
        events.add(&change, &mut Sieve::new(&all), 64 << 10);
    }
    let events = events.finish();
    let kinds: Vec<(u8, u64)> = events.iter().map(|e| (e.kind, e.revision)).collect();
    let (changed, cleared) = (LiveEvent::KIND_CHANGE, LiveEvent::KIND_CLEARED);
    assert_eq!(kinds, [(changed, 5), (cleared, 6), (changed, 7)]);
}

#[test]
fn a_change_goes_out_whole_only_if_all_of_it_is_wanted_and_fits() {
    let all = filter(LiveRequest::default());
    let one_trace = filter(LiveRequest {
        trace_id: TraceId::from_u128(1),
        ..LiveRequest::default()
    });
    let small = change(1, 1..3, 10);
    assert!(whole(&small, &all, 64 << 10).is_some());
    assert!(whole(&small, &all, 10).is_none());
    assert!(whole(&small, &one_trace, 64 << 10).is_none());
    assert!(whole(&change(1, 0..0, 0), &all, 64 << 10).is_none());
}

#[test]
fn summaries_are_split_by_size() {
    let summary = |number: u128| TraceSummary {
        trace_id: TraceId::from_u128(number),
        name: "n".repeat(100),
        services: vec![ServiceSpans::default(); 10],
        ..TraceSummary::default()
    };
    let all: Vec<_> = (1..=100).map(summary).collect();
    let events = summaries(LiveEvent::KIND_CHANGE, 9, all.clone(), 4_096);
    assert!(events.len() > 5);
    assert!(events.iter().all(|event| event.revision == 9));
    let back: Vec<_> = events.into_iter().flat_map(|event| event.traces).collect();
    assert_eq!(back, all);
    assert!(summaries(LiveEvent::KIND_CHANGE, 9, Vec::new(), 4_096).is_empty());
}
