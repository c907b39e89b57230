use hindsight_protocol::hub::HubError;
use hindsight_testkit::builder;

use super::*;

#[test]
fn a_wrong_query_is_told_with_text_positions_and_suggestions() {
    let error = parse("status:eror | cout()").unwrap_err();
    assert_eq!(error.code, HubError::QUERY);
    insta::assert_snapshot!(error.message);
    insta::assert_debug_snapshot!(error.problems);
}

#[test]
fn help_that_belongs_elsewhere_is_part_of_the_message() {
    let error = parse("(name:a").unwrap_err();
    insta::assert_debug_snapshot!(error.problems);
}

#[test]
fn completions_share_one_range() {
    let shown = |text: &str| {
        let reply = completions(text, text.len(), &(), 4);
        let texts = reply
            .completions
            .iter()
            .map(|c| format!("{} {}", c.kind, c.text));
        let texts: Vec<_> = texts.collect();
        format!("{}..{}: {}", reply.start, reply.end, texts.join(", "))
    };
    let all = ["", "serv", "service", "status:er", "| co", "größe:1 dur"].map(shown);
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn a_completion_within_a_character_or_past_the_end_is_no_fault() {
    for cursor in [1, 3, 4, usize::MAX] {
        completions("ä ö", cursor, &(), 10);
    }
}

#[test]
fn spans_beyond_the_bytes_are_left_out() {
    let spans: Vec<_> = (1..=100)
        .map(|id| {
            builder::span(1, id)
                .named(&"x".repeat(100 + id as usize))
                .build()
        })
        .collect();
    let batch = builder::batch(&spans).into_batch();
    assert_eq!(trimmed(&batch, 1 << 20), None);
    let few = trimmed(&batch, 2_000).expect("less").check().unwrap();
    assert!((5..30).contains(&few.len()), "{}", few.len());
    assert_eq!(few.to_spans(), spans[..few.len()]);
    let one = trimmed(&batch, 1).expect("less").check().unwrap();
    assert_eq!(one.len(), 1);
}

fn empty() -> Arc<Snapshot> {
    hindsight_store::Store::new(Default::default()).snapshot()
}

#[tokio::test]
async fn a_query_is_told_to_stop_at_its_deadline() {
    let limits = QueryLimits {
        deadline: Duration::from_millis(1),
        ..QueryLimits::default()
    };
    let place = Queries::new(&limits).place().await.expect("a place");
    let snapshot = empty();
    let waited = place.run(&snapshot, |_, run| {
        while !(run.interrupted)() {
            std::thread::yield_now();
        }
        run.elapsed_us()
    });
    assert!(waited.await.expect("an answer") >= 1_000);
}

#[tokio::test]
async fn a_query_whose_caller_left_stops_and_frees_its_place() {
    let limits = QueryLimits {
        deadline: Duration::from_secs(3_600),
        wait_max: Duration::from_secs(60),
        concurrent_max: 1,
        ..QueryLimits::default()
    };
    let queries = Queries::new(&limits);
    let place = queries.place().await.expect("a place");
    let (started, is_running) = tokio::sync::oneshot::channel();
    let snapshot = empty();
    let endless = place.run(&snapshot, |_, run| {
        started.send(()).expect("the test waits");
        while !(run.interrupted)() {
            std::thread::yield_now();
        }
    });
    tokio::select! {
        _ = endless => panic!("it ended by itself"),
        running = is_running => running.expect("it runs"),
    }
    assert!(queries.place().await.is_ok());
}

#[tokio::test]
async fn a_query_waits_for_its_turn_and_is_refused_after_a_while() {
    let limits = QueryLimits {
        concurrent_max: 1,
        wait_max: Duration::from_millis(20),
        ..QueryLimits::default()
    };
    let queries = Queries::new(&limits);
    let first = queries.place().await.expect("a place");
    let error = queries.place().await.err().expect("no place");
    assert_eq!(
        (error.code, error.retry_after_ms),
        (HubError::OVERLOADED, 500)
    );
    drop(first);
    assert!(queries.place().await.is_ok());
}
