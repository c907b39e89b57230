//! The demo, and that it leaves nothing behind.

use std::collections::HashSet;

use crate::process::{Hub, Process, hindsight, wait_for};

/// Processes whose command line mentions this hub, other than readers of it.
fn parts_of(endpoint: &str) -> usize {
    let Ok(processes) = std::fs::read_dir("/proc") else {
        return 0;
    };
    let lines = processes
        .flatten()
        .filter_map(|entry| std::fs::read_to_string(entry.path().join("cmdline")).ok());
    lines
        .filter(|line| line.contains("demo-part") && line.contains(endpoint))
        .count()
}

#[test]
fn the_demo_shows_every_kind_of_traffic_and_leaves_nothing_behind() {
    let hub = Hub::start();
    let mut command = hindsight();
    command.args(["demo", "--connect", &hub.endpoint, "--rate", "20"]);
    let mut demo = Process::start(command);
    assert!(demo.line().contains("using the hub at"));

    wait_for("five apps", || {
        let apps = hub.read(&["apps"]);
        let names: HashSet<String> = apps
            .as_array()?
            .iter()
            .map(|app| app["service"].to_string())
            .collect();
        (names.len() == 5).then_some(())
    });
    wait_for("a trace across three processes", || {
        let wide = |trace: &serde_json::Value| {
            trace["services"].as_object().is_some_and(|s| s.len() >= 3)
                || trace["services"].as_array().is_some_and(|s| s.len() >= 3)
        };
        hub.traces().into_iter().find(wide)
    });
    wait_for("a fan-out of 300", || {
        hub.traces()
            .into_iter()
            .find(|trace| trace["spans"].as_u64().is_some_and(|n| n >= 600))
    });
    wait_for("an error", || {
        hub.traces()
            .into_iter()
            .find(|trace| trace["errors"].as_u64().is_some_and(|n| n > 0))
    });
    wait_for("a hang", || {
        let hanging = |trace: &serde_json::Value| {
            trace["name"] == "POST /admin/reindex" && trace["running"] == 4
        };
        hub.traces().into_iter().find(hanging)
    });
    wait_for("a query that nobody computes, and who waits for it", || {
        let waits = hub.read(&["waits"]);
        let stuck = |wait: &&serde_json::Value| !wait["stuck"].is_null();
        let found = waits.as_array()?.iter().find(stuck)?;
        let is_followed = found["service"] == "docs" && found["depth"].as_u64() >= Some(3);
        is_followed.then_some(())
    });
    assert_eq!(parts_of(&hub.endpoint), 5);
    demo.kill();
    wait_for("the end of all parts", || {
        (parts_of(&hub.endpoint) == 0).then_some(())
    });
}

#[test]
fn the_demo_starts_a_hub_when_none_answers_and_ends_when_told() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("binds");
    let port = listener.local_addr().expect("address").port().to_string();
    drop(listener);
    let mut command = hindsight();
    command.args([
        "demo",
        "--http-port",
        &port,
        "--tcp-port",
        "off",
        "--no-socket",
        "--for",
        "2s",
    ]);
    let output = Process::start(command).finish();
    assert!(
        output.contains(&format!("started a hub: http://127.0.0.1:{port}")),
        "{output}"
    );
    assert_eq!(parts_of(&format!("127.0.0.1:{port}")), 0);
}
