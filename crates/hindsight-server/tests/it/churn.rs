//! Many clients come and go; nothing of them stays but what they sent.

use std::time::Duration;

use futures_util::future::join_all;
use hindsight_connect::DialOptions;
use hindsight_testkit::attack::Footprint;
use hindsight_testkit::builder::span;

use crate::harness::{Client, TestHub, eventually};

const CLIENTS: u64 = 100;

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_clients_come_and_go_and_leave_nothing_behind() {
    let hub = TestHub::start().await;
    let viewer = hub.client().await;
    viewer.stats().await;
    let (tcp, http) = (hub.tcp(), hub.http());
    let footprints = || (Footprint::now(tcp).unwrap(), Footprint::now(http).unwrap());
    let before = footprints();
    let mut rss_after_first = 0;
    for round in 0..3_u64 {
        let clients = (1..=CLIENTS).map(|number| one(&hub, round * CLIENTS + number));
        join_all(clients).await;
        for before in [before.0, before.1] {
            let after = before.settled(Duration::from_secs(10)).await.unwrap();
            assert!(after.fits(before), "{before:?} {after:?}");
        }
        if round == 0 {
            rss_after_first = footprints().0.rss_bytes;
        }
    }
    let rss = footprints().0.rss_bytes;
    assert!(
        rss < rss_after_first + (64 << 20),
        "{rss_after_first} {rss}"
    );
    eventually("only the viewer is left", || async {
        viewer.stats().await.connections == 1
    })
    .await;
    let stats = viewer.stats().await;
    assert_eq!(stats.ingest.received, 3 * CLIENTS);
    assert_eq!(viewer.apps().await.len() as u64, 3 * CLIENTS);
    hub.shutdown().await;
}

async fn one(hub: &TestHub, number: u64) {
    let scheme = ["tcp", "http", "ws"][number as usize % 3];
    let endpoint = hub.endpoint(scheme);
    let client = Client::dial(&endpoint, DialOptions::default())
        .await
        .unwrap();
    client.attach(number, "churn").await.unwrap();
    client
        .ingest((number, 1), &[span(number, 1).build()])
        .await
        .unwrap();
    if number.is_multiple_of(2) {
        client.connection.abort("killed");
    }
}
