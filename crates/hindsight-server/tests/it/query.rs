//! Queries over a real connection.

use std::time::Duration;

use hindsight_connect::CallError;
use hindsight_protocol::hub::{
    CompleteRequest, FindSpansRequest, HubError, ListTracesRequest, LiveEvent, LiveRequest,
    QueryReply, QueryRequest, ServiceMapRequest,
};
use hindsight_protocol::{Span, TraceId};
use hindsight_server::Config;
use hindsight_testkit::builder::span;

use crate::harness::{Answer, Client, TestHub, code};
use crate::live::{Subscriber, spans_of};

const MS: u64 = 1_000_000;
const SECOND: u64 = 1_000 * MS;

/// Two requests, the second of which fails in the database, and a job by itself.
fn spans() -> Vec<Span> {
    let web = |trace, id, name: &str, from: u64, to: u64| {
        let span = span(trace, id).service("web").named(name);
        span.lasting(from, to).attribute("http.route", "/users")
    };
    let db = |trace, id, from: u64, to: u64| {
        let span = span(trace, id).service("db").named("query").parent(id - 1);
        span.lasting(from, to)
    };
    vec![
        web(1, 1, "GET /users", SECOND, SECOND + 30 * MS).build(),
        db(1, 2, SECOND + MS, SECOND + 20 * MS).build(),
        web(2, 3, "POST /users", 12 * SECOND, 12 * SECOND + 90 * MS).build(),
        db(2, 4, 12 * SECOND + MS, 12 * SECOND + 80 * MS)
            .failed("refused")
            .build(),
        span(3, 5)
            .service("cron")
            .named("sweep")
            .lasting(13 * SECOND, 14 * SECOND)
            .build(),
    ]
}

async fn fed(change: impl FnOnce(&mut Config)) -> (TestHub, Client) {
    let hub = TestHub::with(change).await;
    let client = hub.client().await;
    client.attach(1, "web").await.unwrap();
    client.ingest((1, 1), &spans()).await.unwrap();
    (hub, client)
}

async fn ask(client: &Client, request: QueryRequest) -> Answer<QueryReply> {
    client.lane.call(|c| c.query(request)).await
}

fn query(text: &str) -> QueryRequest {
    QueryRequest {
        query: text.to_owned(),
        ..QueryRequest::default()
    }
}

fn ids(reply: &QueryReply) -> Vec<u64> {
    let batch = reply.batch.clone().check().expect("a sound batch");
    batch.rows().map(|row| row.span_id().bits).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn matching_spans_are_answered_latest_first_within_the_window() {
    let (hub, client) = fed(|_| {}).await;
    let check = async |request: QueryRequest, expected: &[u64], matched| {
        let reply = ask(&client, request.clone()).await.unwrap();
        assert_eq!(ids(&reply), expected, "{request:?}");
        assert_eq!(
            (reply.matched, reply.cut.as_str()),
            (matched, ""),
            "{request:?}"
        );
    };
    check(query(""), &[5, 4, 3, 2, 1], 5).await;
    check(query("service:web"), &[3, 1], 2).await;
    check(query("has(status:error) service:web"), &[3], 1).await;
    check(query("| sort duration | limit 2"), &[5, 3], 5).await;
    let one = QueryRequest {
        limit: 1,
        ..query("service:db")
    };
    check(one, &[4], 2).await;
    let early = QueryRequest {
        until_ns: 10 * SECOND,
        ..query("*")
    };
    check(early, &[2, 1], 2).await;
    let late = QueryRequest {
        since_ns: 13 * SECOND,
        ..query("*")
    };
    check(late, &[5], 1).await;
    hub.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn aggregates_and_heatmaps_come_back_as_columns() {
    let (hub, client) = fed(|_| {}).await;
    let table = "| count(), max(duration) by service over 10s | sort count()";
    let reply = ask(&client, query(table)).await.unwrap();
    let table = &reply.table;
    assert_eq!(table.by, ["service"]);
    assert_eq!(table.starts_ns, [0, 10 * SECOND]);
    let units: Vec<_> = table.columns.iter().map(|c| c.unit.as_str()).collect();
    assert_eq!(units, ["1", "ns"]);
    let web = table.keys.iter().position(|key| key == "web").unwrap();
    let values = &table.values[web * 4..web * 4 + 4];
    assert_eq!(values, [1.0, 30e6, 1.0, 90e6]);

    let reply = ask(&client, query("| heatmap() over 1s")).await.unwrap();
    let heatmap = &reply.heatmap;
    assert_eq!(heatmap.counts.iter().sum::<u64>(), 5);
    assert_eq!(heatmap.errors.iter().sum::<u64>(), 1);
    assert_eq!(
        heatmap.counts.len(),
        heatmap.starts_ns.len() * heatmap.floors_ns.len()
    );
    hub.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn traces_are_listed_by_query_and_told_how() {
    let (hub, client) = fed(|_| {}).await;
    let list = async |query: &str, explain| {
        let request = ListTracesRequest {
            query: query.to_owned(),
            explain,
            ..ListTracesRequest::default()
        };
        client.lane.call(|c| c.list_traces(request)).await.unwrap()
    };
    let traces = |reply: &hindsight_protocol::hub::ListTracesReply| {
        let ids = reply.traces.iter().map(|trace| trace.trace_id.low);
        ids.collect::<Vec<_>>()
    };
    assert_eq!(traces(&list("", false).await), [3, 2, 1]);
    assert_eq!(traces(&list("service:db", false).await), [2, 1]);
    assert_eq!(traces(&list("-has(service:db)", false).await), [3]);
    let failed = list("  status:error ", true).await;
    assert_eq!((traces(&failed), failed.total), (vec![2], 3));
    assert_eq!(failed.explain.query, "status:error");
    assert!(failed.explain.runs > 0, "{:?}", failed.explain);
    assert_eq!(
        list("status:error", false).await.explain,
        Default::default()
    );
    hub.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn spans_of_a_trace_services_and_completions_are_found() {
    let (hub, client) = fed(|_| {}).await;
    let request = FindSpansRequest {
        trace_id: TraceId { high: 0, low: 2 },
        query: "child(status:error) or status:error".to_owned(),
        ..FindSpansRequest::default()
    };
    let found = client.lane.call(|c| c.find_spans(request)).await.unwrap();
    assert_eq!((found.span_ids, found.matched), (vec![3, 4], 2));

    let request = ServiceMapRequest::default();
    let map = client.lane.call(|c| c.service_map(request)).await.unwrap();
    let edges = map.edges.iter();
    let edges: Vec<_> = edges
        .map(|e| (&*e.from, &*e.to, e.calls, e.errors))
        .collect();
    assert_eq!(edges, [("web", "db", 2, 1)]);
    assert_eq!(map.nodes.len(), 3);

    let request = CompleteRequest {
        text: "service:w status:error".to_owned(),
        cursor: 9,
        limit: 5,
    };
    let reply = client.lane.call(|c| c.complete(request)).await.unwrap();
    assert_eq!((reply.start, reply.end), (8, 9));
    let first = &reply.completions[0];
    assert_eq!((first.text.as_str(), first.kind.as_str()), ("web", "value"));
    assert_eq!(first.count, 2);
    hub.shutdown().await;
}

/// The problems of an answer that must be a wrong query.
#[track_caller]
fn problems<T: std::fmt::Debug>(answer: Answer<T>) -> Vec<(u32, u32, String)> {
    let Err(CallError::Rpc(vox::VoxError::User(error))) = answer else {
        panic!("expected an error of the hub, got {answer:?}");
    };
    assert_eq!(error.code, HubError::QUERY);
    assert!(
        error.message.contains("^^^^ column 14"),
        "{}",
        error.message
    );
    let problems = error.problems.into_iter();
    problems.map(|p| (p.start, p.end, p.suggestion)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_query_is_told_with_its_place_wherever_it_is_sent() {
    let (hub, client) = fed(|_| {}).await;
    // The place is counted in bytes, the column in characters.
    let text = || "nam:ä status:eror".to_owned();
    let expected = vec![(14, 18, "error".to_owned())];
    let lane = &client.lane;
    let request = query(&text());
    assert_eq!(problems(lane.call(|c| c.query(request)).await), expected);
    let request = FindSpansRequest {
        query: text(),
        ..FindSpansRequest::default()
    };
    assert_eq!(
        problems(lane.call(|c| c.find_spans(request)).await),
        expected
    );
    let request = ServiceMapRequest {
        query: text(),
        ..ServiceMapRequest::default()
    };
    assert_eq!(
        problems(lane.call(|c| c.service_map(request)).await),
        expected
    );
    let request = ListTracesRequest {
        query: text(),
        ..ListTracesRequest::default()
    };
    assert_eq!(
        problems(lane.call(|c| c.list_traces(request)).await),
        expected
    );
    let (tx, _rx) = vox::channel::<LiveEvent>();
    let request = LiveRequest {
        query: text(),
        ..LiveRequest::default()
    };
    assert_eq!(problems(lane.call(|c| c.live(request, tx)).await), expected);
    hub.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_cut_by_the_deadline_says_so_and_is_counted() {
    let (hub, client) = fed(|config| config.query.deadline = Duration::from_nanos(1)).await;
    let reply = ask(&client, query("service:web")).await.unwrap();
    assert_eq!((reply.cut.as_str(), ids(&reply)), ("deadline", vec![]));
    let request = ListTracesRequest {
        query: "service:web".to_owned(),
        ..ListTracesRequest::default()
    };
    let listed = client.lane.call(|c| c.list_traces(request)).await.unwrap();
    assert_eq!(listed.cut, "deadline");
    assert_eq!(client.count_of("query_deadline").await, 2);
    // Lists without a query are not queries.
    assert_eq!(client.traces().await.traces.len(), 3);
    hub.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_cut_to_the_bytes_of_a_frame_and_to_the_most_spans() {
    let (hub, client) = fed(|config| {
        config.query.answer_bytes_max = 1;
        config.query.spans_max = 2;
    })
    .await;
    let reply = ask(&client, query("*")).await.unwrap();
    assert_eq!((ids(&reply), reply.cut.as_str()), (vec![5], "budget"));
    assert_eq!(reply.matched, 5);
    let text = "| count(), max(duration) by name over 1s";
    let table = ask(&client, query(text)).await.unwrap().table;
    assert_eq!((table.keys.len(), table.groups_total), (1, 4));
    assert_eq!(table.values.len(), 2 * table.starts_ns.len());
    assert_eq!(client.count_of("query_budget").await, 2);
    hub.shutdown().await;

    let (hub, client) = fed(|config| config.query.spans_max = 2).await;
    for limit in [2, 100] {
        let request = QueryRequest {
            limit,
            ..query("*")
        };
        assert_eq!(ids(&ask(&client, request).await.unwrap()), [5, 4]);
    }
    hub.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_too_long_to_be_one_is_refused_by_its_size() {
    let (hub, client) = fed(|_| {}).await;
    let text = "a ".repeat(20_000);
    assert_eq!(code(ask(&client, query(&text)).await), HubError::QUERY);
    let request = CompleteRequest {
        cursor: 5,
        text,
        limit: 0,
    };
    let answer = client.lane.call(|c| c.complete(request)).await;
    assert_eq!(code(answer), HubError::QUERY);
    hub.shutdown().await;
}

/// Sends spans in two batches, the second of which must be seen, and returns what was.
async fn live(request: LiveRequest, before: &[Span], after: &[Span]) -> Vec<LiveEvent> {
    let hub = TestHub::start().await;
    let app = hub.client().await;
    app.attach(1, "web").await.unwrap();
    app.ingest((1, 1), before).await.unwrap();
    let mut subscriber = Subscriber::start(&hub, request).await;
    let mut events = subscriber.until(LiveEvent::KIND_SNAPSHOT_END).await;
    app.ingest((1, 2), after).await.unwrap();
    let is_last = |event: &LiveEvent| {
        let last = after.last().map(|span| span.span_id);
        let spans = spans_of(std::slice::from_ref(event));
        let is_summary = event.traces.iter().any(|t| t.trace_id == after[0].trace_id);
        spans.last().map(|span| span.span_id) == last || is_summary
    };
    loop {
        let event = subscriber.next().await;
        let last = is_last(&event);
        events.push(event);
        if last {
            return events;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_query_lets_matching_spans_through() {
    let request = |query: &str| LiveRequest {
        spans: true,
        query: query.to_owned(),
        ..LiveRequest::default()
    };
    let names = |events: &[LiveEvent]| {
        let names = spans_of(events).into_iter().map(|span| span.name);
        names.collect::<Vec<_>>()
    };
    let root = [span(1, 1).named("root").service("web").build()];
    let rest = [
        span(1, 2).named("good").service("db").parent(1).build(),
        span(2, 7).named("other").service("db").build(),
        span(1, 3)
            .named("bad")
            .service("db")
            .parent(1)
            .failed("no")
            .build(),
    ];
    let alone = live(request("name:*d service:db"), &root, &rest).await;
    assert_eq!(names(&alone), ["good", "bad"]);
    // Told by the trace as it is stored, of which the first span came before.
    let in_trace = live(request("parent(service:web)"), &root, &rest).await;
    assert_eq!(names(&in_trace), ["good", "bad"]);
    let siblings = live(request("sibling(service:db) status:error"), &root, &rest).await;
    assert_eq!(names(&siblings), ["bad"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_query_lets_summaries_of_matching_traces_through() {
    let before = [
        span(1, 1)
            .named("early")
            .service("web")
            .failed("no")
            .build(),
        span(2, 2).named("fine").service("web").build(),
    ];
    let after = [
        span(4, 4).named("late").service("web").failed("no").build(),
        span(3, 3).named("fine too").service("web").build(),
    ];
    for query in ["status:error", "errors>0"] {
        let request = LiveRequest {
            traces: true,
            query: query.to_owned(),
            ..LiveRequest::default()
        };
        let events = live(request, &before, &after).await;
        let traces = events.iter().flat_map(|event| &event.traces);
        let names: Vec<_> = traces.map(|trace| trace.name.as_str()).collect();
        assert_eq!(names, ["early", "late"], "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tail_of_a_trace_begins_with_what_matches() {
    let request = LiveRequest {
        spans: true,
        trace_id: TraceId { high: 0, low: 1 },
        query: "child(*)".to_owned(),
        ..LiveRequest::default()
    };
    let before = [
        span(1, 1).named("root").build(),
        span(1, 2).named("leaf").parent(1).build(),
    ];
    // Arrives with its child.
    let after = [
        span(1, 4).named("later leaf").parent(3).build(),
        span(1, 3).named("later").parent(1).build(),
    ];
    let events = live(request, &before, &after).await;
    let names: Vec<_> = spans_of(&events).into_iter().map(|s| s.name).collect();
    assert_eq!(names, ["root", "later"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn storing_goes_on_while_every_place_is_taken() {
    let (hub, client) = fed(|config| config.query.concurrent_max = 1).await;
    let asking = futures_util::future::join_all((0..30).map(|_| {
        let text = "descendant(status:error) or sibling(name~\"^q\") | p99(duration) by name";
        ask(&client, query(text))
    }));
    let storing = async {
        for sequence in 2..30 {
            let more = [span(9, sequence).build()];
            client.ingest((1, sequence), &more).await.unwrap();
        }
    };
    let (answers, ()) = tokio::join!(asking, storing);
    for answer in answers {
        assert_eq!(answer.unwrap().cut, "");
    }
    hub.shutdown().await;
}
