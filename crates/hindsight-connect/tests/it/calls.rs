//! Lanes, deadlines, streams, and ends.

use std::time::{Duration, Instant};

use hindsight_connect::{
    CallError, CloseReason, Connection, DialOptions, Lane, LaneError, LaneOptions, dial, open_lane,
};
use hindsight_testkit::attack::Footprint;

use vox::VoxError;

use crate::acceptor::{Acceptor, Habits, eventually};
use crate::dialing::echo;
use crate::probe::ProbeClient;

async fn connect(hub: &Acceptor) -> Connection {
    let endpoint = hub.endpoint("tcp");
    dial(&endpoint, DialOptions::default()).await.unwrap()
}

async fn lane(connection: &Connection, call_timeout: Option<Duration>) -> Lane<ProbeClient> {
    let options = LaneOptions {
        call_timeout,
        ..LaneOptions::default()
    };
    open_lane(connection, options).await.unwrap()
}

#[tokio::test]
async fn a_deadline_drops_the_handler_even_on_a_quiet_lane() {
    let hub = Acceptor::start(Habits::default()).await;
    let connection = connect(&hub).await;
    let limit = Duration::from_millis(150);
    let lane = lane(&connection, Some(limit)).await;
    for _ in 0..3 {
        let started = Instant::now();
        let error = lane.call(|probe| probe.sleep(60_000)).await.unwrap_err();
        assert!(
            matches!(error, CallError::TimedOut(after) if after == limit),
            "{error}"
        );
        assert!(
            started.elapsed() < Duration::from_millis(600),
            "{:?}",
            started.elapsed()
        );
        eventually("the handler is dropped", || hub.running.count() == 0).await;
    }
    assert_eq!(lane.call(|probe| probe.sleep(1)).await.unwrap(), 1);
}

#[tokio::test]
async fn a_panic_in_the_first_call_of_a_method_does_not_spoil_the_second() {
    let hub = Acceptor::start(Habits::default()).await;
    let connection = connect(&hub).await;
    let lane = lane(&connection, None).await;
    for _ in 0..2 {
        let error = lane.call(|probe| probe.panic()).await.unwrap_err();
        assert!(
            matches!(error, CallError::Rpc(VoxError::Cancelled)),
            "{error}"
        );
    }
}

#[tokio::test]
async fn many_deadlines_at_once_leave_the_connection_alive() {
    let hub = Acceptor::start(Habits::default()).await;
    let connection = connect(&hub).await;
    let lane = lane(&connection, Some(Duration::from_millis(200))).await;
    let calls = (0..48).map(|_| lane.call(|probe| probe.sleep(60_000)));
    for answer in futures_util::future::join_all(calls).await {
        assert!(matches!(answer, Err(CallError::TimedOut(_))), "{answer:?}");
    }
    eventually("the handlers are dropped", || hub.running.count() == 0).await;
    assert_eq!(lane.call(|probe| probe.sleep(1)).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_concurrent_calls_all_succeed() {
    let hub = Acceptor::start(Habits::default()).await;
    let connection = connect(&hub).await;
    let lane = lane(&connection, Some(Duration::from_secs(20))).await;
    let calls = (0..1_000).map(|n| {
        let lane = lane.clone();
        tokio::spawn(async move { lane.call(|probe| probe.echo(n.to_string())).await })
    });
    for (n, answer) in futures_util::future::join_all(calls)
        .await
        .into_iter()
        .enumerate()
    {
        assert_eq!(answer.unwrap().unwrap(), n.to_string());
    }
}

/// vox's mailbox has as many places as a channel has credit, and the end of the channel needs one
/// too. Without the guard the lane would hang here.
#[tokio::test]
async fn a_stream_of_exactly_its_credit_ends_before_it_is_read() {
    let hub = Acceptor::start(Habits::default()).await;
    let connection = connect(&hub).await;
    for items in [1u32, 15, 16, 17, 64, 500] {
        let lane = lane(&connection, None).await;
        let (tx, rx) = vox::channel::<u32>();
        let sending = async {
            for item in 0..items {
                tx.send(item).await.unwrap();
            }
            tx.close(Default::default()).await.unwrap();
        };
        let both = async { tokio::join!(lane.client().sum(50, rx), sending) };
        let both = tokio::time::timeout(Duration::from_secs(5), both).await;
        let (sum, ()) = both.unwrap_or_else(|_| panic!("{items} items hang"));
        assert_eq!(sum.unwrap(), (0..u64::from(items)).sum::<u64>());
        assert_eq!(
            lane.call(|probe| probe.echo("alive".into())).await.unwrap(),
            "alive"
        );
    }
}

#[tokio::test]
async fn a_server_stream_arrives_whole_and_in_order() {
    let hub = Acceptor::start(Habits::default()).await;
    for scheme in ["tcp", "ws"] {
        let connection = dial(&hub.endpoint(scheme), DialOptions::default())
            .await
            .unwrap();
        let lane = lane(&connection, None).await;
        let (tx, mut rx) = vox::channel::<u32>();
        let reading = async {
            let mut next = 0;
            while let Ok(Some(number)) = rx.recv().await {
                assert_eq!(*number.get(), next);
                next += 1;
            }
            next
        };
        let (sent, read) = tokio::join!(lane.client().count(2_000, tx), reading);
        assert_eq!((sent.unwrap(), read), (2_000, 2_000), "{scheme}");
    }
}

#[tokio::test]
async fn a_service_that_is_not_offered_is_a_rejection() {
    let hub = Acceptor::start(Habits::default()).await;
    let connection = connect(&hub).await;
    // The client offers nothing, so the hub's own lane is refused.
    let accepted = loop {
        if let Some(accepted) = hub.connections().pop() {
            break accepted;
        }
        tokio::task::yield_now().await;
    };
    let refused = open_lane::<ProbeClient>(&accepted, LaneOptions::default()).await;
    let error = refused.unwrap_err();
    assert!(matches!(&error, LaneError::Rejected(_)), "{error}");
    assert!(
        error.to_string().contains("Probe is not offered here"),
        "{error}"
    );
    assert_eq!(echo(&connection).await, "marco");
}

#[tokio::test]
async fn a_dropped_lane_ends_at_the_peer() {
    let hub = Acceptor::start(Habits::default()).await;
    let connection = connect(&hub).await;
    let lane = lane(&connection, None).await;
    let held = lane.clone();
    let call = tokio::spawn(async move { held.call(|probe| probe.sleep(60_000)).await });
    eventually("the handler runs", || hub.running.count() == 1).await;
    call.abort();
    // The task held the other clone; it is gone once the task is.
    assert!(call.await.unwrap_err().is_cancelled());
    drop(lane);
    eventually("the handler is dropped", || hub.running.count() == 0).await;
    assert_eq!(echo(&connection).await, "marco");
}

#[tokio::test]
async fn calls_fail_at_once_when_the_connection_is_aborted() {
    let hub = Acceptor::start(Habits::default()).await;
    for side in ["client", "hub"] {
        let connection = connect(&hub).await;
        let lane = lane(&connection, Some(Duration::from_secs(30))).await;
        let calling = tokio::spawn(async move { lane.call(|probe| probe.sleep(60_000)).await });
        eventually("the handler runs", || hub.running.count() == 1).await;
        match side {
            "client" => connection.abort("the test says so"),
            _ => hub
                .connections()
                .iter()
                .for_each(|c| c.abort("the test says so")),
        }
        let started = Instant::now();
        let answer = calling.await.unwrap();
        assert!(
            matches!(answer, Err(CallError::Rpc(_))),
            "{side}: {answer:?}"
        );
        assert!(started.elapsed() < Duration::from_secs(1), "{side}");
        eventually("the handler is dropped", || hub.running.count() == 0).await;
        let why = connection.closed().await;
        assert_eq!(
            matches!(why, CloseReason::Aborted(_)),
            side == "client",
            "{why}"
        );
        eventually("the hub forgets it", || hub.open() == 0).await;
    }
}

#[tokio::test]
async fn every_end_gives_back_tasks_and_sockets() {
    let hub = Acceptor::start(Habits::default()).await;
    let before = Footprint::now(hub.addr).unwrap();
    for scheme in ["tcp", "http", "ws"] {
        for end in ["drop", "shutdown", "abort", "hub aborts"] {
            let endpoint = hub.endpoint(scheme);
            let connection = dial(&endpoint, DialOptions::default()).await.unwrap();
            let lane = lane(&connection, None).await;
            let calling = tokio::spawn(async move { lane.client().sleep(60_000).await });
            eventually("the handler runs", || hub.running.count() == 1).await;
            match end {
                "drop" => {}
                "shutdown" => connection.shutdown(),
                "abort" => connection.abort(end),
                _ => hub.connections().iter().for_each(|c| c.abort(end)),
            }
            drop(connection);
            calling.await.unwrap().unwrap_err();
            let after = before.settled(Duration::from_secs(4)).await.unwrap();
            let what = format!("{scheme}, {end}: {before:?} {after:?}");
            assert!(after.fits(before), "{what}");
        }
    }
}
