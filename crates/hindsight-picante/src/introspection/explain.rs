//! Why a query was computed the last time: down to the inputs that changed, and who set them.
//!
//! In: a kind and a key. Out: a sentence, and the steps behind it, nearest first. Told is what was seen: where
//! a computation is no longer remembered, or nobody watched it, that is what the step says. Bounded:
//! [`CAUSES_MAX`] steps, [`CANDIDATES_MAX`] queries that could be meant.

mod find;
mod sentence;

use std::collections::VecDeque;

use hindsight_protocol::introspection::picante::{Cause, ExplainRequest, Explanation};
use picante::{Dep, Revision};
use rustc_hash::FxHashSet;

use super::graph::set_word;
use super::{limit, process};
use crate::Outcome;
use crate::recorder::nodes::{Computed, Node, NodeKey, Nodes, Why};
use crate::recorder::recorder;
use find::{Found, find};

/// Steps of an explanation.
pub(super) const CAUSES_MAX: usize = 256;
/// Queries that a request could mean.
const CANDIDATES_MAX: usize = 20;

pub(super) fn explain(request: &ExplainRequest) -> Explanation {
    recorder().adopt_all();
    let nodes = recorder().nodes.lock();
    let key = match find(&nodes, request) {
        Found::One(key) => key,
        Found::Many(candidates) => {
            let summary = sentence::not_clear(request, &candidates);
            return Explanation {
                process: process(),
                candidates,
                summary,
                ..Explanation::default()
            };
        }
    };
    let Some(node) = nodes.get(&key) else {
        return Explanation::default();
    };
    let (causes, cut) = causes(&nodes, &key, node, limit(request.limit, CAUSES_MAX));
    let is_orphaned = recorder().active.lock().is_orphaned(&key.key, &node.state);
    Explanation {
        process: process(),
        is_found: true,
        candidates: Vec::new(),
        summary: sentence::summary(&nodes, &key, node, &causes, is_orphaned),
        causes,
        cut,
    }
}

/// A dependency whose change is to be told.
struct Step {
    of: u32,
    key: NodeKey,
    changed_at: u64,
    known_at: u64,
    /// It did not change, it failed.
    is_failed: bool,
}

fn causes(nodes: &Nodes, key: &NodeKey, node: &Node, most: usize) -> (Vec<Cause>, u64) {
    let first = node.history.back();
    let mut causes = vec![Cause {
        text: sentence::first(node, first),
        ..cause(0, key, node, first, None)
    }];
    let mut told: FxHashSet<NodeKey> = FxHashSet::default();
    told.insert(key.clone());
    let mut steps: VecDeque<Step> = first.map_or_else(VecDeque::new, |of| next(0, key, of));
    let mut cut = 0;
    while let Some(step) = steps.pop_front() {
        if !told.insert(step.key.clone()) {
            continue;
        }
        if causes.len() >= most.max(1) {
            cut += 1;
            continue;
        }
        let Some(of) = nodes.get(&step.key) else {
            cut += 1;
            continue;
        };
        let at = causes.len() as u32;
        let is_it = |computed: &&Computed| match step.is_failed {
            true => computed.outcome == Outcome::Error,
            false => computed.outcome.is_computed() && computed.changed_at == step.changed_at,
        };
        let computed = of.history.iter().rfind(is_it);
        if let Some(computed) = computed {
            steps.extend(next(at, &step.key, computed));
        }
        causes.push(Cause {
            changed_at: step.changed_at,
            text: match step.is_failed {
                true => sentence::failed(of),
                false => sentence::step(of, computed, step.changed_at, step.known_at),
            },
            ..cause(step.of, &step.key, of, computed, Some(step.known_at))
        });
    }
    (causes, cut)
}

/// What a computation was made for.
fn next(at: u32, key: &NodeKey, computed: &Computed) -> VecDeque<Step> {
    let (known_at, dependencies) = match &computed.why {
        Why::Changed {
            known_at,
            dependencies,
        } => (known_at, dependencies),
        Why::Failed { dependency } => {
            return VecDeque::from([Step {
                of: at,
                key: key.of_dependency(dependency),
                changed_at: 0,
                known_at: 0,
                is_failed: true,
            }]);
        }
        _ => return VecDeque::new(),
    };
    let step = |(dep, changed_at): &(Dep, Revision)| Step {
        of: at,
        key: key.of_dependency(dep),
        changed_at: changed_at.0,
        known_at: *known_at,
        is_failed: false,
    };
    dependencies.iter().map(step).collect()
}

fn cause(
    of: u32,
    key: &NodeKey,
    node: &Node,
    computed: Option<&Computed>,
    known_at: Option<u64>,
) -> Cause {
    let told = Cause {
        of,
        query: node.query(key),
        is_input: node.kind.is_input(),
        known_at: known_at.unwrap_or(0),
        ..Cause::default()
    };
    if let Some(computed) = computed {
        let before = match &computed.why {
            Why::Changed { known_at, .. } | Why::Unclear { known_at } => *known_at,
            _ => 0,
        };
        return Cause {
            outcome: computed.outcome.as_str().to_owned(),
            changed_at: computed.changed_at,
            known_at: known_at.unwrap_or(before),
            at_ns: computed.at_ns,
            compute_ns: computed.compute_ns,
            trace_id: computed.trace_id,
            span_id: computed.span_id,
            ..told
        };
    }
    if let Some(set) = &node.set {
        return Cause {
            outcome: set_word(set.is_removed).to_owned(),
            changed_at: set.revision,
            at_ns: set.at_ns,
            trace_id: set.trace_id,
            span_id: set.span_id,
            set_by: set.name.to_string(),
            ..told
        };
    }
    Cause {
        outcome: node.state.outcome.map_or("", |o| o.as_str()).to_owned(),
        changed_at: node.state.changed_at,
        at_ns: node.state.at_ns,
        trace_id: node.state.trace_id,
        span_id: node.state.span_id,
        ..told
    }
}
