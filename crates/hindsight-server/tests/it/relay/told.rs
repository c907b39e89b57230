//! What viewers are told of apps: services, runs, and news of both. Apps that lie.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use hindsight::{Service, Tracer};
use hindsight_connect::{Lanes, Scope, serve_lane};
use hindsight_protocol::hub::{AppInfo, AppsEnd, AppsEvent, HubError, WatchAppsRequest};
use hindsight_protocol::introspection::{MethodInfo, ServiceInfo};
use hindsight_protocol::{ServiceIntrospectionDispatcher, TracerId};
use hindsight_testkit::builder::span;
use tokio::sync::mpsc;
use tokio::time::timeout;
use vox::LaneRequest;

use super::{App, Bench, Listed, WorkshopDispatcher, list, workshop_service_descriptor};
use crate::harness::{Client, PATIENCE, TestHub, eventually, tracer_id};

type End = Result<AppsEnd, vox::VoxError<HubError>>;

/// A viewer that watches, and what it knows.
struct Watch {
    client: Client,
    events: mpsc::Receiver<AppsEvent>,
    apps: BTreeMap<String, AppInfo>,
    begun: usize,
}

impl Watch {
    async fn start(hub: &TestHub) -> Self {
        let client = hub.client().await;
        let service = client.lane.clone();
        let (sender, events) = mpsc::channel(1);
        tokio::spawn(async move {
            let (tx, mut rx) = vox::channel::<AppsEvent>();
            let read = async move {
                while let Ok(Some(event)) = rx.recv().await {
                    if sender.send(event.get().clone()).await.is_err() {
                        return;
                    }
                }
            };
            let call = service.client().watch_apps(WatchAppsRequest::default(), tx);
            let (end, ()): (End, ()) = tokio::join!(call, read);
            end
        });
        Self {
            client,
            events,
            apps: BTreeMap::new(),
            begun: 0,
        }
    }

    async fn next(&mut self) -> AppsEvent {
        let event = timeout(PATIENCE, self.events.recv()).await;
        let event = event.expect("in time").expect("the stream goes on");
        if event.begins {
            self.apps.clear();
            self.begun += 1;
        }
        for app in &event.apps {
            self.apps.insert(app.tracer_id.to_string(), app.clone());
        }
        event
    }

    /// Until what is known of an app is as it should be.
    async fn until(&mut self, tracer: TracerId, is: impl Fn(&AppInfo) -> bool) -> AppInfo {
        let tracer = tracer.to_string();
        loop {
            if let Some(app) = self.apps.get(&tracer).filter(|app| is(app)) {
                return app.clone();
            }
            self.next().await;
        }
    }
}

fn workbench() -> Service {
    let dispatcher = WorkshopDispatcher::new(Bench::default());
    Service::new(workshop_service_descriptor(), dispatcher).read_only(["add"])
}

async fn tracer(hub: &TestHub, name: &str) -> Tracer {
    let builder = Tracer::builder()
        .endpoint(format!("tcp://{}", hub.tcp()))
        .service_name(name)
        .service_version("1.2.3")
        .revision("0123abc");
    builder.connect().await.expect("connects")
}

#[tokio::test(flavor = "multi_thread")]
async fn viewers_are_told_who_comes_what_is_exposed_and_who_goes() {
    let hub = TestHub::with(|config| {
        config.retention.disconnect_grace = Duration::from_millis(300);
    })
    .await;
    let mut watch = Watch::start(&hub).await;
    assert!(watch.next().await.begins);
    let app = tracer(&hub, "workshop").await;
    let id = app.id().expect("it records");
    let told = watch
        .until(id, |app| app.state == "connected" && app.offers_ns > 0)
        .await;
    assert!(told.services.is_empty());
    let run = &told.run;
    assert_eq!(
        (run.service_version.as_str(), run.revision.as_str(), run.pid),
        ("1.2.3", "0123abc", std::process::id())
    );

    let exposed = Instant::now();
    app.expose(workbench());
    let told = watch.until(id, |app| app.services == ["Workshop"]).await;
    let took = exposed.elapsed();
    assert!(took < Duration::from_secs(1), "{took:?}");
    let offer = told.offer("Workshop").expect("with its methods");
    let callable: Vec<_> = offer
        .methods
        .iter()
        .filter(|m| m.callable)
        .map(|m| m.name.as_str())
        .collect();
    assert_eq!((offer.methods.len(), callable), (7, vec!["add"]));
    assert_eq!(offer.methods[0].doc, "Adds.");
    assert!(offer.methods.iter().all(|m| m.arguments_schema.is_empty()));

    app.shutdown(PATIENCE).await;
    let told = watch.until(id, |app| app.state == "disconnected").await;
    assert_eq!(told.services, ["Workshop"]);
    let told = watch.until(id, |app| app.state == "gone").await;
    assert!(told.detached_ns >= told.attached_ns && told.offer("Workshop").is_some());
    assert_eq!(watch.begun, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_changes_come_together_and_silence_has_a_heartbeat() {
    let hub = TestHub::with(|config| {
        config.live.heartbeat_interval = Duration::from_millis(50);
        config.discovery.news_interval = Duration::from_millis(100);
        config.discovery.news_bytes_max = 3_000;
        config.discovery.apps_max = 30;
    })
    .await;
    let mut watch = Watch::start(&hub).await;
    watch.next().await;
    let heartbeat = watch.next().await;
    assert!(!heartbeat.begins && heartbeat.apps.is_empty() && heartbeat.now_ns > 0);

    let client = hub.client().await;
    for number in 1..=20 {
        client.attach(number, "many").await.unwrap();
    }
    let mut events = 0;
    while watch.apps.len() < 20 {
        let event = watch.next().await;
        events += usize::from(!event.apps.is_empty());
        assert!(event.apps.len() < 20, "an event has a limited size");
    }
    assert!(events < 20, "{events} events for 20 changes");

    // A late viewer gets them all in a few events of one list.
    let mut late = Watch::start(&hub).await;
    let first = late.next().await;
    assert!(first.begins && first.has_more);
    while late.next().await.has_more {}
    assert_eq!((late.apps.len(), late.begun), (20, 1));

    // Apps that are forgotten are gone from the list too.
    drop(client);
    eventually("they are gone", || async {
        late.client
            .apps()
            .await
            .iter()
            .all(|app| app.state != "connected")
    })
    .await;
    let client = hub.client().await;
    for number in 101..=120 {
        client.attach(number, "more").await.unwrap();
    }
    let last = tracer_id(120);
    late.until(last, |app| app.state == "connected").await;
    let anew = async {
        while late.begun < 2 || late.apps.len() != 30 {
            late.next().await;
        }
    };
    timeout(PATIENCE, anew).await.expect("the list begins anew");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_that_takes_no_news_is_cut_and_others_are_told() {
    let hub = TestHub::with(|config| {
        config.live.heartbeat_interval = Duration::from_millis(5);
        config.live.stall_timeout = Duration::from_millis(300);
        config.discovery.news_interval = Duration::from_millis(1);
    })
    .await;
    let mut reading = Watch::start(&hub).await;
    let sleeper = hub.client().await;
    let (tx, _kept) = vox::channel::<AppsEvent>();
    let ended = sleeper
        .lane
        .client()
        .watch_apps(WatchAppsRequest::default(), tx);
    let ended = timeout(PATIENCE, async {
        tokio::select! {
            ended = ended => ended,
            never = async { loop { reading.next().await; } } => never,
        }
    });
    let end = ended.await.unwrap().unwrap();
    assert!(end.reason.contains("took nothing for"), "{end:?}");
    assert_eq!(reading.client.count_of("watch_stalled").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn viewers_that_watch_are_limited() {
    let hub = TestHub::with(|config| config.discovery.watchers_max = 1).await;
    let mut first = Watch::start(&hub).await;
    first.next().await;
    let client = hub.client().await;
    let (tx, _rx) = vox::channel::<AppsEvent>();
    let call = client
        .lane
        .client()
        .watch_apps(WatchAppsRequest::default(), tx);
    assert!(timeout(PATIENCE, call).await.unwrap().is_err());
    assert_eq!(client.count_of("subscribers_max").await, 1);
}

/// What an app says when it is asked for its services.
fn lying(listed: Listed) -> Lanes {
    Lanes::scoped(move |_: &LaneRequest<'_>, lane, scope: &Scope| {
        list(listed.clone(), scope, lane);
        Ok(())
    })
}

fn service(name: &str, methods: usize) -> ServiceInfo {
    let method = |number| MethodInfo {
        name: format!("method{number}"),
        ..MethodInfo::default()
    };
    ServiceInfo {
        name: name.to_owned(),
        doc: String::new(),
        methods: (0..methods).map(method).collect(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_lies_about_its_services_harms_nobody() {
    let hub = TestHub::with(|config| {
        config.discovery.probe_timeout = Duration::from_millis(300);
    })
    .await;
    let honest = App::start(&hub, 1).await;
    let many = (0..100_000)
        .map(|number| service(&format!("S{number}"), 0))
        .collect();
    let wide = (0..1_000)
        .map(|number| service(&format!("S{number}"), 1))
        .collect();
    let long = service(&"x".repeat(500_000), 0);
    let deep = service("Deep", 10_000);
    let mute = Lanes::scoped(
        |_: &LaneRequest<'_>, lane: vox::PendingLane, scope: &Scope| {
            // Accepted, and never answered.
            let handle = lane.into_handle();
            scope.spawn(async move {
                handle.closed().await;
            });
            Ok(())
        },
    );
    let liars = [
        ("many services", lying(Listed(many)), "fault"),
        ("a thousand services", lying(Listed(wide)), "cut"),
        ("a long name", lying(Listed(vec![long])), "cut"),
        ("many methods", lying(Listed(vec![deep])), "cut"),
        (
            "a hundred megabytes",
            lying(Listed(vec![service(&"y".repeat(100_000_000), 0)])),
            "fault",
        ),
        ("no answer", mute, "fault"),
        ("no lanes at all", Lanes::refused(), "nothing"),
    ];
    let viewer = hub.client().await;
    let mut kept = Vec::new();
    for (number, (what, lanes, expected)) in (2..).zip(liars) {
        let app = App::with_lanes(&hub, number, lanes).await;
        let tracer = tracer_id(number);
        let mut sequence = 0;
        eventually(what, || {
            sequence += 1;
            let (app, viewer) = (&app, &viewer);
            async move {
                let spans = [span(number * 1_000 + sequence, 1).build()];
                app.client
                    .ingest((number, sequence), &spans)
                    .await
                    .expect(what);
                let apps = viewer.apps().await;
                let told = apps.iter().find(|app| app.tracer_id == tracer).expect(what);
                match expected {
                    "cut" => told.offers_cut && told.services.len() <= 256,
                    "fault" => !told.offers_fault.is_empty() && told.services.is_empty(),
                    _ => told.offers_ns == 0 && told.offers_fault.is_empty(),
                }
            }
        })
        .await;
        assert!(app.client.connection.is_open(), "{what}");
        kept.push(app);
    }
    assert!(viewer.count_of("probe_failed").await >= 3);
    assert!(viewer.count_of("app_text_cut").await >= 3);
    let lane = super::workshop(&viewer, &honest.id).await.unwrap();
    assert_eq!(lane.call(|c| c.add(1, 2)).await.unwrap(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_leaves_in_the_middle_of_its_answer_is_just_gone() {
    let hub = TestHub::start().await;
    let leaving = Lanes::scoped(|_: &LaneRequest<'_>, lane, scope: &Scope| {
        let leaver = Leaver(scope.clone());
        serve_lane(scope, lane, ServiceIntrospectionDispatcher::new(leaver));
        Ok(())
    });
    let app = App::with_lanes(&hub, 1, leaving).await;
    let viewer = hub.client().await;
    eventually("it is gone", || async {
        let apps = viewer.apps().await;
        apps.iter()
            .any(|app| app.state == "disconnected" && app.services.is_empty())
    })
    .await;
    drop(app);
    assert_eq!(viewer.stats().await.connections, 1);
}

/// Closes its connection when it is asked.
#[derive(Clone)]
struct Leaver(Scope);

impl hindsight_protocol::ServiceIntrospection for Leaver {
    async fn list_services(
        &self,
        _: hindsight_protocol::introspection::ListServicesRequest,
    ) -> hindsight_protocol::introspection::ListServicesReply {
        if let Some(connection) = self.0.handle() {
            connection.shutdown().ok();
        }
        std::future::pending().await
    }

    async fn describe_service(
        &self,
        _: hindsight_protocol::introspection::DescribeServiceRequest,
    ) -> hindsight_protocol::introspection::DescribeServiceReply {
        Default::default()
    }

    async fn has_method(
        &self,
        _: hindsight_protocol::introspection::HasMethodRequest,
    ) -> hindsight_protocol::introspection::HasMethodReply {
        Default::default()
    }
}
