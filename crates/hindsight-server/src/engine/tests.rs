use std::time::Duration;

use futures_util::FutureExt as _;
use hindsight_protocol::{BatchBuilder, OPEN_END_NS, Span, SpanId, TraceId};

use super::*;

fn start(change: impl FnOnce(&mut Config)) -> (Started, Arc<Feed>) {
    let mut config = Config::ephemeral();
    change(&mut config);
    let feed = Feed::new(&config.live);
    let grace = config.retention.disconnect_grace;
    let outlets = Outlets {
        hub_id: 7,
        feed: Arc::clone(&feed),
        registry: Arc::new(Registry::new(&config.discovery, grace)),
    };
    (Engine::start(&config, outlets).unwrap(), feed)
}

fn batch(span: u64, name: &str) -> CheckedBatch {
    let mut builder = BatchBuilder::new();
    builder.push(&Span {
        trace_id: TraceId::from_u128(1),
        span_id: SpanId::from_u64(span),
        name: name.to_owned(),
        start_ns: 1,
        end_ns: 2,
        ..Span::default()
    });
    builder.finish()
}

const NOBODY: BatchSource = BatchSource {
    tracer: None,
    sequence: None,
};

const HERE: ConnectionId = ConnectionId::of_test(1);

#[tokio::test]
async fn what_was_acknowledged_is_in_the_next_snapshot() {
    let (started, _feed) = start(|_| {});
    let engine = started.engine;
    for span in 1..=50 {
        let stored = engine.submit(batch(span, "a"), NOBODY, HERE).unwrap();
        let reply = stored.await.unwrap();
        assert_eq!((reply.inserted, reply.hub_id), (1, 7));
        let snapshot = engine.snapshot().await.unwrap();
        assert_eq!(snapshot.stored().live, span);
    }
    assert_eq!(engine.queued_bytes(), 0);
}

#[tokio::test]
async fn a_reader_does_not_wait_for_the_writer_where_nothing_was_told_since_the_last() {
    let (started, _feed) = start(|_| {});
    let engine = started.engine;
    let stored = engine.submit(batch(1, "a"), NOBODY, HERE).unwrap();
    stored.await.unwrap();
    let first = engine.snapshot().await.unwrap();
    let second = engine.snapshot().now_or_never();
    let second = second.expect("it waits").unwrap();
    assert!(Arc::ptr_eq(&first, &second));
    let stored = engine.submit(batch(2, "b"), NOBODY, HERE).unwrap();
    stored.await.unwrap();
    assert_eq!(engine.snapshot().await.unwrap().stored().live, 2);
}

#[tokio::test]
async fn readers_overtake_and_are_all_served() {
    let (started, _feed) = start(|config| config.reads.concurrent_max = 4);
    let engine = started.engine;
    let readers: Vec<_> = (0..100)
        .map(|_| {
            let engine = engine.clone();
            tokio::spawn(async move { engine.snapshot().await.map(|s| s.revision()) })
        })
        .collect();
    for span in 1..=200 {
        engine.submit(batch(span, "a"), NOBODY, HERE).unwrap();
    }
    for reader in readers {
        assert!(reader.await.unwrap().is_ok());
    }
}

#[tokio::test]
async fn a_batch_that_finds_no_room_is_refused_and_takes_none() {
    let large = batch(1, &"x".repeat(1_000));
    let bytes = large.byte_len();
    let (started, _feed) = start(|config| config.ingest.queue_bytes_max = bytes);
    let engine = started.engine;
    let room = engine.room_for(bytes).unwrap();
    let refused = engine.submit(batch(2, "b"), NOBODY, HERE).unwrap_err();
    assert_eq!(
        refused,
        EngineError::Overloaded {
            queued_bytes: bytes
        }
    );
    drop(room);
    let stored = engine.submit(large, NOBODY, HERE).unwrap();
    assert_eq!(stored.await.unwrap().inserted, 1);
    assert_eq!(engine.snapshot().await.unwrap().stored().live, 1);
}

#[tokio::test]
async fn an_engine_that_was_stopped_carries_out_what_waits_and_refuses_the_rest() {
    let (mut started, _feed) = start(|_| {});
    let engine = started.engine;
    let waiting: Vec<_> = (1..=20)
        .map(|span| engine.submit(batch(span, "a"), NOBODY, HERE).unwrap())
        .collect();
    engine.stop();
    for stored in waiting {
        assert_eq!(stored.await.unwrap().inserted, 1);
    }
    let end = started.end.wait_for(Option::is_some).await.unwrap().clone();
    assert_eq!(end, Some(Ok(())));
    assert_eq!(
        engine.snapshot().await.map(|_| ()),
        Err(EngineError::Stopped)
    );
    assert_eq!(engine.clear().await.map(|_| ()), Err(EngineError::Stopped));
    assert_eq!(
        engine.attach(TracerId::default()).await,
        Err(EngineError::Stopped)
    );
}

#[tokio::test]
async fn a_panic_of_the_writer_is_told_and_leaves_nobody_waiting() {
    let (mut started, _feed) = start(|_| {});
    let engine = started.engine;
    let stuck = tokio::spawn({
        let engine = engine.clone();
        async move {
            loop {
                engine.snapshot().await?;
            }
        }
    });
    engine.fail();
    let end = started.end.wait_for(Option::is_some).await.unwrap().clone();
    assert_eq!(end, Some(Err("for the test".to_owned())));
    let ended: Result<Result<(), EngineError>, _> =
        tokio::time::timeout(Duration::from_secs(10), stuck)
            .await
            .unwrap();
    assert_eq!(ended.unwrap(), Err(EngineError::Stopped));
}

#[tokio::test]
async fn a_change_is_published_before_it_is_acknowledged() {
    let (started, feed) = start(|_| {});
    let mut ticket = feed.subscribe().unwrap();
    for span in 1..=20 {
        let stored = started
            .engine
            .submit(batch(span, "a"), NOBODY, HERE)
            .unwrap();
        stored.await.unwrap();
        assert_eq!(ticket.changes().len(), 1);
    }
}

#[tokio::test]
async fn what_is_sealed_by_another_thread_stays_whole() {
    // Segments of a quarter of a megabyte, so that many are sealed while batches come.
    let memory_bytes = 2_000_000_u64;
    let (started, _feed) = start(|config| config.retention.memory_limit_bytes = memory_bytes);
    let engine = started.engine;
    let mut inserted = 0;
    for round in 0..400_u64 {
        let mut builder = BatchBuilder::new();
        for span in 0..300 {
            builder.push(&Span {
                trace_id: TraceId::from_u128(u128::from(round / 4) + 1),
                span_id: SpanId::from_u64(round * 300 + span + 1),
                name: format!("name {}", round * span),
                start_ns: 1,
                end_ns: 2,
                ..Span::default()
            });
        }
        let stored = engine.submit(builder.finish(), NOBODY, HERE).unwrap();
        inserted += stored.await.unwrap().inserted;
        if round == 200 {
            engine.clear().await.unwrap();
        }
        if round % 20 == 0 {
            let snapshot = engine.snapshot().await.unwrap();
            let (ingest, stored) = (snapshot.ingest(), snapshot.stored());
            assert_eq!(ingest.inserted, inserted);
            assert_eq!(inserted, stored.live + stored.evicted + stored.cleared);
            assert!(snapshot.memory_bytes() <= memory_bytes);
        }
    }
    let snapshot = engine.snapshot().await.unwrap();
    assert!(snapshot.segments() > 2, "nothing was sealed");
    assert!(snapshot.stored().evicted > 0 && snapshot.stored().live > 0);
}

/// A batch that takes a while.
fn many(spans: u64) -> CheckedBatch {
    let mut builder = BatchBuilder::new();
    for id in 1..=spans {
        builder.push(&Span {
            trace_id: TraceId::from_u128(2),
            span_id: SpanId::from_u64(id),
            start_ns: 1,
            end_ns: 2,
            ..Span::default()
        });
    }
    builder.finish()
}

#[tokio::test]
async fn a_pin_comes_after_the_batches_of_its_connection() {
    let (started, _feed) = start(|_| {});
    let (engine, other) = (started.engine, ConnectionId::of_test(2));
    engine.submit(many(5_000), NOBODY, other).unwrap();
    for span in 1..=20 {
        engine.submit(batch(span, "a"), NOBODY, HERE).unwrap();
    }
    let pinned = engine.pin(TraceId::from_u128(1), true, HERE).await;
    assert_eq!(pinned, Ok(Ok(true)));
    let snapshot = engine.snapshot().await.unwrap();
    let summary = snapshot.summary(TraceId::from_u128(1)).unwrap();
    assert_eq!((summary.spans, summary.pinned), (20, true));
}

#[tokio::test]
async fn a_detach_comes_after_the_batches_of_its_connection() {
    let (started, _feed) = start(|_| {});
    let (engine, other) = (started.engine, ConnectionId::of_test(2));
    let tracer = TracerId { high: 1, low: 1 };
    engine.attach(tracer).await.unwrap();
    engine.submit(many(5_000), NOBODY, other).unwrap();
    let source = BatchSource {
        tracer: Some(tracer),
        sequence: None,
    };
    let open = |id| {
        let mut builder = BatchBuilder::new();
        builder.push(&Span {
            trace_id: TraceId::from_u128(3),
            span_id: SpanId::from_u64(id),
            start_ns: 1,
            end_ns: OPEN_END_NS,
            ..Span::default()
        });
        builder.finish()
    };
    for id in 1..=20 {
        engine.submit(open(id), source, HERE).unwrap();
    }
    engine.detach(tracer, HERE).await.unwrap();
    let last = engine.submit(batch(1, "a"), NOBODY, other).unwrap();
    last.await.unwrap();
    let snapshot = engine.snapshot().await.unwrap();
    let page = snapshot.trace_page(TraceId::from_u128(3), 0, 100);
    let spans = page.batch.check().unwrap().to_spans();
    let disconnected = hindsight_protocol::SpanState::Disconnected as u8;
    assert_eq!(spans.len(), 20);
    assert!(
        spans.iter().all(|span| span.state == disconnected),
        "{spans:?}"
    );
}
