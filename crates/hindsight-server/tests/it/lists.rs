//! Lists of traces in another order, with attributes of their roots, asked for and live.

use hindsight_protocol::hub::{
    HubError, ListTracesRequest, LiveEvent, LiveRequest, TRACE_COLUMNS_MAX, TraceSummary,
};
use hindsight_protocol::{Span, Value};
use hindsight_testkit::builder::span;

use crate::harness::{Client, TestHub, code};
use crate::live::Subscriber;

const MS: u64 = 1_000_000;

fn root(id: u64, lasts_ms: u64, size: i64) -> Span {
    let start = id * 1_000 * MS;
    let built = span(id, id).named("root").service("web");
    let built = built.lasting(start, start + lasts_ms * MS);
    built.attribute("size", size).build()
}

fn columns() -> Vec<String> {
    vec!["size".into(), "service.name".into(), "none".into()]
}

fn told(traces: &[TraceSummary]) -> Vec<(u128, Option<Value>)> {
    let each = traces.iter().map(|trace| {
        assert!(trace.attribute("none").is_none());
        (trace.trace_id.as_u128(), trace.attribute("size").cloned())
    });
    each.collect()
}

async fn fed() -> (TestHub, Client) {
    let hub = TestHub::with(|_| {}).await;
    let client = hub.client().await;
    client.attach(1, "web").await.unwrap();
    let child = span(2, 22).parent(2).named("child").service("web");
    let child = child.lasting(2_000 * MS, 2_001 * MS).attribute("size", 99);
    let spans = [
        root(1, 50, 3),
        root(2, 10, 7),
        child.build(),
        root(3, 30, 5),
    ];
    client.ingest((1, 1), &spans).await.unwrap();
    (hub, client)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_comes_in_the_order_and_with_the_attributes_that_were_asked_for() {
    let (hub, client) = fed().await;
    let list = async |sort: &str, query: &str| {
        let request = ListTracesRequest {
            limit: 2,
            sort: sort.to_owned(),
            query: query.to_owned(),
            columns: columns(),
            ..ListTracesRequest::default()
        };
        let reply = client.lane.call(|c| c.list_traces(request)).await.unwrap();
        told(&reply.traces)
    };
    let size = |number: i64| Some(Value::I64(number));
    assert_eq!(list("-duration", "").await, [(1, size(3)), (3, size(5))]);
    assert_eq!(list("span.size", "").await, [(1, size(3)), (3, size(5))]);
    assert_eq!(
        list("-span.size", "name:root").await,
        [(2, size(7)), (3, size(5))]
    );
    assert_eq!(list("", "").await, [(3, size(5)), (2, size(7))]);
    hub.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_names_no_order_and_columns_too_many_are_refused() {
    let (hub, client) = fed().await;
    let many = vec!["k".to_owned(); TRACE_COLUMNS_MAX + 1];
    for (sort, columns) in [("colour", vec![]), ("", many), ("", vec![String::new()])] {
        let request = ListTracesRequest {
            sort: sort.to_owned(),
            columns: columns.clone(),
            ..ListTracesRequest::default()
        };
        let refused = client.lane.call(|c| c.list_traces(request)).await;
        assert_eq!(code(refused), HubError::INVALID);
        let (events, _) = vox::channel::<LiveEvent>();
        let request = LiveRequest {
            traces: true,
            sort: sort.to_owned(),
            columns,
            ..LiveRequest::default()
        };
        let refused = client.lane.call(|c| c.live(request, events)).await;
        assert_eq!(code(refused), HubError::INVALID);
    }
    hub.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_list_begins_with_the_first_in_its_order_and_tells_attributes_of_new_ones() {
    let (hub, client) = fed().await;
    let request = LiveRequest {
        traces: true,
        snapshot_limit: 2,
        sort: "-duration".to_owned(),
        columns: columns(),
        ..LiveRequest::default()
    };
    let mut subscriber = Subscriber::start(&hub, request).await;
    let events = subscriber.until(LiveEvent::KIND_SNAPSHOT_END).await;
    let first: Vec<_> = events.into_iter().flat_map(|event| event.traces).collect();
    let size = |number: i64| Some(Value::I64(number));
    assert_eq!(told(&first), [(1, size(3)), (3, size(5))]);
    client.ingest((1, 2), &[root(4, 1, 11)]).await.unwrap();
    let events = subscriber.until(LiveEvent::KIND_CHANGE).await;
    let changed: Vec<_> = events.into_iter().flat_map(|event| event.traces).collect();
    assert_eq!(told(&changed), [(4, size(11))]);
    drop(subscriber);
    hub.shutdown().await;
}
