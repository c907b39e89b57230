use hindsight_protocol::batch::ValueRef;
use hindsight_protocol::{BatchBuilder, KeyValue, Span, SpanState, Value};
use hindsight_testkit::workload::Workload;
use proptest::prelude::*;

use super::super::build::SegmentBuilder;
use super::super::dictionary::Dictionary;
use super::super::rows::SegmentRows;
use super::spans::{batch, batches, segment};

/// All rows, copied.
fn copied(rows: &SegmentRows) -> Vec<Span> {
    let mut to = BatchBuilder::new();
    let mut copier = rows.copier();
    (0..rows.len()).for_each(|row| copier.copy(row, &mut to));
    let batch = to.finish().into_batch().check();
    batch.map(|batch| batch.to_spans()).unwrap_or_default()
}

/// The attributes of a row, read one by one.
fn attributes(rows: &SegmentRows, row: usize) -> Vec<KeyValue> {
    let mut all = Vec::new();
    rows.attributes(row, |key, value: ValueRef<'_>| {
        all.push(KeyValue::new(key, value.to_value()));
    });
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn rows_come_back_as_the_spans_they_were(batches in batches()) {
        let (built, spans) = segment(&batches);
        let rows = &built.rows;
        prop_assert_eq!(rows.len(), spans.len());
        prop_assert_eq!(copied(rows), spans.clone());
        for (row, span) in spans.iter().enumerate() {
            prop_assert_eq!(rows.trace_id(row), span.trace_id);
            prop_assert_eq!(rows.span_id(row), span.span_id);
            prop_assert_eq!(rows.parent_id(row).unwrap_or_default(), span.parent_id);
            prop_assert_eq!(rows.start_ns(row), span.start_ns);
            prop_assert_eq!(rows.end_ns(row), span.end());
            prop_assert_eq!(rows.name(row), &span.name);
            prop_assert_eq!(rows.kind(row) as u8, span.kind);
            prop_assert_eq!(rows.status(row) as u8, span.status);
            prop_assert_eq!(rows.state(row) as u8, span.state);
            prop_assert_eq!(rows.version(row), span.version);
            prop_assert_eq!(attributes(rows, row), span.attributes.clone());
        }
    }

    #[test]
    fn chosen_rows_with_other_states_are_those_rows(
        batches in batches(),
        step in 1_usize..4,
    ) {
        let mut builder = SegmentBuilder::new(10);
        let mut expected = Vec::new();
        for spans in &batches {
            let state = |row: usize| row.is_multiple_of(2).then_some(SpanState::Aborted);
            let rows = (0..spans.len()).step_by(step);
            builder.push(&batch(spans), rows.clone().map(|row| (row, state(row))));
            expected.extend(rows.map(|row| Span {
                state: state(row).map_or(spans[row].state, |state| state as u8),
                ..spans[row].clone()
            }));
        }
        let built = builder.finish();
        let all = copied(&built.rows);
        for (at, span) in expected.iter().enumerate() {
            let row = built.placed.as_ref().map_or(at, |placed| placed[at] as usize);
            prop_assert_eq!(&all[row], span);
        }
    }
}

#[test]
fn the_standard_workload_comes_back_and_is_small() {
    const ROWS: usize = 20_000;
    let mut workload = Workload::new(5, 1_750_000_000_000_000_000);
    let mut builder = SegmentBuilder::new(ROWS);
    let mut spans = Vec::new();
    for _ in 0..ROWS / 1000 {
        let batch = workload.batch(1000);
        builder.push(&batch, (0..1000).map(|row| (row, None)));
        spans.extend(batch.to_spans());
    }
    let built = builder.finish();
    assert_eq!(built.placed, None);
    assert_eq!(copied(&built.rows), spans);
    let bytes = built.rows.bytes() as usize / ROWS;
    assert!(bytes < 70, "{bytes} bytes a span");
}

/// Spans with one attribute `key`, one for each text.
fn texts(all: impl Iterator<Item = String>) -> Vec<Span> {
    let span = |text| Span {
        attributes: vec![KeyValue::new("key", Value::String(text))],
        ..Span::default()
    };
    all.map(span).collect()
}

#[test]
fn texts_come_back_whether_they_repeat_first_or_last() {
    let number = |n: usize| format!("id-{n}");
    let cases = [
        (10_000, 10_000, false),
        (10_000, 1, true),
        (1, 10_000, true),
        (50, 50, true),
    ];
    for (first, last, has_dictionary) in cases {
        let first = texts((0..10_000).map(|n| number(n % first)));
        let last = texts((0..10_000).map(|n| number(20_000 + n % last)));
        let (built, spans) = segment(&[first, last]);
        assert_eq!(copied(&built.rows), spans);
        let entries: usize = built.rows.groups.pools.iter().map(Dictionary::len).sum();
        assert_eq!(entries > 0, has_dictionary);
    }
}

#[test]
fn spans_of_a_million_keys_come_back_from_rows_without_columns() {
    let span = |n: usize| Span {
        attributes: (0..5)
            .map(|key| KeyValue::new(format!("{n}.{key}"), n as u64))
            .collect(),
        ..Span::default()
    };
    let spans: Vec<Span> = (0..20_000).map(span).collect();
    let (built, spans) = segment(&[spans]);
    assert!(built.rows.groups.groups.is_empty());
    assert_eq!(copied(&built.rows), spans);
}

#[test]
fn spans_of_very_many_attributes_come_back() {
    let attributes = (0..1000).map(|n| KeyValue::new(format!("key {n}"), n as u64));
    let span = Span {
        attributes: attributes.collect(),
        ..Span::default()
    };
    let (built, spans) = segment(&[vec![span; 100]]);
    assert_eq!(copied(&built.rows), spans);
}

#[test]
fn a_segment_may_be_empty() {
    let built = SegmentBuilder::new(0).finish();
    assert_eq!(built.rows.len(), 0);
    assert_eq!(copied(&built.rows), []);
    assert_eq!(built.rows.traces().len(), 0);
}
