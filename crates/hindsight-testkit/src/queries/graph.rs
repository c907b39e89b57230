//! The graph of the scripted site, and answers that follow from it.

use super::{Script, Traced, now_ns};
use hindsight_protocol::introspection::picante::{
    CacheStats, Cause, CurrentGraphRequest, ExplainRequest, Explanation, KindStats, QueryEdge,
    QueryGraph, QueryGraphRequest, QueryNode, QueryRef, outcome,
};

/// What is appended to keys of a hostile app.
const HOSTILE: &str = "<img src=x onerror=alert(1)>\u{1b}[31m\u{202e}\u{0}'\"&amp;";

pub(super) fn query(kind: &str, key: &str) -> QueryRef {
    QueryRef {
        kind: kind.into(),
        key: key.into(),
        key_hash: 0,
    }
}

/// Of each file: its data, a parse, an outline and links; an index of all outlines. The first file
/// was edited, and one dependency was lost and one is a phantom.
pub(super) fn site(script: &Script) -> QueryGraph {
    let tail = "x".repeat(script.key_bytes);
    let hostile = if script.is_hostile { HOSTILE } else { "" };
    let key = |file: u32| format!("{file:05}.md{hostile}{tail}");
    let at_ns = now_ns();
    let node = |kind: &str, key: String, outcome: &str, changed_at: u64| QueryNode {
        query: query(kind, &key),
        is_input: kind.contains("::"),
        outcome: outcome.into(),
        verified_at: 5,
        changed_at,
        at_ns,
        compute_ns: if kind.contains("::") {
            0
        } else {
            1_250_000 + key.len() as u64
        },
        computed: 2,
        ..QueryNode::default()
    };
    let mut graph = QueryGraph {
        process: "site".into(),
        at_ns,
        revision: 5,
        ..QueryGraph::default()
    };
    let index = node("site_index", String::new(), outcome::COMPUTED_CHANGED, 5);
    graph.nodes.push(index);
    let edge = |from: u32, to: u32| QueryEdge {
        from,
        to,
        is_recorded: true,
        is_observed: true,
        is_watched: true,
    };
    for file in 0..script.files {
        let first = graph.nodes.len() as u32;
        let is_edited = file == 0;
        let word = |edited: &'static str| {
            if is_edited {
                edited
            } else {
                outcome::VALIDATED
            }
        };
        let changed_at = if is_edited { 5 } else { 3 };
        let data = if is_edited { outcome::SET } else { "" };
        graph.nodes.extend([
            node(
                "outline",
                key(file),
                word(outcome::COMPUTED_CHANGED),
                changed_at,
            ),
            node("links", key(file), word(outcome::COMPUTED_UNCHANGED), 3),
            node(
                "parse_file",
                key(file),
                word(outcome::COMPUTED_CHANGED),
                changed_at,
            ),
            node("SourceFile::data", key(file), data, changed_at),
        ]);
        graph.edges.extend([
            edge(0, first),
            edge(first, first + 2),
            edge(first + 1, first + 2),
            edge(first + 2, first + 3),
        ]);
    }
    if script.files > 2 {
        // `join_all` within the index: its second outline was called and not recorded, its third
        // recorded and not called.
        graph.edges[4].is_recorded = false;
        graph.edges[8].is_observed = false;
        graph.nodes[9].outcome = outcome::ERROR.into();
        graph.nodes[9].error = format!("the parser exploded{hostile}");
    }
    graph.nodes_total = graph.nodes.len() as u64;
    graph
}

/// A page of it: `depth` is taken as none, edges to what is not on the page with what they lead to.
pub(super) fn page(
    graph: &QueryGraph,
    request: &CurrentGraphRequest,
    nodes_max: u32,
) -> QueryGraph {
    let limit = match request.limit {
        0 => nodes_max,
        limit => limit.min(nodes_max),
    } as usize;
    let matches = |node: &&QueryNode| {
        let is_kind = request.kind.is_empty() || node.query.kind == request.kind;
        is_kind && node.query.key.contains(&request.find)
    };
    let all: Vec<usize> = (0..graph.nodes.len())
        .filter(|at| matches(&&graph.nodes[*at]))
        .collect();
    let first = (request.cursor as usize).min(all.len());
    let last = (first + limit).min(all.len());
    let mut place = vec![None; graph.nodes.len()];
    let mut nodes = Vec::new();
    for at in &all[first..last] {
        place[*at] = Some(nodes.len() as u32);
        nodes.push(graph.nodes[*at].clone());
    }
    let mut edges = Vec::new();
    for edge in &graph.edges {
        let (from, to) = (edge.from as usize, edge.to as usize);
        if place[from].is_none() && place[to].is_none() {
            continue;
        }
        for end in [from, to] {
            if place[end].is_none() {
                place[end] = Some(nodes.len() as u32);
                nodes.push(graph.nodes[end].clone());
            }
        }
        if let (Some(from), Some(to)) = (place[from], place[to]) {
            edges.push(QueryEdge { from, to, ..*edge });
        }
    }
    QueryGraph {
        nodes,
        edges,
        nodes_total: all.len() as u64,
        next: if last < all.len() { last as u64 } else { 0 },
        process: graph.process.clone(),
        at_ns: graph.at_ns,
        revision: graph.revision,
        notes: Vec::new(),
    }
}

/// The same of a trace in which everything ran.
pub(super) fn page_of_trace(
    graph: &QueryGraph,
    request: &QueryGraphRequest,
    nodes_max: u32,
) -> QueryGraph {
    let request = CurrentGraphRequest {
        limit: request.limit,
        cursor: request.cursor,
        ..CurrentGraphRequest::default()
    };
    page(graph, &request, nodes_max)
}

/// Counts by kind that fit the graph.
pub(super) fn stats(graph: &QueryGraph) -> CacheStats {
    let mut kinds: Vec<KindStats> = Vec::new();
    for node in &graph.nodes {
        let at = kinds.iter().position(|kind| kind.kind == node.query.kind);
        let at = at.unwrap_or_else(|| {
            kinds.push(KindStats {
                kind: node.query.kind.clone(),
                is_input: node.is_input,
                ..KindStats::default()
            });
            kinds.len() - 1
        });
        let kind = &mut kinds[at];
        kind.keys += 1;
        kind.hit += 12;
        kind.set += 1;
        kind.validated += u64::from(node.outcome == outcome::VALIDATED);
        kind.computed_changed += u64::from(!node.is_input);
        kind.computed_unchanged += u64::from(node.outcome == outcome::COMPUTED_UNCHANGED);
        kind.error += u64::from(node.outcome == outcome::ERROR);
        if node.is_input {
            continue;
        }
        kind.compute_ns += node.compute_ns;
        kind.compute_max_ns = kind.compute_max_ns.max(node.compute_ns);
        kind.histogram.resize(21, 0);
        kind.histogram[20] += 1;
    }
    CacheStats {
        process: graph.process.clone(),
        at_ns: graph.at_ns,
        revision: graph.revision,
        kinds,
        orphaned: 1,
        lost_dependencies: 1,
        phantom_dependencies: 1,
    }
}

/// From any query down the edges that changed, to the input.
pub(super) fn explain(
    graph: &QueryGraph,
    request: &ExplainRequest,
    last: Option<&Traced>,
) -> Explanation {
    let alike = |node: &&QueryNode| {
        node.query.kind == request.kind && node.query.key.contains(&request.key)
    };
    let found: Vec<&QueryNode> = graph.nodes.iter().filter(alike).collect();
    let exact = found.iter().find(|node| node.query.key == request.key);
    let Some(node) = exact.or(found.first().filter(|_| found.len() == 1)) else {
        return Explanation {
            process: graph.process.clone(),
            summary: "No such query.".into(),
            candidates: found
                .iter()
                .take(20)
                .map(|node| node.query.clone())
                .collect(),
            ..Explanation::default()
        };
    };
    let mut here = graph
        .nodes
        .iter()
        .position(|other| other.query == node.query);
    let mut causes = Vec::new();
    while let Some(at) = here {
        let node = &graph.nodes[at];
        let name = format!("{}({})", node.query.kind, node.query.key);
        let span = last.and_then(|(trace, spans)| {
            let span = spans.iter().find(|(known, _)| *known == name)?;
            Some((*trace, span.1))
        });
        let (trace_id, span_id) = span.unwrap_or_default();
        causes.push(Cause {
            of: causes.len().saturating_sub(1) as u32,
            query: node.query.clone(),
            is_input: node.is_input,
            outcome: node.outcome.clone(),
            changed_at: node.changed_at,
            known_at: 4,
            at_ns: node.at_ns,
            compute_ns: node.compute_ns,
            trace_id,
            span_id,
            set_by: if node.is_input {
                "edit 00000.md".into()
            } else {
                String::new()
            },
            text: String::new(),
        });
        let changed = graph
            .edges
            .iter()
            .find(|edge| edge.from as usize == at && graph.nodes[edge.to as usize].changed_at == 5);
        here = changed.map(|edge| edge.to as usize);
    }
    Explanation {
        process: graph.process.clone(),
        is_found: true,
        summary: match causes.len() {
            1 => format!("{} was not computed in revision 5.", node.query.kind),
            _ => format!(
                "{} was computed in revision 5, because 00000.md was edited.",
                node.query.kind
            ),
        },
        causes,
        ..Explanation::default()
    }
}
