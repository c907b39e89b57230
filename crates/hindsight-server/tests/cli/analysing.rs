//! Views of one trace, as text and as data.

use hindsight_protocol::{KeyValue, Span, SpanKind};
use serde_json::Value;

use crate::feed::{self, TRACE, request, span};
use crate::hub::Hub;

/// A request that asks for each of nine users, an orphan and a span with a very long text.
fn busy() -> Vec<Span> {
    let mut spans = vec![span(TRACE, 1, 0, "GET /users", (0, 60))];
    for number in 0..9 {
        let query = format!("SELECT * FROM users WHERE id = {number}");
        let at = 2 + 3 * number;
        spans.push(Span {
            attributes: vec![KeyValue::new("db.query.text", query)],
            kind: SpanKind::Client as u8,
            ..span(TRACE, 10 + number, 1, "query", (at, at + 2))
        });
    }
    spans.push(Span {
        attributes: vec![KeyValue::new("large", "x\u{1b}[2J".repeat(2_000))],
        ..span(TRACE, 40, 99, "orphan", (5, 6))
    });
    spans
}

#[track_caller]
fn fed(spans: Vec<Span>) -> Hub {
    let hub = Hub::start(&[]);
    feed::send(&hub.tcp, spans);
    hub
}

#[track_caller]
fn list(hub: &Hub, view: &str) -> Vec<Value> {
    let id = TRACE.to_string();
    let json = hub.json(&["trace", &id, view, "--format", "json"]);
    json.as_array().expect("a plain array").clone()
}

#[test]
fn alike_siblings_are_folded_until_asked_otherwise() {
    let hub = fed(busy());
    let id = TRACE.to_string();
    let folded = hub.run(&["trace", &id]);
    assert!(folded.stdout.contains("x9 query"), "{folded:?}");
    assert!(
        folded.stderr.contains("9 spans folded; --expand"),
        "{folded:?}"
    );
    for part in [
        "findings",
        "N+1: 9 x SELECT * FROM users WHERE id = ?",
        "missing: span",
    ] {
        assert!(folded.stdout.contains(part), "{folded:?}");
    }
    let expanded = hub.run(&["trace", &id, "--expand"]);
    assert_eq!(
        expanded.stdout.matches("─ query").count(),
        9,
        "{expanded:?}"
    );
    assert_eq!(expanded.stderr, "");
    let found = hub.read(&["trace", &id, "--find", "name:query"]);
    let marked: Vec<_> = found.lines().filter(|l| l.starts_with("▸ ")).collect();
    assert_eq!(marked.len(), 1, "the fold is marked: {found}");
}

#[test]
fn the_width_follows_columns_and_nothing_is_cut_in_a_pipe() {
    let hub = fed(busy());
    let arguments = ["trace", &TRACE.to_string()];
    let widest = |columns: &str| {
        let mut command = hub.command(&arguments);
        command.env("COLUMNS", columns);
        let finished = crate::process::finish(command);
        let lines = finished.stdout.lines().map(|line| line.chars().count());
        lines.max().expect("some lines")
    };
    assert!(widest("80") <= 80);
    assert!(widest("140") > 80 && widest("140") <= 140);
    let mut command = hub.command(&arguments);
    command.env("COLUMNS", "");
    let empty = crate::process::finish(command).stdout;
    // The first line says how long ago it was.
    let rows = |text: &str| text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(rows(&empty), rows(&hub.read(&arguments)));
}

#[test]
fn the_critical_path_covers_the_root_without_gaps() {
    let hub = fed(busy());
    let path = list(&hub, "--critical-path");
    let total: u64 = path
        .iter()
        .map(|s| s["duration_ns"].as_u64().unwrap())
        .sum();
    assert_eq!(total, 60_000_000);
    for pair in path.windows(2) {
        assert_eq!(pair[0]["to_ns"], pair[1]["from_ns"]);
    }
    let share: f64 = path.iter().map(|s| s["share"].as_f64().unwrap()).sum();
    assert!((share - 1.0).abs() < 1e-9);
    let text = hub.read(&["trace", &TRACE.to_string(), "--critical-path"]);
    assert!(text.starts_with("   TIME  SHARE  PARTS"), "{text}");
}

#[test]
fn statistics_events_and_findings_are_lists() {
    let mut spans = busy();
    spans.truncate(10);
    let hub = fed(spans);
    let statistics = list(&hub, "--stats");
    let query = statistics.iter().find(|s| s["name"] == "query").unwrap();
    assert_eq!(
        (&query["spans"], &query["p50_ns"], &query["self_ns"]),
        (&9.into(), &2_000_000.into(), &18_000_000.into())
    );
    let findings = list(&hub, "--findings");
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0]["finding"], "n_plus_one");
    assert_eq!(findings[0]["span_ids"].as_array().unwrap().len(), 9);
    assert_eq!(list(&hub, "--events"), Vec::<Value>::new());
    let none = hub.run(&["trace", &TRACE.to_string(), "--events"]);
    assert_eq!(none.stderr, "no span of the trace has events\n");
    let hub = fed(request());
    let events = list(&hub, "--events");
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["span"], "picante: compute");
    assert_eq!(events[0]["attributes"]["exception.type"], "KeyError");
    let id = TRACE.to_string();
    let nothing = hub.run(&["trace", &id, "--findings"]);
    assert_eq!(
        (nothing.code, nothing.stderr.as_str()),
        (Some(0), "nothing odd was found\n")
    );
    let table = hub.read(&["trace", &id, "--stats"]);
    assert!(table.starts_with("SERVICE     NAME"), "{table}");
}

#[test]
fn a_span_is_shown_whole_and_large_values_are_cut() {
    let hub = fed(busy());
    let id = TRACE.to_string();
    let shown = hub.read(&["trace", &id, "--span", "0000000000000028"]);
    for part in [
        "span 0000000000000028 of trace 4bf9",
        "shown as a root, its parent is 0000000000000063",
        "large = \"x\\x1b[2Jx",
        "(10.0 kB)",
    ] {
        assert!(shown.contains(part), "{shown}");
    }
    assert!(shown.len() < 6_000, "{} bytes", shown.len());
    let json = hub.json(&[
        "trace",
        &id,
        "--span",
        "0000000000000028",
        "--format",
        "json",
    ]);
    assert_eq!(json["placement"], "orphan");
    assert_eq!(json["linked_from"], Value::Array(Vec::new()));
    assert_eq!(json["attributes"]["large"].as_str().unwrap().len(), 10_000);
    let unknown = hub.run(&["trace", &id, "--span", "00000000000000ff"]);
    assert_eq!(unknown.code, Some(1), "{unknown:?}");
    assert!(unknown.stderr.contains("is not stored"), "{unknown:?}");
    let wrong = hub.run(&["trace", &id, "--span", "first"]);
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
}

#[test]
fn views_exclude_each_other() {
    let hub = fed(request());
    let id = TRACE.to_string();
    for both in [["--stats", "--events"], ["--findings", "--expand"]] {
        let refused = hub.run(&["trace", &id, both[0], both[1]]);
        assert_eq!(refused.code, Some(2), "{refused:?}");
        assert!(
            refused.stderr.contains("cannot be used with"),
            "{refused:?}"
        );
    }
}

#[test]
fn clocks_are_aligned_on_demand() {
    let mut spans = request();
    // The calculator's clock is 100 ms ahead.
    spans[2].start_ns += 100_000_000;
    spans[2].end_ns += 100_000_000;
    spans[2].events.clear();
    spans[1].kind = SpanKind::Client as u8;
    spans[2].kind = SpanKind::Server as u8;
    let hub = fed(spans);
    let id = TRACE.to_string();
    let start = |flags: &[&str]| {
        let all = [&["trace", &id, "--format", "json"], flags].concat();
        let json = hub.json(&all);
        let spans = json.as_array().unwrap().clone();
        let start = |name: &str| {
            let span = spans.iter().find(|span| span["name"] == name);
            span.unwrap()["start_ns"].as_u64().unwrap()
        };
        start("picante: compute") as i64 - start("RPC: calculate") as i64
    };
    assert_eq!(start(&[]), 105_000_000);
    assert_eq!(start(&["--align-clocks", "--raw-times"]), 105_000_000);
    let aligned = start(&["--align-clocks"]);
    assert!((0..=5_000_000).contains(&aligned), "{aligned}");
    let text = hub.read(&["trace", &id]);
    for part in [
        "clock skew: the clock of calculator",
        "--align-clocks shows",
    ] {
        assert!(text.contains(part), "{text}");
    }
    let text = hub.read(&["trace", &id, "--align-clocks"]);
    assert!(text.contains("aligned: calculator"), "{text}");
}
