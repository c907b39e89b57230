//! Apps that tell too much, leave in the middle, lie about their methods, or are of another version: said by
//! name, and nobody else is affected.

// What the macro generates is `pub`.
#![allow(missing_docs, unreachable_pub)]

use std::sync::mpsc;
use std::time::Instant;

use hindsight::{Service, Tracer};
use hindsight_testkit::queries::{QueryApp, Script};

use crate::hub::Hub;
use crate::process::{Finished, PATIENCE, finish};

/// What another version of `hindsight-picante` would offer.
mod other {
    use facet::Facet;

    /// Before requests had keys, and answers causes.
    #[derive(Clone, Debug, Default, PartialEq, Facet)]
    pub struct OlderRequest {
        pub kind: String,
    }

    #[derive(Clone, Debug, Default, PartialEq, Facet)]
    pub struct OlderExplanation {
        pub is_found: bool,
        pub summary: String,
    }

    pub mod older {
        use super::{OlderExplanation, OlderRequest};

        #[vox::service]
        pub trait PicanteIntrospection {
            async fn explain(&self, request: OlderRequest) -> OlderExplanation;
        }
    }

    /// With more than anybody here knows of.
    #[derive(Clone, Debug, Default, PartialEq, Facet)]
    pub struct NewerRequest {
        #[facet(default)]
        pub kind: String,
        #[facet(default)]
        pub key: String,
        #[facet(default)]
        pub limit: u32,
        #[facet(default)]
        pub branch: Vec<String>,
    }

    #[derive(Clone, Debug, Default, PartialEq, Facet)]
    pub struct NewerCause {
        #[facet(default)]
        pub weather: Option<String>,
        #[facet(default)]
        pub outcome: String,
        #[facet(default)]
        pub text: String,
    }

    #[derive(Clone, Debug, Default, PartialEq, Facet)]
    pub struct NewerExplanation {
        #[facet(default)]
        pub mood: u64,
        #[facet(default)]
        pub is_found: bool,
        #[facet(default)]
        pub summary: String,
        #[facet(default)]
        pub causes: Vec<NewerCause>,
    }

    pub mod newer {
        use super::{NewerExplanation, NewerRequest};

        #[vox::service]
        pub trait PicanteIntrospection {
            async fn explain(&self, request: NewerRequest) -> NewerExplanation;
            async fn foretell(&self, request: NewerRequest) -> NewerExplanation;
        }
    }

    /// Before there were explanations.
    pub mod oldest {
        #[vox::service]
        pub trait PicanteIntrospection {
            async fn count(&self) -> u64;
        }
    }
}

/// What a method was described as, which it is not.
mod described {
    #[vox::service]
    pub trait Wild {
        async fn hang(&self) -> u64;
        async fn add(&self, a: u64, b: u64) -> u64;
    }
}

#[vox::service]
pub trait Wild {
    /// Says that it was asked, and never answers.
    async fn hang(&self) -> u64;
    async fn add(&self, a: String, b: Vec<String>) -> String;
}

#[derive(Clone)]
struct Odd(mpsc::SyncSender<()>);

impl Wild for Odd {
    async fn hang(&self) -> u64 {
        self.0.try_send(()).ok();
        std::future::pending().await
    }

    async fn add(&self, a: String, _b: Vec<String>) -> String {
        a
    }
}

impl other::older::PicanteIntrospection for Odd {
    async fn explain(&self, request: other::OlderRequest) -> other::OlderExplanation {
        other::OlderExplanation {
            is_found: true,
            summary: format!("An older app knows {}.", request.kind),
        }
    }
}

impl other::newer::PicanteIntrospection for Odd {
    async fn explain(&self, request: other::NewerRequest) -> other::NewerExplanation {
        assert_eq!(request.branch, [""; 0], "nobody here knows of it");
        other::NewerExplanation {
            mood: 7,
            is_found: true,
            summary: format!("A newer app knows {}({}).", request.kind, request.key),
            causes: vec![other::NewerCause {
                weather: Some("fine".into()),
                outcome: "foretold".into(),
                text: "It was foretold.".into(),
            }],
        }
    }

    async fn foretell(&self, _request: other::NewerRequest) -> other::NewerExplanation {
        other::NewerExplanation::default()
    }
}

impl other::oldest::PicanteIntrospection for Odd {
    async fn count(&self) -> u64 {
        3
    }
}

/// An app of this name, once the hub knows what it offers.
async fn app(hub: &Hub, name: &'static str, offer: impl FnOnce(&Tracer)) -> Tracer {
    let builder = Tracer::builder().endpoint(hub.http.clone());
    let tracer = builder.service_name(name).connect().await;
    let tracer = tracer.expect("connects");
    offer(&tracer);
    let until = Instant::now() + PATIENCE;
    // An app is known before what it offers is.
    let offers = |told: &str| told.contains("PicanteIntrospection") || told.contains("Wild");
    while !offers(&hub.run(&["services", name]).stdout) {
        assert!(Instant::now() < until, "the hub does not know {name}");
    }
    tracer
}

fn odd() -> (Odd, mpsc::Receiver<()>) {
    let (asked, is_asked) = mpsc::sync_channel(1);
    (Odd(asked), is_asked)
}

#[track_caller]
fn told(finished: &Finished, code: i32, error: &str) {
    assert_eq!(finished.code, Some(code), "{finished:?}");
    assert!(finished.stderr.contains(error), "{finished:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_graph_of_a_hundred_megabytes_is_refused_and_other_answers_come() {
    let hub = Hub::start(&[]);
    let script = Script {
        key_bytes: 10_000_000,
        ..Script::default()
    };
    let large = QueryApp::new(script);
    let _large = app(&hub, "large", |tracer| large.offer_on(tracer)).await;
    let small = QueryApp::new(Script::default());
    let _small = app(&hub, "small", |tracer| small.offer_on(tracer)).await;
    let refused = hub.run(&["call", "large", "get_current_graph"]);
    told(&refused, 1, "bytes, more than the 8388608");
    assert_eq!(refused.stdout, "");
    for name in ["large", "small"] {
        let stats = hub.read(&["call", name, "get_cache_stats", "--format", "json"]);
        assert!(stats.contains("outline"), "{name}: {stats}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_flood_of_events_as_many_are_taken_as_are_wanted() {
    let hub = Hub::start(&[]);
    let script = Script {
        flood: 1_000_000,
        ..Script::default()
    };
    let flooding = QueryApp::new(script);
    let _flooding = app(&hub, "flooding", |tracer| flooding.offer_on(tracer)).await;
    let events = ["call", "flooding", "stream_query_events", "--limit", "500"];
    for _ in 0..2 {
        let taken = hub.read(&events);
        assert_eq!(taken.lines().count(), 500);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_leaves_in_the_middle_of_an_answer_is_named() {
    let hub = Hub::start(&[]);
    let (odd, is_asked) = odd();
    let leaving = app(&hub, "leaving", |tracer| {
        let service = Service::new(wild_service_descriptor(), WildDispatcher::new(odd));
        tracer.expose(service.read_only(["hang", "add"]));
    });
    let leaving = leaving.await;
    let command = hub.command(&["call", "leaving", "Wild.hang"]);
    let asking = std::thread::spawn(move || finish(command));
    let asked = tokio::task::spawn_blocking(move || is_asked.recv_timeout(PATIENCE));
    asked.await.expect("no panic").expect("it is asked");
    leaving.shutdown(PATIENCE).await;
    let finished = asking.join().expect("no panic");
    told(&finished, 1, "leaving");
    told(&finished, 1, "did not answer hang");
    let gone = hub.run(&["call", "leaving", "Wild.hang"]);
    told(&gone, 1, "is not connected");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_that_is_not_as_described_refuses_the_call_and_only_that() {
    let hub = Hub::start(&[]);
    let (odd, _is_asked) = odd();
    let _lying = app(&hub, "lying", |tracer| {
        let descriptor = described::wild_service_descriptor();
        let service = Service::new(descriptor, WildDispatcher::new(odd));
        tracer.expose(service.read_only(["add"]));
    })
    .await;
    let add = ["call", "lying", "Wild.add", "--arg", "1", "--arg", "2"];
    for _ in 0..2 {
        told(&hub.run(&add), 1, "lying");
        told(&hub.run(&add), 1, "refused add");
    }
    assert!(hub.read(&["services", "lying"]).contains("Wild"));
}

#[tokio::test(flavor = "multi_thread")]
async fn apps_of_other_versions_are_read_as_far_as_they_tell() {
    let hub = Hub::start(&[]);
    let (odd, _is_asked) = odd();
    let of = odd.clone();
    let _older = app(&hub, "older", |tracer| {
        let descriptor = other::older::picante_introspection_service_descriptor();
        let dispatcher = other::older::PicanteIntrospectionDispatcher::new(of);
        tracer.expose(Service::new(descriptor, dispatcher).read_only(["explain"]));
    })
    .await;
    let told_by_older = hub.read(&["explain", "older", "outline", "a.md"]);
    assert!(
        told_by_older.contains("An older app knows outline."),
        "{told_by_older}"
    );

    let of = odd.clone();
    let _newer = app(&hub, "newer", |tracer| {
        let descriptor = other::newer::picante_introspection_service_descriptor();
        let dispatcher = other::newer::PicanteIntrospectionDispatcher::new(of);
        tracer.expose(Service::new(descriptor, dispatcher).read_only(["explain", "foretell"]));
    })
    .await;
    let told_by_newer = hub.read(&["explain", "newer", "outline", "a.md"]);
    assert!(
        told_by_newer.contains("A newer app knows outline(a.md)."),
        "{told_by_newer}"
    );
    // What only it knows is called by its own description.
    let foretold = hub.read(&["call", "newer", "foretell", "--format", "json"]);
    assert!(foretold.contains("\"mood\": 0"), "{foretold}");

    let _oldest = app(&hub, "oldest", |tracer| {
        let descriptor = other::oldest::picante_introspection_service_descriptor();
        let dispatcher = other::oldest::PicanteIntrospectionDispatcher::new(odd);
        tracer.expose(Service::new(descriptor, dispatcher).read_only(["count"]));
    })
    .await;
    let without = hub.run(&["explain", "oldest", "outline"]);
    told(&without, 1, "gave no answer");
    told(&without, 1, "no query like outline() is known");
}
