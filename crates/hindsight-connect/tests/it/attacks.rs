//! The attacks of the test kit against a guarded acceptor.

use std::time::Duration;

use hindsight_connect::{Connection, DialOptions, dial};
use hindsight_testkit::attack::{self, Footprint, Observation};

use crate::acceptor::{Acceptor, Habits, eventually};
use crate::dialing::echo;

const WATCH: Duration = Duration::from_secs(5);
const AT_ONCE: Duration = Duration::from_secs(1);

/// An acceptor with one honest client, which must not notice anything.
struct Scene {
    hub: Acceptor,
    honest: Connection,
    before: Footprint,
}

impl Scene {
    async fn set() -> Self {
        Self::with(Habits::default()).await
    }

    async fn with(habits: Habits) -> Self {
        let hub = Acceptor::start(habits).await;
        let honest = dial(&hub.endpoint("tcp"), DialOptions::default())
            .await
            .unwrap();
        assert_eq!(echo(&honest).await, "marco");
        eventually("lanes are closed", || hub.open() == 1).await;
        let before = Footprint::now(hub.addr).unwrap();
        Self {
            hub,
            honest,
            before,
        }
    }

    /// The honest client is well, and what the attacker took has been given back.
    async fn unharmed(self) -> Self {
        assert_eq!(echo(&self.honest).await, "marco");
        let (before, limit) = (self.before, Duration::from_secs(4));
        let after = before.settled(limit).await.unwrap();
        assert!(after.fits(before), "{before:?} {after:?}");
        assert_eq!(self.hub.running.count(), 0);
        assert_eq!(self.hub.open(), 1);
        self
    }

    /// Closed at once, with a reason that the hub can log and the peer can read.
    async fn cut(self, seen: Observation, reason: &str) -> Self {
        let after = seen.closed_after;
        assert!(after.is_some_and(|after| after < AT_ONCE), "{seen:?}");
        let logged = || self.hub.ends().iter().any(|end| end.contains(reason));
        eventually(&format!("the log says {reason:?}"), logged).await;
        if let Some(complaint) = &seen.complaint {
            assert!(complaint.contains(reason), "told the peer: {complaint}");
        }
        self.unharmed().await
    }
}

#[tokio::test]
async fn garbage_is_cut_at_once() {
    let scene = Scene::set().await;
    let seen = attack::garbage(scene.hub.addr, WATCH).await.unwrap();
    scene.cut(seen, "does not speak roam").await;
}

#[tokio::test]
async fn a_frame_of_4_gib_is_cut_at_its_header() {
    let scene = Scene::set().await;
    let seen = attack::huge_frame_header(scene.hub.addr, WATCH)
        .await
        .unwrap();
    scene.cut(seen, "frame of 4294967295 bytes").await;
}

#[tokio::test]
async fn a_stream_into_a_huge_frame_is_cut_at_once() {
    let scene = Scene::set().await;
    let addr = scene.hub.addr;
    let seen = attack::stream_into_huge_frame(addr, 1 << 30, WATCH)
        .await
        .unwrap();
    assert!(seen.bytes_taken < 32 << 20, "{seen:?}");
    scene.cut(seen, "frame of 1073741824 bytes").await;
}

#[tokio::test]
async fn two_hundred_half_open_connections_are_cut_after_the_timeout() {
    let scene = Scene::with(Habits {
        handshake_timeout: Some(Duration::from_millis(700)),
        ..Habits::default()
    })
    .await;
    let addr = scene.hub.addr;
    let tcp = (0..100).map(|_| attack::half_open_tcp(addr, WATCH));
    let link = (0..100).map(|_| attack::half_open_link(addr, WATCH));
    let (tcp, link) = tokio::join!(
        futures_util::future::join_all(tcp),
        futures_util::future::join_all(link),
    );
    for seen in tcp.into_iter().chain(link) {
        let seen = seen.unwrap();
        assert!(
            seen.closed_after
                .is_some_and(|t| t < Duration::from_secs(3)),
            "{seen:?}"
        );
    }
    scene.unharmed().await;
}

#[tokio::test]
async fn a_slow_http_head_is_cut_after_the_timeout() {
    let scene = Scene::set().await;
    let seen = attack::slow_http_head(scene.hub.addr, WATCH).await.unwrap();
    assert!(
        seen.closed_after
            .is_some_and(|t| t < Duration::from_secs(3)),
        "{seen:?}"
    );
    scene.unharmed().await;
}

#[tokio::test]
async fn another_version_is_rejected_with_ours() {
    let scene = Scene::set().await;
    let seen = attack::other_version(scene.hub.addr, 8, WATCH)
        .await
        .unwrap();
    assert_eq!(seen.complaint.as_deref(), Some("VOTR\t\u{1}\0\0"));
    let seen = Observation {
        complaint: None,
        ..seen
    };
    scene.cut(seen, "speaks version 8").await;
}

#[tokio::test]
async fn absurd_lane_credit_is_cut_before_it_allocates() {
    let scene = Scene::set().await;
    let target = scene.hub.target();
    let seen = attack::absurd_lane_credit(&target, WATCH).await.unwrap();
    let scene = scene.cut(seen, "channel credit 4294967295").await;
    let seen = attack::large_lane_credit(&target, WATCH).await.unwrap();
    scene.cut(seen, "channel credit 50000000").await;
}

#[tokio::test]
async fn undeclared_channels_are_cut_at_the_first_item() {
    let scene = Scene::set().await;
    let target = scene.hub.target();
    let seen = attack::undeclared_channels(&target, 300_000, WATCH)
        .await
        .unwrap();
    scene.cut(seen, "which no call declared").await;
}

#[tokio::test]
async fn a_hundred_that_overflow_and_hang_up_leave_nothing() {
    let scene = Scene::set().await;
    let target = scene.hub.target();
    for _ in 0..100 {
        attack::overflow_undeclared_channel(&target).await.unwrap();
    }
    scene.unharmed().await;
}

#[tokio::test]
async fn items_beyond_the_credit_are_cut() {
    let scene = Scene::set().await;
    let target = scene.hub.target();
    let seen = attack::overflow_declared_channel(&target, WATCH)
        .await
        .unwrap();
    let scene = scene.cut(seen, "more items than its credit").await;
    for _ in 0..20 {
        attack::overflow_declared_channel(&target, Duration::ZERO)
            .await
            .unwrap();
    }
    scene.unharmed().await;
}

#[tokio::test]
async fn a_channel_that_ends_twice_is_cut() {
    let scene = Scene::set().await;
    let target = scene.hub.target();
    let seen = attack::ends_of_a_full_channel(&target, WATCH)
        .await
        .unwrap();
    scene.cut(seen, "ended more than once").await;
}

#[tokio::test]
async fn absurd_credit_grants_are_cut() {
    let scene = Scene::set().await;
    let target = scene.hub.target();
    let seen = attack::absurd_credit_grant(&target, WATCH).await.unwrap();
    scene.cut(seen, "items of credit, the limit is 1024").await;
}

#[tokio::test]
async fn five_thousand_lanes_are_cut_at_the_limit() {
    let scene = Scene::set().await;
    let target = scene.hub.target();
    let seen = attack::many_lanes(&target, 5_000, WATCH).await.unwrap();
    assert!(seen.lanes_accepted <= 64, "{seen:?}");
    scene.cut(seen, "65 lanes are open, the limit is 64").await;
}

#[tokio::test]
async fn fifty_thousand_rejected_lanes_are_cut_by_their_rate() {
    let scene = Scene::set().await;
    let target = scene.hub.target();
    let seen = attack::many_rejected_lanes(&target, 50_000, WATCH)
        .await
        .unwrap();
    assert!(seen.lanes_rejected < 1_000, "{seen:?}");
    scene.cut(seen, "lanes").await;
}

#[tokio::test]
async fn unbounded_requests_are_refused_with_the_lane() {
    let scene = Scene::set().await;
    let target = scene.hub.target();
    let seen = attack::unbounded_lane_calls(&target, 20_000, WATCH)
        .await
        .unwrap();
    scene.cut(seen, "4294967295 concurrent requests").await;
}

#[tokio::test]
async fn calls_beyond_the_lanes_limit_are_cut() {
    let scene = Scene::set().await;
    let target = scene.hub.target();
    let seen = attack::calls_beyond_lane_limit(&target, 2_000, WATCH)
        .await
        .unwrap();
    scene.cut(seen, "").await;
}

#[tokio::test]
async fn a_lane_accepted_with_no_room_is_cut() {
    let scene = Scene::with(Habits {
        opens_lane: true,
        ..Habits::default()
    })
    .await;
    let target = scene.hub.target();
    let seen = attack::zero_request_accept(&target, WATCH).await.unwrap();
    scene.cut(seen, "0 concurrent requests").await;
}

#[tokio::test]
async fn pings_on_unknown_lanes_are_cut() {
    let scene = Scene::set().await;
    let target = scene.hub.target();
    let seen = attack::ping_on_many_lanes(&target, 100_000, WATCH)
        .await
        .unwrap();
    scene.cut(seen, "a ping does not belong").await;
}

#[tokio::test]
async fn a_silent_peer_is_swept() {
    let hub = Acceptor::start(Habits {
        idle_max: Some(Duration::from_millis(300)),
        ..Habits::default()
    })
    .await;
    let before = Footprint::now(hub.addr).unwrap();
    let seen = attack::silence(&hub.target(), WATCH).await.unwrap();
    assert!(seen.closed_after.is_some_and(|t| t < AT_ONCE), "{seen:?}");
    eventually("the hub says so", || {
        hub.ends() == ["aborted by this side: silent"]
    })
    .await;
    let after = before.settled(Duration::from_secs(4)).await.unwrap();
    assert!(after.fits(before), "{before:?} {after:?}");
}

#[tokio::test]
async fn bad_arguments_and_schemas_are_answered_and_the_connection_lives() {
    let scene = Scene::set().await;
    let target = scene.hub.target();
    let seen = [
        attack::empty_args(&target, WATCH).await,
        attack::garbage_args(&target, WATCH).await,
        attack::claimed_length_args(&target, WATCH).await,
        attack::garbage_schema(&target, WATCH).await,
    ];
    for seen in seen {
        let seen = seen.unwrap();
        assert!(seen.is_alive() && seen.answers == 1, "{seen:?}");
    }
    scene.unharmed().await;
}

#[tokio::test]
async fn a_garbage_message_is_cut() {
    let scene = Scene::set().await;
    let target = scene.hub.target();
    let seen = attack::garbage_message(&target, WATCH).await.unwrap();
    scene.cut(seen, "undecodable").await;
}

#[tokio::test]
async fn nested_metadata_is_taken_up_to_the_decoders_depth() {
    let scene = Scene::set().await;
    let target = scene.hub.target();
    let seen = attack::nested_metadata(&target, 100, WATCH).await.unwrap();
    assert!(seen.is_alive() && seen.lanes_accepted == 1, "{seen:?}");
    for (cut, depth) in [(2, 200), (3, 100_000)] {
        let seen = attack::nested_metadata(&target, depth, WATCH)
            .await
            .unwrap();
        assert!(seen.is_closed(), "{depth}: {seen:?}");
        let logged = || scene.hub.ends().len() == cut;
        eventually("the log has the reason", logged).await;
        assert!(scene.hub.ends()[cut - 1].contains("undecodable"), "{depth}");
    }
    scene.unharmed().await;
}

#[tokio::test]
async fn a_handler_that_panics_is_answered_and_the_connection_lives() {
    let scene = Scene::set().await;
    let target = scene.hub.target();
    let seen = attack::handler_panic(&target, WATCH).await.unwrap();
    assert!(seen.is_alive() && seen.answers == 1, "{seen:?}");
    scene.unharmed().await;
}
