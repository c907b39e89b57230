//! What is recorded arrives, or is counted.

use std::time::{Duration, Instant};

use hindsight::{Sampler, SpanKind, StatusCode, Tracer, Value};
use hindsight_protocol::SpanState;

use hindsight_testkit::hub::{Hub, PATIENCE};

use crate::tracer;

#[tokio::test]
async fn the_first_lines_a_newcomer_writes_work() -> Result<(), Box<dyn std::error::Error>> {
    let hub = Hub::start().await;
    let address = hub.address();

    let tracer = Tracer::connect_http(&address).await?;
    let span = tracer
        .span("my_operation")
        .with_attribute("key", "value")
        .start();
    span.end();

    let span = hub
        .wait_for_span("ended", |span| span.end().is_some())
        .await;
    assert_eq!(span.name, "my_operation");
    assert_eq!(span.attribute("key"), Some(&Value::from("value")));
    Ok(())
}

#[tokio::test]
async fn everything_set_on_a_span_arrives() {
    let hub = Hub::start().await;
    let tracer = tracer(&hub)
        .resource_attribute("team", "blue")
        .connect()
        .await
        .expect("connects");
    let other = tracer.span("other").start_detached();
    let span = tracer
        .span("old name")
        .with_kind(SpanKind::Server)
        .with_attribute("text", "a")
        .with_attribute("number", 7)
        .with_link(other.context().expect("on").clone())
        .start();
    span.set_attribute("text", "b".to_owned());
    span.set_attribute("big", u64::MAX);
    span.set_attribute("list", vec![Value::from(1), Value::from("x")]);
    span.set_name("new name");
    span.event_with("happened", vec![("how".into(), "fast".into())]);
    let cause = std::io::Error::other("disk on fire");
    span.record_error(&cause);
    let ids = span.context().expect("on").clone();
    span.end();
    drop(other);
    assert!(tracer.flush(PATIENCE).await);

    let spans = hub.spans(ids.trace_id()).await;
    let span = spans
        .iter()
        .find(|span| span.span_id == ids.span_id())
        .expect("stored");
    assert_eq!(
        (span.name.as_str(), span.kind),
        ("new name", SpanKind::Server as u8)
    );
    assert_eq!(span.attribute("text"), Some(&Value::from("b")));
    assert_eq!(span.attribute("number"), Some(&Value::from(7)));
    assert_eq!(
        span.attribute("big"),
        Some(&Value::from(u64::MAX.to_string()))
    );
    assert_eq!(
        span.attribute("list"),
        Some(&Value::from(vec![Value::from(1), Value::from("x")]))
    );
    assert_eq!(span.events.len(), 2);
    assert_eq!(span.events[0].attributes[0].value, Value::from("fast"));
    assert_eq!(span.status, StatusCode::Error as u8);
    assert_eq!(span.status_message, "disk on fire");
    assert_eq!(span.links.len(), 1);
    let team = span
        .resource
        .attributes
        .iter()
        .find(|attribute| attribute.key == "team");
    assert_eq!(team.expect("resource").value, Value::from("blue"));
    assert!(span.end_ns >= span.start_ns);
}

#[tokio::test]
async fn a_span_dropped_without_an_end_is_marked() {
    let hub = Hub::start().await;
    let tracer = tracer(&hub).connect().await.expect("connects");
    drop(tracer.span("forgotten").start());
    let span = hub
        .wait_for_span("forgotten", |span| span.name == "forgotten")
        .await;
    assert_eq!(SpanState::from_u8(span.state), SpanState::EndedByDrop);
    assert!(span.end().is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_way_to_connect_delivers() {
    let hub = Hub::start().await;
    let tcp = format!("127.0.0.1:{}", hub.tcp_port());
    let tracers = [
        ("http", Tracer::connect_http(hub.address()).await),
        ("ws", Tracer::connect_ws(hub.address()).await),
        ("tcp", Tracer::connect_tcp(tcp).await),
    ];
    for (way, tracer) in tracers {
        let tracer = tracer.expect(way);
        tracer.span(way).start().end();
        let report = tracer.shutdown(PATIENCE).await;
        assert_eq!(
            (report.offered, report.acknowledged, report.unsent),
            (1, 1, 0),
            "{way}"
        );
    }
    let mut names: Vec<_> = hub
        .all_spans()
        .await
        .into_iter()
        .map(|span| span.name)
        .collect();
    names.sort();
    assert_eq!(names, ["http", "tcp", "ws"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_drop_sends_what_is_buffered() {
    let hub = Hub::start().await;
    let tracer = tracer(&hub)
        .flush_interval(Duration::from_secs(3600))
        .connect()
        .await;
    let tracer = tracer.expect("connects");
    for _ in 0..100 {
        tracer.span("buffered").start().end();
    }
    tokio::task::spawn_blocking(move || drop(tracer))
        .await
        .expect("no panic");
    assert_eq!(hub.stats().await.store.live, 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spans_of_many_threads_all_arrive() {
    let hub = Hub::start().await;
    // A thread may be kept waiting in a span; a report of that would be one more record.
    let tracer = tracer(&hub).report_open_after(PATIENCE);
    let tracer = tracer.connect().await.expect("connects");
    let make = |tracer: Tracer| {
        move || {
            for _ in 0..5000 {
                tracer.span("work").with_attribute("n", 1).start().end();
            }
        }
    };
    let threads: Vec<_> = (0..4)
        .map(|_| std::thread::spawn(make(tracer.clone())))
        .collect();
    let joined = tokio::task::spawn_blocking(|| threads.into_iter().all(|t| t.join().is_ok()));
    assert!(joined.await.expect("no panic"));
    let report = tracer.shutdown(PATIENCE).await;
    assert_eq!(report.offered, 20_000);
    assert_eq!(report.acknowledged + report.dropped, 20_000, "{report:?}");
    let stats = hub.stats().await;
    assert_eq!(stats.ingest.received, report.acknowledged);
    assert_eq!(stats.store.live, report.acknowledged);
}

#[tokio::test]
async fn a_hub_that_is_not_there_is_an_error_with_its_address() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("binds");
    let address = listener.local_addr().expect("address").to_string();
    drop(listener);
    let error = Tracer::connect_http(&address)
        .await
        .expect_err("nobody there");
    assert!(error.to_string().contains(&address), "{error}");
}

#[tokio::test]
async fn without_a_hub_a_lazy_tracer_costs_bounded_memory_and_counts_what_it_drops() {
    let tracer = Tracer::builder()
        .endpoint("127.0.0.1:1")
        .queue_bytes_max(64 << 10)
        .thread_spans_max(1000)
        .lazy();
    for _ in 0..50_000 {
        tracer.span("lost").start().end();
    }
    let begun = Instant::now();
    let report = tracer.shutdown(Duration::from_millis(300)).await;
    assert!(begun.elapsed() < PATIENCE);
    assert_eq!(report.offered, 50_000);
    assert_eq!(report.acknowledged, 0);
    assert!(report.dropped > 40_000, "{report:?}");
    assert_eq!(report.dropped + report.unsent, 50_000, "{report:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tracer_outlives_its_hub_and_tells_what_the_old_one_had() {
    let first = Hub::start().await;
    let port = first.port();
    let tracer = tracer(&first).connect().await.expect("connects");
    let across = tracer.span("across the restart").start_detached();
    for _ in 0..10 {
        tracer.span("before").start().end();
    }
    assert!(tracer.flush(PATIENCE).await);
    first.stop().await;
    for _ in 0..5 {
        tracer.span("between").start().end();
    }
    let second = Hub::start_on(port).await;
    let open = second
        .wait_for_span("open", |span| span.name == "across the restart")
        .await;
    assert_eq!(open.end(), None);
    across.end();
    assert!(tracer.flush(PATIENCE).await);
    let names: Vec<_> = second
        .all_spans()
        .await
        .into_iter()
        .map(|span| span.name)
        .collect();
    assert_eq!(
        names.iter().filter(|name| *name == "between").count(),
        5,
        "{names:?}"
    );
    assert_eq!(names.iter().filter(|name| *name == "before").count(), 0);
    let report = tracer.shutdown(PATIENCE).await;
    assert!(report.acknowledged_elsewhere >= 10, "{report:?}");
    assert_eq!(report.unsent, 0, "{report:?}");
    assert_eq!(report.reconnects, 1);
}

#[tokio::test]
async fn what_is_not_sampled_is_not_sent_but_has_a_context() {
    let hub = Hub::start().await;
    let tracer = tracer(&hub)
        .sampler(Sampler::AlwaysOff)
        .connect()
        .await
        .expect("connects");
    let span = tracer.span("quiet").start();
    assert!(!span.is_recording());
    assert!(
        span.context()
            .expect("carried on")
            .traceparent()
            .ends_with("-02")
    );
    let child = tracer.span("also quiet").start();
    let ids = |span: &hindsight::Span| span.context().expect("carried on").trace_id();
    assert_eq!(ids(&child), ids(&span));
    drop((child, span));
    assert_eq!(tracer.shutdown(PATIENCE).await.offered, 0);
}

#[test]
fn a_tracer_that_is_off_does_nothing() {
    let tracer = Tracer::disabled();
    let span = tracer.span("nothing").with_attribute("a", 1).start();
    assert!(!span.is_recording() && span.context().is_none());
    span.end();
}
