//! What is not there, and what goes away in the middle.

use std::time::Duration;

use hindsight_connect::{Lane, LaneError, LaneOptions, Lanes, Scope, open_relayed};
use hindsight_protocol::ServiceIntrospectionClient;
use hindsight_protocol::introspection::ListServicesRequest;
use tokio::time::timeout;
use vox::{LaneRequest, VoxError};

use super::{App, Listed, WorkshopClient, list, no_lane_is_left, workshop};
use crate::harness::{PATIENCE, TestHub, eventually};

fn told(refused: Result<Lane<WorkshopClient>, LaneError>) -> String {
    match refused {
        Err(LaneError::Rejected(rejection)) => rejection.message().unwrap_or_default().to_owned(),
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lane_to_what_is_not_there_is_refused_and_says_what_is_missing() {
    let hub = TestHub::start().await;
    let app = App::start(&hub, 1).await;
    let viewer = hub.client().await;
    let nobody = "00000000000000070000000000000063";
    let text = told(workshop(&viewer, nobody).await);
    assert!(text.contains(nobody) && text.contains("no app"), "{text}");
    let text = told(workshop(&viewer, "app 1").await);
    assert!(text.contains("32 hex digits"), "{text}");

    let options = LaneOptions::default();
    let other = open_relayed::<hindsight_protocol::HindsightServiceClient>(
        &viewer.connection,
        &app.id,
        options.clone(),
    );
    let text = other.await.unwrap_err().to_string();
    assert!(
        text.contains("app 1") && text.contains("HindsightService"),
        "{text}"
    );
    let always = open_relayed::<ServiceIntrospectionClient>(&viewer.connection, &app.id, options);
    let lane = always.await.unwrap();
    let listed = lane
        .call(|c| c.list_services(ListServicesRequest::default()))
        .await;
    assert_eq!(listed.unwrap().services[0].name, "Workshop");

    app.client.connection.abort("gone");
    eventually("the app is gone", || async {
        match workshop(&viewer, &app.id).await {
            Err(error) => error.to_string().contains("not connected"),
            Ok(_) => false,
        }
    })
    .await;
    assert!(viewer.count_of("relay_refused").await >= 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_dies_ends_the_calls_of_its_viewers_at_once() {
    let hub = TestHub::start().await;
    let (app, other) = (App::start(&hub, 1).await, App::start(&hub, 2).await);
    let viewer = hub.client().await;
    let lane = workshop(&viewer, &app.id).await.unwrap();
    let untouched = workshop(&viewer, &other.id).await.unwrap();
    let (tx, mut rx) = vox::channel();
    let waiting = async {
        let read = async { while let Ok(Some(_)) = rx.recv().await {} };
        let (streamed, (), waited) = tokio::join!(
            lane.client().count(u32::MAX, 100, tx),
            read,
            lane.call(|c| c.wait())
        );
        (streamed, waited)
    };
    let dying = async {
        eventually("both run", || async { app.bench.running() == 2 }).await;
        app.client.connection.abort("killed");
    };
    let (ended, ()) = tokio::join!(timeout(Duration::from_secs(3), waiting), dying);
    let (streamed, waited) = ended.expect("at once");
    assert!(
        matches!(streamed, Err(VoxError::ConnectionClosed)),
        "{streamed:?}"
    );
    let waited = waited.unwrap_err().to_string();
    assert!(waited.contains("closed during the call"), "{waited}");
    timeout(PATIENCE, lane.closed())
        .await
        .expect("the lane is closed");
    assert_eq!(untouched.call(|c| c.add(1, 1)).await.unwrap(), 2);
    eventually("one lane is left", || async {
        viewer.stats().await.relayed_lanes == 1
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_that_dies_ends_what_it_asked_for() {
    let hub = TestHub::start().await;
    let app = App::start(&hub, 1).await;
    let (viewer, witness) = (hub.client().await, hub.client().await);
    let lane = workshop(&viewer, &app.id).await.unwrap();
    let connection = viewer.connection.clone();
    let stream = tokio::spawn(async move {
        let (tx, mut rx) = vox::channel();
        let read = async { while let Ok(Some(_)) = rx.recv().await {} };
        tokio::join!(lane.client().count(u32::MAX, 100, tx), read).0
    });
    eventually("it runs", || async { app.bench.running() == 1 }).await;
    connection.abort("killed");
    app.nothing_runs().await;
    no_lane_is_left(&witness).await;
    assert!(stream.await.unwrap().is_err());
    assert!(app.client.connection.is_open());
    assert_eq!(app.client.ingest((1, 1), &[]).await.unwrap().inserted, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_does_not_take_the_lane_ends_it() {
    let hub = TestHub::with(|config| {
        config.relay.open_timeout = Duration::from_millis(200);
    })
    .await;
    // It lists a service that it then refuses, or does not answer for.
    let refusing = Lanes::scoped(|request: &LaneRequest<'_>, lane, scope: &Scope| {
        if request.service() == "Workshop" {
            let reason = vox::LaneRejectReason::NotReady;
            return Err(vox::LaneRejection::new(reason));
        }
        list(Listed::workshop(), scope, lane);
        Ok(())
    });
    let app = App::with_lanes(&hub, 1, refusing).await;
    app.is_listed(&hub).await;
    let viewer = hub.client().await;
    let lane = workshop(&viewer, &app.id).await.unwrap();
    let ended = timeout(Duration::from_secs(3), lane.call(|c| c.add(1, 1))).await;
    assert!(ended.expect("in time").is_err());
    no_lane_is_left(&viewer).await;
    assert_eq!(viewer.count_of("relay_failed").await, 1);
}
