use hindsight_protocol::{SpanId, TraceId};

use super::*;

fn context(span: u64) -> Context {
    let ids = (TraceId::from_u128(1), SpanId::from_u64(span));
    Context::new(ids.0, ids.1, true).expect("valid")
}

fn push(context: &Context) -> Option<Pushed> {
    let make = |_: Option<&Context>| Begun {
        context: context.clone(),
        parent_id: SpanId::INVALID,
    };
    begin(make).1
}

fn current_span() -> Option<u64> {
    Context::current().map(|context| context.span_id().bits)
}

#[test]
fn spans_nest_on_a_thread_and_may_end_in_any_order() {
    let first = push(&context(1)).expect("pushed");
    let second = push(&context(2)).expect("pushed");
    assert_eq!(current_span(), Some(2));
    first.remove(SpanId::from_u64(1));
    assert_eq!(current_span(), Some(2));
    second.remove(SpanId::from_u64(2));
    assert_eq!(current_span(), None);
}

#[test]
fn a_span_that_ends_on_another_thread_is_no_longer_current_here() {
    let first = push(&context(1)).expect("pushed");
    let second = push(&context(2)).expect("pushed");
    let ended = std::thread::spawn(move || second.remove(SpanId::from_u64(2)));
    ended.join().expect("no panic");
    assert_eq!(current_span(), Some(1));
    first.remove(SpanId::from_u64(1));
    assert_eq!(current_span(), None);
}

#[test]
fn a_span_of_a_thread_that_is_gone_may_end_and_disturbs_nobody() {
    let begun = std::thread::spawn(|| push(&context(1)));
    let left = begun.join().expect("no panic").expect("pushed");
    // This thread may now use the other's place.
    let own = push(&context(2)).expect("pushed");
    left.remove(SpanId::from_u64(1));
    assert_eq!(current_span(), Some(2));
    own.remove(SpanId::from_u64(2));
}

#[test]
fn a_stack_has_a_bound() {
    let pushed: Vec<_> = (1..=1500).map(|span| push(&context(span))).collect();
    assert_eq!(pushed.iter().flatten().count(), 1024);
    assert_eq!(current_span(), Some(1024));
    for (span, pushed) in (1..).zip(pushed) {
        if let Some(pushed) = pushed {
            pushed.remove(SpanId::from_u64(span));
        }
    }
    assert_eq!(current_span(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_has_no_span_left_after_each_of_many_roots() {
    let work = || async {
        for span in 1..200 {
            let pushed = push(&context(span)).expect("pushed");
            assert_eq!(current_span(), Some(span));
            tokio::task::yield_now().await;
            assert_eq!(current_span(), Some(span));
            pushed.remove(SpanId::from_u64(span));
            assert_eq!(current_span(), None);
            tokio::task::yield_now().await;
        }
    };
    let tasks: Vec<_> = (0..300).map(|_| tokio::spawn(work())).collect();
    for task in tasks {
        task.await.expect("no panic");
    }
}

#[test]
fn a_scope_hides_what_is_outside_and_gives_it_back() {
    let outside = push(&context(1)).expect("pushed");
    context(2).in_scope(|| {
        assert_eq!(current_span(), Some(2));
        let inside = push(&context(3)).expect("pushed");
        assert_eq!(current_span(), Some(3));
        inside.remove(SpanId::from_u64(3));
        assert_eq!(current_span(), Some(2));
    });
    assert_eq!(current_span(), Some(1));
    outside.remove(SpanId::from_u64(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_do_not_see_each_others_spans() {
    let task = |span: u64| {
        tokio::spawn(async move {
            assert_eq!(current_span(), None);
            let pushed = push(&context(span)).expect("pushed");
            for _ in 0..100 {
                tokio::task::yield_now().await;
                assert_eq!(current_span(), Some(span));
            }
            pushed.remove(SpanId::from_u64(span));
            assert_eq!(current_span(), None);
        })
    };
    let tasks: Vec<_> = (1..=32).map(task).collect();
    for task in tasks {
        task.await.expect("no panic");
    }
}

#[tokio::test]
async fn scoped_futures_polled_by_one_task_keep_their_own_spans() {
    let work = |span: u64| {
        context(span).scope(async move {
            for inner in 0..20 {
                let inner = context(1000 + span * 100 + inner);
                let pushed = push(&inner).expect("pushed");
                tokio::task::yield_now().await;
                assert_eq!(current_span(), Some(inner.span_id().bits));
                pushed.remove(inner.span_id());
                assert_eq!(current_span(), Some(span));
            }
        })
    };
    tokio::join!(work(1), work(2), work(3));
    assert_eq!(current_span(), None);
}

#[tokio::test]
async fn a_spawned_future_takes_the_current_context_along() {
    let seen = context(7)
        .scope(async { tokio::spawn(async { current_span() }.in_current_context()).await })
        .await;
    assert_eq!(seen.expect("no panic"), Some(7));
}

#[test]
fn a_child_inherits_state_and_flags() {
    let mut carrier = std::collections::HashMap::from([
        (
            "traceparent".to_owned(),
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned(),
        ),
        ("tracestate".to_owned(), "vendor=x".to_owned()),
        ("baggage".to_owned(), "user=anna".to_owned()),
    ]);
    let remote = Context::extract(&carrier).expect("valid");
    let ids = (remote.trace_id(), SpanId::from_u64(5));
    let child = Context::child_of(Some(&remote), ids, true);
    child.inject(&mut carrier);
    assert_eq!(
        carrier["traceparent"],
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000005-01"
    );
    assert_eq!(carrier["tracestate"], "vendor=x");
    assert_eq!(carrier["baggage"], "user=anna");
    let root = Context::child_of(None, ids, false);
    assert_eq!(root.flags().bits(), 0b10, "random, not sampled");
}

/// As the tasks of a page do: outside any task of tokio.
#[test]
fn futures_without_a_context_keep_their_spans_apart_on_one_thread() {
    use std::task::Waker;
    let work = |span: u64| {
        let work = async move {
            let inner = context(span);
            let pushed = push(&inner).expect("pushed");
            tokio::task::yield_now().await;
            let seen = current_span();
            pushed.remove(inner.span_id());
            seen
        };
        Box::pin(work.in_current_context())
    };
    let mut cx = std::task::Context::from_waker(Waker::noop());
    let (mut first, mut second) = (work(1), work(2));
    assert!(first.as_mut().poll(&mut cx).is_pending());
    assert!(second.as_mut().poll(&mut cx).is_pending());
    assert_eq!(current_span(), None);
    for (future, span) in [(first, 1), (second, 2)] {
        let mut future = future;
        let polled = future.as_mut().poll(&mut cx);
        assert_eq!(polled, std::task::Poll::Ready(Some(span)));
    }
}

#[test]
fn nothing_is_recorded_while_a_suppressed_future_is_polled() {
    use std::task::Waker;
    let mut future = Box::pin(Suppressed::new(async { is_suppressed() }));
    let mut cx = std::task::Context::from_waker(Waker::noop());
    let polled = future.as_mut().poll(&mut cx);
    assert_eq!(polled, std::task::Poll::Ready(true));
    assert!(!is_suppressed());
}
