//! Which span is a child of which.

use hindsight::{Context, ScopeExt, Span};
use hindsight_protocol::SpanId;

use hindsight_testkit::hub::{Hub, PATIENCE};

use crate::tracer;

fn id(span: &Span) -> SpanId {
    span.context().expect("on").span_id()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn started_spans_nest_until_they_end() {
    let hub = Hub::start().await;
    let tracer = tracer(&hub).connect().await.expect("connects");
    let task = {
        let tracer = tracer.clone();
        tokio::spawn(async move {
            let outer = tracer.span("outer").start();
            let inner = tracer.span("inner").start();
            tokio::task::yield_now().await;
            let expected = [id(&outer), id(&inner)];
            inner.end();
            let second = tracer.span("second").start();
            second.end();
            let beside = tokio::spawn({
                let tracer = tracer.clone();
                async move { tracer.span("spawned").start().end() }.in_current_context()
            });
            beside.await.expect("no panic");
            let elsewhere = tracer.span("root").as_root().start_detached();
            elsewhere.end();
            outer.end();
            assert!(Context::current().is_none());
            expected
        })
    };
    let [outer, inner] = task.await.expect("no panic");
    assert!(tracer.flush(PATIENCE).await);
    let spans = hub.all_spans().await;
    let parent = |name: &str| {
        let span = spans.iter().find(|span| span.name == name).expect("stored");
        span.parent_id
    };
    assert_eq!(parent("outer"), SpanId::INVALID);
    assert_eq!(parent("inner"), outer);
    assert_eq!(parent("second"), outer, "inner ({inner}) had ended");
    assert_eq!(parent("spawned"), outer);
    assert_eq!(parent("root"), SpanId::INVALID);
}

#[tokio::test]
async fn a_remote_parent_is_kept_with_its_state() {
    let hub = Hub::start().await;
    let tracer = tracer(&hub).connect().await.expect("connects");
    let carrier = std::collections::HashMap::from([
        (
            "Traceparent".to_owned(),
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned(),
        ),
        ("tracestate".to_owned(), "vendor=1".to_owned()),
    ]);
    let remote = Context::extract(&carrier).expect("valid");
    tracer
        .span("handler")
        .with_parent(remote.clone())
        .start()
        .end();
    assert!(tracer.flush(PATIENCE).await);
    let spans = hub.spans(remote.trace_id()).await;
    assert_eq!(spans.len(), 1);
    assert_eq!(spans[0].parent_id, remote.span_id());
    assert_eq!(spans[0].trace_state, "vendor=1");
}
