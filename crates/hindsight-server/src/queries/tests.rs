use hindsight_protocol::hub::{HubError, QueryColumn, QueryReply, QueryTable};
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
    let check = |bytes_max| {
        let mut reply = QueryReply {
            batch: builder::batch(&spans).into_batch(),
            ..QueryReply::default()
        };
        let is_cut = trim(&mut reply, bytes_max);
        let kept = reply.batch.check().unwrap().to_spans();
        assert_eq!(kept, spans[..kept.len()]);
        (kept.len(), is_cut)
    };
    assert_eq!(check(1 << 20), (100, false));
    assert_eq!(check(1), (1, true));
    let (few, is_cut) = check(2_000);
    assert!((5..30).contains(&few) && is_cut, "{few}");
}

fn empty() -> Arc<Snapshot> {
    hindsight_store::Store::new(Default::default()).snapshot()
}

#[test]
fn groups_beyond_the_bytes_are_left_out() {
    let check = |bytes_max| {
        let mut reply = QueryReply {
            table: QueryTable {
                by: vec!["service".into(), "name".into()],
                columns: vec![QueryColumn::default()],
                starts_ns: vec![0, 1],
                keys: vec!["1234".into(); 2 * 10],
                values: vec![0.0; 2 * 10],
                groups_total: 10,
                ..QueryTable::default()
            },
            ..QueryReply::default()
        };
        let is_cut = trim(&mut reply, bytes_max);
        let table = reply.table;
        assert_eq!(
            (table.groups_total, table.values.len()),
            (10, table.keys.len())
        );
        (table.keys.len() / 2, is_cut)
    };
    // 24 bytes a group.
    assert_eq!(check(240), (10, false));
    assert_eq!(check(239), (9, true));
    assert_eq!(check(0), (1, true));
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
