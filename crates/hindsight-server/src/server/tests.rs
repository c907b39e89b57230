//! An engine that fails under a hub with real connections.

use hindsight_connect::{CallError, DialOptions, Lane, LaneOptions, dial, open_lane};
use hindsight_protocol::HindsightServiceClient;
use hindsight_protocol::hub::{
    AttachRequest, HubError, IngestReply, IngestRequest, ListTracesRequest, LiveEvent, LiveRequest,
    StatsRequest,
};
use hindsight_protocol::{BatchBuilder, Span, SpanId, TraceId, TracerId};
use tokio::time::timeout;
use vox::VoxError;

use super::*;

const PATIENCE: Duration = Duration::from_secs(20);
const TRACER: TracerId = TracerId { high: 1, low: 1 };

struct Client {
    connection: Connection,
    lane: Lane<HindsightServiceClient>,
}

impl Client {
    async fn of(server: &RunningServer) -> Self {
        let endpoint = format!("tcp://{}", server.addresses().tcp.unwrap());
        let endpoint = endpoint.parse().unwrap();
        let connection = dial(&endpoint, DialOptions::default()).await.unwrap();
        let lane = open_lane(&connection, LaneOptions::default()).await;
        let lane = lane.unwrap();
        Self { connection, lane }
    }

    async fn ingest(&self, sequence: u64) -> Result<IngestReply, CallError<HubError>> {
        let mut batch = BatchBuilder::new();
        batch.push(&Span {
            trace_id: TraceId::from_u128(1),
            span_id: SpanId::from_u64(sequence),
            start_ns: 1,
            end_ns: 2,
            ..Span::default()
        });
        let request = IngestRequest {
            tracer_id: TRACER,
            sequence,
            batch: batch.finish().into_batch(),
            ..IngestRequest::default()
        };
        self.lane.call(|client| client.ingest(request)).await
    }
}

/// The hub said that it stops, or was gone by then.
fn is_told<T>(answer: Result<T, CallError<HubError>>) -> bool {
    match answer {
        Err(CallError::Rpc(VoxError::User(error))) => error.code == HubError::STOPPING,
        Err(CallError::Rpc(error)) => matches!(
            error,
            VoxError::ConnectionClosed
                | VoxError::ConnectionShutdown
                | VoxError::SendFailed
                | VoxError::Indeterminate
        ),
        _ => false,
    }
}

async fn watch(client: &Client) {
    let (sender, mut events) = vox::channel::<LiveEvent>();
    let request = LiveRequest::default();
    let call = client.lane.client().live(request, sender);
    let taking = async { while let Ok(Some(_)) = events.recv().await {} };
    let (_end, ()) = tokio::join!(call, taking);
}

async fn check(fail: fn(&Engine), why: &str) {
    let server = Server::start(Config::ephemeral()).await.unwrap();
    let (app, reader, viewer) = (
        Client::of(&server).await,
        Client::of(&server).await,
        Client::of(&server).await,
    );
    let attach = AttachRequest {
        tracer_id: TRACER,
        ..AttachRequest::default()
    };
    app.lane.call(|c| c.attach(attach)).await.unwrap();
    app.ingest(1).await.unwrap();
    let everybody = async {
        let sending = async {
            let mut sequence = 2;
            loop {
                match app.ingest(sequence).await {
                    Ok(reply) => assert_eq!(reply.inserted, 1),
                    answer => return assert!(is_told(answer)),
                }
                if sequence == 20 {
                    fail(&server.hub.engine);
                }
                sequence += 1;
            }
        };
        let reading = async {
            loop {
                let stats = reader.lane.call(|c| c.stats(StatsRequest::default())).await;
                let list = ListTracesRequest::default();
                let listed = reader.lane.call(|c| c.list_traces(list)).await;
                if stats.is_err() || listed.is_err() {
                    assert!(stats.is_ok() || is_told(stats));
                    return assert!(listed.is_ok() || is_told(listed));
                }
            }
        };
        tokio::join!(sending, reading, watch(&viewer));
        for client in [&app, &reader, &viewer] {
            client.connection.closed().await;
        }
        server.stopped().await
    };
    let reason = timeout(PATIENCE, everybody).await.expect("all are told");
    assert_eq!(reason, StopReason::EngineFailed(why.to_owned()));
    let endpoint = format!("tcp://{}", server.addresses().tcp.unwrap());
    let report = server.shutdown(PATIENCE).await;
    assert_eq!((report.reason, report.connections_cut), (reason, 0));
    let again = dial(&endpoint.parse().unwrap(), DialOptions::default()).await;
    assert!(again.is_err(), "nothing listens any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_of_the_engine_ends_the_hub_and_everybody_is_told() {
    check(Engine::fail, "for the test").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_ends_unasked_ends_the_hub_and_everybody_is_told() {
    check(Engine::stop, "its thread ended").await;
}

/// A hub that is dropped stops its engine at the same time as itself.
#[tokio::test]
async fn a_hub_that_was_stopped_has_not_failed() {
    let addresses = Addresses {
        http: ([127, 0, 0, 1], 0).into(),
        tcp: None,
        local: None,
    };
    let (hub, _end) = build(Config::ephemeral(), addresses).unwrap();
    hub.stopping.begin();
    let ends = [
        (Ok(()), StopReason::Asked),
        (
            Err("a bug".to_owned()),
            StopReason::EngineFailed("a bug".to_owned()),
        ),
    ];
    for (end, expected) in ends {
        // Which of two things that are ready a task sees first is chosen by chance.
        for _ in 0..20 {
            let (_ended, engine_end) = watch::channel(Some(end.clone()));
            let mut end = spawn_monitor(Arc::clone(&hub), engine_end);
            let reason = end.wait_for(Option::is_some).await.unwrap().clone();
            assert_eq!(reason.as_ref(), Some(&expected));
        }
    }
}
