//! `tail`: live spans, and every way in which it ends.

use std::net::TcpListener;

use hindsight_protocol::TraceId;

use crate::feed::{self, TRACE, request, span};
use crate::hub::Hub;
use crate::process::{Running, hindsight, signal};

/// A tail that is known to be subscribed.
#[track_caller]
fn tail(hub: &Hub, arguments: &[&str]) -> Running {
    let running = Running::start(hub.command(&[&["tail"], arguments].concat()));
    let deadline = std::time::Instant::now() + crate::process::PATIENCE;
    while hub.json(&["stats", "--format", "json"])["subscribers"] != 1 {
        assert!(
            std::time::Instant::now() < deadline,
            "it does not subscribe"
        );
    }
    running
}

#[test]
fn spans_are_printed_as_they_are_stored() {
    let hub = Hub::start(&[]);
    let tail = tail(&hub, &[]);
    feed::send(&hub.tcp, request());
    let line = tail.stdout.find("picante: compute");
    for part in [
        "calculator",
        "35.0 ms",
        "error: no such key \\x1b]0;owned\\x07",
        &TRACE.to_string(),
    ] {
        assert!(line.contains(part), "{line}");
    }
    tail.stdout.find("running");
    signal(tail.child.id(), libc::SIGINT);
    assert_eq!(tail.end(), Some(0));
}

#[test]
fn a_limit_ends_it_and_json_is_one_object_a_line() {
    let hub = Hub::start(&[]);
    let tail = tail(
        &hub,
        &["--format", "jsonl", "--limit", "2", "--service", "web"],
    );
    feed::send(&hub.tcp, request());
    let mut names = Vec::new();
    while let Some(line) = tail.stdout.next() {
        let span: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(span["resource"]["service.name"], "web");
        names.push(span["name"].as_str().unwrap().to_owned());
    }
    assert_eq!(names, ["handle_request", "RPC: calculate"]);
    assert_eq!(tail.end(), Some(0));
}

#[test]
fn the_tail_of_a_trace_begins_with_what_is_stored() {
    let hub = Hub::start(&[]);
    feed::send(&hub.tcp, request());
    let tail = tail(
        &hub,
        &[
            "--trace",
            &TRACE.to_string(),
            "--format",
            "jsonl",
            "--limit",
            "5",
        ],
    );
    feed::send(
        &hub.tcp,
        vec![span(TraceId::from_u128(1), 1, 0, "other", (0, 1))],
    );
    feed::send(&hub.tcp, vec![span(TRACE, 5, 1, "later", (45, 46))]);
    let mut lines = Vec::new();
    while let Some(line) = tail.stdout.next() {
        lines.push(line);
    }
    assert_eq!(lines.len(), 5, "{lines:#?}");
    assert!(lines[4].contains("later"), "{lines:#?}");
}

#[test]
fn a_clear_is_told_and_what_comes_after_it_is_printed() {
    let hub = Hub::start(&[]);
    feed::send(&hub.tcp, request());
    let tail = tail(&hub, &[]);
    hub.read(&["clear"]);
    tail.stderr.find("the store was cleared");
    feed::send(&hub.tcp, vec![span(TRACE, 9, 0, "after it", (0, 1))]);
    let line = tail.stdout.find("TRACE");
    assert!(line.contains("SPAN"), "only the heading: {line}");
    let line = tail.stdout.next().unwrap();
    assert!(line.contains("after it"), "{line}");
}

#[test]
fn a_closed_pipe_ends_it_even_when_nothing_happens() {
    let hub = Hub::start(&[]);
    let mut command = hub.command(&["tail"]);
    command.stdout(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(crate::process::wait(&mut child), Some(0));
}

#[test]
fn it_waits_for_a_hub_that_went_away() {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
        .to_string();
    let arguments = [
        "serve",
        "--http-port",
        &port,
        "--tcp-port",
        "off",
        "--no-socket",
    ];
    let directory = tempfile::tempdir().unwrap();
    let first = Running::start(hindsight(directory.path(), &arguments));
    first.stdout.find("http://");
    let endpoint = format!("127.0.0.1:{port}");
    let tail = ["tail", "--connect", &endpoint, "--limit", "1"];
    let tail = Running::start(hindsight(directory.path(), &tail));
    tail.stdout.find("DURATION");
    signal(first.child.id(), libc::SIGTERM);
    first.end();
    tail.stderr.find("lost the hub");
    let second = Running::start(hindsight(directory.path(), &arguments));
    second.stdout.find("http://");
    tail.stderr.find("connected again");
    // Subscribed a moment later: spans are sent until one is seen.
    let deadline = std::time::Instant::now() + crate::process::PATIENCE;
    let mut tail = tail;
    let mut id = 0;
    while tail.child.try_wait().unwrap().is_none() {
        id += 1;
        feed::send(&endpoint, vec![span(TRACE, id, 0, "again", (0, 1))]);
        assert!(
            std::time::Instant::now() < deadline,
            "it does not see spans"
        );
    }
    tail.stdout.find("again");
}
