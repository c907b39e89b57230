//! Two traces compared.

use hindsight_protocol::{KeyValue, Span, TraceId};

use crate::feed::{self, span};
use crate::hub::Hub;

fn trace(number: u64, end_ms: u64, route: &str, queries: u64) -> Vec<Span> {
    let trace = TraceId::from_u128(number.into());
    let id = number * 100;
    let mut spans = vec![Span {
        attributes: vec![KeyValue::new("http.route", route)],
        ..span(trace, id, 0, "GET /", (0, end_ms))
    }];
    let query = |n| span(trace, id + 1 + n, id, "query", (5 + n, 6 + n));
    spans.extend((0..queries).map(query));
    spans
}

fn id(number: u64) -> String {
    TraceId::from_u128(number.into()).to_string()
}

#[test]
fn what_differs_between_two_traces_is_told_as_text_and_as_data() {
    let hub = Hub::start(&[]);
    feed::send(&hub.tcp, trace(1, 50, "/a\u{1b}[2J", 1));
    feed::send(&hub.tcp, trace(2, 60, "/b", 3));
    feed::send(&hub.tcp, trace(3, 60, "/b", 3));
    let text = hub.read(&["diff", &id(1), &id(2)]);
    for part in [
        "~ GET /",
        "1 > 3",
        "+10.0 ms",
        "http.route: \"/a\\x1b[2J\" > /b",
    ] {
        assert!(text.contains(part), "{text}");
    }
    let json = hub.json(&["diff", &id(1), &id(2), "--format", "json"]);
    let nodes = json.as_array().expect("a plain array");
    assert_eq!(nodes.len(), 2, "{json}");
    assert_eq!(nodes[1]["path"], serde_json::json!(["GET /", "query"]));
    assert_eq!(
        (&nodes[1]["a"]["spans"], &nodes[1]["b"]["spans"]),
        (&1.into(), &3.into())
    );
    assert_eq!(nodes[0]["attributes"][0]["b"]["value"], "/b");
    let same = hub.run(&["diff", &id(2), &id(3)]);
    assert_eq!((same.code, same.stdout.as_str()), (Some(0), ""));
    assert_eq!(same.stderr, "the traces do not differ\n");
    let all = hub.read(&["diff", &id(2), &id(3), "--all"]);
    assert_eq!(all.lines().count(), 3, "{all}");
    let gone = hub.run(&["diff", &id(2), &id(9)]);
    assert_eq!(gone.code, Some(1), "{gone:?}");
    assert!(gone.stderr.contains("is not stored"), "{gone:?}");
}
