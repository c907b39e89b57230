//! Queries on the command line: answers, drawings, and what is said of wrong ones.

use hindsight_protocol::{KeyValue, Span, StatusCode, TraceId};

use crate::feed::{self, TRACE, request, span};
use crate::hub::Hub;
use crate::process::{Finished, PATIENCE, Running, signal};

#[track_caller]
fn fed() -> Hub {
    let hub = Hub::start(&[]);
    feed::send(&hub.tcp, request());
    hub
}

#[test]
fn spans_are_found_in_all_formats() {
    let hub = fed();
    let table = hub.read(&["query", "status:error"]);
    let lines: Vec<_> = table.lines().collect();
    assert!(lines[0].starts_with("STARTED (UTC)"), "{table}");
    for part in [
        "35.0 ms",
        "calculator",
        "picante: compute",
        &TRACE.to_string(),
        "error: no such key \\x1b]0;owned\\x07",
    ] {
        assert!(lines[1].contains(part), "{table}");
    }
    assert_eq!(lines.len(), 2);
    let json = hub.json(&["query", "status:error", "--format", "json"]);
    let found = &json.as_array().expect("a plain array")[0];
    assert_eq!(found["trace_id"], TRACE.to_string());
    assert_eq!(found["attributes"]["picante.size"], 4096);
    // A query may begin with a sign.
    let rest = hub.read(&["query", "-status:error", "--format", "jsonl"]);
    assert_eq!(rest.lines().count(), 3);
    let two = hub.run(&["query", "*", "--limit", "2"]);
    assert_eq!(two.stdout.lines().count(), 3, "{two:?}");
    assert!(two.stderr.contains("2 of 4 matching spans"), "{two:?}");
    let none = hub.run(&["query", "service:none"]);
    assert_eq!((none.code, none.stdout.as_str()), (Some(0), ""));
    assert_eq!(none.stderr, "no stored span matches\n");
}

#[test]
fn a_window_of_time_holds_back_the_rest() {
    let hub = fed();
    let count = |arguments: &[&str]| {
        let all = [&["query", "*", "--format", "jsonl"], arguments].concat();
        hub.read(&all).lines().count()
    };
    assert_eq!(count(&["--since", "10m"]), 4);
    assert_eq!(count(&["--until", "10m"]), 0);
    assert_eq!(count(&["--since", "2020-01-01", "--until", "now"]), 4);
    let wrong = hub.run(&["query", "*", "--since", "yesterday"]);
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
    assert!(
        wrong.stderr.contains("--since \"yesterday\": not a time"),
        "{wrong:?}"
    );
}

#[test]
fn aggregates_are_tables_with_units_and_rows_of_json() {
    let hub = fed();
    let text = "| count(), max(duration) by service | sort count()";
    let table = hub.read(&["query", text]);
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let lines: Vec<_> = table.lines().map(words).collect();
    assert_eq!(
        lines,
        [
            "service count() max(duration)",
            "web 3 50.0 ms",
            "calculator 1 35.0 ms"
        ]
    );
    let json = hub.json(&["query", text, "--format", "json"]);
    assert_eq!(
        json,
        serde_json::json!([
            {
                "by": {"service": "web"}, "start_ns": null, "start": null,
                "values": {"count()": 3.0, "max(duration)": 50e6}
            },
            {
                "by": {"service": "calculator"}, "start_ns": null, "start": null,
                "values": {"count()": 1.0, "max(duration)": 35e6}
            },
        ])
    );
    let over = hub.read(&["query", "| count() over 1h", "--format", "jsonl"]);
    let row: serde_json::Value = serde_json::from_str(over.lines().next().unwrap()).unwrap();
    assert_eq!(row["start_ns"].as_u64().unwrap() % 3_600_000_000_000, 0);
}

#[test]
fn services_and_operations_have_rates_errors_and_durations() {
    let hub = fed();
    let table = hub.read(&["stats", "--by", "service"]);
    let row = table
        .lines()
        .find(|line| line.starts_with("calculator"))
        .unwrap();
    for part in ["1 (100 %)", "35.0 ms", "1/s"] {
        assert!(row.contains(part), "{table}");
    }
    let json = hub.json(&["stats", "--by", "operation", "--format", "json"]);
    let rows = json.as_array().unwrap();
    assert_eq!(rows.len(), 4, "{json}");
    let failed = rows
        .iter()
        .find(|row| row["by"]["service"] == "calculator")
        .unwrap();
    assert_eq!(failed["by"]["name"], "picante: compute");
    assert_eq!(
        (&failed["spans"], &failed["errors"]),
        (&1.into(), &1.into())
    );
    assert_eq!(failed["p99_ns"], 35e6);
    // Nothing of it has ended.
    let running = rows
        .iter()
        .find(|row| row["by"]["name"] == "format_response")
        .unwrap();
    assert_eq!(running["p50_ns"], serde_json::Value::Null);
    let web = hub.json(&[
        "stats",
        "--by",
        "name",
        "--query",
        "service:web",
        "--format",
        "json",
    ]);
    assert_eq!(web.as_array().unwrap().len(), 3);
    let refused = hub.run(&["stats", "--by", "name", "--query", "* | count()"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.stderr.contains("takes a filter"), "{refused:?}");
}

#[test]
fn calls_between_services_are_listed() {
    let hub = fed();
    let table = hub.read(&["map"]);
    let row = table.lines().nth(1).expect("a row");
    let words: Vec<_> = row.split_whitespace().take(3).collect();
    assert_eq!(words, ["web", "calculator", "1"], "{table}");
    let json = hub.json(&["map", "--format", "json"]);
    assert_eq!(json["edges"][0]["to"], "calculator");
    assert_eq!(json["nodes"].as_array().unwrap().len(), 2);
    let none = hub.run(&["map", "--query", "service:none"]);
    assert_eq!(none.stderr, "no stored span matches\n");
}

#[test]
fn durations_over_time_are_drawn_with_examples() {
    let hub = fed();
    for arguments in [&["heatmap"][..], &["query", "| heatmap()"]] {
        let drawn = hub.read(arguments);
        for part in [
            "│",
            "1 to 1 spans",
            "with errors",
            "▲",
            "█",
            "slowest",
            &TRACE.to_string(),
        ] {
            assert!(drawn.contains(part), "{part}: {drawn}");
        }
    }
    let mut ascii = hub.command(&["heatmap", "-status:error"]);
    ascii.env("LC_ALL", "C");
    let ascii = crate::process::finish(ascii).stdout;
    assert!(
        ascii.contains('#') && !ascii.contains(['█', '│']),
        "{ascii}"
    );
    let json = hub.json(&["heatmap", "--over", "1h", "--format", "json"]);
    assert_eq!(json["step_ns"], 3_600_000_000_000_u64);
    let cells = json["cells"].as_array().unwrap();
    let count = |key: &str| cells.iter().map(|c| c[key].as_u64().unwrap()).sum::<u64>();
    assert_eq!((count("count"), count("errors")), (3, 1));
    assert_eq!(cells[0]["trace_id"], TRACE.to_string());
    let refused = hub.run(&["heatmap", "| count()"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
}

#[test]
fn traces_are_listed_by_query_and_it_is_told_how() {
    let hub = fed();
    let other = TraceId::from_u128(1);
    feed::send(&hub.tcp, vec![span(other, 1, 0, "other", (0, 1))]);
    let listed = hub.run(&["traces", "--query", "has(service:calculator)", "--explain"]);
    assert_eq!(listed.stdout.lines().count(), 2, "{listed:?}");
    assert!(listed.stdout.contains(&TRACE.to_string()), "{listed:?}");
    for part in [
        "explain: has(service:calculator)",
        "segments and chunks",
        "whole trace",
    ] {
        assert!(listed.stderr.contains(part), "{listed:?}");
    }
    let plain = hub.run(&["traces", "--query", "name:other"]);
    assert!(plain.stdout.contains(&other.to_string()), "{plain:?}");
    assert_eq!(plain.stderr, "");
    let explained = hub.run(&["query", "name:other", "--explain"]);
    assert!(
        explained.stderr.contains("explain: name:other"),
        "{explained:?}"
    );
}

#[test]
fn spans_of_a_trace_that_match_are_marked() {
    let hub = fed();
    let id = TRACE.to_string();
    let found = hub.run(&["trace", &id, "--find", "child(status:error)"]);
    let marked: Vec<_> = found
        .stdout
        .lines()
        .filter(|l| l.starts_with('▸'))
        .collect();
    assert_eq!(marked.len(), 1, "{found:?}");
    assert!(marked[0].contains("RPC: calculate"), "{found:?}");
    assert_eq!(found.stderr, "1 span matches\n");
    let json = hub.json(&["trace", &id, "--find", "service:web", "--format", "json"]);
    let matches = json.as_array().unwrap().iter();
    assert_eq!(matches.filter(|span| span["matches"] == true).count(), 3);
}

#[test]
fn a_wrong_query_is_told_with_a_mark_below_its_place() {
    let hub = fed();
    let id = TRACE.to_string();
    let wrong = "service:web status:eror";
    for arguments in [
        &["query", wrong][..],
        &["heatmap", wrong],
        &["map", "--query", wrong],
        &["stats", "--by", "service", "--query", wrong],
        &["traces", "--query", wrong],
        &["tail", "--query", wrong],
        &["trace", &id, "--find", wrong],
    ] {
        let Finished {
            code,
            stdout,
            stderr,
        } = hub.run(arguments);
        assert_eq!(
            (code, stdout.as_str()),
            (Some(2), ""),
            "{arguments:?}: {stderr}"
        );
        assert_eq!(
            stderr,
            "error: `eror` is not a status, and `status` is compared with one\n\
             \x20 |\n\
             1 | service:web status:eror\n\
             \x20 |                    ^^^^ column 20\n\
             \x20 = help: did you mean `error`?\n",
            "{arguments:?}"
        );
    }
}

#[test]
fn a_word_that_is_nearly_a_field_is_a_warning() {
    let hub = fed();
    let doubtful = hub.run(&["query", "duraton>1ms or service:web"]);
    assert_eq!(doubtful.code, Some(0), "{doubtful:?}");
    assert_eq!(doubtful.stdout.lines().count(), 4, "{doubtful:?}");
    assert!(doubtful.stderr.contains("warning: "), "{doubtful:?}");
    assert!(
        doubtful.stderr.contains("did you mean `duration`?"),
        "{doubtful:?}"
    );
}

#[test]
fn what_the_deadline_cut_is_said() {
    let hub = Hub::start(&["--query-deadline", "1ns"]);
    feed::send(&hub.tcp, request());
    for arguments in [
        &["query", "*"][..],
        &["query", "| count()"],
        &["heatmap"],
        &["traces", "--query", "service:web"],
    ] {
        let cut = hub.run(arguments);
        assert_eq!(cut.code, Some(0), "{arguments:?}: {cut:?}");
        assert!(
            cut.stderr.contains("incomplete: the hub's deadline"),
            "{arguments:?}: {cut:?}"
        );
    }
    assert!(hub.read(&["stats"]).contains("query_deadline 4"));
}

#[test]
fn the_tail_of_a_query_prints_what_matches() {
    let hub = Hub::start(&[]);
    let arguments = [
        "tail",
        "--query",
        "parent(name:root) status:error",
        "--format",
        "jsonl",
    ];
    let tail = Running::start(hub.command(&arguments));
    let deadline = std::time::Instant::now() + PATIENCE;
    while hub.json(&["stats", "--format", "json"])["subscribers"] != 1 {
        assert!(
            std::time::Instant::now() < deadline,
            "it does not subscribe"
        );
    }
    let child = |id: u64, status: StatusCode| Span {
        status: status as u8,
        attributes: vec![KeyValue::new("n", id as i64)],
        ..span(TRACE, id, 1, "child", (1, 2))
    };
    feed::send(&hub.tcp, vec![span(TRACE, 1, 0, "root", (0, 9))]);
    feed::send(&hub.tcp, vec![child(2, StatusCode::Ok)]);
    feed::send(&hub.tcp, vec![child(3, StatusCode::Error)]);
    feed::send(
        &hub.tcp,
        vec![child(4, StatusCode::Unset), child(5, StatusCode::Error)],
    );
    let number = || {
        let line = tail.stdout.next().expect("a line");
        let span: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        span["attributes"]["n"].as_u64()
    };
    assert_eq!([number(), number()], [Some(3), Some(5)]);
    signal(tail.child.id(), libc::SIGINT);
    assert_eq!(tail.end(), Some(0));
}
