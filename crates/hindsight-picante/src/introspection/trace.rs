//! The executions of one trace, and what they depended on, page by page.
//!
//! First come the queries that ran in the trace, then what they read and what did not run there, each in the
//! order of first sight. After the nodes of a page come those at the other ends of their dependencies, so that
//! pages put together have every edge. The cursor is the place of the last node in that order: nothing is
//! told twice; what joins a trace that goes on meanwhile may be missed.

use hindsight_protocol::introspection::picante::{QueryGraph, QueryGraphRequest, QueryNode};
use rustc_hash::{FxHashMap, FxHashSet};

use super::graph::{Graph, NODES_MAX, node, set_word, told};
use super::limit;
use crate::Outcome;
use crate::recorder::executions::Execution;
use crate::recorder::nodes::{Edges, NodeKey, Nodes};
use crate::recorder::recorder;

/// Set in the cursor at what did not run in the trace. Serial numbers do not get there.
const READ: u64 = 1 << 63;

pub(super) fn graph(request: &QueryGraphRequest) -> QueryGraph {
    let (executions, forgotten) = {
        let executions = recorder().executions.lock();
        (
            executions.of_trace(request.trace_id),
            executions.forgotten(),
        )
    };
    let nodes = recorder().nodes.lock();
    let page = Page::of(&executions, &nodes, request);
    let mut graph = Graph::default();
    for part in [&page.matching, &page.ends] {
        for execution in &executions {
            if part.has(&execution.node) {
                add(&mut graph, &nodes, execution);
            }
        }
        for key in &part.keys {
            if !graph.contains(key) {
                add_dependency(&mut graph, &nodes, key);
            }
        }
    }
    for execution in &executions {
        if page.matching.has(&execution.node) {
            graph.connect(&execution.node, &execution.state.edges);
        }
        mark_hits(&mut graph, execution);
    }
    let mut notes = Vec::new();
    if page.is_cut {
        notes.push("further dependencies are left out".to_owned());
    }
    if forgotten > 0 {
        notes.push(format!(
            "{forgotten} older executions of this process are forgotten, perhaps some of this trace"
        ));
    }
    drop(nodes);
    graph.finish(page.total, page.next, notes)
}

/// Which nodes are told.
struct Page {
    /// Those of the page.
    matching: Keys,
    /// What they depend on and is on another page.
    ends: Keys,
    /// Ends were left out.
    is_cut: bool,
    /// Nodes of all pages.
    total: u64,
    next: u64,
}

/// Nodes in their order.
#[derive(Default)]
struct Keys {
    keys: Vec<NodeKey>,
    known: FxHashSet<NodeKey>,
}

impl Keys {
    fn has(&self, key: &NodeKey) -> bool {
        self.known.contains(key)
    }

    fn add(&mut self, key: NodeKey) {
        if self.known.insert(key.clone()) {
            self.keys.push(key);
        }
    }
}

impl Page {
    fn of(executions: &[Execution], nodes: &Nodes, request: &QueryGraphRequest) -> Self {
        let all = places(executions, nodes);
        // The other ends need room, where there are others.
        let most = match all.told.len() <= NODES_MAX {
            true => limit(request.limit, NODES_MAX),
            false => limit(request.limit, NODES_MAX / 2),
        };
        let first = all.told.partition_point(|(at, _)| *at <= request.cursor);
        let rest = &all.told[first..];
        let page = &rest[..most.min(rest.len())];
        let mut matching = Keys::default();
        page.iter().for_each(|(_, key)| matching.add(key.clone()));
        let mut page = Self {
            next: match page.last() {
                Some((at, _)) if page.len() < rest.len() => *at,
                _ => 0,
            },
            matching,
            ends: Keys::default(),
            is_cut: false,
            total: all.total,
        };
        page.find_ends(executions);
        page
    }

    fn find_ends(&mut self, executions: &[Execution]) {
        let room = NODES_MAX.saturating_sub(self.matching.keys.len());
        for execution in executions {
            if !self.matching.has(&execution.node) {
                continue;
            }
            for key in dependencies(&execution.node, &execution.state.edges) {
                if self.matching.has(&key) || self.ends.has(&key) {
                    continue;
                }
                if self.ends.keys.len() == room {
                    self.is_cut = true;
                    return;
                }
                self.ends.add(key);
            }
        }
    }
}

/// All nodes of the trace.
struct Places {
    /// With their places, in their order.
    told: Vec<(u64, NodeKey)>,
    /// Those that are forgotten counted, too.
    total: u64,
}

fn places(executions: &[Execution], nodes: &Nodes) -> Places {
    let mut first: FxHashMap<NodeKey, u64> = FxHashMap::default();
    for execution in executions {
        first.entry(execution.node.clone()).or_insert(0);
    }
    for execution in executions {
        for key in dependencies(&execution.node, &execution.state.edges) {
            first.entry(key).or_insert(READ);
        }
    }
    let total = first.len() as u64;
    let place = |(key, part): (NodeKey, u64)| Some((nodes.get(&key)?.serial | part, key));
    let mut told: Vec<(u64, NodeKey)> = first.into_iter().filter_map(place).collect();
    told.sort_unstable_by_key(|(at, _)| *at);
    Places { told, total }
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
