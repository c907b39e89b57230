//! Lanes from viewers to apps, through the hub, over real sockets.
//!
//! The app is a roam program with one connection, over which it attaches, sends spans and offers a
//! service; so a test can also have it lie.

mod attack;
mod calls;
mod ends;
mod frozen;
mod many;
mod stall;
mod told;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hindsight_connect::{
    DialOptions, Lane, LaneError, LaneOptions, Lanes, Scope, open_relayed, serve_lane,
};
use hindsight_protocol::introspection::{
    DescribeServiceReply, DescribeServiceRequest, HasMethodReply, HasMethodRequest,
    ListServicesReply, ListServicesRequest, MethodInfo, ServiceInfo,
};
use hindsight_protocol::{ServiceIntrospection, ServiceIntrospectionDispatcher};
use vox::{LaneRequest, PendingLane};

use crate::harness::{Client, PATIENCE, TestHub, eventually, tracer_id};

/// A structure with what a generated client has to decode.
#[derive(Clone, Debug, PartialEq, facet::Facet)]
pub(crate) struct Part {
    name: String,
    price: Option<f64>,
    parts: Vec<Part>,
    tag: Vec<u8>,
}

#[vox::service]
trait Workshop {
    /// Adds.
    async fn add(&self, a: u32, b: u32) -> u32;
    /// Gives a thing back with another inside.
    async fn build(&self, part: Part) -> Part;
    /// Fails with the number.
    async fn fail(&self, number: u32) -> Result<u32, u32>;
    /// Numbers from 0, each of so many bytes.
    async fn count(&self, up_to: u32, bytes: u32, items: vox::Tx<Vec<u8>>) -> u32;
    /// The sum of what comes.
    async fn sum(&self, items: vox::Rx<u32>) -> u64;
    /// Never answers.
    async fn wait(&self) -> u32;
    /// So many bytes.
    async fn blob(&self, bytes: u32) -> Vec<u8>;
}

/// The service, and how many of its handlers run.
#[derive(Clone, Default)]
pub(crate) struct Bench {
    running: Arc<AtomicUsize>,
}

struct Running(Arc<AtomicUsize>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Bench {
    fn enter(&self) -> Running {
        self.running.fetch_add(1, Ordering::SeqCst);
        Running(Arc::clone(&self.running))
    }

    pub(crate) fn running(&self) -> usize {
        self.running.load(Ordering::SeqCst)
    }
}

impl Workshop for Bench {
    async fn add(&self, a: u32, b: u32) -> u32 {
        a + b
    }

    async fn build(&self, part: Part) -> Part {
        Part {
            name: "whole".to_owned(),
            price: None,
            parts: vec![part],
            tag: vec![1, 2, 3],
        }
    }

    async fn fail(&self, number: u32) -> Result<u32, u32> {
        Err(number)
    }

    async fn count(&self, up_to: u32, bytes: u32, items: vox::Tx<Vec<u8>>) -> u32 {
        let _running = self.enter();
        for number in 0..up_to {
            let mut item = number.to_le_bytes().to_vec();
            item.resize(bytes.max(4) as usize, 7);
            if items.send(item).await.is_err() {
                return number;
            }
        }
        items.close(Default::default()).await.ok();
        up_to
    }

    async fn sum(&self, mut items: vox::Rx<u32>) -> u64 {
        let _running = self.enter();
        let mut sum = 0;
        while let Ok(Some(item)) = items.recv().await {
            sum += u64::from(*item.get());
        }
        sum
    }

    async fn wait(&self) -> u32 {
        let _running = self.enter();
        std::future::pending().await
    }

    async fn blob(&self, bytes: u32) -> Vec<u8> {
        vec![7; bytes as usize]
    }
}

/// What an app says that it offers.
#[derive(Clone)]
pub(crate) struct Listed(pub(crate) Vec<ServiceInfo>);

impl Listed {
    pub(crate) fn workshop() -> Self {
        let method = |method: &&vox::MethodDescriptor| MethodInfo {
            name: method.method_name.to_owned(),
            id: method.id.0,
            callable: true,
            ..MethodInfo::default()
        };
        let descriptor = workshop_service_descriptor();
        Self(vec![ServiceInfo {
            name: descriptor.service_name.to_owned(),
            doc: String::new(),
            methods: descriptor.methods.iter().map(method).collect(),
        }])
    }
}

impl ServiceIntrospection for Listed {
    async fn list_services(&self, _: ListServicesRequest) -> ListServicesReply {
        ListServicesReply {
            services: self.0.clone(),
        }
    }

    async fn describe_service(&self, _: DescribeServiceRequest) -> DescribeServiceReply {
        DescribeServiceReply::default()
    }

    async fn has_method(&self, _: HasMethodRequest) -> HasMethodReply {
        HasMethodReply::default()
    }
}

/// An app: it offers a [`Workshop`], and sends spans over the same connection.
pub(crate) struct App {
    pub(crate) client: Client,
    pub(crate) bench: Bench,
    /// As it is named in a relayed lane.
    pub(crate) id: String,
}

impl App {
    pub(crate) async fn start(hub: &TestHub, number: u64) -> Self {
        let bench = Bench::default();
        let served = bench.clone();
        let lanes = Lanes::scoped(move |request: &LaneRequest<'_>, lane, scope: &Scope| {
            match request.service() {
                "Workshop" => serve_lane(scope, lane, WorkshopDispatcher::new(served.clone())),
                _ => list(Listed::workshop(), scope, lane),
            }
            Ok(())
        });
        let app = Self::with_lanes(hub, number, lanes).await;
        let app = Self { bench, ..app };
        app.is_listed(hub).await;
        app
    }

    /// Attached; whether it lists anything is its own matter.
    pub(crate) async fn with_lanes(hub: &TestHub, number: u64, lanes: Lanes) -> Self {
        let options = DialOptions {
            lanes,
            ..DialOptions::default()
        };
        let client = Client::dial(&hub.endpoint("tcp"), options).await.unwrap();
        client
            .attach(number, &format!("app {number}"))
            .await
            .unwrap();
        Self {
            client,
            bench: Bench::default(),
            id: tracer_id(number).to_string(),
        }
    }

    async fn is_listed(&self, hub: &TestHub) {
        let viewer = hub.client().await;
        eventually("the app has listed its services", || async {
            let apps = viewer.apps().await;
            let own = apps.iter().find(|app| app.tracer_id.to_string() == self.id);
            own.is_some_and(|app| app.services == ["Workshop"])
        })
        .await;
    }

    pub(crate) async fn nothing_runs(&self) {
        eventually("no handler runs", || async { self.bench.running() == 0 }).await;
    }
}

pub(crate) fn list(listed: Listed, scope: &Scope, lane: PendingLane) {
    serve_lane(scope, lane, ServiceIntrospectionDispatcher::new(listed));
}

/// A viewer's lane to an app.
pub(crate) async fn workshop(
    viewer: &Client,
    app: &str,
) -> Result<Lane<WorkshopClient>, LaneError> {
    let options = LaneOptions {
        call_timeout: Some(PATIENCE),
        ..LaneOptions::default()
    };
    open_relayed(&viewer.connection, app, options).await
}

pub(crate) async fn no_lane_is_left(viewer: &Client) {
    eventually("no lane is relayed any more", || async {
        viewer.stats().await.relayed_lanes == 0
    })
    .await;
}
