//! An access under way.
//!
//! In: the beginning of an access, the queries and inputs it asks for, the beginning and end of its
//! computation. Out: what [`super::finish`] makes of it at its end, wherever that is: returning, failing, or
//! being dropped. Always: which access asks is known by a task-local value of our own, so that futures which
//! one task polls in turn do not take each other's dependencies. Bounded: [`SEEN_MAX`] dependencies, beyond
//! which those of that computation are not compared; [`CHANGED_MAX`] causes.

mod compute;
mod hit;

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use hindsight::{Context, ScopeExt as _, Span};
use parking_lot::Mutex;
use picante::ingredient::ErasedReadyRecord;
use picante::{Dep, Key, QueryKindId, Revision, Runtime, RuntimeId};

pub(crate) use compute::watched;
pub(crate) use hit::hit;

use super::nodes::NodeKey;
use super::{recorder, unix_now_ns};
use crate::adapter::adapter;
use crate::kind::Kind;
use crate::names::Names;
use crate::{Access, Op, Phase};

/// Dependencies of a computation that are compared with those that picante records.
const SEEN_MAX: usize = 4096;
/// Changed dependencies that are remembered as causes.
pub(super) const CHANGED_MAX: usize = 16;

tokio::task_local! {
    static CURRENT: Arc<Running>;
}

/// The access that asks, if the program is within one.
pub(crate) fn current() -> Option<Arc<Running>> {
    CURRENT.try_with(Arc::clone).ok()
}

/// A future that belongs to the access and the span that are current now, wherever it runs.
pub(crate) fn carried<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let running = current();
    let future = future.in_current_context();
    async move {
        match running {
            Some(running) => CURRENT.scope(running, future).await,
            None => future.await,
        }
    }
}

/// An access that was not answered from memory at once.
pub(crate) struct Running {
    pub(crate) id: u64,
    pub(crate) parent: Option<Arc<Running>>,
    pub(crate) node: NodeKey,
    /// The node's number, as long as it is not given up.
    pub(super) serial: u64,
    pub(crate) kind: &'static Kind,
    pub(crate) text: Arc<str>,
    /// Which databases and snapshots share results with this one's.
    pub(crate) scope: RuntimeId,
    /// Which ingredient.
    pub(crate) instance: u64,
    pub(crate) is_snapshot: bool,
    pub(crate) op: Op,
    pub(crate) revision: u64,
    pub(crate) started_ns: u64,
    pub(crate) started: Instant,
    /// The span that was current at the start, where that is the parent.
    pub(crate) given: Option<Context>,
    pub(super) inner: Mutex<Inner>,
    pub(super) hits: AtomicU64,
}

pub(super) struct Inner {
    /// Made when it is known that there is to be one.
    pub(super) span: Option<Span>,
    /// The span's, also after its end.
    pub(super) context: Option<Context>,
    pub(super) is_finished: bool,
    pub(super) compute: Compute,
    /// What the computation asked for.
    pub(super) seen: Vec<Dep>,
    pub(super) is_all_seen: bool,
    /// Revision of the value's last change, before.
    pub(super) known_at: Option<u64>,
    /// Dependencies that were found to have changed since.
    pub(super) changed: Vec<(Dep, Revision)>,
    /// The last dependency that failed.
    pub(super) failed: Option<Dep>,
}

/// How far the computation is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Compute {
    Not,
    Running,
    Ended {
        ns: u64,
    },
    /// Its future was dropped: it panicked, or the access was given up.
    Dropped,
}

/// What an access begins with.
#[derive(Clone, Copy)]
pub(crate) struct Beginning<'a> {
    pub(crate) kind: &'static Kind,
    pub(crate) key: &'a Key,
    pub(crate) op: Op,
    pub(crate) runtime: &'a Runtime,
    pub(crate) instance: u64,
    pub(crate) is_snapshot: bool,
    pub(crate) before: Option<&'a ErasedReadyRecord>,
    pub(crate) names: &'a dyn Names,
}

impl Running {
    /// Begins an access. Its end is told to [`super::finish::Watch`].
    pub(super) fn begin(of: &Beginning<'_>) -> Arc<Self> {
        let recorder = recorder();
        let (parent, given) = asking(of.kind);
        if let (Some(parent), Op::Get) = (&parent, of.op) {
            parent.saw(of.kind.id, of.key);
        }
        let node = NodeKey {
            family: of.runtime.id(),
            kind: of.kind.id,
            key: of.key.clone(),
        };
        let (serial, text) = {
            let mut nodes = recorder.nodes.lock();
            let node = nodes.node(&node, of.kind, of.names);
            (node.serial, node.text.clone())
        };
        let is_outermost = parent.is_none();
        let running = Arc::new(Self {
            id: recorder.new_id(),
            parent,
            node,
            serial,
            kind: of.kind,
            text,
            scope: of.runtime.cache_scope_id(),
            instance: of.instance,
            is_snapshot: of.is_snapshot,
            op: of.op,
            revision: of.runtime.current_revision().0,
            started_ns: unix_now_ns(),
            started: Instant::now(),
            given,
            inner: Mutex::new(Inner {
                span: None,
                context: None,
                is_finished: false,
                compute: Compute::Not,
                seen: Vec::new(),
                is_all_seen: true,
                known_at: of.before.map(|record| record.changed_at.0),
                changed: Vec::new(),
                failed: None,
            }),
            hits: AtomicU64::new(0),
        });
        recorder.saw_revision(running.revision);
        if is_outermost {
            running.context();
        }
        recorder.active.lock().add(&running);
        if recorder.is_observed() {
            recorder.observe(&running.access(Phase::Started));
        }
        running
    }

    /// Polls a future as a part of this access.
    pub(crate) async fn scope<F: Future>(self: &Arc<Self>, future: F) -> F::Output {
        CURRENT.scope(self.clone(), future).await
    }

    /// Notes that the computation asks for something.
    pub(crate) fn saw(&self, kind: QueryKindId, key: &Key) {
        let inner = &mut *self.inner.lock();
        if !matches!(inner.compute, Compute::Running) {
            return;
        }
        if inner.seen.len() < SEEN_MAX {
            let key = key.clone();
            inner.seen.push(Dep { kind, key });
        } else {
            inner.is_all_seen = false;
        }
    }

    /// Takes back what [`Self::saw`] noted last of this: picante refused it before recording it.
    pub(super) fn did_not_see(&self, kind: QueryKindId, key: &Key) {
        let seen = &mut self.inner.lock().seen;
        let found = seen
            .iter()
            .rposition(|dep| dep.kind == kind && dep.key == *key);
        found.map(|at| seen.remove(at));
    }

    /// Notes what picante learns of a dependency while it validates the value.
    pub(crate) fn touched(&self, kind: QueryKindId, key: &Key, changed_at: Revision) {
        let inner = &mut *self.inner.lock();
        let is_newer = inner
            .known_at
            .is_some_and(|known_at| changed_at.0 > known_at);
        if is_newer && !matches!(inner.compute, Compute::Running) {
            let key = key.clone();
            let dep = Dep { kind, key };
            let is_known = inner.changed.iter().any(|(other, _)| *other == dep);
            if !is_known && inner.changed.len() < CHANGED_MAX {
                inner.changed.push((dep, changed_at));
            }
        }
    }

    /// Whether the computation runs.
    pub(crate) fn is_computing(&self) -> bool {
        matches!(self.inner.lock().compute, Compute::Running)
    }

    /// Whether the computation ran to its end.
    pub(crate) fn is_computed(&self) -> bool {
        matches!(self.inner.lock().compute, Compute::Ended { .. })
    }

    /// What an observer sees at this moment, without an outcome.
    pub(super) fn access(&self, phase: Phase) -> Access {
        let context = self.known_context();
        Access {
            id: self.id,
            parent: self.parent.as_ref().map_or(0, |parent| parent.id),
            phase,
            kind: self.kind.name,
            key: self.text.clone(),
            key_hash: self.node.key.hash(),
            op: self.op,
            outcome: None,
            revision: self.revision,
            changed_at: 0,
            started_ns: self.started_ns,
            ended_ns: 0,
            compute_ns: 0,
            dependencies: std::sync::Arc::from([]),
            dependency_count: 0,
            hits: self.hits.load(Relaxed),
            trace_id: context.as_ref().map(Context::trace_id).unwrap_or_default(),
            span_id: context.as_ref().map(Context::span_id).unwrap_or_default(),
            error: None,
        }
    }
}

/// The access that asks, and the span that is current if that is to be the parent.
pub(super) fn asking(kind: &'static Kind) -> (Option<Arc<Running>>, Option<Context>) {
    if let Some(parent) = current() {
        let given = parent.is_computing().then(Context::current).flatten();
        return (Some(parent), given);
    }
    // A task that a computation spawned by itself, and that carries its span.
    let given = Context::current().or_else(|| root_context(kind));
    let span = given.as_ref().map(Context::span_id);
    let parent = span.and_then(|span| recorder().active.lock().of_span(span));
    (parent, given)
}

/// Where something belongs that nobody asked for: as an adapter says.
pub(in crate::recorder) fn root_context(kind: &'static Kind) -> Option<Context> {
    let adapter = adapter()?;
    let mut context = None;
    recorder().guarded(|| context = adapter.root_context(kind.name, kind.is_input()));
    context
}

/// Notes that an input or an interned value was read.
pub(crate) fn saw(kind: QueryKindId, key: impl FnOnce() -> Option<Key>) {
    let read = |running: &Arc<Running>| {
        if let Some(key) = key() {
            running.saw(kind, &key);
        }
    };
    // Read outside of any query, it is no dependency.
    CURRENT.try_with(read).unwrap_or_default();
}

/// Notes what picante learned of an input or an interned value.
pub(crate) fn touched(kind: QueryKindId, key: &Key, changed_at: Revision) {
    CURRENT
        .try_with(|running| running.touched(kind, key, changed_at))
        .unwrap_or_default();
}
