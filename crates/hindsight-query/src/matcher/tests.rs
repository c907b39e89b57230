mod naive;
mod structure;
mod values;

use hindsight_protocol::{Event, KeyValue, Link, Resource, Scope, Span, SpanId, TraceId, Value};

use crate::fixture::batch;
use crate::view::RowsOfTrace;
use crate::{Budget, Matcher, Verdict, parse};

/// A root that lasts 10 ns.
fn span(id: u64, parent: u64) -> Span {
    Span {
        trace_id: TraceId::from_u128(1),
        span_id: SpanId::from_u64(id),
        parent_id: SpanId::from_u64(parent),
        name: format!("s{id}"),
        start_ns: 1_000 + id,
        end_ns: 1_010 + id,
        ..Span::default()
    }
}

fn matcher(text: &str) -> Matcher {
    let query = parse(text).into_result(text);
    let query = query.unwrap_or_else(|error| panic!("{error}"));
    Matcher::new(&query.filter, 2_000).expect("parsed filters can be made ready")
}

/// Whether each query matches the span, alone.
#[track_caller]
fn check(span: &Span, expected: &[(&str, bool)]) {
    let batch = batch(std::slice::from_ref(span));
    for (text, expected) in expected {
        let verdict = matcher(text).matches_alone(batch.row(0));
        assert_eq!(verdict, Verdict::from(*expected), "{text}");
    }
}

/// The names of the spans that match, by both ways of asking.
#[track_caller]
fn names(spans: &[Span], text: &str) -> String {
    let batch = batch(spans);
    let trace = RowsOfTrace::new(batch.rows());
    let matcher = matcher(text);
    let budget = &mut Budget::unlimited();
    let found = matcher.search(&trace, budget);
    let mut names = Vec::new();
    for node in 0..spans.len() {
        let verdict = matcher.matches(&trace, node, budget);
        assert_eq!(found.verdict(node), verdict, "{text} on node {node}");
        if verdict.is_yes() {
            names.push(trace.row(node).map_or("?", |row| row.name()));
        }
    }
    names.join(" ")
}

/// One span with everything.
fn full() -> Span {
    Span {
        name: "GET /Users".into(),
        kind: 1,
        status: 2,
        status_message: "no such user".into(),
        attributes: vec![
            KeyValue::new("http.status", 404i64),
            KeyValue::new("as_text", "404"),
            KeyValue::new("ratio", 0.5),
            KeyValue::new("whole", 200.0),
            KeyValue::new("nan", f64::NAN),
            KeyValue::new("hit", true),
            KeyValue::new("hit_text", "true"),
            KeyValue::new("empty", ""),
            KeyValue::new("route", "/users/:id"),
            KeyValue::new("bytes", vec![1u8].as_slice()),
            KeyValue::new("args", vec![Value::from("serve"), Value::from(8080i64)]),
            KeyValue::new("map", vec![KeyValue::new("inner", 1i64)]),
            KeyValue::new("wait", 20_000_000i64),
            KeyValue::new("name", "shadow"),
            KeyValue::new("both", "span's"),
            KeyValue::new("route", "second"),
        ],
        events: vec![
            Event {
                name: "Retry".into(),
                attributes: vec![KeyValue::new("attempt", 1i64)],
                ..Event::default()
            },
            Event {
                name: "give up".into(),
                attributes: vec![KeyValue::new("reason", "Timeout")],
                ..Event::default()
            },
        ],
        links: [(5, 6), (7, 8)]
            .map(|(trace, span)| Link {
                trace_id: TraceId::from_u128(trace),
                span_id: SpanId::from_u64(span),
                ..Link::default()
            })
            .into(),
        resource: Resource {
            attributes: vec![
                KeyValue::new("service.name", "Web"),
                KeyValue::new("host", "alpha"),
                KeyValue::new("both", "resource's"),
            ],
            ..Resource::default()
        },
        scope: Scope {
            name: "axum".into(),
            version: "0.8".into(),
            attributes: vec![KeyValue::new("team", "edge")],
            ..Scope::default()
        },
        ..span(7, 3)
    }
}
