//! Dependencies compared, counted and named; errors in words.

use std::sync::Arc;

use picante::{Dep, DynKey, PicanteError, RuntimeId};
use rustc_hash::FxHashSet;

use super::nodes::{NodeKey, Nodes};
use crate::Dependency;

/// Bytes of an error's text.
const ERROR_BYTES_MAX: usize = 1024;
/// Steps of a cycle that are named.
const STEPS_MAX: usize = 32;

/// Each once, in order.
pub(super) fn unique(deps: &[Dep]) -> Vec<Dep> {
    if deps.len() <= 1 {
        return deps.to_vec();
    }
    let mut seen = FxHashSet::default();
    let first = deps.iter().filter(|dep| seen.insert(*dep));
    first.cloned().collect()
}

/// What was seen and not recorded, and what was recorded and not seen; each once, in order.
pub(super) fn differences(recorded: &[Dep], seen: &[Dep]) -> (Vec<Dep>, Vec<Dep>) {
    // Nearly always: what was asked for was recorded, in the same order.
    if recorded == seen {
        return (Vec::new(), Vec::new());
    }
    let set = |deps: &[Dep]| -> FxHashSet<Dep> { deps.iter().cloned().collect() };
    let (in_recorded, in_seen) = (set(recorded), set(seen));
    let mut lost = unique(seen);
    lost.retain(|dep| !in_recorded.contains(dep));
    let mut phantom = unique(recorded);
    phantom.retain(|dep| !in_seen.contains(dep));
    (lost, phantom)
}

/// The first `max` by name; those without a node have none and are left out.
pub(super) fn dependencies(
    nodes: &Nodes,
    of: &NodeKey,
    deps: &[Dep],
    max: usize,
) -> Vec<Dependency> {
    let name = |dep: &Dep| {
        let node = nodes.get(&of.of_dependency(dep))?;
        Some(Dependency {
            kind: node.kind.name,
            key: node.text.clone(),
        })
    };
    deps.iter().take(max).filter_map(name).collect()
}

/// An error in words, with names instead of numbers.
pub(super) fn error_text(error: &PicanteError, nodes: &Nodes, family: RuntimeId) -> Arc<str> {
    let name = |query: &DynKey| {
        let key = NodeKey {
            family,
            kind: query.kind,
            key: query.key.clone(),
        };
        match nodes.get(&key) {
            Some(node) => format!("{}({})", node.kind.name, node.text),
            None => format!("kind {}", query.kind.0),
        }
    };
    let mut text = match error {
        PicanteError::Cycle { requested, stack } => {
            let from = stack.iter().position(|query| query == requested);
            let steps = stack.iter().skip(from.unwrap_or(0)).take(STEPS_MAX);
            let steps: Vec<String> = steps.chain([requested]).map(name).collect();
            format!("dependency cycle: {}", steps.join(" → "))
        }
        other => other.to_string(),
    };
    if text.len() > ERROR_BYTES_MAX {
        text.truncate(text.floor_char_boundary(ERROR_BYTES_MAX));
        text.push('…');
    }
    text.into()
}
