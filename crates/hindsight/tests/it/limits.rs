//! What exceeds a limit is cut or refused, counted, and told to the program that sent it.

use hindsight::{ReasonCount, ShutdownReport, Value};
use hindsight_testkit::hub::{Hub, PATIENCE};

use crate::tracer;

fn count(report: &ShutdownReport, reason: &str) -> u64 {
    let found = report.reasons.iter().find(|r| r.reason == reason);
    found.map_or(0, |r| r.count)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn values_of_a_megabyte_are_cut_and_cost_no_other_span() {
    let hub = Hub::start().await;
    let tracer = tracer(&hub).connect().await.expect("connects");
    let root = tracer.span("root").start();
    let trace = root.context().expect("on").trace_id();
    for number in 0..100 {
        let span = tracer.span("large").start();
        span.set_attribute("text", "x".repeat(1 << 20));
        span.set_attribute("bytes", vec![7_u8; 1 << 20]);
        span.event_with("event", vec![("text".into(), "y".repeat(1 << 20).into())]);
        span.set_attribute("number", number);
        span.end();
        tracer.span("small").start().end();
    }
    root.end();
    let report = tracer.shutdown(PATIENCE).await;
    assert_eq!((report.dropped, report.unsent), (0, 0), "{report:?}");
    assert_eq!(report.cut, 300);
    assert_eq!(report.reasons, [], "the hub has nothing to cut");
    let spans = hub.spans(trace).await;
    let large: Vec<_> = spans.iter().filter(|span| span.name == "large").collect();
    for span in &large {
        assert_eq!(
            span.attribute("text"),
            Some(&Value::from("x".repeat(64 << 10)))
        );
        assert_eq!(
            span.attribute("bytes"),
            Some(&Value::Bytes(vec![7; 64 << 10]))
        );
    }
    assert_eq!(hub.stats().await.store.live, 201);
    assert_eq!(hub.stats().await.accounts.cut, 300);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_learns_what_the_hub_refused_and_noted() {
    let hub = Hub::start().await;
    let tracer = tracer(&hub).connect().await.expect("connects");
    tracer.span("good").start().end();
    tracer.span("late").with_start_ns(u64::MAX).start().end();
    tracer.span("endless").start().end_at(u64::MAX);
    tracer.span("backwards").with_start_ns(9).start().end_at(8);
    tracer.span("k".repeat(2000)).start().end();
    assert!(tracer.flush(PATIENCE).await);
    let report = tracer.report().await;
    assert_eq!((report.acknowledged, report.rejected), (5, 2), "{report:?}");
    for reason in [
        "start_out_of_range",
        "end_out_of_range",
        "end_before_start",
        "name_bytes",
    ] {
        assert_eq!(count(&report, reason), 1, "{reason} of {report:?}");
    }
    assert_eq!(
        hub.stats().await.open_spans,
        0,
        "an absurd end is no open span"
    );
    tracer.span("good").start().end();
    let last = tracer.shutdown(PATIENCE).await;
    assert_eq!((last.acknowledged, last.rejected), (6, 2));
    assert_eq!(last.reasons, report.reasons);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_span_larger_than_any_batch_goes_alone_and_the_others_arrive() {
    let hub = Hub::start().await;
    let tracer = tracer(&hub).connect().await.expect("connects");
    tracer.span("before").start().end();
    let span = tracer.span("huge").start();
    let text = |number: u64| number.to_string() + &"z".repeat(60 << 10);
    for number in 0..100 {
        span.set_attribute(format!("key {number}"), text(number));
        let attributes = vec![("text".into(), text(100 + number).into())];
        span.event_at(number + 1, "event", attributes);
    }
    span.end();
    tracer.span("after").start().end();
    let report = tracer.shutdown(PATIENCE).await;
    // It may have been reported while it was open and still small enough.
    assert!(report.dropped >= 1 && report.unsent == 0, "{report:?}");
    let told = ReasonCount {
        reason: "batch_bytes_max".to_owned(),
        count: report.dropped,
    };
    assert_eq!(report.reasons, [told], "each went alone");
    assert_eq!(report.reconnects, 0);
    let spans = hub.all_spans().await;
    let names: Vec<_> = spans.iter().map(|span| span.name.as_str()).collect();
    assert!(
        names.contains(&"before") && names.contains(&"after"),
        "{names:?}"
    );
}
