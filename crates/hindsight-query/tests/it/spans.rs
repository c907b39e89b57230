//! The spans of the examples in `docs/query-language.md`.

use hindsight_protocol::{
    BatchBuilder, CheckedBatch, Event, KeyValue, OPEN_END_NS, Resource, Span, SpanId, SpanKind,
    SpanState, StatusCode, TraceId, Value,
};

/// 2026-11-22T12:00:00Z.
pub(crate) const NOON_NS: u64 = 1_795_348_800_000_000_000;

/// When the examples are asked.
pub(crate) const NOW_NS: u64 = NOON_NS + 600_000_000_000;

/// The names of the documentation, in the order of the spans.
pub(crate) const LABELS: [&str; 7] = ["w1", "w2", "w3", "d1", "d2", "j1", "j2"];

fn span(id: u64, parent: u64, service: &str, name: &str, millis: u64) -> Span {
    let start_ns = NOON_NS + id * 1_000_000;
    let mut resource = vec![KeyValue::new("service.name", service)];
    if service == "web" {
        resource.push(KeyValue::new("host", "alpha"));
    }
    Span {
        trace_id: TraceId::from_u128(if service == "worker" { 0xb } else { 0xa }),
        span_id: SpanId::from_u64(id),
        parent_id: SpanId::from_u64(parent),
        name: name.into(),
        start_ns,
        end_ns: start_ns + millis * 1_000_000,
        resource: Resource {
            attributes: resource,
            ..Resource::default()
        },
        ..Span::default()
    }
}

fn failed(span: Span, message: &str) -> Span {
    Span {
        status: StatusCode::Error as u8,
        status_message: message.into(),
        ..span
    }
}

/// Both traces.
pub(crate) fn traces() -> [CheckedBatch; 2] {
    let mut w1 = span(1, 0, "web", "GET /users", 120);
    w1.kind = SpanKind::Server as u8;
    w1.attributes = vec![
        KeyValue::new("http.route", "/users"),
        KeyValue::new("http.status_code", 200i64),
    ];
    let mut w2 = failed(span(2, 1, "web", "POST /login", 80), "upstream timeout");
    w2.kind = SpanKind::Client as u8;
    w2.attributes = vec![
        KeyValue::new("http.route", "/login"),
        KeyValue::new("http.status_code", 503i64),
    ];
    let w3 = span(3, 1, "web", "render", 30);
    let mut d1 = span(4, 2, "db", "query", 5);
    d1.attributes = vec![KeyValue::new("cached", true)];
    let mut d2 = failed(span(5, 2, "db", "connect", 60), "connection refused");
    d2.events = vec![Event {
        name: "retry".into(),
        attributes: vec![
            KeyValue::new("attempt", 2i64),
            KeyValue::new("why", "timeout"),
        ],
        ..Event::default()
    }];
    let mut j1 = span(6, 0, "worker", "job", 40);
    j1.attributes = vec![
        KeyValue::new("picante.kind", "page"),
        KeyValue::new("retries", 3i64),
        KeyValue::new("wait", 2_000_000_000i64),
        KeyValue::new("size", 4_194_304i64),
        KeyValue::new("name", "shadow"),
    ];
    let mut j2 = span(7, 6, "worker", "step", 0);
    j2.end_ns = OPEN_END_NS;
    j2.state = SpanState::Running as u8;
    j2.attributes = vec![
        KeyValue::new("retries", "3"),
        KeyValue::new("args", vec![Value::from("run"), Value::from("--verbose")]),
        KeyValue::new("a key", 5i64),
    ];
    [batch(&[w1, w2, w3, d1, d2]), batch(&[j1, j2])]
}

fn batch(spans: &[Span]) -> CheckedBatch {
    let mut builder = BatchBuilder::new();
    for span in spans {
        builder.push(span);
    }
    builder.finish()
}
