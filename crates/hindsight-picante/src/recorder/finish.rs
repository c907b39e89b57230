//! The end of an access: what it was, and who is told.
//!
//! In: an access under way, picante's answer, and the record of its cell before and after. Out: the node's new
//! state, an execution, the end of the span, counters, an event, a call of each observer. Also when the access
//! was given up: [`Watch`] then ends when it is dropped.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use futures_util::FutureExt as _;
use hindsight::Context;
use hindsight_protocol::introspection::picante::{QueryEvent, QueryRef, event};
use picante::ingredient::{DerivedCell, ErasedReadyRecord};
use picante::{Dep, PicanteError, Revision};

use super::active::Orphan;
use super::describe::{dependencies, error_text, unique};
use super::executions::Execution;
use super::nodes::{Computed, Edges, Node, Nodes, State, Why};
use super::running::{Beginning, Compute, Running};
use super::{recorder, span};
use crate::names::Names;
use crate::{Access, Dependency, Outcome, Phase};

/// An access that is watched until it ends.
pub(crate) struct Watch {
    running: Arc<Running>,
    before: Option<Before>,
    /// The cell it found.
    cell: Option<Arc<DerivedCell>>,
    is_finished: bool,
}

/// What a cell held when the access began.
struct Before {
    /// Where the value was: the same place is the same value, for the cell keeps it.
    value: usize,
    verified_at: Revision,
}

/// What is known at the end.
pub(super) struct Finished<'a> {
    pub(super) running: &'a Running,
    pub(super) outcome: Outcome,
    pub(super) ended_ns: u64,
    pub(super) state: State,
    pub(super) dependencies: Arc<[Dependency]>,
    pub(super) dependency_count: u64,
    pub(super) lost: Vec<Dependency>,
    pub(super) phantom: Vec<Dependency>,
    pub(super) leader: Option<Context>,
    pub(super) hits: u64,
}

impl Watch {
    pub(crate) fn begin(of: &Beginning<'_>) -> Self {
        let before = of.before.map(|record| Before {
            value: address(record),
            verified_at: record.verified_at,
        });
        Self {
            running: Running::begin(of),
            before,
            cell: None,
            is_finished: false,
        }
    }

    /// The cell, for finding out what became of it when the access is given up.
    pub(crate) fn with_cell(mut self, cell: Option<Arc<DerivedCell>>) -> Self {
        self.cell = cell;
        self
    }

    pub(crate) fn running(&self) -> &Arc<Running> {
        &self.running
    }

    /// Ends the access with picante's answer. `after` is the cell's record now.
    pub(crate) fn finish(
        mut self,
        result: Result<(), &PicanteError>,
        after: Option<&ErasedReadyRecord>,
        names: &dyn Names,
    ) -> Outcome {
        self.is_finished = true;
        let ended = Ended {
            result: Some(result),
            after: after.filter(|_| result.is_ok()),
            names,
        };
        finish(&self.running, self.before.as_ref(), &ended)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if self.is_finished {
            return;
        }
        if self.leaves_an_orphan() {
            let orphan = Orphan {
                at_ns: super::unix_now_ns(),
            };
            let cell = (self.running.instance, self.running.node.key.clone());
            let recorder = recorder();
            recorder.active.lock().add_orphan(cell, orphan);
            recorder.totals.orphaned.fetch_add(1, Relaxed);
        }
        let ended = Ended {
            result: None,
            after: None,
            names: &NoNames,
        };
        finish(&self.running, self.before.as_ref(), &ended);
    }
}

impl Watch {
    /// Whether the cell is one that picante will wait for, for ever: dropped while it was computed, or while
    /// picante asked whether another's result may be taken.
    fn leaves_an_orphan(&self) -> bool {
        let compute = self.running.inner.lock().compute;
        let is_computing = matches!(compute, Compute::Running | Compute::Dropped);
        let is_empty = |cell: &Arc<DerivedCell>| matches!(cell.ready_record().now_or_never(), Some(None));
        let was_emptied = || self.before.is_some() && self.cell.as_ref().is_some_and(is_empty);
        is_computing || was_emptied() && !is_computed_elsewhere(&self.running)
    }
}

fn is_computed_elsewhere(running: &Running) -> bool {
    let others = recorder().active.lock().all();
    let is_same = |other: &&Arc<Running>| other.id != running.id && other.node == running.node;
    others.iter().filter(is_same).any(|other| other.is_computing())
}

/// Names of nothing: nodes that are known have theirs.
struct NoNames;

impl Names for NoNames {
    fn interned(&self, _: picante::QueryKindId, _: picante::InternId) -> Option<String> {
        None
    }

    fn kind(&self, _: picante::QueryKindId) -> Option<&'static crate::kind::Kind> {
        None
    }
}

/// How an access ended.
struct Ended<'a> {
    /// None: it was given up.
    result: Option<Result<(), &'a PicanteError>>,
    after: Option<&'a ErasedReadyRecord>,
    names: &'a dyn Names,
}

fn address(record: &ErasedReadyRecord) -> usize {
    Arc::as_ptr(&record.value).addr()
}

fn finish(running: &Running, before: Option<&Before>, ended: &Ended<'_>) -> Outcome {
    let recorder = recorder();
    let took_ns = running.started.elapsed().as_nanos() as u64;
    let ended_ns = running.started_ns + took_ns;
    let (compute, seen, known_at, changed, failed) = {
        let inner = &mut *running.inner.lock();
        let seen = inner.is_all_seen.then(|| std::mem::take(&mut inner.seen));
        let changed = std::mem::take(&mut inner.changed);
        (inner.compute, seen, inner.known_at, changed, inner.failed.take())
    };
    forget_refused(running, ended);

    let leader = leader(&recorder.nodes.lock(), running);
    let outcome = outcome(running, before, known_at, &compute, ended, leader.is_some());
    if needs_span(running, outcome) {
        running.context();
    }
    let mut nodes = recorder.nodes.lock();
    let edges = edges(outcome, seen, ended.after);
    nodes.add_dependencies(&running.node, &edges.recorded, ended.names);
    nodes.add_dependencies(&running.node, &edges.lost, ended.names);
    let error = match ended.result {
        Some(Err(error)) => Some(error_text(error, &nodes, running.node.family)),
        _ => None,
    };
    let recorded = unique(&edges.recorded);
    let named = |deps: &[Dep]| dependencies(&nodes, &running.node, deps, span::NAMED_MAX);
    let mut finished = Finished {
        running,
        outcome,
        ended_ns,
        dependencies: named(&recorded).into(),
        dependency_count: recorded.len() as u64,
        lost: named(&edges.lost),
        phantom: named(&edges.phantom),
        leader: leader.flatten(),
        hits: running.hits.load(Relaxed),
        state: state(running, &compute, ended, ended_ns),
    };
    finished.state.outcome = Some(outcome);
    finished.state.error = error;
    finished.state.edges = edges;
    place(running, &mut finished.state);
    if outcome.is_computed() || outcome == Outcome::Error {
        let why = match failed.filter(|_| outcome == Outcome::Error) {
            Some(dependency) => Why::Failed { dependency },
            None => why(&nodes, running, before.and(known_at), changed),
        };
        remember(&mut nodes, &finished, why);
    }
    update(&mut nodes, &finished, ended.names);
    drop(nodes);
    tell(&finished);
    outcome
}

/// A refused cycle is not recorded, so it is not to count as lost.
fn forget_refused(running: &Running, ended: &Ended<'_>) {
    if let (Some(Err(PicanteError::Cycle { requested, .. })), Some(parent)) =
        (ended.result, &running.parent)
        && requested.kind == running.node.kind
        && requested.key == running.node.key
    {
        parent.did_not_see(requested.kind, &requested.key);
    }
}

/// The computation of the same that ended while this access was under way: whether there was one, and its
/// span.
fn leader(nodes: &Nodes, running: &Running) -> Option<Option<Context>> {
    let (ended, context) = nodes.get(&running.node)?.leader.as_ref()?;
    (*ended >= running.started).then(|| context.clone())
}

fn outcome(
    running: &Running,
    before: Option<&Before>,
    known_at: Option<u64>,
    compute: &Compute,
    ended: &Ended<'_>,
    has_leader: bool,
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
        _ if has_leader => Outcome::Coalesced,
        _ => Outcome::Adopted,
    }
}

fn edges(outcome: Outcome, seen: Option<Vec<Dep>>, after: Option<&ErasedReadyRecord>) -> Edges {
    let recorded = after.map_or_else(|| Arc::from([]), |record| record.deps.clone());
    let (true, Some(seen)) = (outcome.is_computed(), seen) else {
        return Edges {
            recorded,
            ..Edges::default()
        };
    };
    let (lost, phantom) = super::describe::differences(&recorded, &seen);
    Edges {
        recorded,
        lost: lost.into(),
        phantom: phantom.into(),
        is_watched: true,
    }
}

fn state(running: &Running, compute: &Compute, ended: &Ended<'_>, ended_ns: u64) -> State {
    let compute_ns = match compute {
        Compute::Ended { ns } => *ns,
        _ => 0,
    };
    State {
        verified_at: ended.after.map_or(0, |record| record.verified_at.0),
        changed_at: ended.after.map_or(0, |record| record.changed_at.0),
        at_ns: ended_ns,
        compute_ns,
        computed: u64::from(compute_ns > 0),
        unchanged: 0,
        ..State {
            verified_at: running.revision,
            ..State::default()
        }
    }
}

/// Where it shows up: its span, or at least its trace.
fn place(running: &Running, state: &mut State) {
    let own = running.known_context();
    let trace = own.clone().or_else(|| running.context_above());
    state.trace_id = trace.map(|context| context.trace_id()).unwrap_or_default();
    state.span_id = own.map(|context| context.span_id()).unwrap_or_default();
}

fn needs_span(running: &Running, outcome: Outcome) -> bool {
    let is_quiet = matches!(outcome, Outcome::Hit | Outcome::Validated);
    !is_quiet || running.parent.is_none()
}

fn why(
    nodes: &Nodes,
    running: &Running,
    known_at: Option<u64>,
    mut changed: Vec<(Dep, Revision)>,
) -> Why {
    let node = nodes.get(&running.node);
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
        if changed.len() >= super::running::CHANGED_MAX {
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

fn remember(nodes: &mut Nodes, finished: &Finished<'_>, why: Why) {
    let (running, state) = (finished.running, &finished.state);
    if let Some(node) = nodes.get_mut(&running.node) {
        node.remember(Computed {
            outcome: finished.outcome,
            revision: running.revision,
            changed_at: state.changed_at,
            at_ns: state.at_ns,
            compute_ns: state.compute_ns,
            trace_id: state.trace_id,
            span_id: state.span_id,
            why,
        });
    }
}

/// The node is as this access left it.
fn update(nodes: &mut Nodes, finished: &Finished<'_>, names: &dyn Names) {
    let running = finished.running;
    let node = nodes.node(&running.node, running.kind, names);
    let (old, new) = (&node.state, finished.state.clone());
    let is_computed = finished.outcome.is_computed();
    let has_answer = new.changed_at > 0;
    // What is not known of this answer stays as it was.
    let keeps_edges = !is_computed && Arc::ptr_eq(&old.edges.recorded, &new.edges.recorded);
    node.state = State {
        computed: old.computed + u64::from(is_computed),
        unchanged: old.unchanged + u64::from(finished.outcome == Outcome::ComputedUnchanged),
        compute_ns: if is_computed { new.compute_ns } else { old.compute_ns },
        changed_at: if has_answer { new.changed_at } else { old.changed_at },
        verified_at: if has_answer { new.verified_at } else { old.verified_at },
        edges: if keeps_edges || !has_answer { old.edges.clone() } else { new.edges.clone() },
        ..new
    };
}

fn tell(finished: &Finished<'_>) {
    let Finished {
        running, outcome, ..
    } = finished;
    let (outcome, recorder) = (*outcome, recorder());
    let counts = &running.kind.counts;
    counts.answered(outcome);
    if outcome.is_computed() {
        counts.computed(finished.state.compute_ns, outcome == Outcome::ComputedUnchanged);
    }
    let edges = &finished.state.edges;
    recorder.totals.lost.fetch_add(edges.lost.len() as u64, Relaxed);
    recorder.totals.phantom.fetch_add(edges.phantom.len() as u64, Relaxed);

    let (span, span_id) = {
        let inner = &mut *running.inner.lock();
        inner.is_finished = true;
        let span_id = inner.context.as_ref().map(Context::span_id);
        (inner.span.take(), span_id)
    };
    recorder.active.lock().remove(running, span_id);
    if let Some(parent) = &running.parent {
        parent_learns(parent, finished, span.is_none());
    }
    if recorder.is_observed() {
        recorder.observe(&access(finished));
    }
    recorder.tell(|| query_ended(finished));
    if let Some(span) = span {
        span::end(span, finished);
    }
    recorder.executions.lock().push(execution(finished));
}

fn parent_learns(parent: &Running, finished: &Finished<'_>, has_no_span: bool) {
    let running = finished.running;
    if has_no_span {
        parent.hits.fetch_add(1 + finished.hits, Relaxed);
    }
    if finished.outcome == Outcome::Error {
        parent.inner.lock().failed = Some(Dep {
            kind: running.node.kind,
            key: running.node.key.clone(),
        });
    }
    if running.op == crate::Op::Touch && finished.state.changed_at > 0 {
        let changed_at = Revision(finished.state.changed_at);
        parent.touched(running.node.kind, &running.node.key, changed_at);
    }
}

fn access(finished: &Finished<'_>) -> Access {
    let state = &finished.state;
    Access {
        outcome: Some(finished.outcome),
        changed_at: state.changed_at,
        ended_ns: finished.ended_ns,
        compute_ns: state.compute_ns,
        dependencies: finished.dependencies.clone(),
        dependency_count: finished.dependency_count,
        hits: finished.hits,
        trace_id: state.trace_id,
        span_id: state.span_id,
        error: state.error.clone(),
        ..finished.running.access(Phase::Ended)
    }
}

fn query_ended(finished: &Finished<'_>) -> QueryEvent {
    let (running, state) = (finished.running, &finished.state);
    QueryEvent {
        at_ns: finished.ended_ns,
        kind: event::QUERY_ENDED.to_owned(),
        query: QueryRef {
            kind: running.kind.name.to_owned(),
            key: running.text.to_string(),
            key_hash: running.node.key.hash(),
        },
        outcome: finished.outcome.as_str().to_owned(),
        revision: running.revision,
        compute_ns: state.compute_ns,
        trace_id: state.trace_id,
        span_id: state.span_id,
        ..QueryEvent::default()
    }
}

fn execution(finished: &Finished<'_>) -> Execution {
    let mut state = finished.state.clone();
    state.computed = u64::from(finished.outcome.is_computed());
    state.unchanged = u64::from(finished.outcome == Outcome::ComputedUnchanged);
    Execution {
        node: finished.running.node.clone(),
        state,
        set: None,
    }
}

impl Node {
    /// Revision in which it last changed, of a query or an input.
    pub(crate) fn changed_at(&self) -> u64 {
        let set = self.set.as_ref().map_or(0, |set| set.revision);
        self.state.changed_at.max(set)
    }
}

