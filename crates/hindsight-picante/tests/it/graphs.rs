//! Graphs, statistics and explanations.

use std::collections::BTreeSet;

use hindsight_protocol::TraceId;
use hindsight_protocol::introspection::picante::{
    CacheStatsRequest, CurrentGraphRequest, ExplainRequest, Explanation, PicanteIntrospection,
    QueryGraph, QueryGraphRequest, QueryNode, QueryRef,
};
use picante::{Introspection, Runtime, WithTracer as _};

use crate::shared::{trace, tracer};
use crate::site::{Site, SourceRegistry, heading_at, outline, site_index, site_index_joined};

/// A site whose files nobody else has, since there is one recorder for all tests.
fn site(name: &str) -> std::sync::Arc<Site> {
    trace("makes a site").end();
    let db = Site::new();
    let file = |of: &str, text: &str| db.edit(&format!("{name}/{of}.md"), text);
    let files = vec![file("a", "# A"), file("b", "# B")];
    SourceRegistry::set(&db, files).expect("set");
    db.into()
}

async fn explained(kind: &str, key: &str) -> Explanation {
    let request = ExplainRequest {
        kind: kind.into(),
        key: key.into(),
        limit: 0,
    };
    Introspection.explain(request).await
}

/// The summary, and each step under what it explains.
fn text(explanation: &Explanation) -> String {
    let mut text = format!("{}\n", explanation.summary);
    for cause in &explanation.causes {
        let of = &explanation.causes[cause.of as usize].query.kind;
        let query = &cause.query;
        text += &format!(
            "- {}({}) of {of}: {} changed_at={} known_at={}: {}\n",
            query.kind, query.key, cause.outcome, cause.changed_at, cause.known_at, cause.text
        );
    }
    text
}

/// `site_index() computed_changed r3 -> outline(a.md), lost outline(b.md)`, without those of other tests.
fn lines(graph: &QueryGraph) -> String {
    let mut lines = Vec::new();
    for (at, node) in graph.nodes.iter().enumerate() {
        let query = &node.query;
        let mut line = format!("{}({}) {}", query.kind, query.key, node.outcome);
        line += &format!(" {}/{}", node.computed, node.unchanged);
        for edge in graph.edges.iter().filter(|edge| edge.from as usize == at) {
            let to = &graph.nodes[edge.to as usize].query;
            let word = match (edge.is_recorded, edge.is_observed, edge.is_watched) {
                (true, true, _) => "->",
                (false, true, _) => "lost",
                (true, false, true) => "phantom",
                _ => "unwatched",
            };
            line += &format!(" {word} {}({})", to.kind, to.key);
        }
        lines.push(line);
    }
    lines.join("\n")
}

#[tokio::test]
async fn an_explanation_leads_to_the_input_and_to_who_set_it() {
    let db = site("explained");
    let a = db.edit("explained/a.md", "# A");
    let span = trace("asks");
    let asked = heading_at(&*db, a, 0).await;
    span.end();
    assert_eq!(asked.expect("a heading"), "# A");
    let mut all = text(&explained("heading_at", "explained/a.md, 0").await);

    let save = trace("save a.md");
    db.edit("explained/a.md", "# A\nbody");
    save.end();
    drop(heading_at(&*db, a, 0).await);
    all += &text(&explained("heading_at", "explained/a.md").await);
    all += &text(&explained("outline", "explained/a.md").await);

    let save = trace("save a.md again");
    db.edit("explained/a.md", "# Z\nbody");
    save.end();
    drop(heading_at(&*db, a, 0).await);
    all += &text(&explained("heading_at", "explained/a").await);

    db.edit("explained/a.md", "!panic");
    drop(heading_at(&*db, a, 0).await);
    all += &text(&explained("heading_at", "explained/a").await);
    all += &text(&explained("SourceFile::data", "explained/a.md").await);
    insta::assert_snapshot!(all);

    let unknown = explained("heading_at", "explained/no such").await;
    let is_known = |of: &QueryRef| of.key == "explained/a.md, 0";
    assert!(!unknown.is_found && unknown.candidates.iter().any(is_known));
    let nothing = explained("no_such_query", "").await;
    assert_eq!(
        nothing.summary,
        "Nothing like no_such_query() was asked for, as far as this process remembers."
    );
}

#[tokio::test]
async fn a_graph_of_a_trace_has_what_ran_and_what_was_read() {
    let db = site("traced");
    let span = trace("asks");
    let context = span.context().cloned().expect("recorded");
    drop(site_index(&*db).await);
    db.edit("traced/b.md", "# BB");
    drop(site_index(&*db).await);
    span.end();
    let graph = graph_of(context.trace_id()).await;
    insta::assert_snapshot!(lines(&graph));
    assert_eq!((graph.process.as_str(), graph.next), ("site", 0));
}

/// The first page of a trace, which is all of it.
async fn graph_of(trace_id: TraceId) -> QueryGraph {
    let request = QueryGraphRequest {
        trace_id,
        ..QueryGraphRequest::default()
    };
    Introspection.get_query_graph(request).await
}

fn name(node: &QueryNode) -> String {
    format!("{}({})", node.query.kind, node.query.key)
}

/// All edges, by the names of their ends.
fn edges(graph: &QueryGraph) -> BTreeSet<(String, String)> {
    let name = |at: u32| name(&graph.nodes[at as usize]);
    let edges = graph.edges.iter();
    edges.map(|edge| (name(edge.from), name(edge.to))).collect()
}

#[tokio::test]
async fn pages_of_a_trace_have_each_node_once_and_together_every_edge() {
    let db = site("leafed");
    drop(site_index(&*db).await);
    let span = trace("asks");
    let context = span.context().cloned().expect("recorded");
    db.edit("leafed/b.md", "# BB");
    drop(site_index(&*db).await);
    span.end();
    let trace_id = context.trace_id();
    let whole = graph_of(trace_id).await;
    let did_not_run = |node: &QueryNode| node.trace_id != trace_id;
    assert!(whole.nodes.iter().any(did_not_run), "{}", lines(&whole));
    let told: BTreeSet<String> = whole.nodes.iter().map(name).collect();
    assert_eq!(whole.nodes_total, told.len() as u64);
    for limit in 1..=whole.nodes.len() as u32 {
        let (mut names, mut joined, mut cursor) = (Vec::new(), BTreeSet::new(), 0);
        loop {
            let request = QueryGraphRequest {
                trace_id,
                limit,
                cursor,
            };
            let page = Introspection.get_query_graph(request).await;
            assert_eq!(page.nodes_total, whole.nodes_total);
            let own = page.nodes.len().min(limit as usize);
            names.extend(page.nodes[..own].iter().map(name));
            joined.extend(edges(&page));
            for node in &page.nodes {
                assert!(whole.nodes.contains(node), "it is told the same: {node:?}");
            }
            assert!(page.next == 0 || page.next > cursor);
            cursor = page.next;
            if cursor == 0 {
                break;
            }
        }
        assert_eq!(names.len(), told.len(), "each once, {limit} at a time");
        assert_eq!(names.into_iter().collect::<BTreeSet<_>>(), told);
        assert_eq!(joined, edges(&whole));
    }
}

#[tokio::test]
async fn lost_and_phantom_dependencies_are_edges_of_their_own() {
    let db = site("joined");
    let span = trace("asks");
    let context = span.context().cloned().expect("recorded");
    drop(site_index_joined(&*db).await);
    span.end();
    let graph = graph_of(context.trace_id()).await;
    insta::assert_snapshot!(lines(&graph));
    let stats = Introspection.get_cache_stats(CacheStatsRequest::default());
    let stats = stats.await;
    assert!(stats.lost_dependencies >= 1 && stats.phantom_dependencies >= 1);
}

#[tokio::test]
async fn the_current_graph_is_told_page_by_page_and_with_neighbours() {
    let db = site("paged");
    drop(site_index(&*db).await);
    let ask = |find: &str, depth, limit, cursor| {
        Introspection.get_current_graph(CurrentGraphRequest {
            kind: String::new(),
            find: find.into(),
            depth,
            limit,
            cursor,
        })
    };
    let whole = ask("paged/", 0, 0, 0).await;
    assert_eq!((whole.nodes.len(), whole.next), (8, 0), "{}", lines(&whole));
    let first = ask("paged/", 0, 5, 0).await;
    let rest = ask("paged/", 0, 5, first.next).await;
    assert_eq!((first.nodes.len(), rest.nodes.len()), (5, 3));
    assert_eq!((first.nodes_total, rest.next), (8, 0));
    let paged: Vec<_> = first.nodes.into_iter().chain(rest.nodes).collect();
    assert_eq!(paged, whole.nodes);

    let around = ask("paged/a.md", 1, 0, 0).await;
    let around: Vec<&str> = around.nodes.iter().map(|node| &*node.query.kind).collect();
    assert!(around.contains(&"site_index"), "a dependent: {around:?}");
}

#[tokio::test]
async fn statistics_count_by_kind() {
    let db = site("counted");
    let a = db.edit("counted/a.md", "# A");
    drop(outline(&*db, a).await);
    drop(outline(&*db, a).await);
    db.edit("counted/a.md", "# A\n");
    drop(outline(&*db, a).await);
    let stats = Introspection.get_cache_stats(CacheStatsRequest::default());
    let stats = stats.await;
    let of = |kind: &str| stats.kinds.iter().find(|of| of.kind == kind).expect("told");
    let (outline, parse) = (of("outline"), of("parse_file"));
    // Other tests of this process count too.
    assert!(outline.computed_changed >= 1 && outline.hit >= 1 && outline.validated >= 1);
    assert!(parse.computed_unchanged >= 1 && parse.wasted_ns > 0 && parse.compute_max_ns > 0);
    assert!(parse.compute_ns >= parse.wasted_ns);
    let computations: u64 = parse.histogram.iter().sum();
    assert_eq!(
        computations,
        parse.computed_changed + parse.computed_unchanged
    );
    let input = of("SourceFile::data");
    assert!(input.is_input && input.set >= 3 && input.keys >= 2);
}

#[tokio::test]
async fn the_line_of_the_documentation_installs_the_tracer() {
    let runtime = Runtime::new().with_tracer(tracer());
    assert_eq!(runtime.current_revision().0, 0);
    picante::install(&hindsight::Tracer::disabled());
    let db = site("installed");
    let span = trace("asks");
    let context = span.context().cloned().expect("recorded");
    drop(site_index(&*db).await);
    span.end();
    let graph = graph_of(context.trace_id()).await;
    assert!(!graph.nodes.is_empty(), "a disabled tracer changes nothing");
}
