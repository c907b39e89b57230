//! The hub is killed under load and comes back.

use std::collections::HashSet;

use crate::process::{Hub, Process, example};

/// The number after `name` in the line of counters.
fn counter(line: &str, name: &str) -> u64 {
    let mut words = line.split_whitespace().skip_while(|word| *word != name);
    let number = words.nth(1).and_then(|word| word.parse().ok());
    number.unwrap_or_else(|| panic!("no {name} in {line}"))
}

#[test]
fn a_hub_killed_under_load_has_after_its_restart_everything_once() {
    let mut first = Hub::start();
    let port = first.port().to_owned();
    let mut command = example("load", &first.endpoint);
    command.args(["30000", "6000"]);
    let mut load = Process::start(command);
    assert_eq!(load.line(), "started");
    std::thread::park_timeout(std::time::Duration::from_millis(1500));
    first.process.kill();
    std::thread::park_timeout(std::time::Duration::from_secs(2));
    let second = Hub::start_on(&port);
    let report = load.finish();

    let count = |name| counter(&report, name);
    assert_eq!(count("offered"), 30_000, "{report}");
    assert_eq!(count("unsent"), 0, "{report}");
    assert_eq!(count("dropped"), 0, "{report}");
    assert!(count("elsewhere") > 0, "{report}");
    assert_eq!(
        count("acknowledged") + count("elsewhere"),
        30_000,
        "{report}"
    );

    let stats = second.read(&["stats"]);
    let stored = |group: &str, name: &str| {
        stats[group][name]
            .as_u64()
            .unwrap_or_else(|| panic!("{stats:#}"))
    };
    assert_eq!(
        stored("ingest", "received"),
        count("acknowledged"),
        "{report} {stats:#}"
    );
    assert_eq!(
        stored("store", "live"),
        count("acknowledged"),
        "each span once: {report} {stats:#}"
    );

    let traces = second.traces();
    let ids: HashSet<_> = traces
        .iter()
        .map(|trace| trace["trace_id"].to_string())
        .collect();
    assert_eq!(ids.len(), traces.len());
}
