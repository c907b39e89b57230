use super::*;
use crate::{Event, KeyValue, Link, Resource, Scope, Span, SpanId, TraceId, Value};

fn rich(id: u64) -> Span {
    let attributes = vec![
        KeyValue::new("text", "größer"),
        KeyValue::new("bytes", Value::Bytes(vec![0, 255])),
        KeyValue::new("nested", vec![Value::from(id), Value::from("größer")]),
    ];
    Span {
        trace_id: TraceId::from_u128(7),
        span_id: SpanId::from_u64(id),
        parent_id: SpanId::from_u64(id / 2),
        trace_state: "a=b".to_owned(),
        flags: 1,
        name: format!("span {}", id % 2),
        kind: 2,
        start_ns: id,
        end_ns: id + 5,
        version: 3,
        status: 2,
        status_message: "no".to_owned(),
        events: vec![Event {
            time_ns: id,
            name: "event".to_owned(),
            attributes: attributes.clone(),
            dropped_attributes: 4,
        }],
        links: vec![Link {
            trace_id: TraceId::from_u128(8),
            attributes: attributes.clone(),
            ..Link::default()
        }],
        resource: Resource {
            attributes: vec![KeyValue::new("service.name", id % 3)],
            dropped_attributes: 9,
        },
        scope: Scope {
            name: "scope".to_owned(),
            version: (id % 2).to_string(),
            attributes: attributes.clone(),
            dropped_attributes: 1,
        },
        dropped_attributes: 1,
        dropped_events: 2,
        dropped_links: 3,
        attributes,
        ..Span::default()
    }
}

#[test]
fn copied_rows_are_the_rows_in_any_builder_and_any_order() {
    let spans: Vec<Span> = (1..20).map(rich).collect();
    let mut source = BatchBuilder::new();
    spans.iter().for_each(|span| source.push(span));
    let source = source.finish();
    let mut copier = RowCopier::new(&source);
    let mut to = BatchBuilder::new();
    for rows in [0..19, 3..11] {
        rows.clone().rev().for_each(|row| copier.copy(row, &mut to));
        let expected: Vec<Span> = spans[rows].iter().rev().cloned().collect();
        assert_eq!(to.to_batch().to_spans(), expected);
        assert!(to.to_batch().into_batch().check().is_ok());
        to.clear();
        copier.restart();
    }
    assert_eq!(copier.cuts(), RowCuts::default());
}

#[test]
fn columns_that_say_nothing_are_left_out_of_a_copy() {
    let mut builder = BatchBuilder::new();
    builder.push(&Span {
        name: "plain".to_owned(),
        ..Span::default()
    });
    let copy = builder.to_batch();
    assert!(copy.columns().flags.is_empty() && copy.columns().event_ends.is_empty());
    assert_eq!(copy.to_spans(), builder.finish().to_spans());
}

#[test]
fn ordinary_spans_follow_copied_ones() {
    let plain = Span {
        name: "plain".to_owned(),
        ..rich(9)
    };
    let plain = Span {
        kind: 0,
        status: 0,
        status_message: String::new(),
        trace_state: String::new(),
        resource: Resource::default(),
        scope: Scope::default(),
        dropped_attributes: 0,
        dropped_events: 0,
        dropped_links: 0,
        ..plain
    };
    let mut source = BatchBuilder::new();
    source.push(&rich(1));
    let source = source.finish();
    let mut to = BatchBuilder::new();
    RowCopier::new(&source).copy(0, &mut to);
    to.push(&plain);
    let batch = to.finish().into_batch().check().expect("a sound batch");
    assert_eq!(batch.to_spans(), [rich(1), plain]);
}
