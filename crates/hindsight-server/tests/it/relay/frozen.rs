//! A viewer process that the system stops while it streams from an app.
//!
//! The viewer is this test binary once more, as a process of its own, told by its environment to be one.

use std::process::Stdio;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use hindsight_connect::{DialOptions, Endpoint};
use hindsight_testkit::builder::span;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use super::{App, no_lane_is_left, workshop};
use crate::harness::{Client, PATIENCE, TestHub, eventually};

const ROLE: &str = "HINDSIGHT_TEST_FROZEN_VIEWER";
/// Streams of large items: more than sockets hold, and a queue of megabytes in the hub.
const HEAVY_LANES: usize = 8;
const STREAMS_PER_LANE: usize = 4;
const ITEM_BYTES: u32 = 60_000;
/// Of the hub's defaults.
const STALL: Duration = Duration::from_secs(5);

/// The process: it reads as fast as it can, until its calls end, and says how they did.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_streams() {
    let Ok(role) = std::env::var(ROLE) else {
        return;
    };
    let (endpoint, app) = role.split_once(' ').unwrap();
    let endpoint: Endpoint = endpoint.parse().unwrap();
    let [heavy, light] = [(); 2].map(|()| Client::dial(&endpoint, DialOptions::default()));
    let (heavy, light) = tokio::join!(heavy, light);
    let (heavy, light) = (heavy.unwrap(), light.unwrap());
    let many = (0..HEAVY_LANES * STREAMS_PER_LANE).map(|number| async move { number });
    let lanes = join_all((0..HEAVY_LANES).map(|_| workshop(&heavy, app))).await;
    let lanes: Vec<_> = lanes.into_iter().map(Result::unwrap).collect();
    let numbers = join_all(many).await;
    let heavy = join_all(numbers.iter().map(|number| {
        let lane = &lanes[number % HEAVY_LANES];
        stream(lane, ITEM_BYTES, "heavy")
    }));
    let lane = workshop(&light, app).await.unwrap();
    tokio::join!(heavy, stream(&lane, 100, "light"));
}

async fn stream(lane: &hindsight_connect::Lane<super::WorkshopClient>, bytes: u32, what: &str) {
    let (tx, mut rx) = vox::channel::<Vec<u8>>();
    let read = async {
        let mut first = true;
        while let Ok(Some(_)) = rx.recv().await {
            if std::mem::take(&mut first) {
                println!("{what} reads");
            }
        }
    };
    let call = async {
        let ended = lane.client().count(u32::MAX, bytes, tx).await;
        println!("{what} ended: {ended:?}");
    };
    tokio::join!(call, read);
}

struct Viewer {
    process: Child,
    said: Lines<BufReader<ChildStdout>>,
}

impl Viewer {
    async fn start(hub: &TestHub, app: &App) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args([
                "--exact",
                "relay::frozen::a_process_that_streams",
                "--nocapture",
            ])
            .env(ROLE, format!("tcp://{} {}", hub.tcp(), app.id))
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        let mut process = command.spawn().unwrap();
        let stdout = process.stdout.take().unwrap();
        let said = BufReader::new(stdout).lines();
        let mut viewer = Self { process, said };
        for _ in 0..=HEAVY_LANES * STREAMS_PER_LANE {
            viewer.says("reads").await;
        }
        viewer
    }

    async fn says(&mut self, text: &str) -> String {
        let found = async {
            loop {
                let line = self.said.next_line().await.unwrap().expect("a line");
                if line.contains(text) {
                    return line;
                }
            }
        };
        timeout(PATIENCE, found).await.expect(text)
    }

    fn signal(&self, signal: libc::c_int) {
        let pid = libc::pid_t::try_from(self.process.id().expect("it runs")).unwrap();
        // SAFETY: sends a signal to a child that was not waited for, so the id is its own.
        assert_eq!(unsafe { libc::kill(pid, signal) }, 0);
    }
}

/// How an app's own calls fare over the connection that also carries the relayed lanes.
#[derive(Clone, Copy, Debug)]
struct Fare {
    per_sec: f64,
    slowest: Duration,
}

/// Sends batches one after the other for `time`.
async fn ingest(app: &App, sequence: &mut u64, time: Duration) -> Fare {
    let started = Instant::now();
    let (mut calls, mut slowest) = (0_u32, Duration::ZERO);
    while started.elapsed() < time {
        *sequence += 1;
        let spans = [span(*sequence, 1).build()];
        let sent = Instant::now();
        let stored = timeout(PATIENCE, app.client.ingest((1, *sequence), &spans)).await;
        assert_eq!(stored.expect("an answer").unwrap().inserted, 1);
        slowest = slowest.max(sent.elapsed());
        calls += 1;
    }
    Fare {
        per_sec: f64::from(calls) / started.elapsed().as_secs_f64(),
        slowest,
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_viewer_does_not_slow_the_app_and_loses_its_lanes() {
    let hub = TestHub::start().await;
    let app = App::start(&hub, 1).await;
    let (witness, other) = (hub.client().await, hub.client().await);
    let others = workshop(&other, &app.id).await.unwrap();
    let mut sequence = 0;
    let alone = ingest(&app, &mut sequence, Duration::from_secs(2)).await;

    let mut viewer = Viewer::start(&hub, &app).await;
    viewer.signal(libc::SIGSTOP);
    let stopped = Instant::now();
    let meanwhile = ingest(&app, &mut sequence, STALL - Duration::from_secs(1)).await;
    println!("alone {alone:?}, meanwhile {meanwhile:?}");
    assert!(
        meanwhile.per_sec > alone.per_sec / 2.0,
        "{alone:?} {meanwhile:?}"
    );
    assert!(meanwhile.slowest < Duration::from_secs(1), "{meanwhile:?}");
    assert!(app.bench.running() > 0, "the lanes were closed too soon");
    assert_eq!(
        others.call(|c| c.add(1, 1)).await.unwrap(),
        2,
        "another viewer is served"
    );

    app.nothing_runs().await;
    let closed = stopped.elapsed();
    assert!(closed >= STALL - Duration::from_millis(500), "{closed:?}");
    assert!(closed < STALL + Duration::from_secs(5), "{closed:?}");
    eventually("only the other viewer's lane is left", || async {
        witness.stats().await.relayed_lanes == 1
    })
    .await;
    assert!(witness.count_of("relay_stalled").await >= 1);
    assert!(app.client.connection.is_open());
    viewer.signal(libc::SIGCONT);
    assert!(
        viewer
            .says("light ended")
            .await
            .contains("ConnectionClosed")
    );
    drop(others);
    no_lane_is_left(&witness).await;
}
