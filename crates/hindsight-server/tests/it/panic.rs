//! A handler that panics, over real connections.
//!
//! No request makes a handler of the hub panic. A configuration does: the first event of a live
//! stream is due after `heartbeat_interval`, and no clock holds a time so far away. The panic comes
//! inside the hub's own handler, served as every other call is.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hindsight_protocol::hub::{LiveEvent, LiveRequest, PingRequest};
use hindsight_testkit::attack::Footprint;
use hindsight_testkit::builder::span;
use tokio::time::timeout;
use vox::VoxError;

use crate::harness::{Client, PATIENCE, TestHub, eventually};

const PANIC: &str = "overflow when adding duration to instant";

/// Counts such panics, in all threads.
fn count_panics() -> Arc<AtomicUsize> {
    let count = Arc::new(AtomicUsize::new(0));
    let counting = Arc::clone(&count);
    let others = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if panic.payload_as_str() == Some(PANIC) {
            counting.fetch_add(1, Ordering::SeqCst);
        } else {
            others(panic);
        }
    }));
    count
}

/// What a caller of `live` gets.
async fn subscribe(client: &Client) -> VoxError<hindsight_protocol::HubError> {
    let (events, _kept) = vox::channel::<LiveEvent>();
    let call = client.lane.client().live(LiveRequest::default(), events);
    let answer = timeout(PATIENCE, call).await.expect("an answer in time");
    answer.expect_err("the handler panics")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_harms_only_its_call() {
    let panics = count_panics();
    let hub = TestHub::with(|config| {
        config.live.heartbeat_interval = Duration::MAX;
        config.live.subscribers_max = 2;
        config.live.subscribers_per_connection_max = 1;
    })
    .await;
    let (app, viewer) = (hub.client().await, hub.client().await);
    app.attach(1, "web").await.unwrap();
    viewer.stats().await;
    let before = Footprint::now(hub.tcp()).unwrap();
    for number in 1..=20_usize {
        // Beside it, on the same lane and on another connection, calls are under way.
        let ping = viewer
            .lane
            .call(|client| client.ping(PingRequest::default()));
        let spans = [span(1, number as u64).build()];
        let ingest = app.ingest((1, number as u64), &spans);
        let (error, ping, ingest) = tokio::join!(subscribe(&viewer), ping, ingest);
        assert!(matches!(error, VoxError::Indeterminate), "{error:?}");
        ping.expect("a call of the same lane");
        assert_eq!(ingest.expect("another connection").inserted, 1);
        assert_eq!(panics.load(Ordering::SeqCst), number);
    }
    // The places of the panicked handlers are free again, or the third had found none.
    let stats = viewer.stats().await;
    assert_eq!((stats.subscribers, stats.connections), (0, 2));
    assert_eq!(stats.store.live, 20);
    assert_eq!(viewer.count_of("subscribers_max").await, 0);
    assert_eq!(viewer.traces().await.traces.len(), 1);
    eventually("nothing is left of the calls", || async {
        Footprint::now(hub.tcp()).unwrap().fits(before)
    })
    .await;
    hub.shutdown().await;
}
