//! A tracer whose connection to its hub goes through the test, which can ask the app what the hub could.

use hindsight::Tracer;
use hindsight_connect::{
    AcceptOptions, Connection, DialOptions, FramedLink, Lane, LaneOptions, Lanes, LinkLimits,
    accept, dial, open_lane,
};
use hindsight_protocol::ServiceIntrospectionClient;
use hindsight_protocol::introspection::roam::*;
use hindsight_protocol::introspection::{DescribeServiceRequest, ServiceInfo};
use hindsight_testkit::hub::Hub;
use tokio::net::TcpListener;
use vox::{ConnectionSettings, Parity, VOX_SERVICE_METADATA_KEY};

/// As the exporter opens its lanes.
const SETTINGS: ConnectionSettings = ConnectionSettings {
    parity: Parity::Odd,
    max_concurrent_requests: 128,
    initial_channel_credit: 16,
};

/// An app, and a way to ask it.
pub(crate) struct App {
    pub(crate) tracer: Tracer,
    lane: Lane<RoamIntrospectionClient>,
    connection: Connection,
    _upstream: Connection,
}

impl App {
    /// An app called `name` that lets itself be looked at.
    pub(crate) async fn start(hub: &Hub, name: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let address = listener.local_addr().expect("bound");
        let endpoint = format!("http://{}", hub.address())
            .parse()
            .expect("endpoint");
        let upstream = dial(&endpoint, DialOptions::default())
            .await
            .expect("dials");
        let hub_side = upstream.clone();
        let lanes = Lanes::scoped(move |request, lane, scope| {
            let service = request.service().to_owned();
            let (left, hub_side) = (lane.into_handle(), hub_side.clone());
            scope.spawn(async move {
                let metadata = vox::metadata().str(VOX_SERVICE_METADATA_KEY, service);
                let right = hub_side
                    .handle()
                    .open_lane_handle(SETTINGS, metadata.build());
                // The lane ends with the connection; how is of no interest here.
                vox::proxy_lanes(left, right.await.expect("opens"))
                    .await
                    .ok();
            });
            Ok(())
        });
        let accepting = async {
            let (stream, _) = listener.accept().await.expect("accepts");
            let link = FramedLink::tcp(stream, LinkLimits::default());
            let options = AcceptOptions {
                lanes,
                ..AcceptOptions::default()
            };
            accept(link, options).await.expect("accepts")
        };
        let connecting = Tracer::builder()
            .endpoint(format!("tcp://{address}"))
            .service_name(name)
            .connect();
        let (connection, tracer) = tokio::join!(accepting, connecting);
        let tracer = tracer.expect("connects");
        hindsight_roam::introspect(&tracer);
        // Twice is as good as once.
        hindsight_roam::introspect(&tracer);
        Self {
            tracer,
            lane: open(&connection).await,
            connection,
            _upstream: upstream,
        }
    }

    /// A further lane to the app's introspection.
    pub(crate) async fn ask(&self) -> Lane<RoamIntrospectionClient> {
        open(&self.connection).await
    }

    /// A service as the app describes it.
    pub(crate) async fn described(&self, name: &str) -> ServiceInfo {
        let lane =
            open_lane::<ServiceIntrospectionClient>(&self.connection, LaneOptions::default());
        let lane = lane.await.expect("offered");
        let request = DescribeServiceRequest { name: name.into() };
        let asked = lane.call(|c| c.describe_service(request)).await;
        let mut reply = asked.expect("answered");
        reply.service.pop().expect("described")
    }

    pub(crate) async fn topology(&self) -> Topology {
        let asked = self
            .lane
            .call(|c| c.get_topology(TopologyRequest::default()));
        asked.await.expect("answered")
    }

    pub(crate) async fn metrics(&self) -> TransportMetrics {
        let request = TransportMetricsRequest::default();
        let asked = self.lane.call(|c| c.get_transport_metrics(request));
        asked.await.expect("answered")
    }

    pub(crate) async fn active(&self) -> ActiveRpcs {
        self.active_as(ActiveRpcsRequest::default()).await
    }

    pub(crate) async fn active_as(&self, request: ActiveRpcsRequest) -> ActiveRpcs {
        let asked = self.lane.call(|c| c.get_active_rpcs(request));
        asked.await.expect("answered")
    }
}

async fn open(connection: &Connection) -> Lane<RoamIntrospectionClient> {
    open_lane(connection, LaneOptions::default())
        .await
        .expect("offered")
}
