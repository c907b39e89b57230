//! Open spans over a real connection.

use hindsight_protocol::hub::{OpenSpansReply, OpenSpansRequest};
use hindsight_protocol::{OPEN_END_NS, Span, SpanState, TraceId};
use hindsight_server::Config;
use hindsight_testkit::builder::span;

use crate::harness::{Client, TestHub};

const MS: u64 = 1_000_000;

fn running(trace: u64, id: u64, start_ns: u64) -> Span {
    Span {
        end_ns: OPEN_END_NS,
        state: SpanState::Running as u8,
        ..span(trace, id).lasting(start_ns, start_ns).build()
    }
}

async fn fed(change: impl FnOnce(&mut Config)) -> (TestHub, Client) {
    let hub = TestHub::with(change).await;
    let client = hub.client().await;
    client.attach(1, "web").await.unwrap();
    let large = Span {
        name: "x".repeat(5000),
        ..running(2, 3, 3 * MS)
    };
    let ended = span(1, 9).lasting(MS, 2 * MS).build();
    let spans = [running(1, 5, 5 * MS), large, ended, running(1, 2, 2 * MS)];
    client.ingest((1, 1), &spans).await.unwrap();
    (hub, client)
}

async fn ask(client: &Client, limit: u32, trace: u128) -> (Vec<u64>, OpenSpansReply) {
    let request = OpenSpansRequest {
        limit,
        trace_id: TraceId::from_u128(trace),
    };
    let reply = client.lane.call(|c| c.open_spans(request)).await.unwrap();
    let batch = reply.batch.clone().check().expect("a sound batch");
    (batch.rows().map(|row| row.span_id().bits).collect(), reply)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_oldest_open_spans_are_answered_in_order() {
    let (hub, client) = fed(|_| {}).await;
    let (ids, reply) = ask(&client, 0, 0).await;
    assert_eq!((ids, reply.total), (vec![2, 3, 5], 3));
    assert!(reply.now_ns > 0 && reply.revision > 0);
    let (ids, reply) = ask(&client, 2, 0).await;
    assert_eq!((ids, reply.total), (vec![2, 3], 3));
    let (ids, reply) = ask(&client, 0, 1).await;
    assert_eq!((ids, reply.total), (vec![2, 5], 2));
    let (ids, reply) = ask(&client, 0, 7).await;
    assert_eq!((ids, reply.total), (vec![], 0));
    drop(client);
    hub.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_bounded_in_spans_and_in_bytes() {
    let (hub, client) = fed(|config| config.reads.open_spans_max = 1).await;
    assert_eq!(ask(&client, 100, 0).await.0, [2]);
    drop(client);
    hub.shutdown().await;
    let (hub, client) = fed(|config| config.reads.open_spans_bytes_max = 1).await;
    let (ids, reply) = ask(&client, 0, 0).await;
    assert_eq!((ids, reply.total), (vec![2], 3));
    drop(client);
    hub.shutdown().await;
}
