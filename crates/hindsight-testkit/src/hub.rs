//! A hub in the process of a test, reached over real sockets, and what it knows.
//!
//! Ports are chosen by the system; a process that went away counts as gone after 300 ms. Panics when
//! anything fails: this is for tests.

use std::time::{Duration, Instant};

use hindsight_connect::{Connection, DialOptions, Lane, LaneOptions, dial, open_lane};
use hindsight_protocol::hub::{
    GetTraceRequest, ListAppsRequest, ListTracesRequest, StatsReply, StatsRequest,
};
use hindsight_protocol::{HindsightServiceClient, Span, TraceId};
use hindsight_server::{Config, RunningServer, Server};

/// How long a test waits for anything.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A hub that runs, and a connection to it.
#[derive(Debug)]
pub struct Hub {
    server: RunningServer,
    _connection: Connection,
    lane: Lane<HindsightServiceClient>,
}

impl Hub {
    /// Starts a hub on free ports.
    pub async fn start() -> Self {
        Self::start_on(0).await
    }

    /// Starts a hub on this HTTP port.
    pub async fn start_on(http_port: u16) -> Self {
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

    /// The HTTP port.
    pub fn port(&self) -> u16 {
        self.server.addresses().http.port()
    }

    /// The raw roam port.
    pub fn tcp_port(&self) -> u16 {
        self.server.addresses().tcp.expect("raw port").port()
    }

    /// `host:port` of the HTTP port.
    pub fn address(&self) -> String {
        self.server.addresses().http.to_string()
    }

    /// Stops the hub.
    pub async fn stop(self) {
        self.server.shutdown(Duration::from_secs(2)).await;
    }

    /// Its counters.
    pub async fn stats(&self) -> StatsReply {
        let stats = self
            .lane
            .call(|client| client.stats(StatsRequest::default()));
        stats.await.expect("stats")
    }

    /// Names of the services that apps offer.
    pub async fn services_of_apps(&self) -> Vec<String> {
        let apps = self
            .lane
            .call(|client| client.list_apps(ListAppsRequest::default()));
        let apps = apps.await.expect("apps").apps;
        apps.into_iter().flat_map(|app| app.services).collect()
    }

    /// Ids of the newest traces.
    pub async fn traces(&self) -> Vec<TraceId> {
        let traces = self
            .lane
            .call(|client| client.list_traces(ListTracesRequest::default()));
        let traces = traces.await.expect("traces").traces;
        traces.into_iter().map(|trace| trace.trace_id).collect()
    }

    /// The spans of a trace (of its first page).
    pub async fn spans(&self, trace_id: TraceId) -> Vec<Span> {
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
    pub async fn all_spans(&self) -> Vec<Span> {
        let mut spans = Vec::new();
        for trace in self.traces().await {
            spans.extend(self.spans(trace).await);
        }
        spans
    }

    /// Waits for a span that `is` what the test wants.
    pub async fn wait_for_span(&self, what: &str, is: impl Fn(&Span) -> bool) -> Span {
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
