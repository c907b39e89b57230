//! What was sent is read back in every format.

use std::io::Read;
use std::process::Stdio;

use hindsight_protocol::TraceId;

use crate::feed::{self, TRACE, request, span};
use crate::hub::Hub;
use crate::process::{finish, hindsight, wait};

#[track_caller]
fn fed() -> Hub {
    let hub = Hub::start(&[]);
    feed::send(&hub.tcp, request());
    hub
}

#[test]
fn traces_are_listed_in_all_formats() {
    let hub = fed();
    let table = hub.read(&["traces"]);
    assert!(
        table.lines().next().unwrap().starts_with("TRACE "),
        "{table}"
    );
    let row = table.lines().nth(1).unwrap();
    for part in [
        &TRACE.to_string(),
        "handle_request",
        "web 3",
        "calculator 1",
        "1 error",
    ] {
        assert!(row.contains(part), "{row}");
    }
    let json = hub.json(&["traces", "--format", "json"]);
    let first = &json.as_array().expect("a plain array")[0];
    assert_eq!(first["trace_id"], TRACE.to_string());
    assert_eq!(first["spans"], 4);
    assert!(first["start_ns"].is_u64() && first["start"].as_str().unwrap().ends_with('Z'));
    let lines = hub.read(&["traces", "--format", "jsonl", "--service", "calculator"]);
    assert_eq!(lines.lines().count(), 1);
    assert_eq!(
        hub.json(&["traces", "--format", "json", "--service", "none"]),
        serde_json::json!([])
    );
}

#[test]
fn more_traces_than_asked_for_are_announced() {
    let hub = Hub::start(&[]);
    let spans = (1..=5u64).map(|id| span(TraceId::from_u128(id.into()), id, 0, "root", (id, id)));
    feed::send(&hub.tcp, spans.collect());
    let two = hub.run(&["traces", "--limit", "2"]);
    assert_eq!(two.stdout.lines().count(), 3, "{two:?}");
    assert!(two.stderr.contains("2 of 5 traces"), "{two:?}");
    let all = hub.json(&["traces", "--format", "json"]);
    assert_eq!(all.as_array().unwrap().len(), 5);
}

#[test]
fn a_trace_is_a_tree_whatever_form_its_id_has() {
    let hub = fed();
    let id = TRACE.to_string();
    for pasted in [
        id.clone(),
        id.to_uppercase(),
        format!("00-{id}-00f067aa0ba902b7-01"),
        format!("http://localhost:1990/trace/{id}?span=1"),
    ] {
        let tree = hub.read(&["trace", &pasted]);
        for part in [
            "├─ RPC: calculate",
            "│  └─ ✗ picante: compute",
            "└─ format_response",
            "━",
        ] {
            assert!(tree.contains(part), "{tree}");
        }
    }
    let details = hub.read(&["trace", &id, "--attributes"]);
    for part in [
        "picante.size = 4096",
        "+1.00 ms exception",
        "resource calculator",
    ] {
        assert!(details.contains(part), "{details}");
    }
}

#[test]
fn hostile_text_never_reaches_the_terminal() {
    let hub = fed();
    let id = TRACE.to_string();
    for arguments in [
        &["trace", &id, "--attributes"][..],
        &["trace", &id, "--events"],
        &["trace", &id, "--findings"],
        &["trace", &id, "--critical-path"],
        &["trace", &id, "--span", "0000000000000003"],
        &["trace", &id, "--format", "json"],
        &["waits"],
        &["waits", "--format", "json"],
        &["traces"],
    ] {
        let text = hub.read(arguments);
        let hostile = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!text.contains(hostile), "{text:?}");
    }
    let json = hub.json(&["trace", &id, "--format", "json"]);
    let span = json
        .as_array()
        .unwrap()
        .iter()
        .find(|span| span["status"] == "error")
        .unwrap();
    assert_eq!(span["attributes"]["picante.key"], "a\u{202e}b\u{1b}[2J");
}

#[test]
fn a_trace_as_json_has_its_spans_in_tree_order() {
    let hub = fed();
    let id = TRACE.to_string();
    let json = hub.json(&["trace", &id, "--format", "json"]);
    let spans = json.as_array().expect("a plain array");
    let order: Vec<_> = spans
        .iter()
        .map(|s| (s["name"].as_str().unwrap(), s["depth"].as_u64().unwrap()))
        .collect();
    assert_eq!(
        order,
        [
            ("handle_request", 0),
            ("RPC: calculate", 1),
            ("picante: compute", 2),
            ("format_response", 1)
        ]
    );
    assert_eq!(spans[0]["parent_id"], serde_json::Value::Null);
    assert_eq!(spans[1]["parent_id"], "0000000000000001");
    let lines = hub.read(&["trace", &id, "--format", "jsonl", "--limit", "2"]);
    assert_eq!(lines.lines().count(), 2);
}

#[test]
fn a_trace_that_is_gone_says_when() {
    let hub = fed();
    let id = TRACE.to_string();
    let cleared = hub.read(&["clear"]);
    assert_eq!(cleared, "removed 4 spans of 1 trace\n");
    let gone = hub.run(&["trace", &id]);
    assert_eq!(gone.code, Some(1), "{gone:?}");
    assert!(gone.stderr.contains("was cleared at "), "{gone:?}");
    assert!(gone.stderr.contains(" UTC on 20"), "{gone:?}");
    let never = hub.run(&["trace", "00000000000000000000000000000001"]);
    assert!(never.stderr.contains("is not stored"), "{never:?}");
    assert_eq!(never.code, Some(1));
}

#[test]
fn a_trace_is_pinned_and_unpinned() {
    let hub = fed();
    let id = TRACE.to_string();
    let pinned = hub.read(&["pin", &id]);
    assert_eq!(
        pinned,
        format!("pinned trace {id}: it stays until it is unpinned\n")
    );
    let again = hub.json(&["pin", &id, "--format", "json"]);
    let expected = serde_json::json!({"trace_id": id, "pinned": true, "changed": false});
    assert_eq!(again, expected);
    for arguments in [&["traces"][..], &["trace", &id]] {
        assert!(hub.read(arguments).contains("pinned"), "{arguments:?}");
    }
    assert!(hub.read(&["stats"]).contains("1 trace pinned ("));
    assert_eq!(hub.read(&["unpin", &id]), format!("unpinned trace {id}\n"));
    assert!(!hub.read(&["traces"]).contains("pinned"));
    let refused = hub.run(&["pin", "00000000000000000000000000000001"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("is not stored"), "{refused:?}");
}

#[test]
fn statistics_and_apps_are_read() {
    let hub = fed();
    let stats = hub.json(&["stats", "--format", "json"]);
    assert_eq!(stats["ingest"]["inserted"], 4);
    assert_eq!(stats["store"]["live"], 4);
    assert!(hub.read(&["stats"]).contains("inserted  4 = live 4"));
    assert_eq!(
        hub.json(&["apps", "--format", "json"]),
        serde_json::json!([])
    );
    let apps = hub.run(&["apps"]);
    assert!(apps.stderr.contains("no app has attached"), "{apps:?}");
}

#[test]
fn a_hub_that_is_not_there_is_one_line_and_a_hint() {
    let directory = tempfile::tempdir().unwrap();
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let endpoint = free.to_string();
    for command in [
        &["traces"][..],
        &["trace", "00000000000000000000000000000001"],
        &["waits"],
        &["waits", "--watch"],
        &["tail"],
        &["apps"],
        &["stats"],
        &["pin", "00000000000000000000000000000001"],
        &["clear"],
        &["query", "*"],
        &["heatmap"],
        &["map"],
    ] {
        let arguments = [command, &["--connect", &endpoint]].concat();
        let failed = finish(hindsight(directory.path(), &arguments));
        assert_eq!(failed.code, Some(1), "{failed:?}");
        let lines: Vec<_> = failed.stderr.lines().collect();
        assert_eq!(lines.len(), 2, "{failed:?}");
        assert!(
            lines[0].starts_with("error: nothing listens at http://127.0.0.1:"),
            "{failed:?}"
        );
        assert!(lines[0].contains("hindsight serve"), "{failed:?}");
        assert!(lines[1].starts_with("hint: "), "{failed:?}");
        assert_eq!(failed.stdout, "");
    }
}

#[test]
fn a_pipe_that_is_closed_early_is_no_error() {
    let hub = Hub::start(&[]);
    // More than a pipe holds.
    let name = "x".repeat(100);
    let spans = (1..=3000u64).map(|id| span(TRACE, id, id / 2, &name, (id, id + 1)));
    feed::send(&hub.tcp, spans.collect());
    let mut command = hub.command(&["trace", &TRACE.to_string(), "--attributes"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut some = [0; 100];
    child.stdout.take().unwrap().read_exact(&mut some).unwrap();
    let code = wait(&mut child);
    let mut stderr = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut stderr)
        .unwrap();
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
}
