//! Spans as a graph of queries.
//!
//! A dependency of which there is no span is a node of its own that was not seen: memory answered
//! it, or it is an input. Calls are told where a span's parent is the span of a query; they are not
//! judged, since a call that memory answered has no span.

use std::collections::{BTreeMap, HashMap, HashSet};

use hindsight_protocol::introspection::picante::{
    QueryEdge, QueryGraph, QueryNode, QueryRef, outcome,
};
use hindsight_protocol::{SpanId, TraceId};

use super::execution::{Change, Execution};
use super::{Stored, is_same};
use crate::lens::picante::dependencies;
use crate::lens::picante::outcome::Outcome;

/// Nodes and edges as they are found.
#[derive(Default)]
struct Found {
    nodes: Vec<QueryNode>,
    places: HashMap<QueryRef, u32>,
    edges: BTreeMap<(u32, u32), QueryEdge>,
}

impl Stored {
    /// What the spans of one trace, or all of them, tell of queries and what they depend on. Of a
    /// trace a node's outcome is the weightiest that it had in it, otherwise the latest.
    pub fn graph(&self, trace: Option<TraceId>) -> QueryGraph {
        let is_its = |of: TraceId| trace.is_none_or(|trace| trace == of);
        let mut found = Found::default();
        let mut by_span: HashMap<(TraceId, SpanId), u32> = HashMap::new();
        let executions = || {
            self.executions
                .iter()
                .filter(|found| is_its(found.trace_id))
        };
        for execution in executions() {
            let at = found.execution(execution, trace.is_some());
            by_span.insert((execution.trace_id, execution.span_id), at);
        }
        for change in self.changes.iter().filter(|found| is_its(found.trace_id)) {
            found.change(change);
        }
        let mut untold = 0;
        let mut last: HashMap<u32, &Execution> = HashMap::new();
        for execution in executions().filter(|execution| execution.outcome.is_computed()) {
            let at = found.places[&execution.query];
            let known = last.entry(at).or_insert(execution);
            if execution.end_ns >= known.end_ns {
                *known = execution;
            }
        }
        for execution in executions() {
            let at = found.places[&execution.query];
            // Dependencies may differ from one computation to the next: the last one counts.
            if last
                .get(&at)
                .is_none_or(|last| std::ptr::eq(*last, execution))
            {
                untold += execution.dependency_count - execution.dependencies.len() as u64;
                found.depends(at, execution);
            }
            let parent = execution.parent.and_then(|parent| {
                let caller = by_span.get(&(execution.trace_id, parent))?;
                (*caller != at).then_some(*caller)
            });
            if let Some(caller) = parent {
                found.edge(caller, at).is_observed = true;
            }
        }
        let mut notes = self.notes();
        if untold > 0 {
            notes.push(format!(
                "{} are counted on spans and not named.",
                dependencies(untold)
            ));
        }
        QueryGraph {
            at_ns: self.newest_ns,
            revision: self.revision(),
            nodes_total: found.nodes.len() as u64,
            nodes: found.nodes,
            edges: found.edges.into_values().collect(),
            notes,
            ..QueryGraph::default()
        }
    }
}

impl Found {
    fn place(&mut self, query: &QueryRef) -> u32 {
        if let Some(place) = self.places.get(query) {
            return *place;
        }
        let place = self.nodes.len() as u32;
        self.nodes.push(QueryNode {
            query: query.clone(),
            ..QueryNode::default()
        });
        self.places.insert(query.clone(), place);
        place
    }

    fn execution(&mut self, execution: &Execution, weightiest: bool) -> u32 {
        let place = self.place(&execution.query);
        let node = &mut self.nodes[place as usize];
        let is_computed = execution.outcome.is_computed();
        node.computed += u64::from(is_computed);
        node.unchanged += u64::from(execution.outcome == Outcome::Unchanged);
        node.verified_at = node.verified_at.max(execution.revision);
        node.changed_at = node.changed_at.max(execution.changed_at);
        if is_computed && execution.compute_ns > 0 {
            node.compute_ns = execution.compute_ns;
        }
        let is_later = execution.end_ns >= node.at_ns;
        let before = Outcome::of_word(&node.outcome);
        let counts = match weightiest {
            true => (execution.outcome, is_later) > (before, false),
            false => is_later,
        };
        if counts || !node.span_id.is_valid() {
            node.outcome.clone_from(&execution.outcome_word);
            node.error.clone_from(&execution.error);
            (node.trace_id, node.span_id) = (execution.trace_id, execution.span_id);
            node.at_ns = execution.end_ns;
        }
        place
    }

    fn change(&mut self, change: &Change) {
        let place = self.place(&change.query);
        let node = &mut self.nodes[place as usize];
        node.is_input = true;
        node.changed_at = node.changed_at.max(change.revision);
        if change.at_ns >= node.at_ns {
            let word = if change.is_removed {
                outcome::REMOVED
            } else {
                outcome::SET
            };
            node.outcome = word.into();
            (node.trace_id, node.span_id) = (change.trace_id, change.span_id);
            node.at_ns = change.at_ns;
        }
    }

    fn depends(&mut self, from: u32, execution: &Execution) {
        let phantom: HashSet<&QueryRef> = execution.phantom.iter().collect();
        for query in &execution.dependencies {
            let to = self.place(query);
            let edge = self.edge(from, to);
            edge.is_recorded = true;
            edge.is_watched |= phantom.contains(query);
        }
        for query in execution.phantom.iter() {
            let is_told = execution
                .dependencies
                .iter()
                .any(|told| is_same(told, query));
            if !is_told {
                let to = self.place(query);
                let edge = self.edge(from, to);
                (edge.is_recorded, edge.is_watched) = (true, true);
            }
        }
        for query in &execution.lost {
            let to = self.place(query);
            let edge = self.edge(from, to);
            (edge.is_observed, edge.is_watched) = (true, true);
        }
    }

    fn edge(&mut self, from: u32, to: u32) -> &mut QueryEdge {
        self.edges.entry((from, to)).or_insert(QueryEdge {
            from,
            to,
            ..QueryEdge::default()
        })
    }
}
