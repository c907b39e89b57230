use proptest::prelude::*;

use super::*;
use crate::{Event, KeyValue, Link, Resource, Scope, Span, SpanId, TraceId, Value};

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        "[a-zé ]{0,12}".prop_map(Value::String),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::I64),
        (-1.0e9..1.0e9f64).prop_map(Value::F64),
        prop::collection::vec(any::<u8>(), 0..8).prop_map(Value::Bytes),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let entry = ("[a-z]{0,4}", inner.clone()).prop_map(|(key, value)| KeyValue { key, value });
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::Array),
            prop::collection::vec(entry, 0..4).prop_map(Value::Map),
        ]
    })
}

fn attributes() -> impl Strategy<Value = Vec<KeyValue>> {
    let one = ("[a-d]{1,2}", value()).prop_map(|(key, value)| KeyValue { key, value });
    prop::collection::vec(one, 0..4)
}

prop_compose! {
    fn event()(time_ns in any::<u64>(), name in "[a-c]{0,3}", attributes in attributes(), dropped_attributes in 0..3u32) -> Event {
        Event { time_ns, name, attributes, dropped_attributes }
    }
}

prop_compose! {
    fn link()(ids in any::<(u64, u64, u64)>(), trace_state in "[a-c]{0,2}", flags in any::<u8>(), attributes in attributes()) -> Link {
        Link {
            trace_id: TraceId { high: ids.0, low: ids.1 },
            span_id: SpanId::from_u64(ids.2),
            trace_state,
            flags,
            attributes,
            dropped_attributes: 0,
        }
    }
}

prop_compose! {
    fn span()(
        ids in any::<(u64, u64, u64, u64)>(),
        times in any::<(u64, u64)>(),
        texts in ("[a-c]{0,3}", "[a-c]{0,3}", "[a-c]{0,3}"),
        numbers in (0..5u8, 0..3u8, 0..5u8, any::<u8>(), any::<u32>()),
        attributes in attributes(),
        events in prop::collection::vec(event(), 0..3),
        links in prop::collection::vec(link(), 0..3),
        resource in attributes(),
        scope in ("[a-b]{0,1}", "[0-1]{0,1}", attributes()),
        dropped in (0..2u32, 0..2u32, 0..2u32),
    ) -> Span {
        Span {
            trace_id: TraceId { high: ids.0, low: ids.1 },
            span_id: SpanId::from_u64(ids.2),
            parent_id: SpanId::from_u64(ids.3),
            trace_state: texts.0,
            flags: numbers.3,
            name: texts.1,
            kind: numbers.0,
            start_ns: times.0,
            end_ns: times.1,
            state: numbers.2,
            version: numbers.4,
            status: numbers.1,
            status_message: texts.2,
            attributes,
            events,
            links,
            resource: Resource { attributes: resource, dropped_attributes: 0 },
            scope: Scope { name: scope.0, version: scope.1, attributes: scope.2, dropped_attributes: 0 },
            dropped_attributes: dropped.0,
            dropped_events: dropped.1,
            dropped_links: dropped.2,
        }
    }
}

fn batch_of(spans: &[Span]) -> CheckedBatch {
    let mut builder = BatchBuilder::new();
    spans.iter().for_each(|span| builder.push(span));
    builder.finish()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn spans_come_back_from_a_batch_as_they_went_in(spans in prop::collection::vec(span(), 0..6)) {
        let batch = batch_of(&spans);
        prop_assert_eq!(batch.to_spans(), spans.clone());
        let checked = batch.into_batch().check().expect("a built batch is sound");
        prop_assert_eq!(checked.to_spans(), spans);
    }

    #[test]
    fn rows_come_back_from_a_copy_as_they_were(spans in prop::collection::vec(span(), 0..6)) {
        let batch = batch_of(&spans);
        let mut copy = BatchBuilder::new();
        batch.rows().for_each(|row| copy.push_row(row));
        prop_assert_eq!(copy.finish().to_spans(), spans);
    }

    #[test]
    fn no_damage_to_a_batch_gets_past_the_check_and_then_panics(
        spans in prop::collection::vec(span(), 1..4),
        column in 0..30usize,
        at in any::<prop::sample::Index>(),
        bits in any::<u32>(),
    ) {
        let mut damaged = batch_of(&spans).into_batch();
        damage(&mut damaged, column, &at, bits);
        if let Ok(checked) = damaged.check() {
            checked.to_spans();
        }
    }

    #[test]
    fn nested_bytes_from_anywhere_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        if let Ok(value) = decode_nested(&bytes) {
            prop_assert_eq!(encode_nested(&value).len(), bytes.len());
        }
    }
}

/// Overwrites an element of some column, or shortens it.
fn damage(batch: &mut SpanBatch, column: usize, at: &prop::sample::Index, bits: u32) {
    let narrow: [&mut Vec<u32>; 14] = [
        &mut batch.strings.ends,
        &mut batch.blobs.ends,
        &mut batch.resources.attribute_ends,
        &mut batch.scopes.names,
        &mut batch.scopes.attribute_ends,
        &mut batch.names,
        &mut batch.resource_rows,
        &mut batch.scope_rows,
        &mut batch.status_messages,
        &mut batch.attribute_ends,
        &mut batch.attributes.keys,
        &mut batch.event_ends,
        &mut batch.events.attribute_ends,
        &mut batch.link_ends,
    ];
    if let Some(values) = narrow.into_iter().nth(column) {
        match values.is_empty() {
            true => values.push(bits),
            false if bits.is_multiple_of(3) => drop(values.pop()),
            false => {
                let at = at.index(values.len());
                values[at] = bits;
            }
        }
        return;
    }
    match column {
        14 => batch
            .attributes
            .bits
            .iter_mut()
            .for_each(|value| *value ^= u64::from(bits)),
        15 => batch
            .attributes
            .tags
            .iter_mut()
            .for_each(|tag| *tag = bits as u8),
        16 => batch
            .strings
            .bytes
            .iter_mut()
            .for_each(|byte| *byte = bits as u8),
        17 => batch
            .blobs
            .bytes
            .iter_mut()
            .for_each(|byte| *byte ^= bits as u8),
        18 => drop(batch.starts_ns.pop()),
        19 => drop(batch.trace_ids_low.pop()),
        20 => drop(batch.kinds.pop()),
        21 => drop(batch.events.times_ns.pop()),
        22 => drop(batch.links.trace_ids_high.pop()),
        _ => batch.span_ids.push(u64::from(bits)),
    }
}

#[test]
fn each_kind_of_damage_is_named() {
    let check = |damage: fn(&mut SpanBatch), expected: &str| {
        let mut batch = batch_of(&[Span {
            name: "a".to_owned(),
            attributes: vec![KeyValue::new("k", "v")],
            ..Span::default()
        }])
        .into_batch();
        damage(&mut batch);
        assert_eq!(batch.check().unwrap_err().to_string(), expected);
    };
    check(
        |batch| batch.starts_ns.clear(),
        "column starts_ns has 0 elements, expected 1",
    );
    check(
        |batch| batch.names[0] = 9,
        "column names refers to element 9 of 4",
    );
    check(
        |batch| batch.strings.bytes[0] = 0xff,
        "the string table is not UTF-8 at its offsets",
    );
    check(
        |batch| batch.attribute_ends[0] = 2,
        "end offsets attribute_ends decrease or do not cover their 1 elements",
    );
    check(
        |batch| {
            batch.attributes.tags[0] = tag::MAP;
            batch.blobs.bytes.push(99);
            batch.blobs.ends.push(1);
            batch.attributes.bits[0] = 0;
        },
        "a nested value does not decode: nested value has unknown tag 99 at byte 0",
    );
}

#[test]
fn optional_columns_may_be_left_out() {
    let full = batch_of(&[Span {
        name: "a".to_owned(),
        ..Span::default()
    }])
    .into_batch();
    let sparse = SpanBatch {
        strings: full.strings,
        trace_ids_high: vec![0],
        trace_ids_low: vec![1],
        span_ids: vec![2],
        parent_ids: vec![0],
        starts_ns: vec![3],
        ends_ns: vec![4],
        names: full.names,
        attribute_ends: vec![0],
        ..SpanBatch::default()
    };
    let checked = sparse.check().expect("sound");
    let span = checked.row(0).to_span();
    assert_eq!(
        (span.name.as_str(), span.kind, span.end()),
        ("a", 0, Some(4))
    );
    assert_eq!(checked.row(0).service(), "");
}

#[test]
fn resources_and_strings_are_stored_once() {
    let span = Span {
        name: "same".to_owned(),
        resource: Resource {
            attributes: vec![KeyValue::new(
                "args",
                vec![Value::from("a"), Value::from("b")],
            )],
            dropped_attributes: 0,
        },
        ..Span::default()
    };
    let batch = batch_of(&vec![span; 50]);
    assert_eq!(batch.columns().resources.attribute_ends.len(), 1);
    assert_eq!(batch.columns().scopes.names.len(), 1);
    assert_eq!(batch.columns().strings.ends.len(), 3);
}

#[test]
fn values_deeper_than_the_limit_are_cut_and_still_decode() {
    let mut deep = Value::from("leaf");
    for _ in 0..100 {
        deep = Value::Array(vec![deep]);
    }
    let bytes = encode_nested(&deep);
    let decoded = decode_nested(&bytes).expect("cut at the limit");
    let depth = std::iter::successors(Some(&decoded), |value| match value {
        Value::Array(items) => items.first(),
        _ => None,
    });
    assert_eq!(depth.count(), NESTED_DEPTH_MAX + 1);
}
