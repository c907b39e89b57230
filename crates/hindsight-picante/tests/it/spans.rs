//! Spans as the hub has them.

use hindsight_protocol::introspection::picante::attribute;
use hindsight_protocol::{Span, Value};

use crate::shared::{hub, trace, tracer};
use crate::site::{Site, arrived, open, outline, site_index, site_index_joined};

/// The spans beneath this one, which ends: `outline of site_index: picante.hits=2 ...`, ordered by start.
async fn lines(of: hindsight::Span) -> Vec<String> {
    let context = of.context().cloned().expect("recorded");
    of.end();
    assert!(tracer().flush(hindsight_testkit::hub::PATIENCE).await);
    let mut spans = hub().spans(context.trace_id()).await;
    spans.sort_by_key(|span| span.start_ns);
    let name = |id| {
        spans
            .iter()
            .find(|span| span.span_id == id)
            .map_or("", |span| &*span.name)
    };
    let line = |span: &Span| {
        let mut line = format!("{} of {}:", span.name, name(span.parent_id));
        let told = span.attributes.iter().filter(|of| is_steady(&of.key));
        for of in told {
            line += &format!(
                " {}={}",
                of.key.trim_start_matches("picante."),
                value(&of.value)
            );
        }
        if !span.status_message.is_empty() {
            line += &format!(" ! {}", span.status_message);
        }
        line
    };
    spans.iter().map(line).collect()
}

fn value(of: &Value) -> String {
    match of {
        Value::String(text) => text.clone(),
        Value::Bool(value) => value.to_string(),
        Value::I64(value) => value.to_string(),
        Value::Array(values) => values.iter().map(value).collect::<Vec<_>>().join(","),
        other => format!("{other:?}"),
    }
}

/// Whether it is the same in each run.
fn is_steady(key: &str) -> bool {
    ![
        attribute::COMPUTE_NS,
        attribute::SCOPE,
        attribute::LEADER_SPAN,
    ]
    .contains(&key)
}

#[tokio::test]
async fn spans_tell_what_ran_beneath_what_asked_for_it() {
    let span = trace("handles a request");
    let db = Site::of_two("# A", "# B").expect("a site");
    drop(site_index(&*db).await);
    drop(site_index(&*db).await);
    db.edit("b.md", "# B\n");
    drop(site_index(&*db).await);
    drop(site_index_joined(&*db).await);
    db.edit("b.md", "!panic");
    drop(site_index(&*db).await);
    let told = async {
        let lines = lines(span).await;
        lines.join("\n")
    };
    insta::assert_snapshot!(told.await);
}

#[tokio::test]
async fn who_waits_has_a_link_to_who_computes() {
    let span = trace("asks twice");
    let db = Site::of_two("# A", "# B").expect("a site");
    let file = db.edit("linked.md", "!wait linked");
    let first = async { drop(outline(&*db, file).await) };
    let second = async {
        arrived("linked").await;
        let opening = async { open("linked", 1) };
        drop(futures_util::join!(outline(&*db, file), opening));
    };
    futures_util::join!(first, second);
    assert!(tracer().flush(hindsight_testkit::hub::PATIENCE).await);
    let context = span.context().cloned().expect("recorded");
    let spans = hub().spans(context.trace_id()).await;
    let asked: Vec<&Span> = spans.iter().filter(|span| span.name == "outline").collect();
    let follower = asked
        .iter()
        .find(|span| !span.links.is_empty())
        .expect("a link");
    let leader = asked
        .iter()
        .find(|span| span.links.is_empty())
        .expect("another");
    assert_eq!(follower.links[0].span_id, leader.span_id);
    span.end();
}

#[tokio::test]
async fn what_a_query_starts_is_beneath_it_also_in_a_task() {
    let span = trace("spawns");
    let db = Site::of_two("# A", "# B").expect("a site");
    let file = db.edit("spawned.md", "# S");
    let spawned = picante::spawn(async move { drop(outline(&*db, file).await) });
    spawned.await.expect("joins");
    let lines = lines(span).await;
    let is_beneath = |line: &String| line.starts_with("outline of spawns:");
    assert!(lines.iter().any(is_beneath), "{lines:#?}");
}

#[tokio::test]
async fn the_hub_learns_that_questions_are_answered() {
    trace("warm up").end();
    loop {
        let services = hub().services_of_apps().await;
        if services.iter().any(|name| name == "PicanteIntrospection") {
            break;
        }
        tokio::task::yield_now().await;
    }
}
