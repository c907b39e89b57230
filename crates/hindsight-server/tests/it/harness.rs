//! A hub of its own for each test, and clients for it.

use std::net::SocketAddr;
use std::time::Duration;

use hindsight_connect::{
    CallError, Connection, DialError, DialOptions, Endpoint, Lane, LaneOptions, dial, open_lane,
};
use hindsight_protocol::hub::{
    AppInfo, AttachReply, AttachRequest, GetTraceRequest, HubError, IngestReply, IngestRequest,
    ListAppsRequest, ListTracesReply, ListTracesRequest, RunInfo, StatsReply, StatsRequest,
    TracerAccounts,
};
use hindsight_protocol::{CheckedBatch, HindsightServiceClient, Span, TraceId, TracerId};
use hindsight_server::{Config, RunningServer, Server};
use hindsight_testkit::builder;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, interval, timeout};

/// Longer than anything that works should take on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct TestHub {
    running: RunningServer,
}

impl TestHub {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::ephemeral();
        change(&mut config);
        let running = Server::start(config).await.expect("the hub starts");
        Self { running }
    }

    pub(crate) fn http(&self) -> SocketAddr {
        self.running.addresses().http
    }

    pub(crate) fn tcp(&self) -> SocketAddr {
        self.running.addresses().tcp.expect("a TCP port")
    }

    pub(crate) fn running(&self) -> &RunningServer {
        &self.running
    }

    /// `scheme` is one of `http`, `tcp` and `ws`.
    pub(crate) fn endpoint(&self, scheme: &str) -> Endpoint {
        let address = match scheme {
            "tcp" => self.tcp(),
            _ => self.http(),
        };
        format!("{scheme}://{address}")
            .parse()
            .expect("an endpoint")
    }

    pub(crate) async fn client(&self) -> Client {
        Client::dial(&self.endpoint("tcp"), DialOptions::default())
            .await
            .expect("the hub answers")
    }

    /// Sends bytes to the HTTP port and reads until the hub closes or `PATIENCE` is over.
    pub(crate) async fn raw(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.http()).await.expect("connect");
        stream.write_all(request.as_bytes()).await.expect("write");
        let mut answer = Vec::new();
        let read = timeout(PATIENCE, stream.read_to_end(&mut answer));
        read.await.expect("an answer in time").expect("read");
        String::from_utf8_lossy(&answer).into_owned()
    }

    pub(crate) async fn shutdown(self) {
        let report = self.running.shutdown(Duration::from_secs(5)).await;
        assert_eq!(report.connections_cut, 0, "{report:?}");
    }
}

/// A connection with a lane to the hub's service.
pub(crate) struct Client {
    pub(crate) connection: Connection,
    pub(crate) lane: Lane<HindsightServiceClient>,
}

pub(crate) type Answer<T> = Result<T, CallError<HubError>>;

impl Client {
    pub(crate) async fn dial(endpoint: &Endpoint, options: DialOptions) -> Result<Self, DialError> {
        let connection = dial(endpoint, options).await?;
        Ok(Self::over(connection).await)
    }

    pub(crate) async fn over(connection: Connection) -> Self {
        let options = LaneOptions {
            open_timeout: PATIENCE,
            call_timeout: Some(PATIENCE),
            ..LaneOptions::default()
        };
        let lane = open_lane(&connection, options).await.expect("a lane");
        Self { connection, lane }
    }

    pub(crate) async fn attach(&self, tracer: u64, service: &str) -> Answer<AttachReply> {
        let request = AttachRequest {
            tracer_id: tracer_id(tracer),
            run: RunInfo {
                service_name: service.to_owned(),
                ..RunInfo::default()
            },
            ..AttachRequest::default()
        };
        self.lane.call(|client| client.attach(request)).await
    }

    pub(crate) async fn ingest(
        &self,
        (tracer, sequence): (u64, u64),
        spans: &[Span],
    ) -> Answer<IngestReply> {
        let batch = builder::batch(spans);
        let accounts = TracerAccounts::default();
        self.ingest_batch((tracer, sequence), batch, accounts).await
    }

    pub(crate) async fn ingest_batch(
        &self,
        (tracer, sequence): (u64, u64),
        batch: CheckedBatch,
        accounts: TracerAccounts,
    ) -> Answer<IngestReply> {
        let request = IngestRequest {
            tracer_id: tracer_id(tracer),
            sequence,
            batch: batch.into_batch(),
            accounts,
        };
        self.lane.call(|client| client.ingest(request)).await
    }

    pub(crate) async fn traces(&self) -> ListTracesReply {
        let request = ListTracesRequest::default();
        let listed = self.lane.call(|client| client.list_traces(request)).await;
        listed.expect("list_traces")
    }

    /// All spans of a trace, page by page.
    pub(crate) async fn spans(&self, trace_id: TraceId) -> Vec<Span> {
        let mut spans = Vec::new();
        let mut page = 0;
        loop {
            let request = GetTraceRequest { trace_id, page };
            let reply = self.lane.call(|client| client.get_trace(request)).await;
            let reply = reply.expect("get_trace");
            spans.extend(reply.batch.check().expect("a sound page").to_spans());
            page = reply.next_page;
            if page == 0 {
                return spans;
            }
        }
    }

    pub(crate) async fn apps(&self) -> Vec<AppInfo> {
        let request = ListAppsRequest::default();
        let listed = self.lane.call(|client| client.list_apps(request)).await;
        listed.expect("list_apps").apps
    }

    pub(crate) async fn stats(&self) -> StatsReply {
        let request = StatsRequest::default();
        let stats = self.lane.call(|client| client.stats(request)).await;
        stats.expect("stats")
    }

    /// How often the hub counted a reason.
    pub(crate) async fn count_of(&self, reason: &str) -> u64 {
        let stats = self.stats().await;
        let found = stats.reasons.iter().find(|r| r.reason == reason);
        found.map_or(0, |r| r.count)
    }
}

pub(crate) fn tracer_id(number: u64) -> TracerId {
    TracerId {
        high: 7,
        low: number,
    }
}

/// The code of a hub's error.
pub(crate) fn code<T: std::fmt::Debug>(answer: Answer<T>) -> u32 {
    match answer {
        Err(CallError::Rpc(vox::VoxError::User(error))) => error.code,
        other => panic!("expected an error of the hub, got {other:?}"),
    }
}

/// Asks again and again until the answer is yes.
pub(crate) async fn eventually<F: Future<Output = bool>>(what: &str, mut ask: impl FnMut() -> F) {
    let deadline = Instant::now() + PATIENCE;
    let mut ticks = interval(Duration::from_millis(10));
    while !ask().await {
        assert!(Instant::now() < deadline, "never happened: {what}");
        ticks.tick().await;
    }
}
