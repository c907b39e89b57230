//! The live feed over a real connection.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hindsight_protocol::hub::{HubError, LiveEnd, LiveEvent, LiveRequest};
use hindsight_protocol::{Span, SpanId, TraceId};
use hindsight_testkit::builder::span;
use tokio::sync::{Notify, mpsc};
use tokio::time::timeout;

use crate::harness::{Client, PATIENCE, TestHub, eventually};

type End = Result<LiveEnd, vox::VoxError<HubError>>;

/// A subscriber whose events are taken one at a time.
pub(crate) struct Subscriber {
    client: Arc<Client>,
    events: mpsc::Receiver<LiveEvent>,
    go: Arc<Notify>,
    end: tokio::task::JoinHandle<End>,
}

impl Subscriber {
    pub(crate) async fn start(hub: &TestHub, request: LiveRequest) -> Self {
        Self::over(Arc::new(hub.client().await), request)
    }

    fn over(client: Arc<Client>, request: LiveRequest) -> Self {
        let go = Arc::new(Notify::new());
        go.notify_one();
        let (sender, events) = mpsc::channel(1);
        let end = tokio::spawn(subscribe(
            Arc::clone(&client),
            request,
            sender,
            Arc::clone(&go),
        ));
        Self {
            client,
            events,
            go,
            end,
        }
    }

    pub(crate) async fn next(&mut self) -> LiveEvent {
        let event = timeout(PATIENCE, self.events.recv()).await;
        event
            .expect("an event in time")
            .expect("the stream goes on")
    }

    /// Up to and including the next event of this kind.
    pub(crate) async fn until(&mut self, kind: u8) -> Vec<LiveEvent> {
        let mut events = vec![self.next().await];
        while events.last().is_some_and(|event| event.kind != kind) {
            events.push(self.next().await);
        }
        events
    }
}

/// The call and the channel are polled by one task: vox loses wake-ups otherwise.
async fn subscribe(
    client: Arc<Client>,
    request: LiveRequest,
    events: mpsc::Sender<LiveEvent>,
    go: Arc<Notify>,
) -> End {
    let (tx, mut rx) = vox::channel::<LiveEvent>();
    let forward = async {
        go.notified().await;
        while let Ok(Some(event)) = rx.recv().await {
            if events.send(event.get().clone()).await.is_err() {
                break;
            }
        }
        drop(rx);
    };
    let (end, ()) = tokio::join!(client.lane.client().live(request, tx), forward);
    end
}

pub(crate) fn spans_of(events: &[LiveEvent]) -> Vec<Span> {
    let batches = events
        .iter()
        .map(|event| event.batch.clone().check().unwrap());
    batches.flat_map(|batch| batch.to_spans()).collect()
}

fn everything() -> LiveRequest {
    LiveRequest {
        traces: true,
        spans: true,
        ..LiveRequest::default()
    }
}

const TRACE: TraceId = TraceId { high: 0, low: 1 };

/// Ingests spans 1, 2, 3, ... of one trace until it is told to stop; returns how many.
async fn ingest_until(client: &Client, stop: &AtomicBool) -> u64 {
    let mut sent = 0;
    let mut sequence = 0;
    while !stop.load(Ordering::Relaxed) {
        sequence += 1;
        let spans: Vec<Span> = (1..=3).map(|i| span(1, sent + i).build()).collect();
        client.ingest((1, sequence), &spans).await.unwrap();
        sent += 3;
    }
    sent
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_and_the_changes_after_it_have_no_gap_and_no_double() {
    let hub = TestHub::start().await;
    let app = hub.client().await;
    app.attach(1, "web").await.unwrap();
    let stop = AtomicBool::new(false);
    let watch = async {
        let request = LiveRequest {
            trace_id: TRACE,
            ..everything()
        };
        let mut seen = Vec::new();
        for _ in 0..20 {
            let mut subscriber = Subscriber::start(&hub, request.clone()).await;
            let snapshot = subscriber.until(LiveEvent::KIND_SNAPSHOT_END).await;
            let mut changes = Vec::new();
            while spans_of(&changes).len() < 30 {
                changes.push(subscriber.next().await);
            }
            check_revisions(&snapshot, &changes);
            seen.push((spans_of(&snapshot), spans_of(&changes)));
        }
        stop.store(true, Ordering::Relaxed);
        seen
    };
    let (sent, seen) = tokio::join!(ingest_until(&app, &stop), watch);
    assert!(sent > 0);
    for (snapshot, changes) in seen {
        check_continuity(&snapshot, &changes);
    }
    hub.shutdown().await;
}

/// Spans were sent as 1, 2, 3, ...: the snapshot has a beginning of that, the changes the next.
fn check_continuity(snapshot: &[Span], changes: &[Span]) {
    let mut ids: Vec<u64> = snapshot.iter().map(|span| span.span_id.bits).collect();
    ids.sort_unstable();
    ids.extend(changes.iter().map(|span| span.span_id.bits));
    let expected: Vec<u64> = (1..=ids.len() as u64).collect();
    assert_eq!(
        ids,
        expected,
        "snapshot {} changes {}",
        snapshot.len(),
        changes.len()
    );
}

fn check_revisions(snapshot: &[LiveEvent], changes: &[LiveEvent]) {
    let at = snapshot.last().unwrap().revision;
    assert!(snapshot.iter().all(|event| event.revision == at));
    let with_spans = changes.iter().filter(|event| !event.batch.is_empty());
    let mut reached = at;
    for event in with_spans {
        assert!(
            event.revision > reached,
            "{} after {reached}",
            event.revision
        );
        reached = event.revision;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn summaries_follow_the_spans() {
    let hub = TestHub::start().await;
    let app = hub.client().await;
    app.attach(1, "web").await.unwrap();
    app.ingest((1, 1), &[span(1, 1).named("first").build()])
        .await
        .unwrap();
    let mut subscriber = Subscriber::start(&hub, everything()).await;
    let snapshot = subscriber.until(LiveEvent::KIND_SNAPSHOT_END).await;
    let traces: Vec<_> = snapshot.iter().flat_map(|event| &event.traces).collect();
    assert_eq!((traces.len(), traces[0].name.as_str()), (1, "first"));

    app.ingest((1, 2), &[span(2, 1).named("second").build()])
        .await
        .unwrap();
    let change = subscriber.next().await;
    assert_eq!(
        (change.kind, change.batch.len()),
        (LiveEvent::KIND_CHANGE, 1)
    );
    let summary = subscriber.next().await;
    assert_eq!(summary.kind, LiveEvent::KIND_CHANGE);
    assert_eq!(summary.traces[0].name, "second");
    assert_eq!(summary.revision, change.revision);
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_let_through_what_was_asked_for() {
    let hub = TestHub::start().await;
    let app = hub.client().await;
    app.attach(1, "web").await.unwrap();
    let only_db = LiveRequest {
        spans: true,
        service: "db".to_owned(),
        ..LiveRequest::default()
    };
    let only_two = LiveRequest {
        spans: true,
        trace_id: TraceId { high: 0, low: 2 },
        ..LiveRequest::default()
    };
    let mut by_service = Subscriber::start(&hub, only_db).await;
    let mut by_trace = Subscriber::start(&hub, only_two).await;
    for subscriber in [&mut by_service, &mut by_trace] {
        subscriber.until(LiveEvent::KIND_SNAPSHOT_END).await;
    }
    let spans = [
        span(1, 1).service("web").build(),
        span(1, 2).service("db").build(),
        span(2, 3).service("web").build(),
    ];
    app.ingest((1, 1), &spans).await.unwrap();
    for (subscriber, id) in [(&mut by_service, 2), (&mut by_trace, 3)] {
        let seen = spans_of(&[subscriber.next().await]);
        let ids: Vec<SpanId> = seen.iter().map(|span| span.span_id).collect();
        assert_eq!(ids, [SpanId::from_u64(id)]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn large_changes_are_split() {
    let hub = TestHub::start().await;
    let app = hub.client().await;
    app.attach(1, "web").await.unwrap();
    let mut subscriber = Subscriber::start(&hub, everything()).await;
    subscriber.until(LiveEvent::KIND_SNAPSHOT_END).await;
    let text = "x".repeat(6_000);
    let spans: Vec<Span> = (1..=500)
        .map(|id| span(1, id).attribute("k", format!("{id} {text}")).build())
        .collect();
    app.ingest((1, 1), &spans).await.unwrap();
    let mut events = Vec::new();
    while spans_of(&events).len() < 500 {
        events.push(subscriber.next().await);
    }
    assert_eq!(spans_of(&events), spans);
    assert!(events.len() > 5);
    assert!(events.iter().all(|event| event.batch.byte_len() < 80_000));
    let revisions: Vec<u64> = events.iter().map(|event| event.revision).collect();
    let (last, before) = revisions.split_last().unwrap();
    assert!(
        before.iter().all(|revision| revision + 1 == *last),
        "{revisions:?}"
    );

    let again = LiveRequest {
        trace_id: TRACE,
        ..everything()
    };
    let mut late = Subscriber::start(&hub, again).await;
    let snapshot = late.until(LiveEvent::KIND_SNAPSHOT_END).await;
    assert_eq!(spans_of(&snapshot).len(), 500);
    assert!(snapshot.iter().all(|event| event.batch.byte_len() < 80_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_that_lags_is_told_and_gets_a_new_snapshot() {
    let hub = TestHub::with(|config| config.live.ring_changes_max = 8).await;
    let app = hub.client().await;
    app.attach(1, "web").await.unwrap();
    let mut subscriber = Subscriber::start(&hub, everything()).await;
    let mut events = subscriber.until(LiveEvent::KIND_SNAPSHOT_END).await;
    let started = tokio::time::Instant::now();
    for sequence in 1..=200 {
        app.ingest((1, sequence), &[span(1, sequence).build()])
            .await
            .unwrap();
    }
    assert!(
        started.elapsed() < Duration::from_secs(5),
        "the writer was slowed"
    );

    events.extend(subscriber.until(LiveEvent::KIND_LAGGED).await);
    let missed = events.last().unwrap().missed;
    assert!(missed > 0);
    let snapshot = subscriber.until(LiveEvent::KIND_SNAPSHOT_END).await;
    let of_trace = snapshot.iter().flat_map(|event| &event.traces).next();
    let mut known = of_trace.map_or(0, |trace| trace.spans);
    while known < 200 {
        let event = subscriber.next().await;
        known = event.traces.first().map_or(known, |trace| trace.spans);
    }
    assert!(app.count_of("live_missed").await >= missed);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_stream_has_a_heartbeat() {
    let hub = TestHub::with(|config| {
        config.live.heartbeat_interval = Duration::from_millis(20);
    })
    .await;
    let mut subscriber = Subscriber::start(&hub, everything()).await;
    subscriber.until(LiveEvent::KIND_SNAPSHOT_END).await;
    for _ in 0..3 {
        assert_eq!(subscriber.next().await.kind, LiveEvent::KIND_HEARTBEAT);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_that_takes_nothing_is_cut_and_the_writer_does_not_notice() {
    let hub = TestHub::with(|config| {
        config.live.stall_timeout = Duration::from_millis(200);
        config.live.heartbeat_interval = Duration::from_millis(5);
    })
    .await;
    let app = hub.client().await;
    app.attach(1, "web").await.unwrap();
    let client = Arc::new(hub.client().await);
    let go = Arc::new(Notify::new());
    let (sender, events) = mpsc::channel(1);
    let stalled = subscribe(Arc::clone(&client), everything(), sender, go);
    let stalled = tokio::spawn(stalled);
    for sequence in 1..=50 {
        app.ingest((1, sequence), &[span(1, sequence).build()])
            .await
            .unwrap();
    }
    eventually("it was cut", || async {
        app.count_of("live_stalled").await == 1 && app.stats().await.subscribers == 0
    })
    .await;
    assert_eq!(app.stats().await.store.live, 50);
    stalled.abort();
    drop(events);
}

#[tokio::test(flavor = "multi_thread")]
async fn subscribers_come_and_go_within_their_limits() {
    let hub = TestHub::with(|config| {
        config.live.subscribers_max = 2;
        config.live.subscribers_per_connection_max = 1;
        config.live.heartbeat_interval = Duration::from_millis(20);
    })
    .await;
    let viewer = hub.client().await;
    let mut first = Subscriber::start(&hub, everything()).await;
    first.until(LiveEvent::KIND_SNAPSHOT_END).await;
    let too_many = Subscriber::over(Arc::clone(&first.client), everything());
    let refused = timeout(PATIENCE, too_many.end).await.unwrap().unwrap();
    assert!(
        matches!(refused, Err(vox::VoxError::User(error)) if error.code == HubError::OVERLOADED)
    );

    let mut second = Subscriber::start(&hub, everything()).await;
    second.until(LiveEvent::KIND_SNAPSHOT_END).await;
    let third = Subscriber::start(&hub, everything()).await;
    let refused = timeout(PATIENCE, third.end).await.unwrap().unwrap();
    assert!(
        matches!(refused, Err(vox::VoxError::User(error)) if error.code == HubError::OVERLOADED)
    );
    assert_eq!(viewer.count_of("subscribers_max").await, 2);

    drop(first.events);
    second.client.connection.abort("killed");
    eventually("both places are free", || async {
        viewer.stats().await.subscribers == 0
    })
    .await;
    drop(first.go);
    let mut again = Subscriber::start(&hub, everything()).await;
    again.until(LiveEvent::KIND_SNAPSHOT_END).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clear_is_told() {
    let hub = TestHub::start().await;
    let app = hub.client().await;
    app.attach(1, "web").await.unwrap();
    app.ingest((1, 1), &[span(1, 1).build()]).await.unwrap();
    let mut subscriber = Subscriber::start(&hub, everything()).await;
    subscriber.until(LiveEvent::KIND_SNAPSHOT_END).await;
    app.lane
        .call(|c| c.clear(Default::default()))
        .await
        .unwrap();
    assert_eq!(subscriber.next().await.kind, LiveEvent::KIND_CLEARED);
}

/// What a viewer that trusts only the feed knows, against what is stored.
#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_that_follows_the_feed_ends_with_what_is_stored() {
    let hub = TestHub::with(|config| config.live.ring_changes_max = 16).await;
    let app = hub.client().await;
    app.attach(1, "web").await.unwrap();
    let mut subscriber = Subscriber::start(&hub, everything()).await;
    let mut known = BTreeMap::new();
    let send = async {
        for sequence in 1..=300_u64 {
            let spans = [span(sequence % 7 + 1, sequence).build()];
            app.ingest((1, sequence), &spans).await.unwrap();
        }
    };
    let follow = async {
        while known.values().sum::<u64>() < 300 {
            for trace in subscriber.next().await.traces {
                known.insert(trace.trace_id, trace.spans);
            }
        }
    };
    tokio::join!(send, follow);
    let listed = app.traces().await.traces;
    let stored: BTreeMap<_, _> = listed.iter().map(|t| (t.trace_id, t.spans)).collect();
    assert_eq!(known, stored);
}
