//! The examples, as a newcomer runs them.

use crate::process::{Hub, Process, example, wait_for};

/// `trace=... span=...` of a line.
fn ids(line: &str) -> (String, String) {
    let field = |name: &str| {
        let found = line
            .split_whitespace()
            .find_map(|word| word.strip_prefix(name));
        found
            .unwrap_or_else(|| panic!("no {name} in {line}"))
            .to_owned()
    };
    (field("trace="), field("span="))
}

fn one_run(hub: &Hub) -> String {
    let mut back = Process::start(example("back", &hub.endpoint));
    let address = back
        .line()
        .strip_prefix("listening ")
        .expect("an address")
        .to_owned();
    let mut command = example("front", &hub.endpoint);
    command.arg(address);
    let mut front = Process::start(command);
    let (trace, request) = ids(&front.line());
    let (seen_trace, handler) = ids(&back.line());
    let rest = front.finish();
    assert!(rest.contains("result 500500"), "{rest}");
    assert_eq!(trace, seen_trace, "both processes print the same trace");

    let spans = wait_for("the whole trace", || {
        let spans = hub.spans(&trace);
        (spans.len() == 5 && spans.iter().all(|span| !span["end_ns"].is_null())).then_some(spans)
    });
    let id_of = |name: &str, service: &str| {
        let found = spans
            .iter()
            .find(|span| span["name"] == name && span["service"] == service);
        let found = found.unwrap_or_else(|| panic!("no {name} of {service} in {spans:#?}"));
        (found["span_id"].clone(), found["parent_id"].clone())
    };
    let root = id_of("handle_request", "front");
    let call = id_of("Calculator.calculate", "front");
    let answer = id_of("Calculator.calculate", "back");
    assert_eq!(
        (root.0.as_str(), root.1.as_str()),
        (Some(request.as_str()), None)
    );
    assert_eq!(call.1, root.0);
    assert_eq!(answer.1, call.0);
    assert_eq!(
        answer.0.as_str(),
        Some(handler.as_str()),
        "the handler ran in this span"
    );
    assert_eq!(id_of("sum", "back").1, answer.0);
    assert_eq!(id_of("format_response", "front").1, root.0);
    trace
}

#[test]
fn two_processes_over_roam_make_one_trace_with_new_ids_each_time() {
    let hub = Hub::start();
    let first = one_run(&hub);
    let second = one_run(&hub);
    assert_ne!(first, second);
}

/// Name and service of a span.
type Named<'a> = (&'a str, &'a str);

fn named(span: &serde_json::Value) -> Named<'_> {
    let text = |key: &str| span[key].as_str().unwrap_or_default();
    (text("name"), text("service"))
}

#[test]
fn three_processes_of_three_frameworks_make_one_trace() {
    let hub = Hub::start();
    let output = Process::start(example("one_trace", &hub.endpoint)).finish();
    let mut traces = output
        .lines()
        .rev()
        .filter_map(|line| line.strip_prefix("trace "));
    let second = traces
        .next()
        .unwrap_or_else(|| panic!("no trace: {output}"));
    assert!(output.contains("sum 250250"), "the rate changed: {output}");

    let spans = wait_for("the whole trace", || {
        let spans = hub.spans(second);
        let is_there = |wanted| spans.iter().any(|span| named(span) == wanted);
        let whole = is_there(("format_response", "web")) && is_there(("build_site", "site"));
        (whole && is_there(("compute", "calc"))).then_some(spans)
    });
    let by_id = |id: &serde_json::Value| spans.iter().find(|span| span["span_id"] == *id);
    // From a span up to the root.
    let path = |wanted: Named<'_>| {
        let found = spans.iter().find(|span| named(span) == wanted);
        let found = found.unwrap_or_else(|| panic!("no {wanted:?} in {spans:#?}"));
        let above = |span: &&serde_json::Value| by_id(&span["parent_id"]);
        let path: Vec<_> = std::iter::successors(Some(found), above)
            .map(named)
            .collect();
        (path, found)
    };
    let request = ("handle_request", "web");
    let through = |part, call| [(call, part), (call, "web"), request];
    for (name, status, outcome) in [
        ("load_data", "hit", "hit"),
        ("compute", "miss", "computed_changed"),
    ] {
        let (path, span) = path((name, "calc"));
        assert_eq!(path[1..], through("calc", "Calculator.calculate"), "{name}");
        assert_eq!(span["attributes"]["picante.cache_status"], status, "{name}");
        assert_eq!(span["attributes"]["picante.outcome"], outcome, "{name}");
    }
    let (way, build) = path(("build_site", "site"));
    assert_eq!(way[1..], through("site", "Site.build"));
    assert_eq!(build["attributes"]["picante.query"], true);
    let pages = spans
        .iter()
        .filter(|span| !span["attributes"]["dodeca.route"].is_null());
    assert!(pages.count() > 0, "pages of the site: {spans:#?}");
    assert_eq!(path(("format_response", "web")).0[1..], [request]);
    for lens in hindsight_view::lens::Lens::ALL {
        let found = hub.read(&["traces", "--query", lens.stored_query()]);
        let mut found = found.as_array().expect("an array").iter();
        let is_lit = found.any(|trace| trace["trace_id"] == second);
        assert!(is_lit, "{}", lens.word());
    }
}

#[test]
fn a_process_of_a_few_milliseconds_delivers_its_spans() {
    let hub = Hub::start();
    for arguments in [&[][..], &["exit"][..]] {
        let before = hub.traces().len();
        let mut command = example("short", &hub.endpoint);
        command.args(arguments);
        Process::start(command).finish();
        assert_eq!(hub.traces().len(), before + 3, "{arguments:?}");
    }
}

#[test]
fn a_process_that_aborts_after_a_panic_has_sent_its_spans() {
    let hub = Hub::start();
    let mut command = example("short", &hub.endpoint);
    command.arg("panic").stderr(std::process::Stdio::null());
    let mut short = Process::start(command);
    let status = short.child.wait().expect("ends");
    assert!(!status.success());
    assert_eq!(hub.traces().len(), 3);
}

#[test]
#[cfg(unix)]
fn a_process_ended_by_a_signal_has_sent_its_spans_and_ends_by_it() {
    use std::os::unix::process::ExitStatusExt;
    let hub = Hub::start();
    let mut command = example("short", &hub.endpoint);
    command.arg("signal");
    let mut short = Process::start(command);
    assert_eq!(short.line(), "ready");
    assert_eq!(hub.traces().len(), 0, "nothing is due for an hour");
    let pid = i32::try_from(short.child.id()).expect("a pid");
    // SAFETY: sends a signal to a process that this test started and has not waited for.
    assert_eq!(unsafe { libc::kill(pid, libc::SIGTERM) }, 0);
    let status = short.child.wait().expect("ends");
    assert_eq!(status.signal(), Some(libc::SIGTERM));
    assert_eq!(hub.traces().len(), 3);
}

#[test]
fn mini_redis_shows_its_authors_spans() {
    let hub = Hub::start();
    let mut command = example("mini_redis", &hub.endpoint);
    command.args(["4", "25"]);
    let output = Process::start(command).finish();
    assert!(output.contains("200 requests answered"), "{output}");
    let traces = hub.traces();
    let spans: Vec<_> = traces
        .iter()
        .filter_map(|trace| trace["trace_id"].as_str())
        .flat_map(|t| hub.spans(t))
        .collect();
    let runs = spans.iter().filter(|span| span["name"] == "run").count();
    assert!(runs >= 4, "one for each connection, of {}", spans.len());
    let events: usize = spans
        .iter()
        .filter_map(|span| span["events"].as_array())
        .map(Vec::len)
        .sum();
    assert!(events >= 200, "{events} events");
    let targets = spans.iter().filter(|span| {
        span["attributes"]["code.target"]
            .as_str()
            .is_some_and(|t| t.starts_with("mini_redis"))
    });
    assert!(targets.count() >= 4);
}

#[test]
fn spans_of_a_killed_process_are_its_last_words() {
    let hub = Hub::start();
    let mut hang = Process::start(example("hang", &hub.endpoint));
    assert_eq!(hang.line(), "hanging");
    let running = wait_for("the span", || {
        hub.traces().into_iter().find(|trace| trace["running"] == 1)
    });
    let trace = running["trace_id"].as_str().expect("an id").to_owned();
    hang.kill();
    let state = |expected: &str| {
        wait_for(expected, || {
            let spans = hub.spans(&trace);
            (spans[0]["state"] == expected).then_some(())
        });
    };
    state("disconnected");
    state("aborted");
}
