//! What is under way, and what each waits for.
//!
//! In: accesses under way, oldest first. Out: their states, from who asked for whom and who computes what; of
//! those that will never go on, why. Bounded: [`QUERIES_MAX`] of an answer.

use std::sync::Arc;

use hindsight::Context;
use hindsight_protocol::introspection::picante::{
    ActiveQueries, ActiveQueriesRequest, ActiveQuery, QueryRef, state,
};
use picante::RuntimeId;
use rustc_hash::{FxHashMap, FxHashSet};

use super::{limit, process};
use crate::recorder::active::{Active, Orphan};
use crate::recorder::nodes::NodeKey;
use crate::recorder::running::Running;
use crate::recorder::{recorder, unix_now_ns};

/// Accesses of an answer; about 300 bytes each.
pub(super) const QUERIES_MAX: usize = 2000;
/// Accesses that one is told to wait for.
const WAITS_MAX: usize = 64;

/// What an access does.
struct Doing {
    running: Arc<Running>,
    state: &'static str,
    waits_for: Vec<u64>,
    orphan: Option<Orphan>,
}

pub(super) fn active(request: &ActiveQueriesRequest) -> ActiveQueries {
    let at_ns = unix_now_ns();
    let (all, untold) = {
        let active = recorder().active.lock();
        (doing(&active), active.untold())
    };
    let notes = notes(&all, at_ns);
    let most = limit(request.limit, QUERIES_MAX);
    let age_ns = |doing: &Doing| doing.running.started.elapsed().as_nanos() as u64;
    let old = all
        .iter()
        .filter(|doing| age_ns(doing) >= request.age_min_ns);
    let mut queries: Vec<ActiveQuery> = old
        .map(|doing| told(doing, notes.get(&doing.running.id), age_ns(doing)))
        .collect();
    let cut = queries.len().saturating_sub(most) as u64;
    queries.truncate(most);
    ActiveQueries {
        process: process(),
        at_ns,
        queries,
        cut: cut + untold,
    }
}

fn told(doing: &Doing, note: Option<&String>, age_ns: u64) -> ActiveQuery {
    let running = &doing.running;
    let own = running.known_context();
    let trace = own.clone().or_else(|| running.context_above());
    ActiveQuery {
        id: running.id,
        query: QueryRef {
            kind: running.kind.name.to_owned(),
            key: running.text.to_string(),
            key_hash: running.node.key.hash(),
        },
        parent: running.parent.as_ref().map_or(0, |parent| parent.id),
        parent_span_id: running
            .given
            .as_ref()
            .map(Context::span_id)
            .unwrap_or_default(),
        started_ns: running.started_ns,
        age_ns,
        state: doing.state.to_owned(),
        waits_for: doing.waits_for.iter().copied().take(WAITS_MAX).collect(),
        trace_id: trace.as_ref().map(Context::trace_id).unwrap_or_default(),
        span_id: own.as_ref().map(Context::span_id).unwrap_or_default(),
        note: note.cloned().unwrap_or_default(),
    }
}

fn doing(active: &Active) -> Vec<Doing> {
    let all = active.all();
    let mut children: FxHashMap<u64, Vec<u64>> = FxHashMap::default();
    let mut computing: FxHashMap<(RuntimeId, NodeKey), Vec<u64>> = FxHashMap::default();
    for running in &all {
        if let Some(parent) = &running.parent {
            children.entry(parent.id).or_default().push(running.id);
        }
        if running.is_computing() {
            let of = (running.scope, running.node.clone());
            computing.entry(of).or_default().push(running.id);
        }
    }
    let mut doing: Vec<Doing> = Vec::with_capacity(all.len());
    for running in all {
        let leaders = || {
            let of = computing.get(&(running.scope, running.node.clone()))?;
            let others: Vec<u64> = of.iter().copied().filter(|&id| id != running.id).collect();
            (!others.is_empty()).then_some(others)
        };
        let cell = (running.instance, running.node.key.clone());
        let (mut orphan, mut waits_for) = (None, Vec::new());
        let word = if let Some(children) = children.get(&running.id) {
            waits_for = children.clone();
            state::WAITING_ON_DEPENDENCY
        } else if running.is_computing() {
            state::COMPUTING
        } else if let Some(leaders) = leaders() {
            waits_for = leaders;
            state::WAITING_ON_LEADER
        } else if let Some(found) = active.orphan(&cell) {
            orphan = Some(found.clone());
            state::ORPHANED
        } else {
            state::COMPUTING
        };
        doing.push(Doing {
            running,
            state: word,
            waits_for,
            orphan,
        });
    }
    mark_cycles(&mut doing);
    doing
}

/// Gives those that wait for themselves, by way of others, their state.
fn mark_cycles(all: &mut [Doing]) {
    let waits: FxHashMap<u64, Vec<u64>> = all
        .iter()
        .map(|doing| (doing.running.id, doing.waits_for.clone()))
        .collect();
    let mut left: FxHashMap<u64, usize> = FxHashMap::default();
    let mut waited_by: FxHashMap<u64, Vec<u64>> = FxHashMap::default();
    for (id, waits_for) in &waits {
        left.insert(*id, waits_for.len());
        for other in waits_for {
            waited_by.entry(*other).or_default().push(*id);
        }
    }
    // Takes away who waits for nobody, again and again; then who is waited for by nobody. Left are cycles and
    // the paths between them.
    let ends = peel(&waits, |id| left.get(&id).copied().unwrap_or(0), &waited_by);
    let rest: FxHashMap<u64, Vec<u64>> = waits
        .iter()
        .filter(|(id, _)| !ends.contains(id))
        .map(|(id, of)| {
            (
                *id,
                of.iter().copied().filter(|of| !ends.contains(of)).collect(),
            )
        })
        .collect();
    let mut asked: FxHashMap<u64, usize> = FxHashMap::default();
    for of in rest.values().flatten() {
        *asked.entry(*of).or_default() += 1;
    }
    let starts = peel(&rest, |id| asked.get(&id).copied().unwrap_or(0), &rest);
    for doing in all {
        let id = doing.running.id;
        if rest.contains_key(&id) && !starts.contains(&id) {
            doing.state = state::CYCLE;
        }
    }
}

/// Those that can be taken away one after the other, each when nothing of `count` is left of it; taking one
/// away lessens the count of those in `lessens`.
fn peel(
    of: &FxHashMap<u64, Vec<u64>>,
    count: impl Fn(u64) -> usize,
    lessens: &FxHashMap<u64, Vec<u64>>,
) -> FxHashSet<u64> {
    let mut left: FxHashMap<u64, usize> = of.keys().map(|&id| (id, count(id))).collect();
    let mut free: Vec<u64> = of.keys().copied().filter(|id| left[id] == 0).collect();
    let mut taken = FxHashSet::default();
    while let Some(id) = free.pop() {
        taken.insert(id);
        for other in lessens.get(&id).into_iter().flatten() {
            if let Some(left) = left.get_mut(other) {
                *left = left.saturating_sub(1);
                if *left == 0 && !taken.contains(other) {
                    free.push(*other);
                }
            }
        }
    }
    taken
}

/// Why those that will never go on do not.
fn notes(all: &[Doing], at_ns: u64) -> FxHashMap<u64, String> {
    let by_id: FxHashMap<u64, &Doing> = all.iter().map(|doing| (doing.running.id, doing)).collect();
    let name = |doing: &Doing| format!("{}({})", doing.running.kind.name, doing.running.text);
    let mut notes = FxHashMap::default();
    let mut stuck: Vec<u64> = Vec::new();
    for doing in all {
        let id = doing.running.id;
        if let Some(orphan) = &doing.orphan {
            let secs = at_ns.saturating_sub(orphan.at_ns) as f64 / 1e9;
            let note = format!(
                "its computation was given up half-way {secs:.1} s ago, and picante waits for it for ever"
            );
            notes.insert(id, note);
            stuck.push(id);
        } else if doing.state == state::CYCLE {
            let other = doing.waits_for.first().and_then(|id| by_id.get(id));
            let other = other.map(|other| name(other)).unwrap_or_default();
            notes.insert(id, format!("it waits for {other}, which waits for it"));
            stuck.push(id);
        }
    }
    let mut waited_by: FxHashMap<u64, Vec<u64>> = FxHashMap::default();
    for doing in all {
        for other in &doing.waits_for {
            waited_by.entry(*other).or_default().push(doing.running.id);
        }
    }
    while let Some(id) = stuck.pop() {
        for waiting in waited_by.get(&id).into_iter().flatten() {
            if !notes.contains_key(waiting) {
                let other = by_id.get(&id).map(|other| name(other)).unwrap_or_default();
                notes.insert(*waiting, format!("{other} never answers"));
                stuck.push(*waiting);
            }
        }
    }
    notes
}
