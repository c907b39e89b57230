//! Who is told that an access ended: counters, the one that asked, observers, readers of events, the span.

use std::sync::atomic::Ordering::Relaxed;

use hindsight_protocol::introspection::picante::{QueryEvent, QueryRef, event};
use picante::{Dep, Revision};

use super::Finished;
use crate::recorder::executions::Execution;
use crate::recorder::running::Running;
use crate::recorder::{recorder, span};
use crate::{Access, Op, Outcome, Phase};

pub(super) fn tell(mut finished: Finished<'_>) {
    let span = finished.span.take();
    let finished = &finished;
    let Finished {
        running, outcome, ..
    } = finished;
    let (outcome, recorder) = (*outcome, recorder());
    let counts = &running.kind.counts;
    counts.answered(outcome);
    if outcome.is_computed() {
        counts.computed(
            finished.state.compute_ns,
            outcome == Outcome::ComputedUnchanged,
        );
    }
    let edges = &finished.state.edges;
    recorder
        .totals
        .lost
        .fetch_add(edges.lost.len() as u64, Relaxed);
    recorder
        .totals
        .phantom
        .fetch_add(edges.phantom.len() as u64, Relaxed);

    let span_id = running.known_span_id();
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
    if running.op == Op::Touch && finished.state.changed_at > 0 {
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
