//! What is open right now.

use hindsight_protocol::{OPEN_END_NS, Span, SpanState};
use serde_json::Value;

use crate::feed::{Feeder, TRACE, span};
use crate::hub::Hub;
use crate::process::{Running, signal};

fn running(id: u64, parent: u64, name: &str, start_ms: u64) -> Span {
    Span {
        end_ns: OPEN_END_NS,
        state: SpanState::Running as u8,
        ..span(TRACE, id, parent, name, (start_ms, 0))
    }
}

fn chain() -> Vec<Span> {
    vec![
        running(1, 0, "GET /", 0),
        running(2, 1, "RPC: sum", 10),
        running(3, 2, "sum \u{1b}[2J", 20),
        span(TRACE, 4, 1, "has ended", (5, 6)),
    ]
}

#[test]
fn who_waits_for_whom_is_shown_oldest_first() {
    let hub = Hub::start(&[]);
    let nothing = hub.run(&["waits"]);
    assert_eq!((nothing.code, nothing.stdout.as_str()), (Some(0), ""));
    assert_eq!(
        nothing.stderr,
        "nothing is open: no span that the hub knows of runs\n"
    );
    assert_eq!(
        hub.json(&["waits", "--format", "json"]),
        Value::Array(Vec::new())
    );
    // The connection stays: what it left open would else be disconnected.
    let feeder = Feeder::connect(&hub.tcp);
    feeder.send(chain());
    let shown = hub.read(&["waits"]);
    let lines: Vec<_> = shown.lines().collect();
    assert!(lines[0].starts_with("OPEN FOR  SPAN"), "{shown}");
    assert!(
        lines[1].contains("GET /") && lines[1].contains("waits, 2 deep, for web sum"),
        "{shown}"
    );
    assert!(lines[3].contains("└─ in sum \\x1b[2J"), "{shown}");
    assert!(lines[3].contains("works or is stuck"), "{shown}");
    assert!(!shown.contains("has ended"), "{shown}");
    let json = hub.json(&["waits", "--format", "json"]);
    let all = json.as_array().expect("a plain array");
    assert_eq!(all.len(), 3);
    assert_eq!(all[0]["deepest"], "0000000000000003");
    assert_eq!(all[0]["waits_for"][0], "0000000000000002");
    assert_eq!(all[1]["waited_for_by"], "0000000000000001");
    assert!(all[0]["age_ns"].as_u64() > all[1]["age_ns"].as_u64());
    let one = hub.run(&["waits", "--limit", "1", "--format", "jsonl"]);
    assert_eq!(one.stdout.lines().count(), 1, "{one:?}");
    let none = hub.run(&["waits", "--service", "nobody"]);
    assert!(
        none.stderr.contains("3 spans open, none of them"),
        "{none:?}"
    );
}

#[test]
fn watching_shows_what_begins_and_what_ends_until_it_is_stopped() {
    let hub = Hub::start(&[]);
    let feeder = Feeder::connect(&hub.tcp);
    let watching = Running::start(hub.command(&["waits", "--watch", "--every", "50ms"]));
    watching.stderr.find("nothing is open");
    feeder.send(chain());
    watching.stdout.find("GET /");
    signal(watching.child.id(), libc::SIGINT);
    assert_eq!(watching.end(), Some(0));
}

#[test]
fn a_time_between_looks_that_is_none_is_refused() {
    let hub = Hub::start(&[]);
    let refused = hub.run(&["waits", "--watch", "--every", "soon"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.stderr.contains("--every"), "{refused:?}");
    let alone = hub.run(&["waits", "--every", "2s"]);
    assert_eq!(alone.code, Some(2), "{alone:?}");
}
