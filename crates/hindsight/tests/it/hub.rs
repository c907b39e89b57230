//! A hub for a test, and what it knows.

use std::time::{Duration, Instant};

use hindsight::{TraceId, Tracer, TracerBuilder};
use hindsight_connect::{Connection, DialOptions, Lane, LaneOptions, dial, open_lane};
use hindsight_protocol::hub::{
    GetTraceRequest, ListAppsRequest, ListTracesRequest, StatsReply, StatsRequest,
};
use hindsight_protocol::{HindsightServiceClient, Span};
use hindsight_server::{Config, RunningServer, Server};

/// How long a test waits for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Hub {
    server: RunningServer,
    _connection: Connection,
    lane: Lane<HindsightServiceClient>,
}

impl Hub {
    pub(crate) async fn start() -> Self {
        Self::start_on(0).await
    }

    pub(crate) async fn start_on(http_port: u16) -> Self {
        let mut config = Config::ephemeral();
        config.http_port = http_port;
        config.retention.disconnect_grace = Duration::from_millis(300);
        let server = Server::start(config).await.expect("starts");
        let endpoint = format!("http://{}", server.addresses().http);
        let endpoint = endpoint.parse().expect("endpoint");
        let connection = dial(&endpoint, DialOptions::default())
            .await
            .expect("dials");
        let lane = open_lane(&connection, LaneOptions::default())
            .await
            .expect("lane");
        Self {
            server,
            _connection: connection,
            lane,
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.server.addresses().http.port()
    }

    pub(crate) fn tcp_port(&self) -> u16 {
        self.server.addresses().tcp.expect("raw port").port()
    }

    pub(crate) fn address(&self) -> String {
        self.server.addresses().http.to_string()
    }

    pub(crate) fn tracer(&self) -> TracerBuilder {
        Tracer::builder()
            .endpoint(self.address())
            .service_name("test")
    }

    pub(crate) async fn stop(self) {
        self.server.shutdown(Duration::from_secs(2)).await;
    }

    pub(crate) async fn stats(&self) -> StatsReply {
        let stats = self
            .lane
            .call(|client| client.stats(StatsRequest::default()));
        stats.await.expect("stats")
    }

    pub(crate) async fn services_of_apps(&self) -> Vec<String> {
        let apps = self
            .lane
            .call(|client| client.list_apps(ListAppsRequest::default()));
        let apps = apps.await.expect("apps").apps;
        apps.into_iter().flat_map(|app| app.services).collect()
    }

    pub(crate) async fn traces(&self) -> Vec<TraceId> {
        let traces = self
            .lane
            .call(|client| client.list_traces(ListTracesRequest::default()));
        let traces = traces.await.expect("traces").traces;
        traces.into_iter().map(|trace| trace.trace_id).collect()
    }

    pub(crate) async fn spans(&self, trace_id: TraceId) -> Vec<Span> {
        let request = GetTraceRequest { trace_id, page: 0 };
        let reply = self.lane.call(|client| client.get_trace(request)).await;
        reply
            .expect("trace")
            .batch
            .check()
            .expect("sound")
            .to_spans()
    }

    /// All spans of all traces.
    pub(crate) async fn all_spans(&self) -> Vec<Span> {
        let mut spans = Vec::new();
        for trace in self.traces().await {
            spans.extend(self.spans(trace).await);
        }
        spans
    }

    /// Waits for a span that `is` what the test wants.
    pub(crate) async fn wait_for_span(&self, what: &str, is: impl Fn(&Span) -> bool) -> Span {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(span) = self.all_spans().await.into_iter().find(|span| is(span)) {
                return span;
            }
            assert!(Instant::now() < until, "no span {what}");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}
