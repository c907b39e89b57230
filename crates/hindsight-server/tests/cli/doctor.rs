//! `doctor`: what it finds.

use crate::hub::Hub;
use crate::process::{finish, hindsight};

#[track_caller]
fn outcome(checks: &serde_json::Value, name: &str) -> String {
    let found = checks
        .as_array()
        .unwrap()
        .iter()
        .find(|check| check["name"] == name);
    let found = found.unwrap_or_else(|| panic!("no {name} in {checks:#}"));
    found["outcome"].as_str().unwrap().to_owned()
}

#[test]
fn a_sound_hub_passes_and_the_test_span_is_there() {
    let hub = Hub::start(&[]);
    let checks = hub.json(&["doctor", "--format", "json"]);
    for name in [
        "endpoint",
        "environment",
        "name",
        "port",
        "hub",
        "versions",
        "clock",
        "test span",
    ] {
        assert_eq!(outcome(&checks, name), "ok", "{checks:#}");
    }
    assert_eq!(outcome(&checks, "apps"), "warn");
    let traces = hub.json(&[
        "traces",
        "--format",
        "json",
        "--service",
        "hindsight-doctor",
    ]);
    assert_eq!(traces.as_array().unwrap().len(), 1);
}

#[test]
fn a_port_on_which_nothing_listens_fails_and_says_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let mut command = hindsight(directory.path(), &["doctor"]);
    command
        .env("HINDSIGHT_ENDPOINT", free.to_string())
        .env("OTEL_SDK_DISABLED", "true");
    let finished = finish(command);
    assert_eq!(finished.code, Some(1), "{finished:?}");
    for part in [
        "FAIL port",
        "hindsight serve",
        "skip hub",
        "warn environment  OTEL_SDK_DISABLED",
    ] {
        assert!(finished.stdout.contains(part), "{finished:?}");
    }
}

#[test]
fn a_missing_token_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("token");
    std::fs::write(&path, "sesame").unwrap();
    let hub = Hub::start(&["--token-file", path.to_str().unwrap()]);
    let finished = hub.run(&["doctor", "--format", "json"]);
    let checks = serde_json::from_str(&finished.stdout).unwrap();
    assert_eq!(outcome(&checks, "token"), "fail", "{checks:#}");
    assert_eq!(finished.code, Some(1));
}

#[test]
fn a_program_that_is_no_hub_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            use std::io::Write;
            stream.write_all(b"220 mail.example ESMTP\x1b[2J\r\n").ok();
        }
    });
    let finished = finish(hindsight(
        directory.path(),
        &["doctor", "--connect", &endpoint],
    ));
    assert_eq!(finished.code, Some(1), "{finished:?}");
    assert!(finished.stdout.contains("FAIL hub"), "{finished:?}");
    assert!(!finished.stdout.contains('\u{1b}'), "{finished:?}");
}
