//! Spans go in and come out again; every record is accounted for.

use hindsight_connect::DialOptions;
use hindsight_protocol::hub::{
    HubError, IngestRequest, IngestSpansRequest, PinTraceRequest, TracerAccounts, UnpinTraceRequest,
};
use hindsight_protocol::{SpanBatch, TraceId};
use hindsight_testkit::builder::{batch, span};

use crate::harness::{Client, TestHub, code, tracer_id};

fn trace(number: u64) -> TraceId {
    TraceId {
        high: 0,
        low: number,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_ingested_is_listed_and_read_back_unchanged() {
    let hub = TestHub::start().await;
    for scheme in ["http", "tcp", "ws"] {
        let endpoint = hub.endpoint(scheme);
        let client = Client::dial(&endpoint, DialOptions::default())
            .await
            .unwrap();
        let number = scheme.len() as u64 * 10 + u64::from(scheme.as_bytes()[0]);
        let sent = [
            span(number, 1)
                .service("web")
                .named("root")
                .lasting(5, 50)
                .build(),
            span(number, 2)
                .parent(1)
                .service("db")
                .attribute("k", "v")
                .build(),
        ];
        let attached = client.attach(number, "web").await.unwrap();
        assert_eq!(attached.hub_id, hub.running().hub_id());
        let reply = client.ingest((number, 1), &sent).await.unwrap();
        assert_eq!(
            (reply.inserted, reply.hub_id),
            (2, attached.hub_id),
            "{scheme}"
        );

        let listed = client.traces().await;
        let summary = listed.traces.iter().find(|t| t.trace_id == trace(number));
        let summary = summary.unwrap_or_else(|| panic!("{scheme}: {listed:?}"));
        assert_eq!((summary.name.as_str(), summary.spans), ("root", 2));
        let mut read = client.spans(trace(number)).await;
        read.sort_by_key(|span| span.span_id);
        assert_eq!(read, sent, "{scheme}");
    }
    hub.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_sent_again_is_not_stored_twice() {
    let hub = TestHub::start().await;
    let client = hub.client().await;
    client.attach(1, "web").await.unwrap();
    let spans = [span(1, 1).build(), span(1, 2).build()];
    let first = client.ingest((1, 1), &spans).await.unwrap();
    assert_eq!((first.inserted, first.resent), (2, false));

    let again = hub.client().await;
    again.attach(1, "web").await.unwrap();
    let second = again.ingest((1, 1), &spans).await.unwrap();
    assert_eq!((second.inserted, second.resent), (0, true));
    let third = again.ingest((1, 2), &spans).await.unwrap();
    assert_eq!((third.duplicate, third.resent), (2, false));

    let stats = again.stats().await;
    assert_eq!(stats.ingest.received, 4);
    assert_eq!(stats.ingest.resent, 2);
    assert_eq!(stats.store.live, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_accounts_add_up_per_app_and_in_sum() {
    let hub = TestHub::start().await;
    let client = hub.client().await;
    for tracer in 1..=3 {
        client.attach(tracer, "web").await.unwrap();
        for sequence in 1..=4 {
            let spans = [
                span(tracer, sequence).build(),
                span(tracer, 100).running(sequence as u32).build(),
                span(0, 1).build(),
            ];
            let accounts = TracerAccounts {
                offered: sequence * 3 + 1,
                dropped: 1,
                ..TracerAccounts::default()
            };
            let sent = client.ingest_batch((tracer, sequence), batch(&spans), accounts);
            sent.await.unwrap();
        }
    }
    let spans = vec![span(9, 1).build()];
    let anonymous = IngestSpansRequest { spans };
    client
        .lane
        .call(|c| c.ingest_spans(anonymous))
        .await
        .unwrap();

    let stats = client.stats().await;
    let i = stats.ingest;
    assert_eq!(i.received, 3 * 4 * 3 + 1);
    assert_eq!(
        i.received,
        i.inserted + i.updated + i.duplicate + i.rejected
    );
    let s = stats.store;
    assert_eq!(
        i.inserted,
        s.live + s.sampled_out + s.expired + s.evicted + s.cleared
    );
    let apps = client.apps().await;
    assert_eq!(
        apps.iter().map(|app| app.counters.received).sum::<u64>() + 1,
        i.received
    );
    for app in &apps {
        assert_eq!(
            app.accounts.offered,
            app.counters.received + app.accounts.dropped
        );
    }
    assert_eq!((stats.accounts.offered, stats.accounts.dropped), (39, 3));
    assert!(
        stats.reasons.iter().any(|r| r.count == i.rejected),
        "{:?}",
        stats.reasons
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_that_break_a_rule_are_refused_by_name_and_leave_nothing() {
    let hub = TestHub::with(|config| {
        config.ingest.batch_spans_max = 3;
        config.ingest.batch_bytes_max = 4_096;
    })
    .await;
    let client = hub.client().await;
    let one = [span(1, 1).build()];
    assert_eq!(
        code(client.ingest((1, 1), &one).await),
        HubError::NOT_ATTACHED
    );
    client.attach(1, "web").await.unwrap();
    let many: Vec<_> = (1..=4).map(|id| span(1, id).build()).collect();
    assert_eq!(code(client.ingest((1, 1), &many).await), HubError::INVALID);
    let large = [span(1, 1).attribute("k", "v".repeat(5_000)).build()];
    assert_eq!(code(client.ingest((1, 1), &large).await), HubError::INVALID);

    for reason in ["not_attached", "batch_spans_max", "batch_bytes_max"] {
        assert_eq!(client.count_of(reason).await, 1, "{reason}");
    }
    let stats = client.stats().await;
    assert_eq!((stats.ingest.received, stats.store.live), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tracer_without_an_id_is_refused() {
    let hub = TestHub::start().await;
    let client = hub.client().await;
    let request = hindsight_protocol::hub::AttachRequest::default();
    let answer = client.lane.call(|c| c.attach(request)).await;
    assert_eq!(code(answer), HubError::INVALID);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_is_told_at_once_and_stores_nothing() {
    let hub = TestHub::with(|config| {
        config.ingest.queue_bytes_max = 64 << 10;
        config.ingest.batch_bytes_max = 64 << 10;
        config.ingest.queue_batches_max = 1;
    })
    .await;
    let client = hub.client().await;
    client.attach(1, "web").await.unwrap();
    let sends = (1..=200_u64).map(|sequence| {
        let spans: Vec<_> = (0..50).map(|i| span(sequence, i + 1).build()).collect();
        let client = &client;
        async move { client.ingest((1, sequence), &spans).await }
    });
    let mut stored = 0;
    let mut overloaded = 0;
    for answer in futures_util::future::join_all(sends).await {
        match answer {
            Ok(reply) => stored += reply.inserted,
            Err(error) => {
                overloaded += 1;
                assert_eq!(code::<()>(Err(error)), HubError::OVERLOADED);
            }
        }
    }
    let stats = client.stats().await;
    assert_eq!(stats.store.live, stored);
    assert_eq!(client.count_of("overloaded").await, overloaded);
}

#[tokio::test(flavor = "multi_thread")]
async fn clearing_removes_everything_and_is_accounted_for() {
    let hub = TestHub::start().await;
    let client = hub.client().await;
    client.attach(1, "web").await.unwrap();
    client
        .ingest((1, 1), &[span(1, 1).build(), span(2, 1).build()])
        .await
        .unwrap();
    let cleared = client
        .lane
        .call(|c| c.clear(Default::default()))
        .await
        .unwrap();
    assert_eq!((cleared.spans, cleared.traces), (2, 2));
    assert!(client.traces().await.traces.is_empty());
    let stats = client.stats().await;
    assert_eq!((stats.store.live, stats.store.cleared), (0, 2));
    client.ingest((1, 2), &[span(1, 1).build()]).await.unwrap();
    assert_eq!(client.stats().await.store.live, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_is_pinned_and_unpinned_and_a_refusal_says_why() {
    let hub = TestHub::start().await;
    let client = hub.client().await;
    client.attach(1, "web").await.unwrap();
    client.ingest((1, 1), &[span(1, 1).build()]).await.unwrap();
    let trace_id = span(1, 1).build().trace_id;
    let pin = || {
        let request = PinTraceRequest { trace_id };
        client.lane.call(|c| c.pin_trace(request))
    };
    assert!(pin().await.unwrap().changed);
    assert!(!pin().await.unwrap().changed);
    assert!(client.traces().await.traces[0].pinned);
    let stats = client.stats().await;
    assert_eq!(stats.pinned_traces, 1);
    assert!(stats.pinned_bytes > 0 && stats.pinned_bytes < stats.memory_bytes);
    let unknown = PinTraceRequest::default();
    let refused = client.lane.call(|c| c.pin_trace(unknown)).await;
    assert_eq!(code(refused), HubError::NOT_STORED);
    let request = UnpinTraceRequest { trace_id };
    let unpinned = client.lane.call(|c| c.unpin_trace(request)).await;
    assert!(unpinned.unwrap().changed);
    assert!(!client.traces().await.traces[0].pinned);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_batch_is_refused_and_the_connection_lives() {
    let hub = TestHub::start().await;
    let client = hub.client().await;
    client.attach(1, "web").await.unwrap();
    let mut malformed: SpanBatch = batch(&[span(1, 1).build()]).into_batch();
    malformed.names.push(99);
    let request = IngestRequest {
        tracer_id: tracer_id(1),
        sequence: 1,
        batch: malformed,
        accounts: TracerAccounts::default(),
    };
    let answer = client.lane.call(|c| c.ingest(request)).await;
    assert_eq!(code(answer), HubError::INVALID);
    assert_eq!(client.count_of("batch_malformed").await, 1);
    client.ingest((1, 1), &[span(1, 1).build()]).await.unwrap();
}
