//! Waits that apps told of, joined with spans and with each other.

use hindsight_protocol::hub::{AppInfo, RunInfo};
use hindsight_protocol::introspection::picante::{ActiveQueries, ActiveQuery, QueryRef, state};
use hindsight_protocol::introspection::roam::{ActiveRpc, ActiveRpcs, direction};

use super::*;

const TRACELESS: TraceId = TraceId { high: 0, low: 0 };

fn app(name: &str) -> AppInfo {
    AppInfo {
        run: RunInfo {
            service_name: name.into(),
            ..RunInfo::default()
        },
        ..AppInfo::default()
    }
}

fn query(id: u64, parent: u64, kind: &str, key: &str, state: &str) -> ActiveQuery {
    ActiveQuery {
        id,
        parent,
        query: QueryRef {
            kind: kind.into(),
            key: key.into(),
            key_hash: id,
        },
        state: state.into(),
        started_ns: START_NS + SECOND_NS + id,
        trace_id: TRACE,
        span_id: SpanId::from_u64(100 + id),
        ..ActiveQuery::default()
    }
}

fn call(towards: &str, link_id: u64, method: &str) -> ActiveRpc {
    ActiveRpc {
        link_id,
        lane: 1,
        request: 7,
        direction: towards.into(),
        service: "build".into(),
        method: method.into(),
        started_ns: START_NS + SECOND_NS,
        ..ActiveRpc::default()
    }
}

fn queries(queries: Vec<ActiveQuery>) -> ActiveQueries {
    ActiveQueries {
        queries,
        ..ActiveQueries::default()
    }
}

fn calls(calls: Vec<ActiveRpc>) -> ActiveRpcs {
    ActiveRpcs {
        calls,
        ..ActiveRpcs::default()
    }
}

fn drawn(told: &Told, reported: &[Span]) -> String {
    let pages = [told.page.clone(), page(reported)];
    let waits = Waits::with_told(&pages, told, 100);
    let now_ns = START_NS + 12 * SECOND_NS;
    let table = waits_table(&waits, 0..waits.nodes().len(), now_ns, &Glyphs::UNICODE);
    let (stuck, more) = stuck_lines(&waits, now_ns, 3);
    let mut lines: Vec<_> = table.lines(None);
    lines.extend(stuck);
    let plain: Vec<_> = lines.iter().map(crate::Line::to_plain).collect();
    format!("{}\nand {more} more", plain.join("\n"))
}

#[test]
fn a_request_is_followed_through_a_call_to_the_query_that_nobody_computes() {
    let (web, build) = (app("web"), app("build"));
    let mut page = query(1, 0, "page", "index", state::WAITING_ON_DEPENDENCY);
    page.parent_span_id = SpanId::from_u64(3);
    page.waits_for = vec![2];
    let told_calls = calls(vec![ActiveRpc {
        trace_id: TRACE,
        span_id: SpanId::from_u64(2),
        ..call(direction::OUTGOING, 0, "render")
    }]);
    let told_queries = queries(vec![page, query(2, 1, "outline", "b.md", state::ORPHANED)]);
    let told = Told::new(&[
        Answer {
            app: &web,
            calls: Some(&told_calls),
            queries: None,
        },
        Answer {
            app: &build,
            calls: None,
            queries: Some(&told_queries),
        },
    ]);
    insta::assert_snapshot!(drawn(
        &told,
        &[
            running(1, 0, "handle_request", 0, "web"),
            running(2, 1, "build.render", 100, "web"),
            running(3, 2, "build.render", 110, "build"),
        ],
    ));
}

#[test]
fn ends_of_an_untraced_call_are_one_wait_and_have_no_trace() {
    let (web, build) = (app("web"), app("build"));
    let outgoing = calls(vec![call(direction::OUTGOING, 9, "render")]);
    let incoming = calls(vec![
        call(direction::INCOMING, 9, "render"),
        call(direction::INCOMING, 8, "render"),
    ]);
    let answer = |app, calls| Answer {
        app,
        calls: Some(calls),
        queries: None,
    };
    let told = Told::new(&[answer(&web, &outgoing), answer(&build, &incoming)]);
    insta::assert_snapshot!(drawn(&told, &[]));
    assert!(told.page.rows().all(|row| row.trace_id() == TRACELESS));
}

#[test]
fn queries_that_wait_for_each_other_across_tasks_are_a_cycle() {
    let app = app("build");
    let mut a = query(1, 0, "a", "", state::CYCLE);
    let mut b = query(2, 0, "b", "", state::CYCLE);
    a.waits_for = vec![2];
    b.waits_for = vec![1];
    b.trace_id = TraceId::from_u128(5);
    let told_queries = queries(vec![a, b]);
    let told = Told::new(&[Answer {
        app: &app,
        calls: None,
        queries: Some(&told_queries),
    }]);
    let pages = [told.page.clone()];
    let waits = Waits::with_told(&pages, &told, 100);
    assert_eq!(waits.cycles().len(), 1);
    insta::assert_snapshot!(drawn(&told, &[]));
}

#[test]
fn what_a_liar_tells_is_bounded_and_breaks_nothing() {
    let app = app("\u{1b}[2J");
    let mut all: Vec<_> = (0..TOLD_MAX as u64 + 10)
        .map(|id| query(id % 7, id % 5, "\u{202e}k", "\n", "no such state"))
        .collect();
    all[0].waits_for = vec![0, 0, 99_999];
    all[1].note = "x".repeat(10_000);
    let told_queries = queries(all);
    let told = Told::new(&[Answer {
        app: &app,
        calls: None,
        queries: Some(&told_queries),
    }]);
    let pages = [told.page.clone()];
    let waits = Waits::with_told(&pages, &told, usize::MAX);
    assert_eq!((told.page.len(), waits.nodes().len()), (TOLD_MAX, 7));
    let (lines, _) = stuck_lines(&waits, START_NS, 10);
    assert!(lines.iter().all(|line| line.to_plain().len() < 1_000));
}

#[test]
fn a_query_that_has_a_span_keeps_its_key_and_only_the_end_of_what_is_stuck_is_told() {
    let app = app("build");
    let mut page = query(1, 0, "page", "index", state::WAITING_ON_DEPENDENCY);
    page.waits_for = vec![2];
    page.note = "outline(b.md) never answers".into();
    let told_queries = queries(vec![page, query(2, 1, "outline", "b.md", state::ORPHANED)]);
    let told = Told::new(&[Answer {
        app: &app,
        calls: None,
        queries: Some(&told_queries),
    }]);
    // The span of a query is called after its kind.
    let reported = crate::fixture::page(&[running(101, 0, "page", 1_000, "build")]);
    let pages = [told.page.clone(), reported];
    let waits = Waits::with_told(&pages, &told, 100);
    assert_eq!(waits.nodes().len(), 2, "told and reported are one");
    assert_eq!(
        (waits.name(0), waits.name(1)),
        ("page[index]", "outline[b.md]")
    );
    assert!(waits.stuck(0).is_some() && waits.stuck(1) == Some(&Stuck::Orphaned));
    let (lines, more) = stuck_lines(&waits, START_NS + 12 * SECOND_NS, 5);
    let lines: Vec<_> = lines.iter().map(crate::Line::to_plain).collect();
    let whole = "build waits 11.0 s on query outline[b.md], which nobody computes (orphaned)";
    assert_eq!((lines, more), (vec![whole.to_owned()], 0));
}
