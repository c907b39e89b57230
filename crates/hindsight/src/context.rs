//! The trace context: which span is current, and how that is carried along.
//!
//! [`Context::current`] answers, in this order: the innermost scope being polled or entered on this
//! thread ([`Context::scope`], [`Context::enter`]); else the spans that this tokio task has started
//! and not ended; else, outside any task, those of this thread. [`crate::SpanBuilder::start`] adds
//! to whichever of these is in force; the span's end takes it away again, wherever that happens.
//!
//! Two futures polled in turn by one task (`join!`, `FuturesUnordered`) share that task's spans: give
//! each a scope of its own where both start spans. In a browser all of a page's tasks share one stack:
//! give each `spawn_local` a scope, with [`ScopeExt::in_current_context`].

mod own;
mod scope;
mod stack;
mod tasks;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use hindsight_protocol::w3c::{Baggage, Extract, Inject, RemoteContext, TraceFlags, TraceParent};
use hindsight_protocol::w3c::{TraceState, inject};
use hindsight_protocol::{SpanId, TraceId};

pub use scope::{Entered, ScopeExt, Scoped, ScopedPinned};
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use stack::suppress_this_thread;
pub(crate) use stack::{Begun, Pushed, Suppressed, begin, is_suppressed};

/// A reference to a span that can be carried to other tasks, threads and processes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    trace_id: TraceId,
    span_id: SpanId,
    flags: TraceFlags,
    /// None: neither.
    carried: Option<Arc<Carried>>,
}

/// What a context may have besides ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Carried {
    /// Empty if there is none.
    trace_state: TraceState,
    /// Empty if there is none.
    baggage: Baggage,
}

impl Carried {
    fn into_shared(self) -> Option<Arc<Self>> {
        let is_empty = self.trace_state.is_empty() && self.baggage.is_empty();
        (!is_empty).then(|| Arc::new(self))
    }
}

impl Context {
    /// A context of these ids; none if either is zero.
    pub fn new(trace_id: TraceId, span_id: SpanId, sampled: bool) -> Option<Self> {
        (trace_id.is_valid() && span_id.is_valid()).then(|| Self {
            trace_id,
            span_id,
            flags: TraceFlags::NONE.with_sampled(sampled),
            carried: None,
        })
    }

    /// The current span's context, if there is one.
    pub fn current() -> Option<Self> {
        stack::current()
    }

    /// The trace.
    pub fn trace_id(&self) -> TraceId {
        self.trace_id
    }

    /// The span.
    pub fn span_id(&self) -> SpanId {
        self.span_id
    }

    /// The W3C trace flags.
    pub fn flags(&self) -> TraceFlags {
        self.flags
    }

    /// Whether the trace is recorded.
    pub fn is_sampled(&self) -> bool {
        self.flags.sampled()
    }

    /// The W3C `tracestate`, if there is one.
    pub fn trace_state(&self) -> Option<&TraceState> {
        let carried = self.carried.as_ref()?;
        (!carried.trace_state.is_empty()).then_some(&carried.trace_state)
    }

    /// The W3C baggage, if there is some.
    pub fn baggage(&self) -> Option<&Baggage> {
        let carried = self.carried.as_ref()?;
        (!carried.baggage.is_empty()).then_some(&carried.baggage)
    }

    /// This context with other baggage; spans started beneath it inherit it.
    pub fn with_baggage(mut self, baggage: Baggage) -> Self {
        let carried = Carried {
            trace_state: self.trace_state().cloned().unwrap_or_default(),
            baggage,
        };
        self.carried = carried.into_shared();
        self
    }

    /// The context of a new span beneath `parent`, or of a root.
    #[inline]
    pub(crate) fn child_of(parent: Option<&Self>, ids: (TraceId, SpanId), sampled: bool) -> Self {
        let flags = match parent {
            Some(parent) => parent.flags,
            None => TraceFlags::RANDOM,
        };
        Self {
            trace_id: ids.0,
            span_id: ids.1,
            flags: flags.with_sampled(sampled),
            carried: parent.and_then(|parent| parent.carried.clone()),
        }
    }

    /// Lets go of what it carries besides ids: for a context that nobody can reach any more.
    #[inline]
    pub(crate) fn release(&mut self) {
        self.carried = None;
    }

    /// The value of a `traceparent` header that names this span as the parent.
    pub fn traceparent(&self) -> String {
        self.parent().map_or_else(String::new, |p| p.to_header())
    }

    fn parent(&self) -> Option<TraceParent> {
        TraceParent::new(self.trace_id, self.span_id, self.flags).ok()
    }

    /// Writes `traceparent`, `tracestate` and `baggage` into `carrier`.
    pub fn inject(&self, carrier: &mut (impl Inject + ?Sized)) {
        let Some(parent) = self.parent() else { return };
        let none = Carried::default();
        let carried = self.carried.as_deref().unwrap_or(&none);
        inject(carrier, &parent, &carried.trace_state);
        carried.baggage.inject(carrier);
    }

    /// Reads the context a caller sent; none if there is none or it is invalid.
    pub fn extract(carrier: &(impl Extract + ?Sized)) -> Option<Self> {
        let remote = RemoteContext::extract(carrier).ok().flatten()?;
        let (baggage, _lost) = Baggage::extract(carrier);
        let trace_state = remote.state;
        Some(Self {
            trace_id: remote.parent.trace_id(),
            span_id: remote.parent.parent_id(),
            flags: remote.parent.flags(),
            carried: Carried {
                trace_state,
                baggage,
            }
            .into_shared(),
        })
    }

    /// Runs `future` with this context current; spans it starts are beneath it.
    pub fn scope<F: Future>(self, future: F) -> Scoped<F> {
        Scoped::new(self, future)
    }

    /// Runs `work` with this context current.
    pub fn in_scope<T>(self, work: impl FnOnce() -> T) -> T {
        let _entered = self.enter();
        work()
    }

    /// Makes this context current on this thread until the guard is dropped. Not to be held across
    /// an `await`: use [`Context::scope`] there.
    pub fn enter(self) -> Entered {
        scope::enter(self)
    }
}
