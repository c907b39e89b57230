//! The end of an access: what it was, and who is told.
//!
//! In: an access under way, picante's answer, and the record of its cell before and after. Out: the node's new
//! state, an execution, the end of the span, counters, an event, a call of each observer. Also when the access
//! was given up: [`Watch`] then ends when it is dropped.

mod outcome;
mod tell;

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use futures_util::FutureExt as _;
use hindsight::{Context, Span};
use picante::ingredient::{DerivedCell, ErasedReadyRecord};
use picante::{Dep, PicanteError, Revision};

use super::active::Orphan;
use super::describe::{dependencies, error_text, unique};
use super::nodes::{Computed, Edges, Nodes, State, Why};
use super::running::{Beginning, Compute, Running};
use super::{recorder, span};
use crate::names::Names;
use crate::{Dependency, Outcome};
use outcome::{edges, leader, outcome, why};

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
    /// Its span, which is still to be ended.
    pub(super) span: Option<Span>,
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
        let is_empty =
            |cell: &Arc<DerivedCell>| matches!(cell.ready_record().now_or_never(), Some(None));
        let was_emptied = || self.before.is_some() && self.cell.as_ref().is_some_and(is_empty);
        is_computing || was_emptied() && !is_computed_elsewhere(&self.running)
    }
}

fn is_computed_elsewhere(running: &Running) -> bool {
    let others = recorder().active.lock().all();
    let is_same = |other: &&Arc<Running>| other.id != running.id && other.node == running.node;
    others
        .iter()
        .filter(is_same)
        .any(|other| other.is_computing())
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
        (
            inner.compute,
            seen,
            inner.known_at,
            changed,
            inner.failed.take(),
        )
    };
    forget_refused(running, ended);

    let mut led = None;
    let outcome = outcome(running, before, known_at, &compute, ended, || {
        led = leader(&recorder.nodes.lock(), running);
        led.is_some()
    });
    if needs_span(running, outcome) {
        running.context();
    }
    let span = running.finished();
    let edges = edges(outcome, seen, ended.after);
    let mut nodes = recorder.nodes.lock();
    if has_news(&nodes, running, &edges) {
        nodes.add_dependencies(&running.node, &edges.recorded, ended.names);
        nodes.add_dependencies(&running.node, &edges.lost, ended.names);
    }
    let error = match ended.result {
        Some(Err(error)) => Some(error_text(error, &nodes, running.node.family)),
        _ => None,
    };
    // Named only where somebody reads it: in a span, or by an observer.
    let is_told = span.is_some() || recorder.is_observed();
    let told = |deps: &[Dep]| match is_told {
        true => unique(deps),
        false => Vec::new(),
    };
    let named = |deps: &[Dep]| dependencies(&nodes, &running.node, deps, span::NAMED_MAX);
    let recorded = told(&edges.recorded);
    let mut finished = Finished {
        running,
        outcome,
        ended_ns,
        dependencies: match recorded.is_empty() {
            true => Arc::default(),
            false => named(&recorded).into(),
        },
        dependency_count: recorded.len() as u64,
        lost: named(&edges.lost),
        phantom: named(&edges.phantom),
        leader: led.flatten(),
        hits: running.hits.load(Relaxed),
        state: state(running, &compute, ended, ended_ns),
        span,
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
    tell::tell(finished);
    outcome
}

/// Whether there may be dependencies that are no nodes yet.
fn has_news(nodes: &Nodes, running: &Running, edges: &Edges) -> bool {
    let is_known = |state: &State| Arc::ptr_eq(&state.edges.recorded, &edges.recorded);
    let node = nodes.at(running.serial);
    nodes.forgotten() > 0 || edges.is_watched || !node.is_some_and(|node| is_known(&node.state))
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

fn remember(nodes: &mut Nodes, finished: &Finished<'_>, why: Why) {
    let (running, state) = (finished.running, &finished.state);
    if let Some(node) = nodes.at_mut(running.serial) {
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
    // What was given up meanwhile comes back under another number.
    let serial = match nodes.at(running.serial) {
        Some(_) => running.serial,
        None => nodes.node(&running.node, running.kind, names).serial,
    };
    let Some(node) = nodes.at_mut(serial) else {
        return;
    };
    let (old, new) = (&node.state, finished.state.clone());
    let is_computed = finished.outcome.is_computed();
    let has_answer = new.changed_at > 0;
    // What is not known of this answer stays as it was.
    let keeps_edges = !is_computed && Arc::ptr_eq(&old.edges.recorded, &new.edges.recorded);
    node.state = State {
        computed: old.computed + u64::from(is_computed),
        unchanged: old.unchanged + u64::from(finished.outcome == Outcome::ComputedUnchanged),
        compute_ns: if is_computed {
            new.compute_ns
        } else {
            old.compute_ns
        },
        changed_at: if has_answer {
            new.changed_at
        } else {
            old.changed_at
        },
        verified_at: if has_answer {
            new.verified_at
        } else {
            old.verified_at
        },
        edges: if keeps_edges || !has_answer {
            old.edges.clone()
        } else {
            new.edges.clone()
        },
        ..new
    };
}
