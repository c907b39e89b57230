//! Graphs as they are told: nodes once each, edges between them.
//!
//! In: nodes, what they depend on. Out: a [`QueryGraph`]. Bounded: [`NODES_MAX`] nodes, [`EDGES_MAX`] edges;
//! what was left out is noted.

use std::collections::BTreeMap;

use hindsight_protocol::introspection::picante::{QueryEdge, QueryGraph, QueryNode, outcome};
use picante::Dep;
use rustc_hash::{FxHashMap, FxHashSet};

use super::process;
use crate::recorder::nodes::{Edges, Node, NodeKey, SetBy, State};
use crate::recorder::{recorder, unix_now_ns};

/// Nodes of an answer; about 400 bytes each.
pub(super) const NODES_MAX: usize = 2000;
/// Edges of an answer; about 10 bytes each.
pub(super) const EDGES_MAX: usize = 50_000;

#[derive(Default)]
pub(super) struct Graph {
    nodes: Vec<QueryNode>,
    places: FxHashMap<NodeKey, u32>,
    edges: BTreeMap<(u32, u32), QueryEdge>,
    edges_cut: u64,
}

impl Graph {
    pub(super) fn contains(&self, key: &NodeKey) -> bool {
        self.places.contains_key(key)
    }

    /// Adds a node; the last of the same key stays.
    pub(super) fn add(&mut self, key: &NodeKey, node: QueryNode) {
        match self.places.get(key) {
            Some(&at) => self.nodes[at as usize] = node,
            None => {
                self.places.insert(key.clone(), self.nodes.len() as u32);
                self.nodes.push(node);
            }
        }
    }

    pub(super) fn get_mut(&mut self, key: &NodeKey) -> Option<&mut QueryNode> {
        let at = *self.places.get(key)?;
        self.nodes.get_mut(at as usize)
    }

    /// Adds what a node depends on, as far as that is there.
    pub(super) fn connect(&mut self, from: &NodeKey, edges: &Edges) {
        let phantom: FxHashSet<&Dep> = edges.phantom.iter().collect();
        for dep in edges.recorded.iter() {
            let is_observed = edges.is_watched && !phantom.contains(dep);
            self.edge(from, dep, true, is_observed, edges.is_watched);
        }
        for dep in edges.lost.iter() {
            self.edge(from, dep, false, true, true);
        }
    }

    fn edge(
        &mut self,
        from: &NodeKey,
        dep: &Dep,
        is_recorded: bool,
        is_observed: bool,
        is_watched: bool,
    ) {
        let to = from.of_dependency(dep);
        let (Some(&from), Some(&to)) = (self.places.get(from), self.places.get(&to)) else {
            return;
        };
        if self.edges.len() >= EDGES_MAX && !self.edges.contains_key(&(from, to)) {
            self.edges_cut += 1;
            return;
        }
        let edge = self.edges.entry((from, to)).or_insert_with(|| QueryEdge {
            from,
            to,
            ..QueryEdge::default()
        });
        edge.is_recorded |= is_recorded;
        edge.is_observed |= is_observed;
        edge.is_watched |= is_watched;
    }

    pub(super) fn finish(self, nodes_total: u64, next: u64, mut notes: Vec<String>) -> QueryGraph {
        if self.edges_cut > 0 {
            notes.push(format!("{} dependencies are left out", self.edges_cut));
        }
        QueryGraph {
            process: process(),
            at_ns: unix_now_ns(),
            revision: recorder().revision(),
            nodes: self.nodes,
            edges: self.edges.into_values().collect(),
            nodes_total,
            next,
            notes,
        }
    }
}

/// A node as it is known now.
pub(super) fn node(key: &NodeKey, node: &Node) -> QueryNode {
    let told = told(key, node, &node.state);
    match &node.set {
        Some(set) => of_input(told, set),
        None => told,
    }
}

/// A node as it was answered then.
pub(super) fn told(key: &NodeKey, node: &Node, state: &State) -> QueryNode {
    let outcome = state.outcome.map_or("", |outcome| outcome.as_str());
    QueryNode {
        query: node.query(key),
        is_input: node.kind.is_input(),
        outcome: outcome.to_owned(),
        error: state.error.as_deref().unwrap_or_default().to_owned(),
        verified_at: state.verified_at,
        changed_at: state.changed_at,
        at_ns: state.at_ns,
        compute_ns: state.compute_ns,
        computed: state.computed,
        unchanged: state.unchanged,
        trace_id: state.trace_id,
        span_id: state.span_id,
    }
}

fn of_input(told: QueryNode, set: &SetBy) -> QueryNode {
    QueryNode {
        outcome: set_word(set.is_removed).to_owned(),
        ..told
    }
}

/// The outcome of a change of an input.
pub(super) fn set_word(is_removed: bool) -> &'static str {
    match is_removed {
        true => outcome::REMOVED,
        false => outcome::SET,
    }
}
