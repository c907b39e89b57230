//! What works through a relay as it does without one.

use std::time::Duration;

use hindsight_connect::{CallError, Lane, LaneOptions, open_relayed, open_relayed_lane};
use tokio::time::timeout;
use vox::{MethodId, Payload, RequestCall, VoxError};
use vox_types::SchemaBytes;

use super::{App, Part, WorkshopClient, no_lane_is_left, workshop, workshop_service_descriptor};
use crate::harness::{PATIENCE, TestHub};

#[tokio::test(flavor = "multi_thread")]
async fn calls_answers_and_errors_arrive_as_they_were_sent() {
    let hub = TestHub::start().await;
    let app = App::start(&hub, 1).await;
    let viewer = hub.client().await;
    let lane = workshop(&viewer, &app.id).await.unwrap();
    assert_eq!(lane.call(|c| c.add(2, 3)).await.unwrap(), 5);
    let part = Part {
        name: "wheel \u{1f6de}".to_owned(),
        price: Some(1.5),
        parts: Vec::new(),
        tag: vec![0; 1_000],
    };
    let built = lane.call(|c| c.build(part.clone())).await.unwrap();
    assert_eq!(built.parts, [part]);
    let failed = lane.call(|c| c.fail(77)).await;
    assert!(matches!(failed, Err(CallError::Rpc(VoxError::User(number))) if *number == 77));
    assert_eq!(
        lane.call(|c| c.blob(4_000_000)).await.unwrap().len(),
        4_000_000
    );
    let many = (0..500).map(|n| lane.call(move |c| c.add(n, n)));
    let sums = futures_util::future::join_all(many).await;
    assert!(
        sums.into_iter()
            .enumerate()
            .all(|(n, sum)| sum.unwrap() as usize == 2 * n)
    );
    assert_eq!(viewer.stats().await.relayed_lanes, 1);
    drop(lane);
    no_lane_is_left(&viewer).await;
    assert_eq!(viewer.stats().await.relayed_lanes_total, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_go_both_ways_and_may_be_dropped_early() {
    let hub = TestHub::start().await;
    let app = App::start(&hub, 1).await;
    let viewer = hub.client().await;
    for credit in [16, 200] {
        let options = LaneOptions {
            channel_credit: credit,
            ..LaneOptions::default()
        };
        let opened = open_relayed(&viewer.connection, &app.id, options);
        let lane: Lane<WorkshopClient> = opened.await.unwrap();
        let (tx, mut rx) = vox::channel::<Vec<u8>>();
        let read = async {
            let mut next = 0;
            while let Ok(Some(item)) = rx.recv().await {
                let number = u32::from_le_bytes(item.get()[..4].try_into().unwrap());
                assert_eq!((number, item.get().len()), (next, 100));
                next += 1;
            }
            next
        };
        let both = async { tokio::join!(lane.client().count(2_000, 100, tx), read) };
        let (told, read) = timeout(PATIENCE, both).await.unwrap();
        assert_eq!((told.unwrap(), read), (2_000, 2_000));

        let (tx, rx) = vox::channel();
        let write = async {
            for number in 0..1_000_u32 {
                tx.send(number).await.unwrap();
            }
            tx.close(Default::default()).await.unwrap();
        };
        let both = async { tokio::join!(lane.client().sum(rx), write) };
        let (sum, ()) = timeout(PATIENCE, both).await.unwrap();
        assert_eq!(sum.unwrap(), 499_500);

        let (tx, mut rx) = vox::channel::<Vec<u8>>();
        let early = async {
            rx.recv().await.unwrap();
            drop(rx);
        };
        let both = async { tokio::join!(lane.client().count(1_000_000, 100, tx), early) };
        let (told, ()) = timeout(PATIENCE, both).await.unwrap();
        assert!(told.unwrap() < 1_000_000);
        assert_eq!(
            lane.call(|c| c.add(1, 1)).await.unwrap(),
            2,
            "the lane goes on"
        );
    }
    app.nothing_runs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_viewers_of_an_app_and_two_apps_of_a_viewer_do_not_mix() {
    let hub = TestHub::start().await;
    let (app, other) = (App::start(&hub, 1).await, App::start(&hub, 2).await);
    let (viewer, second) = (hub.client().await, hub.client().await);
    let lanes = [
        workshop(&viewer, &app.id).await.unwrap(),
        workshop(&viewer, &other.id).await.unwrap(),
        workshop(&second, &app.id).await.unwrap(),
        workshop(&second, &app.id).await.unwrap(),
    ];
    let counted = lanes.iter().zip(1..).map(|(lane, number)| async move {
        let (tx, mut rx) = vox::channel::<Vec<u8>>();
        let read = async {
            let mut items = 0;
            while let Ok(Some(item)) = rx.recv().await {
                assert_eq!(item.get().len(), 100 * number as usize);
                items += 1;
            }
            items
        };
        let (told, read) = tokio::join!(lane.client().count(500 * number, 100 * number, tx), read);
        assert_eq!((told.unwrap(), read), (500 * number, 500 * number));
    });
    let counted = timeout(PATIENCE, futures_util::future::join_all(counted));
    counted.await.unwrap();
    assert_eq!(viewer.stats().await.relayed_lanes, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_of_which_only_the_name_is_known_is_called_in_bytes() {
    let hub = TestHub::start().await;
    let app = App::start(&hub, 1).await;
    let viewer = hub.client().await;
    let options = LaneOptions::default();
    let opened = open_relayed_lane(&viewer.connection, &app.id, "Workshop", options);
    let lane = opened.await.unwrap();
    let methods = workshop_service_descriptor().methods;
    let add = *methods.iter().find(|m| m.method_name == "add").unwrap();
    let plan = vox_types::SchemaSendTracker::plan_for_method_args(add).unwrap();
    let arguments = vox_phon::to_vec(&(2_u32, 40_u32)).unwrap();
    let call = RequestCall {
        method_id: MethodId(add.id.0),
        channels: Vec::new(),
        metadata: vox::Metadata::default(),
        args: Payload::Encoded(&arguments),
        schemas: SchemaBytes(plan.bytes.to_vec()),
    };
    let answer = lane.call(|caller| caller.call(call)).await.unwrap();
    let Payload::Encoded(bytes) = &answer.value.get().ret else {
        panic!("an answer comes in bytes");
    };
    assert!(bytes.contains(&42), "{bytes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_takes_long_is_no_stall_and_ends_at_its_deadline() {
    let hub = TestHub::with(|config| {
        config.relay.stall_timeout = Duration::from_millis(100);
    })
    .await;
    let app = App::start(&hub, 1).await;
    let viewer = hub.client().await;
    let options = LaneOptions {
        call_timeout: Some(Duration::from_millis(600)),
        ..LaneOptions::default()
    };
    let opened = open_relayed(&viewer.connection, &app.id, options);
    let lane: Lane<WorkshopClient> = opened.await.unwrap();
    let late = lane.call(|c| c.wait()).await;
    assert!(matches!(late, Err(CallError::TimedOut(_))), "{late:?}");
    app.nothing_runs().await;
    assert_eq!(lane.call(|c| c.add(1, 2)).await.unwrap(), 3);
    assert_eq!(viewer.count_of("relay_stalled").await, 0);
}
