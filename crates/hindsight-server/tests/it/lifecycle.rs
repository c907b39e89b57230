//! Apps come, go and come back.

use std::time::Duration;

use hindsight_connect::{DialOptions, Lanes, serve_lane};
use hindsight_protocol::introspection::{
    DescribeServiceReply, DescribeServiceRequest, HasMethodReply, HasMethodRequest,
    ListServicesReply, ListServicesRequest, ServiceInfo,
};
use hindsight_protocol::{
    ServiceIntrospection, ServiceIntrospectionDispatcher, SpanState, TraceId,
};
use hindsight_testkit::builder::span;

use crate::harness::{Client, TestHub, eventually};

const TRACE: TraceId = TraceId { high: 0, low: 1 };

async fn states(viewer: &Client) -> Vec<SpanState> {
    let spans = viewer.spans(TRACE).await;
    spans
        .iter()
        .map(|span| SpanState::from_u8(span.state))
        .collect()
}

async fn app_state(viewer: &Client) -> String {
    viewer.apps().await[0].state.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn open_spans_of_a_lost_app_are_disconnected_then_aborted() {
    let grace = Duration::from_millis(300);
    let hub = TestHub::with(|config| config.retention.disconnect_grace = grace).await;
    let viewer = hub.client().await;
    let app = hub.client().await;
    app.attach(1, "web").await.unwrap();
    app.ingest((1, 1), &[span(1, 1).running(1).build()])
        .await
        .unwrap();
    assert_eq!(states(&viewer).await, [SpanState::Running]);
    assert_eq!(app_state(&viewer).await, "connected");

    app.connection.abort("the app is killed");
    eventually("disconnected or aborted", || async {
        states(&viewer).await != [SpanState::Running]
    })
    .await;
    eventually("aborted", || async {
        states(&viewer).await == [SpanState::Aborted]
    })
    .await;
    eventually("gone", || async { app_state(&viewer).await == "gone" }).await;
    let stats = viewer.stats().await;
    assert_eq!((stats.store.live, stats.ingest.inserted), (1, 1));

    let back = hub.client().await;
    back.attach(1, "web").await.unwrap();
    let ended = span(1, 1).lasting(1, 9).version(2).build();
    back.ingest((1, 2), &[ended]).await.unwrap();
    assert_eq!(
        states(&viewer).await,
        [SpanState::Ended],
        "a late end corrects"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_comes_back_in_time_loses_nothing() {
    let hub = TestHub::start().await;
    let viewer = hub.client().await;
    let app = hub.client().await;
    app.attach(1, "web").await.unwrap();
    app.ingest((1, 1), &[span(1, 1).running(1).build()])
        .await
        .unwrap();
    app.connection.abort("the network fails");
    eventually("disconnected", || async {
        app_state(&viewer).await == "disconnected"
            && states(&viewer).await == [SpanState::Disconnected]
    })
    .await;

    let back = hub.client().await;
    back.attach(1, "web").await.unwrap();
    back.ingest((1, 2), &[span(1, 1).running(2).build()])
        .await
        .unwrap();
    assert_eq!(states(&viewer).await, [SpanState::Running]);
    let app = &viewer.apps().await[0];
    assert_eq!((app.state.as_str(), app.detached_ns), ("connected", 0));
    assert!(app.attached_ns > app.first_attached_ns);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_an_older_connection_does_not_disconnect_an_app_that_came_back() {
    let hub = TestHub::start().await;
    let viewer = hub.client().await;
    let (old, new) = (hub.client().await, hub.client().await);
    old.attach(1, "web").await.unwrap();
    new.attach(1, "web").await.unwrap();
    new.ingest((1, 1), &[span(1, 1).running(1).build()])
        .await
        .unwrap();
    old.connection.abort("half-open for a while, then noticed");
    eventually("the old connection is gone", || async {
        viewer.stats().await.connections == 2
    })
    .await;
    assert_eq!(app_state(&viewer).await, "connected");
    assert_eq!(states(&viewer).await, [SpanState::Running]);
}

#[derive(Clone)]
struct Offers(Vec<&'static str>);

impl ServiceIntrospection for Offers {
    async fn list_services(&self, _: ListServicesRequest) -> ListServicesReply {
        let named = |name: &&str| ServiceInfo {
            name: (*name).to_owned(),
            ..ServiceInfo::default()
        };
        ListServicesReply {
            services: self.0.iter().map(named).collect(),
        }
    }

    async fn describe_service(&self, _: DescribeServiceRequest) -> DescribeServiceReply {
        DescribeServiceReply::default()
    }

    async fn has_method(&self, _: HasMethodRequest) -> HasMethodReply {
        HasMethodReply::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hub_asks_an_app_what_it_offers() {
    let hub = TestHub::start().await;
    let options = DialOptions {
        lanes: Lanes::scoped(|request, lane, scope| {
            assert_eq!(request.service(), "ServiceIntrospection");
            let offers = Offers(vec!["ServiceIntrospection", "PicanteIntrospection"]);
            serve_lane(scope, lane, ServiceIntrospectionDispatcher::new(offers));
            Ok(())
        }),
        ..DialOptions::default()
    };
    let app = Client::dial(&hub.endpoint("http"), options).await.unwrap();
    app.attach(1, "web").await.unwrap();
    eventually("the services are known", || async {
        app.apps().await[0].services == ["ServiceIntrospection", "PicanteIntrospection"]
    })
    .await;
    assert!(app.apps().await[0].transport.starts_with("http "));
}

/// A hidden page: its timers are held back, so it pings too late, but it answers.
#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_does_not_ping_is_asked_before_it_is_taken_for_dead() {
    let hub = TestHub::with(|config| {
        config.connections.idle_timeout = Duration::from_millis(600);
        config.connections.sweep_interval = Duration::from_millis(50);
    })
    .await;
    let options = DialOptions {
        lanes: Lanes::scoped(|_, lane, scope| {
            let offers = Offers(vec!["Clicks"]);
            serve_lane(scope, lane, ServiceIntrospectionDispatcher::new(offers));
            Ok(())
        }),
        ..DialOptions::default()
    };
    let app = Client::dial(&hub.endpoint("ws"), options).await.unwrap();
    app.attach(1, "page").await.unwrap();
    for _ in 0..3 {
        // Others show how long it is.
        hub.client().await.connection.closed().await;
    }
    assert!(app.connection.is_open(), "{:?}", app.connection);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_never_answers_the_question_holds_up_nothing() {
    let limit = Duration::from_millis(100);
    let hub = TestHub::with(|config| config.discovery.probe_timeout = limit).await;
    let options = DialOptions {
        // The lane is neither accepted nor refused.
        lanes: Lanes::scoped(|_, lane, scope| {
            scope.spawn(async move {
                std::future::pending::<()>().await;
                drop(lane);
            });
            Ok(())
        }),
        ..DialOptions::default()
    };
    let app = Client::dial(&hub.endpoint("tcp"), options).await.unwrap();
    app.attach(1, "web").await.unwrap();
    app.ingest((1, 1), &[span(1, 1).build()]).await.unwrap();
    let viewer = hub.client().await;
    eventually("the probe has failed", || async {
        viewer.count_of("probe_failed").await == 1
    })
    .await;
    app.ingest((1, 2), &[span(1, 2).build()]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_connection_is_cut_and_one_that_pings_is_kept() {
    let hub = TestHub::with(|config| {
        config.connections.idle_timeout = Duration::from_millis(400);
        config.connections.sweep_interval = Duration::from_millis(50);
    })
    .await;
    let (silent, talking) = (hub.client().await, hub.client().await);
    silent.attach(1, "silent").await.unwrap();
    let pings = async {
        loop {
            talking
                .lane
                .call(|c| c.ping(Default::default()))
                .await
                .unwrap();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        () = pings => unreachable!("pings for ever"),
        _ = silent.connection.closed() => {}
    }
    assert_eq!(talking.count_of("idle_timeout").await, 1);
    assert!(talking.connection.is_open());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_app_gone_longest_makes_room() {
    let hub = TestHub::with(|config| config.discovery.apps_max = 2).await;
    let viewer = hub.client().await;
    for tracer in 1..=3 {
        let app = hub.client().await;
        app.attach(tracer, "web").await.unwrap();
        app.ingest((tracer, 1), &[span(tracer, 1).build()])
            .await
            .unwrap();
        app.connection.abort("done");
        eventually("it is gone", || async {
            viewer.apps().await[0].state != "connected"
        })
        .await;
    }
    let left: Vec<u64> = viewer
        .apps()
        .await
        .iter()
        .map(|app| app.tracer_id.low)
        .collect();
    assert_eq!(left, [3, 2]);
    assert_eq!(viewer.count_of("app_forgotten").await, 1);
    assert_eq!(viewer.stats().await.ingest.received, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_carries_a_limited_number_of_tracers() {
    let hub = TestHub::with(|config| config.discovery.tracers_per_connection_max = 2).await;
    let client = hub.client().await;
    client.attach(1, "a").await.unwrap();
    client.attach(2, "b").await.unwrap();
    client.attach(2, "b").await.unwrap();
    let refused = crate::harness::code(client.attach(3, "c").await);
    assert_eq!(refused, hindsight_protocol::hub::HubError::OVERLOADED);
    assert_eq!(client.count_of("apps_max").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_too_many_is_turned_away_and_room_is_made_by_leaving() {
    let hub = TestHub::with(|config| config.connections.connections_max = 2).await;
    let (viewer, second) = (hub.client().await, hub.client().await);
    let third = Client::dial(&hub.endpoint("tcp"), DialOptions::default()).await;
    assert!(third.is_err());
    assert_eq!(viewer.count_of("connections_max").await, 1);
    second.connection.abort("leaves");
    eventually("there is room", || async {
        viewer.stats().await.connections == 1
    })
    .await;
    assert_eq!(hub.client().await.stats().await.connections, 2);
}
