//! More connections than the system has file descriptors for.

use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::time::{Duration, Instant};

use hindsight_protocol::TraceId;

use crate::feed::{Feeder, span};
use crate::hub::Hub;
use crate::process::signal;

/// File descriptors of the hub: some 20 for itself, the rest for connections.
const FILES_MAX: u64 = 64;
/// Connections, three times as many as the hub can take before it cuts the first, and no more than
/// wait in the backlog of any system.
const CONNECTIONS: usize = 140;
/// How long the exhausted hub is watched.
const WATCH: Duration = Duration::from_millis(1_500);
/// The hub's pause after a failure to accept.
const PAUSE: Duration = Duration::from_millis(100);
/// The hub says the same at most so often.
const LOG_INTERVAL: Duration = Duration::from_secs(10);

/// CPU time that a process has taken, from `/proc/PID/stat`.
fn cpu_time(pid: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // The name, in parentheses, may hold anything.
    let (_, after_name) = stat.rsplit_once(')').unwrap();
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks: u64 = [11, 12]
        .map(|at: usize| fields[at].parse::<u64>().unwrap())
        .iter()
        .sum();
    // SAFETY: `sysconf` reads no memory of ours.
    let ticks_per_sec = unsafe { libc::sysconf(libc::_SC_CLK_TCK) };
    Duration::from_millis(ticks * 1_000 / u64::try_from(ticks_per_sec).unwrap())
}

/// Both limits, because the hub raises the lower one.
fn limit_files() -> std::io::Result<()> {
    let limit = libc::rlimit {
        rlim_cur: FILES_MAX,
        rlim_max: FILES_MAX,
    };
    // SAFETY: the call gets a pointer to a live `rlimit` and touches nothing else.
    match unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) } {
        0 => Ok(()),
        _ => Err(std::io::Error::last_os_error()),
    }
}

#[test]
fn a_hub_without_file_descriptors_says_so_once_rests_and_recovers() {
    let started = Instant::now();
    let hub = Hub::start_with(&[], |command| {
        // SAFETY: `limit_files` makes one system call and neither allocates nor locks.
        unsafe { command.pre_exec(limit_files) };
    });
    let pid = hub.running.child.id();
    let feeder = Feeder::connect(&hub.tcp);
    assert_eq!(feeder.count_of("accept_failed"), 0);

    let connect = |_| TcpStream::connect(hub.tcp.trim_start_matches("tcp://")).unwrap();
    let crowd: Vec<TcpStream> = (0..CONNECTIONS).map(connect).collect();
    let line = hub.running.stderr.find("accept_failed");
    assert!(line.contains("Too many open files"), "{line}");

    let mut sent = 0;
    let (before, since, counted) = (
        cpu_time(pid),
        Instant::now(),
        feeder.count_of("accept_failed"),
    );
    while since.elapsed() < WATCH {
        // Whoever is connected is served, all the time.
        sent += 1;
        feeder.send(vec![span(TraceId::from_u128(1), sent, 0, "served", (0, 1))]);
        std::thread::park_timeout(Duration::from_millis(50));
    }
    let (taken, watched) = (cpu_time(pid) - before, since.elapsed());
    let failed = feeder.count_of("accept_failed") - counted;
    let pauses = watched.as_millis() / PAUSE.as_millis();
    assert!(failed > 0, "it had descriptors");
    assert!(
        u128::from(failed) <= pauses + 2,
        "{failed} failures in {watched:?}"
    );
    assert!(taken < watched / 4, "{taken:?} of CPU in {watched:?}");

    drop(crowd);
    let late = Feeder::connect(&hub.tcp);
    assert_eq!(late.stats().store.live, sent);
    assert_eq!(
        hub.json(&["stats", "--format", "json"])["version"],
        env!("CARGO_PKG_VERSION")
    );
    signal(pid, libc::SIGTERM);
    let mut said = 1;
    while let Some(line) = hub.running.stderr.next() {
        said += u64::from(line.contains("accept_failed"));
    }
    let intervals = started.elapsed().as_secs() / LOG_INTERVAL.as_secs();
    assert!(said <= 1 + intervals, "{said} lines");
}
