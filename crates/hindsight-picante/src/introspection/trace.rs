//! The executions of one trace, and what they depended on.

use hindsight_protocol::introspection::picante::{QueryGraph, QueryGraphRequest, QueryNode};
use rustc_hash::FxHashSet;

use super::graph::{Graph, NODES_MAX, node, set_word, told};
use super::limit;
use crate::Outcome;
use crate::recorder::executions::Execution;
use crate::recorder::nodes::{Edges, NodeKey, Nodes};
use crate::recorder::recorder;

pub(super) fn graph(request: &QueryGraphRequest) -> QueryGraph {
    let (executions, forgotten) = {
        let executions = recorder().executions.lock();
        (
            executions.of_trace(request.trace_id),
            executions.forgotten(),
        )
    };
    let most = limit(request.limit, NODES_MAX);
    let nodes = recorder().nodes.lock();
    let mut graph = Graph::default();
    let mut total: FxHashSet<NodeKey> = FxHashSet::default();
    for execution in &executions {
        total.insert(execution.node.clone());
        if graph.len() < most || graph.contains(&execution.node) {
            add(&mut graph, &nodes, execution);
        }
    }
    for execution in &executions {
        for key in dependencies(&execution.node, &execution.state.edges) {
            let is_new = total.insert(key.clone());
            if is_new && graph.len() < most {
                add_dependency(&mut graph, &nodes, &key);
            }
        }
    }
    for execution in &executions {
        graph.connect(&execution.node, &execution.state.edges);
        mark_hits(&mut graph, execution);
    }
    let mut notes = Vec::new();
    if forgotten > 0 {
        notes.push(format!(
            "{forgotten} older executions of this process are forgotten, perhaps some of this trace"
        ));
    }
    drop(nodes);
    graph.finish(total.len() as u64, 0, notes)
}

/// The last answer, and how often it was computed in this trace.
fn add(graph: &mut Graph, nodes: &Nodes, execution: &Execution) {
    let Some(of) = nodes.get(&execution.node) else {
        return;
    };
    let mut node = told(&execution.node, of, &execution.state);
    if let Some(is_removed) = execution.set {
        node.outcome = set_word(is_removed).to_owned();
    }
    if let Some(earlier) = graph.get_mut(&execution.node) {
        node = merged(earlier, node);
    }
    graph.add(&execution.node, node);
}

/// A later answer of the same. That it was asked again and nothing had changed is no news about an execution
/// that computed it.
fn merged(earlier: &QueryNode, later: QueryNode) -> QueryNode {
    let computed = earlier.computed + later.computed;
    let unchanged = earlier.unchanged + later.unchanged;
    let is_news = later.computed > 0 || earlier.computed == 0 || !later.error.is_empty();
    QueryNode {
        computed,
        unchanged,
        ..if is_news { later } else { earlier.clone() }
    }
}

fn dependencies(of: &NodeKey, edges: &Edges) -> impl Iterator<Item = NodeKey> {
    let all = edges.recorded.iter().chain(edges.lost.iter());
    all.map(|dep| of.of_dependency(dep))
}

/// Something that was read in this trace and not computed there.
fn add_dependency(graph: &mut Graph, nodes: &Nodes, key: &NodeKey) {
    let Some(of) = nodes.get(key) else { return };
    let mut told = node(key, of);
    told.outcome.clear();
    told.error.clear();
    (told.computed, told.unchanged, told.compute_ns) = (0, 0, 0);
    told.trace_id = Default::default();
    told.span_id = Default::default();
    graph.add(key, told);
}

/// Queries that were called and have no execution were answered from memory.
fn mark_hits(graph: &mut Graph, execution: &Execution) {
    let edges = &execution.state.edges;
    if !edges.is_watched {
        return;
    }
    let phantom: FxHashSet<_> = edges.phantom.iter().collect();
    let called = edges.recorded.iter().filter(|dep| !phantom.contains(dep));
    for dep in called.chain(edges.lost.iter()) {
        let key = execution.node.of_dependency(dep);
        if let Some(node) = graph.get_mut(&key)
            && node.outcome.is_empty()
            && !node.is_input
        {
            node.outcome = Outcome::Hit.as_str().to_owned();
        }
    }
}
