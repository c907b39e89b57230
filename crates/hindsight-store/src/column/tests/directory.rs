use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use hindsight_protocol::{OPEN_END_NS, Span, SpanState, StatusCode, TraceId};
use proptest::prelude::*;

use super::super::rows::SegmentRows;
use super::spans::{batch, batches, segment};

fn count(spans: &[&Span], counts: impl Fn(&Span) -> bool) -> u32 {
    spans.iter().filter(|span| counts(span)).count() as u32
}

fn state(span: &Span) -> SpanState {
    SpanState::from_u8(span.state)
}

fn service(span: &Span) -> String {
    let alone = batch(std::slice::from_ref(span));
    alone.row(0).service().to_owned()
}

fn check_trace(rows: &SegmentRows, trace: TraceId, spans: &[&Span], all: &[Span]) {
    let entry = rows.find(trace).expect("the trace is known");
    let ended = spans.iter().map(|span| span.end_ns);
    assert_eq!(entry.trace_id, trace);
    assert_eq!(Some(entry.start_ns), spans.iter().map(|s| s.start_ns).min());
    assert_eq!(
        Some(entry.newest_start_ns),
        spans.iter().map(|s| s.start_ns).max()
    );
    assert_eq!(entry.end_ns, ended.filter(|end| *end != OPEN_END_NS).max());
    assert_eq!(
        entry.has_root,
        spans.iter().any(|s| !s.parent_id.is_valid())
    );
    assert_eq!(entry.spans as usize, spans.len());
    assert_eq!(
        entry.errors,
        count(spans, |s| StatusCode::from_u8(s.status)
            == StatusCode::Error)
    );
    assert_eq!(
        entry.running,
        count(spans, |s| state(s) == SpanState::Running)
    );
    let is_aborted = |s: &Span| matches!(state(s), SpanState::Disconnected | SpanState::Aborted);
    assert_eq!(entry.aborted, count(spans, is_aborted));
    // Among equal starts and ids either row may be the head.
    let rank = |span: &Span| (span.parent_id.is_valid(), span.start_ns, span.span_id);
    let head = spans.iter().map(|span| rank(span)).min();
    assert_eq!(Some(rank(&all[entry.head as usize])), head);
    let sorted = rows.sorted_rows_of(entry.ordinal);
    let order = |span: &Span| (span.start_ns, span.span_id);
    let sorted: Vec<_> = sorted
        .iter()
        .map(|row| order(&all[*row as usize]))
        .collect();
    let mut expected: Vec<_> = spans.iter().map(|span| order(span)).collect();
    expected.sort_unstable();
    assert_eq!(sorted, expected);
    let mut services: BTreeMap<String, u32> = BTreeMap::new();
    for span in spans {
        *services.entry(service(span)).or_default() += 1;
    }
    let found = rows
        .traces()
        .service_names_of(entry.ordinal, rows.services());
    let found: BTreeMap<String, u32> = found.map(|(name, n)| (name.to_owned(), n)).collect();
    assert_eq!(found, services);
}

proptest! {
    #[test]
    fn the_directory_knows_what_the_spans_say(batches in batches()) {
        let (built, spans) = segment(&batches);
        let rows = &built.rows;
        let traces: BTreeSet<TraceId> = spans.iter().map(|span| span.trace_id).collect();
        prop_assert_eq!(rows.traces().len(), traces.len());
        for trace in traces {
            let of_trace: Vec<&Span> = spans.iter().filter(|s| s.trace_id == trace).collect();
            check_trace(rows, trace, &of_trace, &spans);
        }
        let order: Vec<_> = rows.traces().entries().map(|e| (Reverse(e.start_ns), e.trace_id)).collect();
        prop_assert!(order.is_sorted(), "{order:?}");
        prop_assert_eq!(rows.find(TraceId { high: 99, low: 99 }), None);
        for (row, span) in spans.iter().enumerate() {
            let found = rows.row_of(span.trace_id, span.span_id);
            prop_assert!(found.is_some_and(|found| found <= row && spans[found].span_id == span.span_id));
        }
    }
}
