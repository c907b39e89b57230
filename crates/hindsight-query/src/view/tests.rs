use hindsight_protocol::{KeyValue, Resource, Scope, Span, SpanId, TraceId, Value};

use super::{Alone, Owner, RowsOfTrace, SpanView, TraceView};
use crate::fixture::batch;

fn span(id: u64, parent: u64, start_ns: u64) -> Span {
    Span {
        trace_id: TraceId::from_u128(1),
        span_id: SpanId::from_u64(id),
        parent_id: SpanId::from_u64(parent),
        name: format!("s{id}"),
        start_ns,
        end_ns: start_ns + 10,
        ..Span::default()
    }
}

/// `s1(s2 s3)`, roots separated by spaces.
fn drawn(spans: &[Span]) -> String {
    let batch = batch(spans);
    let trace = RowsOfTrace::new(batch.rows());
    let mut text = String::new();
    draw(&trace, 0, trace.len(), &mut text);
    text
}

fn draw(trace: &RowsOfTrace<'_>, mut node: usize, end: usize, text: &mut String) {
    let first = node;
    while node < end {
        if node > first {
            text.push(' ');
        }
        text.push_str(trace.span(node).name());
        let below = trace.subtree_end(node);
        if below > node + 1 {
            assert_eq!(trace.parent(node + 1), Some(node));
            text.push('(');
            draw(trace, node + 1, below, text);
            text.push(')');
        }
        node = below;
    }
}

#[test]
fn spans_stand_in_preorder_with_siblings_by_start() {
    let spans = [
        span(4, 2, 25),
        span(3, 1, 30),
        span(2, 1, 20),
        span(1, 0, 10),
    ];
    assert_eq!(drawn(&spans), "s1(s2(s4) s3)");
}

#[test]
fn orphans_and_spans_that_are_their_own_parent_are_roots() {
    let spans = [span(1, 99, 10), span(2, 2, 20), span(3, 2, 30)];
    assert_eq!(drawn(&spans), "s1 s2(s3)");
}

#[test]
fn a_cycle_is_cut_above_its_earliest_span() {
    let spans = [
        span(1, 3, 30),
        span(2, 1, 10),
        span(3, 2, 20),
        span(4, 1, 40),
    ];
    assert_eq!(drawn(&spans), "s2(s3(s1(s4)))");
}

#[test]
fn the_final_report_of_a_span_counts() {
    let open = Span {
        end_ns: hindsight_protocol::OPEN_END_NS,
        version: 7,
        name: "open".into(),
        ..span(1, 0, 10)
    };
    assert_eq!(drawn(&[span(1, 0, 10), open.clone()]), "s1");
    assert_eq!(drawn(&[open, span(1, 0, 10)]), "s1");
}

#[test]
fn facts_are_those_the_trace_list_shows() {
    let failed = Span {
        status: 2,
        ..span(2, 9, 5)
    };
    let batch = batch(&[span(1, 0, 10), failed, span(3, 1, 40)]);
    let trace = RowsOfTrace::new(batch.rows());
    let facts = trace.facts().expect("rows have facts");
    assert_eq!((facts.spans, facts.errors, facts.services), (3, 1, 0));
    assert_eq!((facts.start_ns, facts.duration_ns), (5, 45));
    assert_eq!(facts.root_name, "s1");
    assert_eq!(trace.find(SpanId::from_u64(3)), Some(2));
}

#[test]
fn a_lone_span_knows_its_own_families_and_nothing_of_the_rest() {
    let mut with_key = span(1, 0, 10);
    with_key.attributes = vec![KeyValue::new("picante.kind", "x")];
    let batch = batch(&[with_key]);
    let alone = Alone(batch.row(0));
    assert_eq!(alone.has_family("picante"), Some(true));
    assert_eq!(alone.has_family("pica"), None);
    assert_eq!(alone.facts(), None);
}

#[test]
fn an_attribute_is_found_as_if_all_were_looked_through() {
    let all = |text: &str| -> Vec<KeyValue> {
        vec![
            KeyValue::new("text", text),
            KeyValue::new("tex2", true),
            KeyValue::new("int", 5i64),
            KeyValue::new("float", 0.5),
            KeyValue::new("bytes", vec![1u8].as_slice()),
            KeyValue::new("array", vec![Value::from(1i64)]),
            KeyValue::new("map", vec![KeyValue::new("a", 1i64)]),
            KeyValue::new("text", "second"),
        ]
    };
    let mut spans = [span(1, 0, 10), span(2, 0, 20), span(3, 0, 30)];
    spans[1].attributes = all("span");
    spans[2].resource = Resource {
        attributes: all("resource"),
        ..Resource::default()
    };
    spans[2].scope = Scope {
        attributes: all("scope"),
        ..Scope::default()
    };
    let batch = batch(&spans);
    for row in batch.rows() {
        for owner in [Owner::Span, Owner::Resource, Owner::Scope] {
            for key in [
                "text", "tex2", "int", "float", "bytes", "array", "map", "none", "",
            ] {
                let mut attributes = SpanView::attributes(&row, owner);
                let expected = attributes.find(|(name, _)| *name == key);
                let expected = expected.map(|(_, value)| value);
                assert_eq!(row.attribute(owner, key), expected, "{key} of {owner:?}");
            }
        }
    }
}
