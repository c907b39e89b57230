//! What an access was, from the record of its cell before and after, and from its computation.

use std::sync::Arc;

use hindsight::Context;
use picante::ingredient::ErasedReadyRecord;
use picante::{Dep, Revision};

use super::{Before, Ended, address};
use crate::Outcome;
use crate::recorder::describe::differences;
use crate::recorder::nodes::{Edges, Node, Nodes, Why};
use crate::recorder::running::{CHANGED_MAX, Compute, Running};

/// The computation of the same that ended while this access was under way: whether there was one, and its
/// span.
pub(super) fn leader(nodes: &Nodes, running: &Running) -> Option<Option<Context>> {
    let (ended, context) = nodes.at(running.serial)?.leader.as_ref()?;
    (*ended >= running.started).then(|| context.clone())
}

pub(super) fn outcome(
    running: &Running,
    before: Option<&Before>,
    known_at: Option<u64>,
    compute: &Compute,
    ended: &Ended<'_>,
    has_leader: impl FnOnce() -> bool,
) -> Outcome {
    match ended.result {
        None => return Outcome::Cancelled,
        Some(Err(_)) => return Outcome::Error,
        Some(Ok(())) => {}
    }
    let is_computed = matches!(compute, Compute::Ended { .. });
    let Some(after) = ended.after else {
        // Somebody emptied the cell meanwhile.
        return match is_computed {
            true => Outcome::ComputedChanged,
            false => Outcome::Hit,
        };
    };
    if is_computed {
        let is_unchanged = before.is_some() && known_at == Some(after.changed_at.0);
        return match is_unchanged {
            true => Outcome::ComputedUnchanged,
            false => Outcome::ComputedChanged,
        };
    }
    match before {
        Some(before) if before.value == address(after) => {
            if before.verified_at.0 >= running.revision {
                Outcome::Hit
            } else {
                Outcome::Validated
            }
        }
        _ if has_leader() => Outcome::Coalesced,
        _ => Outcome::Adopted,
    }
}

pub(super) fn edges(
    outcome: Outcome,
    seen: Option<Vec<Dep>>,
    after: Option<&ErasedReadyRecord>,
) -> Edges {
    let recorded = after.map_or_else(Arc::default, |record| record.deps.clone());
    let (true, Some(seen)) = (outcome.is_computed(), seen) else {
        return Edges {
            recorded,
            ..Edges::default()
        };
    };
    let (lost, phantom) = differences(&recorded, &seen);
    Edges {
        recorded,
        lost: lost.into(),
        phantom: phantom.into(),
        is_watched: true,
    }
}

/// Why a computation was made.
pub(super) fn why(
    nodes: &Nodes,
    running: &Running,
    known_at: Option<u64>,
    mut changed: Vec<(Dep, Revision)>,
) -> Why {
    let node = nodes.at(running.serial);
    let Some(known_at) = known_at else {
        let state = node.map(|node| &node.state);
        return match state.and_then(|state| state.outcome) {
            Some(Outcome::Error) => Why::AfterError,
            _ if state.is_some_and(|state| state.changed_at > 0) => Why::ValueGone,
            _ => Why::First,
        };
    };
    // picante stops at the first; what else had changed is known from the others' nodes.
    let before = node.map(|node| node.state.edges.recorded.clone());
    for dep in before.iter().flat_map(|deps| deps.iter()) {
        if changed.len() >= CHANGED_MAX {
            break;
        }
        let of = nodes.get(&running.node.of_dependency(dep));
        let changed_at = of.map_or(0, Node::changed_at);
        let is_known = changed.iter().any(|(other, _)| other == dep);
        if changed_at > known_at && changed_at <= running.revision && !is_known {
            changed.push((dep.clone(), Revision(changed_at)));
        }
    }
    match changed.is_empty() {
        true => Why::Unclear { known_at },
        false => Why::Changed {
            known_at,
            dependencies: changed.into(),
        },
    }
}
