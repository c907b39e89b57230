//! Data that waits and does not move.

use std::time::{Duration, Instant};

use tokio::time::timeout;
use vox::VoxError;

use super::{App, no_lane_is_left, workshop};
use crate::harness::{PATIENCE, TestHub};

const STALL: Duration = Duration::from_millis(500);

async fn impatient() -> TestHub {
    TestHub::with(|config| config.relay.stall_timeout = STALL).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_that_stops_reading_loses_its_lane_and_only_that() {
    let hub = impatient().await;
    let app = App::start(&hub, 1).await;
    let viewer = hub.client().await;
    let other = workshop(&viewer, &app.id).await.unwrap();
    let lane = workshop(&viewer, &app.id).await.unwrap();
    let (tx, rx) = vox::channel::<Vec<u8>>();
    let started = Instant::now();
    let ended = timeout(PATIENCE, lane.client().count(u32::MAX, 100, tx)).await;
    assert!(matches!(ended.unwrap(), Err(VoxError::ConnectionClosed)));
    assert!(started.elapsed() >= STALL, "{:?}", started.elapsed());
    drop(rx);
    app.nothing_runs().await;
    assert_eq!(viewer.count_of("relay_stalled").await, 1);
    assert_eq!(other.call(|c| c.add(1, 1)).await.unwrap(), 2);
    drop((other, lane));
    no_lane_is_left(&viewer).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_stops_reading_loses_the_lane_too() {
    let hub = impatient().await;
    let lanes = hindsight_connect::Lanes::scoped(
        |request: &vox::LaneRequest<'_>, lane, scope: &hindsight_connect::Scope| {
            match request.service() {
                "Workshop" => {
                    let deaf = super::WorkshopDispatcher::new(Deaf);
                    hindsight_connect::serve_lane(scope, lane, deaf);
                }
                _ => super::list(super::Listed::workshop(), scope, lane),
            }
            Ok(())
        },
    );
    let app = App::with_lanes(&hub, 1, lanes).await;
    app.is_listed(&hub).await;
    let viewer = hub.client().await;
    let lane = workshop(&viewer, &app.id).await.unwrap();
    let (tx, rx) = vox::channel();
    let write = async {
        for number in 0..1_000 {
            if tx.send(number).await.is_err() {
                break;
            }
        }
    };
    let both = async {
        tokio::select! {
            sum = lane.client().sum(rx) => sum,
            never = async { write.await; std::future::pending().await } => never,
        }
    };
    let ended = timeout(PATIENCE, both).await.unwrap();
    assert!(
        matches!(ended, Err(VoxError::ConnectionClosed)),
        "{ended:?}"
    );
    assert_eq!(viewer.count_of("relay_stalled").await, 1);
    assert!(app.client.connection.is_open());
}

/// Keeps what comes and reads none of it.
#[derive(Clone)]
struct Deaf;

impl super::Workshop for Deaf {
    async fn add(&self, _: u32, _: u32) -> u32 {
        0
    }

    async fn build(&self, part: super::Part) -> super::Part {
        part
    }

    async fn fail(&self, number: u32) -> Result<u32, u32> {
        Err(number)
    }

    async fn count(&self, _: u32, _: u32, _: vox::Tx<Vec<u8>>) -> u32 {
        0
    }

    async fn sum(&self, _kept: vox::Rx<u32>) -> u64 {
        std::future::pending().await
    }

    async fn wait(&self) -> u32 {
        0
    }

    async fn blob(&self, _: u32) -> Vec<u8> {
        Vec::new()
    }
}

/// For three times the limit: streams that are quiet, and readers that are slow and read on.
#[tokio::test(flavor = "multi_thread")]
async fn quiet_and_slow_lanes_are_left_alone() {
    let hub = impatient().await;
    let app = App::start(&hub, 1).await;
    let viewer = hub.client().await;
    let quiet = workshop(&viewer, &app.id).await.unwrap();
    let unused = workshop(&viewer, &app.id).await.unwrap();
    let slow = workshop(&viewer, &app.id).await.unwrap();
    let until = Instant::now() + 3 * STALL;

    let (tx, mut few) = vox::channel::<Vec<u8>>();
    let streamed = async {
        let (pending, _kept) = vox::channel::<u32>();
        let _ = pending;
        // Fewer than there is credit for, which nobody reads.
        quiet.client().count(10, 100, tx).await
    };
    let (slow_tx, mut slow_rx) = vox::channel::<Vec<u8>>();
    let reading = async {
        let mut items = 0;
        while Instant::now() < until {
            slow_rx.recv().await.unwrap().expect("it goes on");
            items += 1;
            tokio::time::sleep(STALL / 20).await;
        }
        drop(slow_rx);
        items
    };
    let all = async {
        tokio::join!(
            streamed,
            slow.client().count(u32::MAX, 100, slow_tx),
            reading
        )
    };
    let (streamed, told, items) = timeout(PATIENCE, all).await.unwrap();
    assert_eq!(streamed.unwrap(), 10);
    assert!(told.unwrap() >= items, "{items}");
    assert!(few.recv().await.unwrap().is_some());
    for lane in [&quiet, &unused, &slow] {
        assert_eq!(lane.call(|c| c.add(1, 1)).await.unwrap(), 2);
    }
    assert_eq!(viewer.count_of("relay_stalled").await, 0);
}
