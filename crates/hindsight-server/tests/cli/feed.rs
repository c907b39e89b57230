//! Spans sent to a hub with the generated client, as a tracer without a tracer would.

use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use hindsight_connect::{CallError, Connection, DialOptions, Lane, LaneOptions, dial, open_lane};
use hindsight_protocol::hub::{
    AttachRequest, HubError, IngestReply, IngestRequest, IngestSpansRequest, RunInfo, StatsReply,
    StatsRequest,
};
use hindsight_protocol::{
    Event, HindsightServiceClient, KeyValue, OPEN_END_NS, Resource, Span, SpanBatch, SpanId,
    SpanState, StatusCode, TraceId, TracerAccounts, TracerId,
};

/// A trace that the tests know.
pub(crate) const TRACE: TraceId = TraceId {
    high: 0x4bf9_2f35_77b3_4da6,
    low: 0xa3ce_929d_0e0e_4736,
};

const MS: u64 = 1_000_000;

/// A second before the first span was made.
fn base_ns() -> u64 {
    static BASE_NS: OnceLock<u64> = OnceLock::new();
    *BASE_NS.get_or_init(|| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        now.expect("a clock after 1970").as_nanos() as u64 - 1000 * MS
    })
}

/// A span of `trace`, times in milliseconds after the same recent time.
pub(crate) fn span(trace: TraceId, id: u64, parent: u64, name: &str, millis: (u64, u64)) -> Span {
    let start_ns = base_ns();
    Span {
        trace_id: trace,
        span_id: SpanId::from_u64(id),
        parent_id: SpanId::from_u64(parent),
        name: name.into(),
        start_ns: start_ns + millis.0 * MS,
        end_ns: start_ns + millis.1 * MS,
        resource: resource("web"),
        ..Span::default()
    }
}

fn resource(service: &str) -> Resource {
    Resource {
        attributes: vec![KeyValue::new("service.name", service)],
        dropped_attributes: 0,
    }
}

/// A request with a call, a failure full of hostile text and a span that runs.
pub(crate) fn request() -> Vec<Span> {
    let failed = Span {
        status: StatusCode::Error as u8,
        status_message: "no such key \u{1b}]0;owned\u{7}".into(),
        resource: resource("calculator"),
        attributes: vec![
            KeyValue::new("picante.key", "a\u{202e}b\u{1b}[2J"),
            KeyValue::new("picante.size", 4096i64),
        ],
        events: vec![Event {
            name: "exception".into(),
            time_ns: base_ns() + 7 * MS,
            attributes: vec![KeyValue::new("exception.type", "KeyError")],
            dropped_attributes: 0,
        }],
        ..span(TRACE, 3, 2, "picante: compute", (6, 41))
    };
    let running = Span {
        end_ns: OPEN_END_NS,
        state: SpanState::Running as u8,
        ..span(TRACE, 4, 1, "format_response", (41, 0))
    };
    vec![
        span(TRACE, 1, 0, "handle_request", (0, 50)),
        span(TRACE, 2, 1, "RPC: calculate", (1, 41)),
        failed,
        running,
    ]
}

/// Sends the spans and waits until they are stored.
pub(crate) fn send(endpoint: &str, spans: Vec<Span>) {
    Feeder::connect(endpoint).send(spans);
}

/// A connection that stays open.
pub(crate) struct Feeder {
    runtime: tokio::runtime::Runtime,
    _connection: Connection,
    lane: Lane<HindsightServiceClient>,
}

impl Feeder {
    pub(crate) fn connect(endpoint: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let endpoint = endpoint.parse().expect("an endpoint");
        let opening = async {
            let connection = dial(&endpoint, DialOptions::default()).await;
            let connection = connection.expect("a hub");
            let lane = open_lane(&connection, LaneOptions::default()).await;
            (connection, lane.expect("a lane"))
        };
        let (connection, lane) = runtime.block_on(opening);
        Self {
            runtime,
            _connection: connection,
            lane,
        }
    }

    /// Sends the spans and waits until they are stored, for as long as a tracer would.
    pub(crate) fn send(&self, spans: Vec<Span>) {
        let sent = spans.len() as u64;
        let request = IngestSpansRequest { spans };
        let call = self.lane.call(|client| client.ingest_spans(request));
        let reply = self.runtime.block_on(call);
        assert_eq!(reply.expect("an answer").inserted, sent);
    }

    /// Announces a tracer.
    pub(crate) fn attach(&self, tracer_id: TracerId, service: &str) {
        let request = AttachRequest {
            tracer_id,
            run: RunInfo {
                service_name: service.to_owned(),
                ..RunInfo::default()
            },
            ..AttachRequest::default()
        };
        let call = self.lane.call(|client| client.attach(request));
        self.runtime.block_on(call).expect("an answer");
    }

    /// Sends a batch of an attached tracer.
    pub(crate) fn ingest(
        &self,
        tracer_id: TracerId,
        sequence: u64,
        batch: SpanBatch,
    ) -> Result<IngestReply, CallError<HubError>> {
        let request = IngestRequest {
            tracer_id,
            sequence,
            batch,
            accounts: TracerAccounts::default(),
        };
        let call = self.lane.call(|client| client.ingest(request));
        self.runtime.block_on(call)
    }

    pub(crate) fn stats(&self) -> StatsReply {
        let request = StatsRequest::default();
        let call = self.lane.call(|client| client.stats(request));
        self.runtime.block_on(call).expect("an answer")
    }

    /// How often the hub counted a reason.
    pub(crate) fn count_of(&self, reason: &str) -> u64 {
        let reasons = self.stats().reasons;
        let found = reasons.iter().find(|counted| counted.reason == reason);
        found.map_or(0, |counted| counted.count)
    }
}
