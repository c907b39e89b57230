//! What never goes on, and how that is told.

use hindsight_protocol::introspection::picante::{
    ActiveQueries, ActiveQueriesRequest, ExplainRequest, PicanteIntrospection, state,
};
use picante::Introspection;

use crate::shared::trace;
use crate::site::{Site, around, arrived, given_up_at, many_turns, open, outline, site_index};

async fn active() -> ActiveQueries {
    let request = ActiveQueriesRequest::default();
    Introspection.get_active_queries(request).await
}

/// `outline(x/b.md) waiting_on_dependency: ...` of those whose text contains `of`, without times.
fn lines(active: &ActiveQueries, of: &str) -> Vec<String> {
    let told = active.queries.iter().map(|query| {
        let note = query
            .note
            .replace(|c: char| c.is_ascii_digit() || c == '.', "_");
        format!(
            "{}({}) {}: {note}",
            query.query.kind, query.query.key, query.state
        )
    });
    told.filter(|line| line.contains(of)).collect()
}

#[tokio::test]
async fn a_query_that_was_given_up_half_way_leaves_an_orphan() {
    trace("warm up").end();
    let db = Site::of_two("# A", "# B").expect("a site");
    let file = db.edit("orphaned.md", "!wait orphan");
    given_up_at(arrived("orphan"), outline(&*db, file)).await;
    db.edit("orphaned.md", "# fine");
    let asks_again = async {
        let checking = async {
            many_turns().await;
            active().await
        };
        tokio::select! {
            biased;
            _ = outline(&*db, file) => panic!("picante waits for ever"),
            active = checking => active,
        }
    };
    let active = asks_again.await;
    let told = lines(&active, "orphaned.md");
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].starts_with("outline(orphaned.md) orphaned: its computation was given up"));
    let request = ExplainRequest {
        kind: "outline".into(),
        key: "orphaned.md".into(),
        limit: 0,
    };
    insta::assert_snapshot!(Introspection.explain(request).await.summary);
}

#[tokio::test]
async fn what_waits_for_another_task_says_so() {
    trace("warm up").end();
    let db = Site::of_two("# A", "# B").expect("a site");
    let file = db.edit("led.md", "!wait leader");
    let leads = tokio::spawn({
        let db = db.clone();
        async move { outline(&*db, file).await }
    });
    arrived("leader").await;
    let follows = async {
        drop(outline(&*db, file).await);
    };
    let checks = async {
        many_turns().await;
        let active = active().await;
        open("leader", 1);
        active
    };
    let (active, ()) = futures_util::join!(checks, follows);
    leads.await.expect("joins").expect("an outline");
    let told = lines(&active, "(led.md)");
    assert_eq!(
        told,
        [
            "outline(led.md) waiting_on_dependency: ",
            "parse_file(led.md) computing: ",
            "outline(led.md) waiting_on_leader: ",
        ]
    );
    let follower = active
        .queries
        .iter()
        .rfind(|query| query.query.key == "led.md");
    let leader = active
        .queries
        .iter()
        .find(|query| query.query.key == "led.md");
    assert_eq!(
        follower.expect("told").waits_for,
        [leader.expect("told").id]
    );
    assert_ne!(leader.expect("told").span_id, hindsight::SpanId::INVALID);
}

#[tokio::test]
async fn two_tasks_that_wait_for_each_other_are_a_cycle() {
    trace("warm up").end();
    let db = Site::of_two("# A", "# B").expect("a site");
    let task = |at| {
        let db = db.clone();
        tokio::spawn(async move { around(&*db, at).await.map(drop) })
    };
    let tasks = [task(0), task(1)];
    arrived("around 0").await;
    arrived("around 1").await;
    open("around 0", 1);
    open("around 1", 1);
    many_turns().await;
    let active = active().await;
    for task in tasks {
        task.abort();
    }
    let told = lines(&active, "around(");
    assert_eq!(told.len(), 4, "{told:#?}");
    let is_cycle =
        |line: &String| line.contains(state::CYCLE) && line.contains("which waits for it");
    assert!(told.iter().all(is_cycle), "{told:#?}");
}

#[tokio::test]
async fn what_has_ended_is_not_under_way() {
    trace("warm up").end();
    let db = Site::of_two("# gone A", "# gone B").expect("a site");
    let file = db.edit("ended.md", "# E");
    drop(outline(&*db, file).await);
    drop(site_index(&*db).await);
    assert_eq!(lines(&active().await, "ended.md"), [""; 0]);
}
