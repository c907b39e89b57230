//! A day in the life of a site: every outcome there is, in order.

use std::future::Future;

use crate::lines::{step, watch};
use crate::shared::{trace, tracer};
use crate::site::{
    Site, SiteSnapshot, Tag, arrived, given_up_at, heading_at, many_turns, open, site_index,
    site_index_joined, tagged,
};

/// Runs a step in a trace of its own; what happened, under a heading.
async fn told(heading: &str, work: impl Future<Output = ()>) -> String {
    let span = tracer().span("step").as_root().start_detached();
    span.scope(work).await;
    let told = step(heading, &span);
    span.end();
    told
}

async fn index(db: &Site) {
    site_index(db).await.map(drop).unwrap_or_default();
}

#[tokio::test]
async fn every_outcome_is_told_with_its_reason() {
    trace("warm up").end();
    watch();
    let db = Site::of_two("# A\ntext", "# B\ntext").expect("a site");
    let b = db.edit("b.md", "# B\ntext");
    let mut all = String::new();
    all += &told("1 cold", index(&db)).await;
    all += &told("2 the same again", index(&db)).await;
    db.edit("a.md", "# A   \n\ntext");
    all += &told("3 only blanks were edited", index(&db)).await;
    db.edit("a.md", "# A\nother text");
    all += &told("4 only the body was edited", index(&db)).await;
    db.edit("a.md", "# Z\nother text");
    all += &told("5 a heading was edited", index(&db)).await;

    db.edit("b.md", "# B\n!wait two tasks");
    let first = told("6 a task that computes", async {
        drop(heading_at(&*db, b, 0).await);
    });
    let second = told("6 a task that asks for the same meanwhile", async {
        arrived("two tasks").await;
        let opening = async { open("two tasks", 1) };
        // Asks before it opens: `join!` polls in order.
        drop(futures_util::join!(heading_at(&*db, b, 0), opening));
    });
    let (first, second) = futures_util::join!(first, second);
    all += &first;
    all += &second;

    let snapshot = SiteSnapshot::from_database(&db).await;
    let on_snapshot = async {
        drop(tagged(&snapshot, Tag::new(&snapshot, "Z".into()).expect("a tag")).await);
    };
    all += &told("7 on a snapshot", on_snapshot).await;
    let on_live = async {
        drop(tagged(&*db, Tag::new(&*db, "Z".into()).expect("a tag")).await);
    };
    all += &told("8 the live database takes it over", on_live).await;

    db.edit("b.md", "!panic");
    all += &told("9 a panic", index(&db)).await;
    db.edit("b.md", "# B\n!wait for ever");
    let given_up = async {
        let reached = arrived("for ever");
        given_up_at(reached, site_index(&*db)).await;
    };
    all += &told("10 given up", given_up).await;
    db.edit("b.md", "# B");
    let waits = async {
        given_up_at(many_turns(), site_index(&*db)).await;
    };
    all += &told("11 the next one waits for nobody", waits).await;

    let db = Site::of_two("# A", "# B").expect("a site");
    let joined = async {
        drop(site_index_joined(&*db).await);
    };
    all += &told("12 in one task at once", joined).await;
    db.edit("b.md", "# BB");
    let stale = async {
        let index = site_index_joined(&*db).await.expect("an index");
        assert_eq!(index, ["# A", "# B"], "picante does not notice");
    };
    all += &told("13 stale", stale).await;
    insta::assert_snapshot!(all);
}
