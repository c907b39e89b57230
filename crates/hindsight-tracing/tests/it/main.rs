//! Programs instrumented with `tracing`, read back from a real hub.

use hindsight::{SpanKind, StatusCode, Tracer, Value};
use hindsight_protocol::{Span, SpanId};
use hindsight_testkit::hub::{Hub, PATIENCE};
use tracing::{Instrument, debug_span, error, info, info_span, instrument};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{Layer, filter::LevelFilter};

/// Runs `work` under the layer; the spans it made.
async fn traced(work: impl FnOnce(&Tracer)) -> Vec<Span> {
    let hub = Hub::start().await;
    let builder = Tracer::builder()
        .endpoint(hub.address())
        .service_name("traced");
    let tracer = builder.connect().await.expect("connects");
    let layer = hindsight_tracing::layer(tracer.clone()).with_filter(LevelFilter::INFO);
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || work(&tracer));
    assert!(tracer.flush(PATIENCE).await);
    hub.all_spans().await
}

fn named<'s>(spans: &'s [Span], name: &str) -> &'s Span {
    let found = spans.iter().find(|span| span.name == name);
    found.unwrap_or_else(|| panic!("no span {name:?} in {spans:#?}"))
}

#[tokio::test]
async fn fields_keep_their_types_and_the_source_is_told() {
    let spans = traced(|_| {
        let span = info_span!(
            "typed",
            text = "a",
            int = -3,
            unsigned = 5_u64,
            float = 0.5,
            flag = true,
            shown = %"display",
            debugged = ?Some(1),
            late = tracing::field::Empty,
        );
        span.record("late", 9);
    })
    .await;
    let span = named(&spans, "typed");
    let check =
        |key: &str, expected: Value| assert_eq!(span.attribute(key), Some(&expected), "{key}");
    check("text", "a".into());
    check("int", (-3).into());
    check("unsigned", 5.into());
    check("float", 0.5.into());
    check("flag", true.into());
    check("shown", "display".into());
    check("debugged", "Some(1)".into());
    check("late", 9.into());
    check("level", "info".into());
    check("code.namespace", module_path!().into());
    check("code.filepath", file!().into());
    assert!(matches!(span.attribute("code.lineno"), Some(Value::I64(line)) if *line > 0));
    assert!(span.end().is_some());
}

#[tokio::test]
async fn events_become_span_events_and_errors_the_status() {
    let spans = traced(|_| {
        info_span!("with events").in_scope(|| {
            info!(items = 3, "read the list");
            error!(code = 7, "cannot write");
        });
        info!("outside any span");
    })
    .await;
    assert_eq!(spans.len(), 1);
    let span = named(&spans, "with events");
    let names: Vec<_> = span
        .events
        .iter()
        .map(|event| event.name.as_str())
        .collect();
    assert_eq!(names, ["read the list", "cannot write"]);
    assert!(
        span.events[0]
            .attributes
            .contains(&hindsight::KeyValue::new("items", 3))
    );
    assert!(
        span.events[1]
            .attributes
            .contains(&hindsight::KeyValue::new("level", "error"))
    );
    assert_eq!(span.status, StatusCode::Error as u8);
    assert_eq!(span.status_message, "cannot write");
}

#[tokio::test]
async fn parents_are_those_of_tracing_and_of_the_tracer_alike() {
    let spans = traced(|tracer| {
        let outer = tracer.span("outer by hand").start();
        info_span!("middle").in_scope(|| {
            tracer.span("inner by hand").start().end();
            let explicit = info_span!(parent: None, "a root of its own");
            info_span!(parent: &explicit, "explicit child").in_scope(|| {});
            debug_span!("filtered").in_scope(|| info_span!("beneath the filtered").in_scope(|| {}));
        });
        outer.end();
    })
    .await;
    let parent = |name: &str| named(&spans, name).parent_id;
    let id = |name: &str| named(&spans, name).span_id;
    assert_eq!(parent("outer by hand"), SpanId::INVALID);
    assert_eq!(parent("middle"), id("outer by hand"));
    assert_eq!(parent("inner by hand"), id("middle"));
    assert_eq!(parent("a root of its own"), SpanId::INVALID);
    assert_eq!(parent("explicit child"), id("a root of its own"));
    assert_eq!(parent("beneath the filtered"), id("middle"));
    assert!(
        !spans.iter().any(|span| span.name == "filtered"),
        "the layer's filter holds"
    );
}

#[tokio::test]
async fn follows_from_is_a_link() {
    let spans = traced(|_| {
        let first = info_span!("first");
        let second = info_span!("second");
        second.follows_from(&first);
    })
    .await;
    let link = &named(&spans, "second").links[0];
    assert_eq!(link.span_id, named(&spans, "first").span_id);
}

#[tokio::test]
async fn names_and_kinds_of_opentelemetry_are_read() {
    let spans = traced(|_| {
        let span = info_span!(
            "plain",
            otel.name = "GET /users",
            otel.kind = "server",
            otel.status_code = tracing::field::Empty
        );
        span.record("otel.status_code", "error");
    })
    .await;
    let span = named(&spans, "GET /users");
    assert_eq!(span.kind, SpanKind::Server as u8);
    assert_eq!(span.status, StatusCode::Error as u8);
    assert_eq!(span.attribute("otel.name"), None);
}

#[instrument]
async fn instrumented(depth: u32) {
    tokio::task::yield_now().await;
    if depth > 0 {
        Box::pin(instrumented(depth - 1)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_one_line_attaches_a_program_of_async_functions() {
    let hub = Hub::start().await;
    // SAFETY: this test's process has no other thread that reads the environment at this time.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one line reads the environment"
    )]
    unsafe {
        std::env::set_var("HINDSIGHT_ENDPOINT", hub.address());
    }
    let guard = hindsight_tracing::init();
    let tasks: Vec<_> = (0..8)
        .map(|n| tokio::spawn(instrumented(2).instrument(info_span!("task", n))))
        .collect();
    for task in tasks {
        task.await.expect("no panic");
    }
    assert!(guard.tracer().flush(PATIENCE).await);
    let spans = hub.all_spans().await;
    let mine: Vec<&Span> = spans.iter().filter(|span| span.name != "task").collect();
    assert_eq!(
        mine.len(),
        24,
        "{:?}",
        mine.iter().map(|s| &s.name).collect::<Vec<_>>()
    );
    for span in &mine {
        assert_eq!(span.name, "instrumented");
        let parent = spans
            .iter()
            .find(|other| other.span_id == span.parent_id)
            .expect("has a parent");
        assert_eq!(parent.trace_id, span.trace_id);
    }
    let second = hindsight_tracing::try_init();
    assert!(
        second
            .expect_err("installed already")
            .to_string()
            .contains("hindsight_tracing::layer")
    );
}
