//! Viewers and apps that ask for too much through a relay; nobody else notices.

use hindsight_connect::{APP_METADATA_KEY, CREDIT_METADATA_KEY, LaneError, open_lane_handle};
use hindsight_testkit::builder::span;
use tokio::time::timeout;
use vox::{ConnectionSettings, Parity, VOX_SERVICE_METADATA_KEY, VoxError};

use super::{App, no_lane_is_left, workshop};
use crate::harness::{Client, PATIENCE, TestHub, eventually};

/// The app still sends spans over the connection that it had, and another viewer is served.
async fn nobody_noticed(hub: &TestHub, app: &App) {
    assert!(
        app.client.connection.is_open(),
        "{:?}",
        app.client.connection
    );
    let number = rand::random_range(1..u64::MAX);
    let spans = [span(number, 1).build()];
    app.client.ingest((1, number), &spans).await.unwrap();
    let viewer = hub.client().await;
    let lane = workshop(&viewer, &app.id).await.unwrap();
    assert_eq!(lane.call(|c| c.add(20, 1)).await.unwrap(), 21);
}

async fn open_raw(
    viewer: &Client,
    app: &str,
    requests: u32,
    (credit, stated): (u32, Option<u64>),
) -> Result<vox::LaneHandle, LaneError> {
    let settings = ConnectionSettings {
        parity: Parity::Odd,
        max_concurrent_requests: requests,
        initial_channel_credit: credit,
    };
    let mut metadata = vox::metadata()
        .str(VOX_SERVICE_METADATA_KEY, "Workshop")
        .str(APP_METADATA_KEY, app);
    if let Some(stated) = stated {
        metadata = metadata.u64(CREDIT_METADATA_KEY, stated);
    }
    open_lane_handle(&viewer.connection, settings, metadata.build(), PATIENCE).await
}

#[tokio::test(flavor = "multi_thread")]
async fn lanes_are_limited_per_viewer_per_app_and_in_all() {
    let hub = TestHub::with(|config| {
        config.relay.lanes_per_viewer_max = 3;
        config.relay.lanes_per_app_max = 5;
        config.relay.lanes_max = 6;
    })
    .await;
    let (app, other) = (App::start(&hub, 1).await, App::start(&hub, 2).await);
    let viewers = [hub.client().await, hub.client().await, hub.client().await];
    let mut kept = Vec::new();
    for (viewer, app, refused) in [
        (0, &app, None),
        (0, &app, None),
        (0, &app, None),
        (0, &other, Some("3 lanes of this connection")),
        (1, &app, None),
        (1, &app, None),
        (1, &app, Some("5 lanes are relayed to this app")),
        (2, &other, None),
        (2, &other, Some("6 lanes are relayed already")),
    ] {
        match (workshop(&viewers[viewer], &app.id).await, refused) {
            (Ok(lane), None) => kept.push(lane),
            (Err(error), Some(text)) => assert!(error.to_string().contains(text), "{error}"),
            (opened, expected) => panic!("{opened:?}, expected {expected:?}"),
        }
    }
    assert_eq!(viewers[0].count_of("relay_lanes_max").await, 3);
    for lane in &kept {
        assert_eq!(lane.call(|c| c.add(1, 1)).await.unwrap(), 2);
    }
    drop(kept);
    no_lane_is_left(&viewers[0]).await;
    nobody_noticed(&hub, &app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lane_with_wrong_credit_or_too_many_requests_does_not_reach_the_app() {
    let hub = TestHub::start().await;
    let app = App::start(&hub, 1).await;
    for (requests, credits, violation) in [
        (
            64,
            (16, Some(32)),
            "channel credit 16 in the settings, 32 in the metadata",
        ),
        (64, (256, Some(16)), "channel credit 256 in the settings"),
        (
            65,
            (16, Some(16)),
            "65 concurrent requests are not within 1..=64",
        ),
    ] {
        let viewer = hub.client().await;
        let opened = open_raw(&viewer, &app.id, requests, credits).await;
        assert!(opened.is_err(), "{violation}");
        let why = timeout(PATIENCE, viewer.connection.closed()).await.unwrap();
        assert!(why.to_string().contains(violation), "{why}");
    }
    let viewer = hub.client().await;
    let unstated = open_raw(&viewer, &app.id, 64, (16, None)).await;
    let text = unstated.unwrap_err().to_string();
    assert!(text.contains("must state its channel credit"), "{text}");
    assert_eq!(viewer.stats().await.relayed_lanes_total, 0);
    nobody_noticed(&hub, &app).await;
}

/// 2,000 calls at once, as an ordinary client makes them without a gate.
#[tokio::test(flavor = "multi_thread")]
async fn too_many_calls_close_the_lane_and_not_the_apps_connection() {
    let hub = TestHub::start().await;
    let app = App::start(&hub, 1).await;
    let viewer = hub.client().await;
    for _ in 0..5 {
        let lane = workshop(&viewer, &app.id).await.unwrap();
        let calls = (0..2_000).map(|n| lane.client().add(n, 1));
        let calls = futures_util::future::join_all(calls);
        // vox itself keeps the calls below the lane's limit, so they may all succeed.
        timeout(PATIENCE, calls).await.expect("they end");
        nobody_noticed(&hub, &app).await;
    }
    assert!(viewer.connection.is_open());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_beyond_the_limits_of_a_lane_loses_the_lane_only() {
    let hub = TestHub::with(|config| {
        let relayed = config.connections.guard.relayed.as_mut().unwrap();
        relayed.channels_live_max = 2;
        relayed.call_bytes_max = 10_000;
    })
    .await;
    let app = App::start(&hub, 1).await;
    let viewer = hub.client().await;
    let lane = workshop(&viewer, &app.id).await.unwrap();
    let streams = (0..3).map(|_| async {
        let (tx, mut rx) = vox::channel();
        let read = async { while let Ok(Some(_)) = rx.recv().await {} };
        tokio::join!(lane.client().count(u32::MAX, 4, tx), read).0
    });
    let ended = timeout(PATIENCE, futures_util::future::join_all(streams))
        .await
        .unwrap();
    assert!(ended.iter().all(Result::is_err), "{ended:?}");
    app.nothing_runs().await;

    let lane = workshop(&viewer, &app.id).await.unwrap();
    let part = super::Part {
        name: String::new(),
        price: None,
        parts: Vec::new(),
        tag: vec![0; 20_000],
    };
    let refused = lane.call(|c| c.build(part)).await;
    assert!(refused.is_err());
    eventually("both are counted", || async {
        viewer.count_of("relay_limit").await == 2
    })
    .await;
    assert!(viewer.connection.is_open());
    nobody_noticed(&hub, &app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_a_hundred_megabytes_is_an_error_that_says_so() {
    let hub = TestHub::start().await;
    let app = App::start(&hub, 1).await;
    let viewer = hub.client().await;
    let lane = workshop(&viewer, &app.id).await.unwrap();
    for _ in 0..2 {
        let refused = lane.call(|c| c.blob(100_000_000)).await;
        let text = refused.unwrap_err().to_string();
        assert!(text.contains("bytes, more than the 8388608"), "{text}");
    }
    assert_eq!(lane.call(|c| c.blob(1_000)).await.unwrap().len(), 1_000);
    nobody_noticed(&hub, &app).await;
}

/// An app whose own guard does not keep it from that.
#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_answers_or_streams_too_much_loses_the_lane_only() {
    let hub = TestHub::with(|config| {
        let relayed = config.connections.guard.relayed.as_mut().unwrap();
        relayed.answer_bytes_max = 100_000;
        relayed.events_bytes_max = 100_000;
    })
    .await;
    let app = App::start(&hub, 1).await;
    let viewer = hub.client().await;
    let lane = workshop(&viewer, &app.id).await.unwrap();
    let refused = lane.call(|c| c.blob(200_000)).await;
    assert!(refused.is_err());
    let lane = workshop(&viewer, &app.id).await.unwrap();
    let (tx, rx) = vox::channel::<Vec<u8>>();
    let ended = timeout(PATIENCE, lane.client().count(u32::MAX, 20_000, tx)).await;
    assert!(matches!(ended.unwrap(), Err(VoxError::ConnectionClosed)));
    drop(rx);
    app.nothing_runs().await;
    eventually("both are counted", || async {
        viewer.count_of("relay_limit").await == 2
    })
    .await;
    assert!(viewer.connection.is_open());
    nobody_noticed(&hub, &app).await;
}
