//! The structure of a trace and single spans of it, over a real connection.

use hindsight_protocol::hub::{
    GetSpansRequest, HubError, SPANS_BY_ID_MAX, StructureCursor, TraceStructure,
    TraceStructureRequest,
};
use hindsight_protocol::{SpanId, TraceId};
use hindsight_testkit::builder::span;

use crate::harness::{Client, TestHub, code};

async fn page(client: &Client, cursor: StructureCursor, limit: u32) -> TraceStructure {
    let request = TraceStructureRequest {
        trace_id: TraceId::from_u128(1),
        cursor,
        limit,
    };
    let reply = client.lane.call(|c| c.trace_structure(request)).await;
    reply.expect("trace_structure")
}

async fn fed() -> (TestHub, Client) {
    let hub = TestHub::start().await;
    let client = hub.client().await;
    client.attach(1, "web").await.unwrap();
    let spans = [1, 2, 3].map(|id| {
        let span = span(1, id).service("web").named("work");
        span.parent(id - 1).lasting(100 * id, 100 * id + 7).build()
    });
    client.ingest((1, 1), &spans).await.unwrap();
    (hub, client)
}

#[tokio::test(flavor = "multi_thread")]
async fn structure_comes_in_pages_and_then_what_is_new() {
    let (_hub, client) = fed().await;
    let first = page(&client, StructureCursor::default(), 2).await;
    assert!(first.begins && first.has_more);
    assert_eq!(first.span_ids, [1, 2]);
    assert_eq!(first.parent_ids().collect::<Vec<_>>(), [0, 1]);
    let second = page(&client, first.next, 2).await;
    assert!(!second.begins && !second.has_more);
    assert_eq!(second.span_ids, [3]);
    assert_eq!(second.parent_ids().collect::<Vec<_>>(), [2]);
    assert_eq!(second.starts_ns().collect::<Vec<_>>(), [300]);
    assert_eq!(second.durations_ns().collect::<Vec<_>>(), [Some(7)]);
    assert_eq!(second.summary[0].spans, 3);

    let later = span(1, 4).service("web").parent(1).lasting(50, 60).build();
    client.ingest((1, 2), &[later]).await.unwrap();
    let third = page(&client, second.next, 2).await;
    assert!(!third.begins && !third.has_more);
    assert_eq!(third.span_ids, [4]);
    assert!(page(&client, third.next, 2).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_of_another_run_of_the_hub_begins_anew() {
    let (_hub, client) = fed().await;
    let all = page(&client, StructureCursor::default(), 0).await;
    let mut other = all.next;
    other.hub_id ^= 1;
    let again = page(&client, other, 0).await;
    assert!(again.begins);
    assert_eq!(again.span_ids, [1, 2, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn spans_are_had_by_their_ids_but_not_too_many() {
    let (_hub, client) = fed().await;
    let get = async |ids: Vec<u64>| {
        let request = GetSpansRequest {
            trace_id: TraceId::from_u128(1),
            span_ids: ids.into_iter().map(SpanId::from_u64).collect(),
        };
        client.lane.call(|c| c.get_spans(request)).await
    };
    let reply = get(vec![3, 9, 1]).await.unwrap();
    let spans = reply.batch.check().expect("sound").to_spans();
    let ids: Vec<u64> = spans.iter().map(|span| span.span_id.bits).collect();
    assert_eq!(ids, [1, 3]);
    let too_many = get(vec![1; SPANS_BY_ID_MAX + 1]).await;
    assert_eq!(code(too_many), HubError::INVALID);
}
