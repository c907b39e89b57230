//! Every attack of the test kit against the real hub, with an honest client beside it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use hindsight_protocol::hindsight_service_service_descriptor;
use hindsight_protocol::hub::{AttachRequest, LiveRequest, PingRequest};
use hindsight_server::Config;
use hindsight_testkit::attack::{self, Footprint, Method, Observation, Target, channel_argument};
use hindsight_testkit::builder::span;

use crate::harness::{Client, TestHub, eventually, tracer_id};
use crate::log::Log;

/// Longest watch of an attacker.
const WATCH: Duration = Duration::from_secs(5);
/// Time for tasks and sockets of an attacker to be given back.
const SETTLE: Duration = Duration::from_secs(10);

/// A hub, an honest client that ingests all the time, and what all that takes by itself.
struct Scene {
    hub: TestHub,
    viewer: Client,
    before: Footprint,
}

impl Scene {
    async fn set() -> Self {
        Self::with(|config| {
            config.connections.handshake_timeout = Duration::from_millis(700);
        })
        .await
    }

    async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let hub = TestHub::with(change).await;
        let viewer = hub.client().await;
        viewer.attach(1, "honest").await.unwrap();
        // The probe's lane comes and goes.
        eventually("the probe is over", || async {
            viewer.apps().await.len() == 1
        })
        .await;
        let before = Footprint::now(hub.tcp()).unwrap();
        Self {
            hub,
            viewer,
            before,
        }
    }

    fn target(&self) -> Target {
        let methods = hindsight_service_service_descriptor().methods;
        let method = |name: &str| *methods.iter().find(|m| m.method_name == name).unwrap();
        let ping = (PingRequest::default(),);
        let live = (LiveRequest::default(), channel_argument(0));
        let attach = AttachRequest {
            tracer_id: tracer_id(666),
            ..AttachRequest::default()
        };
        Target {
            addr: self.hub.tcp(),
            service: "HindsightService".to_owned(),
            unary: Method::new(method("ping"), &ping, 0).unwrap(),
            streaming: Some(Method::new(method("live"), &live, 1).unwrap()),
            panicking: None,
            announcing: Some(Method::new(method("attach"), &(attach,), 0).unwrap()),
            token: None,
        }
    }

    /// Runs an attack while the honest client ingests; then everything is as it was.
    async fn under<T>(&self, attack: impl Future<Output = T>) -> T {
        static SEQUENCE: AtomicU64 = AtomicU64::new(0);
        let over = AtomicBool::new(false);
        let honest = async {
            let mut acknowledged = 0;
            while acknowledged == 0 || !over.load(Ordering::Relaxed) {
                let number = SEQUENCE.fetch_add(1, Ordering::Relaxed) + 1;
                let spans = [span(number, 1).build()];
                let reply = self.viewer.ingest((1, number), &spans).await;
                acknowledged += reply.expect("the honest client is served").inserted;
            }
            acknowledged
        };
        let attack = async {
            let seen = attack.await;
            over.store(true, Ordering::Relaxed);
            seen
        };
        let (seen, acknowledged) = tokio::join!(attack, honest);
        assert!(acknowledged > 0);
        self.settled().await;
        seen
    }

    async fn settled(&self) {
        let after = self.before.settled(SETTLE).await.unwrap();
        assert!(after.fits(self.before), "{:?} {after:?}", self.before);
        eventually("only the honest client is left", || async {
            let stats = self.viewer.stats().await;
            (stats.connections, stats.subscribers) == (1, 0)
        })
        .await;
    }

    async fn is_counted(&self, reason: &str, at_least: u64) {
        eventually(reason, || async {
            self.viewer.count_of(reason).await >= at_least
        })
        .await;
    }
}

fn assert_closed(seen: &Observation, within: Duration) {
    assert!(
        seen.closed_after.is_some_and(|after| after < within),
        "{seen:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_of_nonsense_are_cut() {
    let scene = Scene::set().await;
    for addr in [scene.hub.tcp(), scene.hub.http()] {
        let seen = scene.under(attack::garbage(addr, WATCH)).await.unwrap();
        assert_closed(&seen, Duration::from_secs(3));
        let seen = scene
            .under(attack::huge_frame_header(addr, WATCH))
            .await
            .unwrap();
        assert_closed(&seen, Duration::from_secs(1));
        let flood = attack::stream_into_huge_frame(addr, 1 << 30, WATCH);
        let seen = scene.under(flood).await.unwrap();
        assert!(seen.bytes_taken < 32 << 20, "{seen:?}");
        let seen = scene
            .under(attack::other_version(addr, 8, WATCH))
            .await
            .unwrap();
        assert_closed(&seen, Duration::from_secs(1));
    }
    scene.is_counted("handshake_failed", 7).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn half_open_connections_are_cut_after_the_timeout() {
    let scene = Scene::set().await;
    let (tcp, http) = (scene.hub.tcp(), scene.hub.http());
    let all = async {
        tokio::join!(
            join_all((0..100).map(|_| attack::half_open_tcp(tcp, WATCH))),
            join_all((0..100).map(|_| attack::half_open_link(tcp, WATCH))),
            join_all((0..100).map(|_| attack::half_open_tcp(http, WATCH))),
            join_all((0..100).map(|_| attack::half_open_link(http, WATCH))),
            join_all((0..100).map(|_| attack::slow_http_head(http, WATCH))),
        )
    };
    let (a, b, c, d, e) = scene.under(all).await;
    for seen in [a, b, c, d, e].into_iter().flatten() {
        assert_closed(&seen.unwrap(), Duration::from_secs(4));
    }
    scene.is_counted("handshake_timeout", 400).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lanes_that_ask_for_too_much_are_cut() {
    let scene = Scene::set().await;
    let target = scene.target();
    for seen in [
        scene
            .under(attack::absurd_lane_credit(&target, WATCH))
            .await,
        scene.under(attack::large_lane_credit(&target, WATCH)).await,
        scene
            .under(attack::unbounded_lane_calls(&target, 20_000, WATCH))
            .await,
        scene
            .under(attack::calls_beyond_lane_limit(&target, 2_000, WATCH))
            .await,
        scene.under(attack::many_lanes(&target, 5_000, WATCH)).await,
        scene
            .under(attack::many_rejected_lanes(&target, 50_000, WATCH))
            .await,
        scene
            .under(attack::ping_on_many_lanes(&target, 100_000, WATCH))
            .await,
        scene.under(attack::garbage_message(&target, WATCH)).await,
        scene
            .under(attack::nested_metadata(&target, 200, WATCH))
            .await,
        scene
            .under(attack::nested_metadata(&target, 100_000, WATCH))
            .await,
    ] {
        let seen = seen.unwrap();
        assert_closed(&seen, Duration::from_secs(2));
        assert!(seen.lanes_accepted <= 64, "{seen:?}");
    }
    scene.is_counted("connection_violation", 6).await;
    let seen = scene
        .under(attack::nested_metadata(&target, 100, WATCH))
        .await
        .unwrap();
    assert!(seen.is_alive(), "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn channels_that_break_their_credit_are_cut_and_leave_no_zombies() {
    let scene = Scene::set().await;
    let target = scene.target();
    for seen in [
        scene
            .under(attack::undeclared_channels(&target, 300_000, WATCH))
            .await,
        scene
            .under(attack::overflow_declared_channel(&target, WATCH))
            .await,
        scene
            .under(attack::ends_of_a_full_channel(&target, WATCH))
            .await,
        scene
            .under(attack::absurd_credit_grant(&target, WATCH))
            .await,
    ] {
        assert_closed(&seen.unwrap(), Duration::from_secs(2));
    }
    let hundred = async {
        for _ in 0..100 {
            attack::overflow_undeclared_channel(&target).await.unwrap();
        }
    };
    scene.under(hundred).await;
    let twenty = async {
        for _ in 0..20 {
            let overflow = attack::overflow_declared_channel(&target, Duration::ZERO);
            overflow.await.unwrap();
        }
    };
    scene.under(twenty).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn channels_that_end_before_their_call_are_no_attack() {
    let scene = Scene::set().await;
    let target = scene.target();
    let seen = scene.under(attack::end_before_call(&target, WATCH));
    let seen = seen.await.unwrap();
    assert!(seen.is_alive() && seen.answers == 1, "{seen:?}");
    let seen = scene.under(attack::ends_without_calls(&target, 10_000, WATCH));
    let seen = seen.await.unwrap();
    assert!(seen.is_alive(), "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn arguments_that_do_not_decode_are_answered_and_the_connection_lives() {
    let scene = Scene::set().await;
    let target = scene.target();
    for seen in [
        scene.under(attack::empty_args(&target, WATCH)).await,
        scene.under(attack::garbage_args(&target, WATCH)).await,
        scene
            .under(attack::claimed_length_args(&target, WATCH))
            .await,
        scene.under(attack::garbage_schema(&target, WATCH)).await,
    ] {
        let seen = seen.unwrap();
        assert!(seen.is_alive() && seen.answers == 1, "{seen:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_falls_silent_after_the_handshake_is_cut() {
    let scene = Scene::with(|config| {
        config.connections.idle_timeout = Duration::from_millis(500);
        config.connections.sweep_interval = Duration::from_millis(50);
    })
    .await;
    let target = scene.target();
    let seen = scene.under(attack::silence(&target, WATCH)).await.unwrap();
    assert_closed(&seen, Duration::from_secs(3));
    scene.is_counted("idle_timeout", 1).await;
}

/// One thread, so that the log of all tasks is the test's.
#[tokio::test]
async fn a_lane_of_the_hubs_accepted_without_room_for_a_call_is_cut_and_logged_once() {
    let log = Log::of_this_thread();
    let scene = Scene::with(|config| config.log_interval = Duration::from_secs(3_600)).await;
    let target = scene.target();
    for _ in 0..3 {
        let seen = scene.under(attack::zero_request_accept(&target, WATCH));
        assert_closed(&seen.await.unwrap(), Duration::from_secs(1));
    }
    assert_eq!(scene.viewer.count_of("connection_violation").await, 3);
    assert_eq!(scene.viewer.count_of("probe_failed").await, 0);
    let complaints = log.lines_with("WARN");
    assert_eq!(complaints.len(), 1, "{complaints:#?}");
    for part in ["connection_violation", "0 concurrent requests"] {
        assert!(complaints[0].contains(part), "{complaints:#?}");
    }
}
