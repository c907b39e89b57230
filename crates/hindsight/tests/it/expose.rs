//! Services an app offers to the hub.

use std::time::{Duration, Instant};

use hindsight::Service;

use hindsight_testkit::hub::{Hub, PATIENCE};

use crate::tracer;

#[vox::service]
trait Thermometer {
    /// Degrees.
    async fn read(&self) -> i32;
    /// Sets it.
    async fn calibrate(&self, degrees: i32) -> i32;
}

#[derive(Clone)]
struct Fixed;

impl Thermometer for Fixed {
    async fn read(&self) -> i32 {
        21
    }

    async fn calibrate(&self, degrees: i32) -> i32 {
        degrees
    }
}

fn service() -> Service {
    Service::new(
        thermometer_service_descriptor(),
        ThermometerDispatcher::new(Fixed),
    )
}

#[tokio::test]
async fn an_exposed_service_is_discovered_by_the_hub() {
    let hub = Hub::start().await;
    let listener = tracer(&hub).connect().await.expect("connects");
    // After the connection was made: the hub is told that there is something new.
    listener.expose(service());
    let until = Instant::now() + PATIENCE;
    loop {
        let services = hub.services_of_apps().await;
        if services.iter().any(|name| name == "Thermometer") {
            break;
        }
        assert!(Instant::now() < until, "{services:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

mod over_a_link {
    //! What a hub can do on the app's side, without a hub in between.

    use hindsight::Tracer;
    use hindsight_connect::{
        AcceptOptions, Connection, Lane, LaneOptions, Lanes, accept, open_lane,
    };
    use hindsight_connect::{LinkLimits, Unblock, serve_lane};
    use hindsight_protocol::hub::*;
    use hindsight_protocol::introspection::{DescribeServiceRequest, ListServicesRequest};
    use hindsight_protocol::{
        HindsightService, HindsightServiceDispatcher, HubError, LiveEvent,
        ServiceIntrospectionClient,
    };

    use super::{ThermometerClient, service};

    /// A hub that stores nothing.
    #[derive(Clone)]
    struct Nothing;

    impl HindsightService for Nothing {
        async fn attach(&self, _: AttachRequest) -> Result<AttachReply, HubError> {
            Ok(AttachReply {
                hub_id: 1,
                protocol_version: PROTOCOL_VERSION,
                ..AttachReply::default()
            })
        }
        async fn ingest(&self, _: IngestRequest) -> Result<IngestReply, HubError> {
            Ok(IngestReply::default())
        }
        async fn ingest_spans(&self, _: IngestSpansRequest) -> Result<IngestReply, HubError> {
            Ok(IngestReply::default())
        }
        async fn list_traces(&self, _: ListTracesRequest) -> Result<ListTracesReply, HubError> {
            Ok(ListTracesReply::default())
        }
        async fn get_trace(&self, _: GetTraceRequest) -> Result<GetTraceReply, HubError> {
            Ok(GetTraceReply::default())
        }
        async fn trace_structure(
            &self,
            _: TraceStructureRequest,
        ) -> Result<TraceStructure, HubError> {
            Ok(TraceStructure::default())
        }
        async fn get_spans(&self, _: GetSpansRequest) -> Result<GetSpansReply, HubError> {
            Ok(GetSpansReply::default())
        }
        async fn open_spans(&self, _: OpenSpansRequest) -> Result<OpenSpansReply, HubError> {
            Ok(OpenSpansReply::default())
        }
        async fn query(&self, _: QueryRequest) -> Result<QueryReply, HubError> {
            Ok(QueryReply::default())
        }
        async fn find_spans(&self, _: FindSpansRequest) -> Result<FindSpansReply, HubError> {
            Ok(FindSpansReply::default())
        }
        async fn complete(&self, _: CompleteRequest) -> Result<CompleteReply, HubError> {
            Ok(CompleteReply::default())
        }
        async fn service_map(&self, _: ServiceMapRequest) -> Result<ServiceMapReply, HubError> {
            Ok(ServiceMapReply::default())
        }
        async fn live(&self, _: LiveRequest, _: vox::Tx<LiveEvent>) -> Result<LiveEnd, HubError> {
            Ok(LiveEnd::default())
        }
        async fn list_apps(&self, _: ListAppsRequest) -> Result<ListAppsReply, HubError> {
            Ok(ListAppsReply::default())
        }
        async fn watch_apps(
            &self,
            _: WatchAppsRequest,
            _: vox::Tx<AppsEvent>,
        ) -> Result<AppsEnd, HubError> {
            Ok(AppsEnd::default())
        }
        async fn stats(&self, _: StatsRequest) -> Result<StatsReply, HubError> {
            Ok(StatsReply::default())
        }
        async fn pin_trace(&self, _: PinTraceRequest) -> Result<PinTraceReply, HubError> {
            Ok(PinTraceReply::default())
        }
        async fn unpin_trace(&self, _: UnpinTraceRequest) -> Result<PinTraceReply, HubError> {
            Ok(PinTraceReply::default())
        }
        async fn clear(&self, _: ClearRequest) -> Result<ClearReply, HubError> {
            Ok(ClearReply::default())
        }
        async fn ping(&self, _: PingRequest) -> PingReply {
            PingReply::default()
        }
    }

    /// A tracer and the hub's side of its connection, over a link in memory.
    async fn connected() -> (Tracer, Connection) {
        let (app, hub) = vox::memory_link_pair(64);
        let options = AcceptOptions {
            lanes: Lanes::scoped(|_, lane, scope| {
                serve_lane(scope, lane, HindsightServiceDispatcher::new(Nothing));
                Ok(())
            }),
            ..AcceptOptions::default()
        };
        let hub = Unblock::new(hub, LinkLimits::default());
        let (tracer, connection) = tokio::join!(Tracer::new(app), accept(hub, options));
        (tracer.expect("connects"), connection.expect("accepts"))
    }

    #[tokio::test]
    async fn a_tracer_works_over_any_roam_link() {
        let (tracer, _connection) = connected().await;
        tracer.span("over memory").start().end();
        let report = tracer.shutdown(hindsight_testkit::hub::PATIENCE).await;
        assert_eq!((report.offered, report.acknowledged), (1, 1));
    }

    #[tokio::test]
    async fn only_what_the_app_allows_can_be_called() {
        let (tracer, connection) = connected().await;
        tracer.expose(service().read_only(["read"]));
        let lane: Lane<ThermometerClient> = open_lane(&connection, LaneOptions::default())
            .await
            .expect("offered");
        assert_eq!(lane.call(|client| client.read()).await.ok(), Some(21));
        let refused = lane
            .call(|client| client.calibrate(5))
            .await
            .expect_err("not allowed");
        assert!(
            refused.to_string().contains("does not let viewers call"),
            "{refused}"
        );

        tracer.expose(service().allow_calls());
        let lane: Lane<ThermometerClient> = open_lane(&connection, LaneOptions::default())
            .await
            .expect("offered");
        assert_eq!(lane.call(|client| client.calibrate(5)).await.ok(), Some(5));
    }

    #[tokio::test]
    async fn services_describe_themselves() {
        let (tracer, connection) = connected().await;
        tracer.expose(service().read_only(["read"]));
        let lane: Lane<ServiceIntrospectionClient> = open_lane(&connection, LaneOptions::default())
            .await
            .expect("offered");
        let listed = lane
            .call(|client| client.list_services(ListServicesRequest::default()))
            .await;
        let services = listed.expect("listed").services;
        assert_eq!(services.len(), 1);
        let callable: Vec<_> = services[0]
            .methods
            .iter()
            .map(|m| (m.name.as_str(), m.callable))
            .collect();
        assert_eq!(callable, [("read", true), ("calibrate", false)]);
        let request = DescribeServiceRequest {
            name: "Thermometer".to_owned(),
        };
        let described = lane.call(|client| client.describe_service(request)).await;
        let service = described.expect("described").service.remove(0);
        let calibrate = &service.methods[1];
        assert_eq!(calibrate.argument_names, ["degrees"]);
        assert!(!calibrate.arguments_schema.is_empty() && !calibrate.answer_schema.is_empty());
    }
}
