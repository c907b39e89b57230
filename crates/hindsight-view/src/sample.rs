//! A small trace to try a hub with.
//!
//! In: the time and random ids. Out: four spans of two made-up services, one of them failed. Holds:
//! all have ended by the time given.

use hindsight_protocol::{
    Event, KeyValue, Resource, Scope, Span, SpanId, SpanKind, StatusCode, TraceId,
};

/// Spans of the trace.
pub const SPANS: usize = 4;
/// `service.name` of the root.
pub const SERVICE: &str = "hindsight-page";

const MS: u64 = 1_000_000;

/// The spans: a root that lasted 120 ms until `now_ns`, two calls below it, and one below those.
pub fn spans(trace: TraceId, ids: [SpanId; SPANS], now_ns: u64) -> Vec<Span> {
    let [root, check, load, query] = ids;
    let begin = now_ns.saturating_sub(120 * MS);
    let span = |id, parent, name: &str, (from, to): (u64, u64), service: &str| Span {
        trace_id: trace,
        span_id: id,
        parent_id: parent,
        // Sampled, and of random ids.
        flags: 3,
        name: name.into(),
        start_ns: begin + from * MS,
        end_ns: begin + to * MS,
        resource: Resource {
            attributes: vec![KeyValue::new("service.name", service)],
            ..Resource::default()
        },
        scope: Scope {
            name: "hindsight".into(),
            ..Scope::default()
        },
        ..Span::default()
    };
    let store = "hindsight-page-store";
    vec![
        Span {
            kind: SpanKind::Server as u8,
            attributes: vec![KeyValue::new("http.route", "/hello")],
            ..span(root, SpanId::INVALID, "test trace", (0, 120), SERVICE)
        },
        Span {
            status: StatusCode::Error as u8,
            status_message: "made to fail".into(),
            ..span(check, root, "check", (4, 30), SERVICE)
        },
        Span {
            kind: SpanKind::Client as u8,
            events: vec![Event {
                time_ns: begin + 40 * MS,
                name: "cache miss".into(),
                ..Event::default()
            }],
            ..span(load, root, "load", (34, 112), SERVICE)
        },
        Span {
            kind: SpanKind::Server as u8,
            attributes: vec![KeyValue::new("db.system", "made up")],
            ..span(query, load, "query", (40, 104), store)
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spans_are_one_trace_within_its_root() {
        let ids = [1, 2, 3, 4].map(SpanId::from_u64);
        let spans = spans(TraceId::from_u128(7), ids, 1_000 * MS);
        let root = &spans[0];
        assert_eq!((root.end_ns, root.parent_id), (1_000 * MS, SpanId::INVALID));
        for span in &spans[1..] {
            let parent = spans.iter().find(|other| other.span_id == span.parent_id);
            let parent = parent.expect("a parent");
            assert!(parent.start_ns <= span.start_ns && span.end_ns <= parent.end_ns);
        }
        assert_eq!(spans.len(), SPANS);
    }
}
