//! A live viewer that stops in the middle of everything.

use std::time::{Duration, Instant};

use hindsight_protocol::{KeyValue, Span, TraceId};
use hindsight_server::{Config, RunningServer, Server};

use crate::feed::{Feeder, span};
use crate::process::{PATIENCE, Running, hindsight, signal};

/// What an app streams: 32 MB.
const BATCHES: u64 = 500;
const SPANS_PER_BATCH: u64 = 16;
const TEXT_BYTES: usize = 4_096;

/// The viewer may cost the ring, its credit of 16 events of 64 KiB, and what the allocator makes
/// of it; a hub that kept everything for it would keep 32 MB.
const VIEWER_BYTES_MAX: usize = 12 << 20;

const FOR_EVER: Duration = Duration::from_secs(600);

/// A hub that waits for its viewers and has little room for what they miss.
fn hub(runtime: &tokio::runtime::Runtime) -> RunningServer {
    let mut config = Config::ephemeral();
    config.live.ring_bytes_max = 1 << 20;
    config.live.stall_timeout = FOR_EVER;
    config.connections.link.stall_timeout = FOR_EVER;
    config.connections.idle_timeout = FOR_EVER;
    config.retention.memory_limit_bytes = 8_000_000;
    runtime.block_on(Server::start(config)).expect("starts")
}

fn stream(app: &Feeder, trace: u128) {
    for batch in 0..BATCHES {
        let ids = batch * SPANS_PER_BATCH + 1..=(batch + 1) * SPANS_PER_BATCH;
        let texts = ids.map(|id| Span {
            attributes: vec![KeyValue::new("text", format!("{id:>TEXT_BYTES$}").as_str())],
            ..span(TraceId::from_u128(trace), id, 0, "streamed", (0, 1))
        });
        // Each is answered in time, or this fails.
        app.send(texts.collect());
    }
}

/// The letter of a process's state in `/proc/PID/stat`.
fn state(pid: u32) -> String {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let (_, after_name) = stat.rsplit_once(") ").unwrap();
    after_name[..1].to_owned()
}

fn resident_bytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.unwrap().trim().trim_end_matches(" kB");
    kilobytes.parse::<usize>().unwrap() << 10
}

#[track_caller]
fn until(what: &str, is: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::yield_now();
    }
}

#[test]
fn a_stopped_tail_costs_the_app_nothing_and_the_hub_little_and_says_what_it_missed() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let hub = hub(&runtime);
    let app = Feeder::connect(&format!("tcp://{}", hub.addresses().tcp.unwrap()));
    // The store is full from here on.
    stream(&app, 1);
    let directory = tempfile::tempdir().unwrap();
    let endpoint = hub.addresses().http.to_string();
    let tail = Running::start(hindsight(
        directory.path(),
        &["tail", "--connect", &endpoint],
    ));
    until("it subscribes", || app.stats().subscribers == 1);
    app.send(vec![span(
        TraceId::from_u128(2),
        1,
        0,
        "before the stop",
        (0, 1),
    )]);
    tail.stdout.find("before the stop");

    let pid = tail.child.id();
    signal(pid, libc::SIGSTOP);
    until("it is stopped", || state(pid) == "T");
    let before = resident_bytes();
    stream(&app, 3);
    let grown = resident_bytes().saturating_sub(before);
    assert!(grown < VIEWER_BYTES_MAX, "{grown} bytes for one viewer");
    let stats = app.stats();
    assert_eq!(stats.subscribers, 1, "it is stopped, not gone");
    assert_eq!(stats.ingest.inserted, 2 * BATCHES * SPANS_PER_BATCH + 1);

    signal(pid, libc::SIGCONT);
    let told = tail.stderr.find("too slow: the hub skipped");
    assert!(told.contains("changes"), "{told}");
    until("the hub knows", || app.count_of("live_missed") > 0);
    app.send(vec![span(
        TraceId::from_u128(4),
        1,
        0,
        "after the gap",
        (0, 1),
    )]);
    tail.stdout.find("after the gap");
    signal(pid, libc::SIGINT);
    assert_eq!(tail.end(), Some(0));
    runtime.block_on(hub.shutdown(PATIENCE));
}
