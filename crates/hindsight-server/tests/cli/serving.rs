//! `serve`, its ports, its errors and its end.

use std::io::{Read, Write};
use std::net::TcpListener;

use crate::hub::Hub;
use crate::process::{finish, hindsight, signal};

#[test]
fn it_prints_addresses_that_answer_and_ends_on_sigterm() {
    let hub = Hub::start(&[]);
    for endpoint in [hub.http.as_str(), &hub.tcp] {
        let stats = hub.json(&["stats", "--format", "json", "--connect", endpoint]);
        assert_eq!(stats["version"], env!("CARGO_PKG_VERSION"));
    }
    signal(hub.running.child.id(), libc::SIGTERM);
    assert_eq!(hub.running.end(), Some(0));
}

#[test]
fn a_port_taken_by_another_hub_is_exit_code_3() {
    let hub = Hub::start(&[]);
    let port = hub.http.rsplit(':').next().unwrap();
    let second = hub.run(&["serve", "--http-port", port, "--no-socket"]);
    assert_eq!(second.code, Some(3), "{second:?}");
    let first_line = second.stderr.lines().next().unwrap();
    assert!(first_line.starts_with("error: "), "{first_line}");
    assert!(first_line.contains("another hindsight"), "{first_line}");
    assert!(
        first_line.contains(&format!("http://{}", hub.http)),
        "{first_line}"
    );
    assert_eq!(second.stdout, "");
}

#[test]
fn a_port_taken_by_something_else_names_the_port_and_the_flag() {
    let directory = tempfile::tempdir().unwrap();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = other.local_addr().unwrap().port().to_string();
    std::thread::spawn(move || {
        for mut stream in other.incoming().map_while(Result::ok) {
            let mut head = [0; 1024];
            if stream.read(&mut head).is_err() {
                continue;
            }
            stream
                .write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n")
                .ok();
        }
    });
    let refused = finish(hindsight(
        directory.path(),
        &["serve", "--http-port", &port, "--no-socket"],
    ));
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains(&port), "{refused:?}");
    assert!(refused.stderr.contains("--http-port"), "{refused:?}");
}

#[test]
fn wrong_settings_are_exit_code_2_and_name_their_place() {
    let directory = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| finish(hindsight(directory.path(), arguments));
    for (arguments, place) in [
        (&["serve", "--ttl", "50"][..], "--ttl: \"50\" has no unit"),
        (&["serve", "--bind", "0.0.0.0"], "--token-file"),
        (&["serve", "--frobnicate"], "--frobnicate"),
        (&["traces", "--connect", "ftp://x"], "--connect: "),
        (&["traces", "--limit", "many"], "--limit: "),
        (&["trace", "xyz"], "is not a trace id"),
    ] {
        let refused = run(arguments);
        assert_eq!(refused.code, Some(2), "{refused:?}");
        assert!(refused.stderr.starts_with("error: "), "{refused:?}");
        assert!(refused.stderr.contains(place), "{refused:?}");
    }
    std::fs::write(
        directory.path().join("hindsight.toml"),
        "ttl = '1h'\nttll = '2h'",
    )
    .unwrap();
    let refused = run(&["config"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(
        refused
            .stderr
            .contains("hindsight.toml:2: unknown setting \"ttll\""),
        "{refused:?}"
    );
}

#[test]
fn settings_come_from_flag_variable_project_and_user_in_this_order() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(
        directory.path().join("hindsight.toml"),
        "ttl = '30m'\nlimit = 7",
    )
    .unwrap();
    std::fs::create_dir(directory.path().join("hindsight")).unwrap();
    let user = "limit = 9\nbind = '::1'\n";
    std::fs::write(directory.path().join("hindsight/config.toml"), user).unwrap();
    let mut command = hindsight(
        directory.path(),
        &["config", "--format", "json", "--ttl", "2h"],
    );
    command
        .env("HINDSIGHT_HTTP_PORT", "4000")
        .env("HINDSIGHT_TOKEN", "secret");
    let finished = finish(command);
    let rows: serde_json::Value = serde_json::from_str(&finished.stdout).unwrap();
    let row = |name: &str| {
        let found = rows
            .as_array()
            .unwrap()
            .iter()
            .find(|row| row["setting"] == name);
        let found = found.unwrap_or_else(|| panic!("no {name} in {rows}"));
        let text = |field: &str| found[field].as_str().unwrap().to_owned();
        (text("value"), text("source"))
    };
    let user_file = directory.path().join("hindsight/config.toml");
    assert_eq!(row("ttl"), ("2h".into(), "--ttl".into()));
    assert_eq!(
        row("http-port"),
        ("4000".into(), "HINDSIGHT_HTTP_PORT".into())
    );
    assert_eq!(row("limit"), ("7".into(), "hindsight.toml:2".into()));
    assert_eq!(
        row("bind"),
        ("::1".into(), format!("{}:2", user_file.display()))
    );
    assert_eq!(row("tcp-port"), ("1991".into(), "default".into()));
    assert!(!finished.stdout.contains("secret"), "{}", finished.stdout);
}

#[test]
fn without_a_command_it_helps() {
    let directory = tempfile::tempdir().unwrap();
    let helped = finish(hindsight(directory.path(), &[]));
    assert!(
        helped.stderr.contains("Usage: hindsight <COMMAND>"),
        "{helped:?}"
    );
    let script = finish(hindsight(directory.path(), &["completions", "bash"]));
    assert_eq!(script.code, Some(0));
    assert!(script.stdout.contains("hindsight"), "{script:?}");
}

#[test]
fn a_token_is_asked_for_and_accepted() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("token");
    std::fs::write(&path, "sesame\n").unwrap();
    let hub = Hub::start(&["--token-file", path.to_str().unwrap()]);
    let missing = hub.run(&["stats"]);
    assert_eq!(missing.code, Some(1), "{missing:?}");
    assert!(missing.stderr.contains("wants a token"), "{missing:?}");
    let mut wrong = hub.command(&["stats"]);
    wrong.env("HINDSIGHT_TOKEN", "open");
    let wrong = finish(wrong);
    assert!(wrong.stderr.contains("rejected the token"), "{wrong:?}");
    hub.read(&["stats", "--token-file", path.to_str().unwrap()]);
}
