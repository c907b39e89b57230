//! Stacks of started spans: one a scope, a tokio task, or a thread outside any task.
//!
//! Bounded: a stack holds at most [`DEPTH_MAX`] spans (further ones are started but not current).

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use hindsight_protocol::SpanId;
use parking_lot::Mutex;
use tokio::task::Id as TaskId;

use super::{Context, own, tasks};

/// Most current spans of one stack.
pub(super) const DEPTH_MAX: usize = 1024;

/// The spans started and not ended, newest last.
#[derive(Debug, Default)]
pub(super) struct Spans(Vec<Context>);

impl Spans {
    pub(super) const EMPTY: Self = Self(Vec::new());

    pub(super) fn top(&self) -> Option<&Context> {
        self.0.last()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a span; says whether there was room.
    #[inline]
    pub(super) fn push(&mut self, context: &Context) -> bool {
        let room = self.0.len() < DEPTH_MAX;
        if room {
            self.0.push(context.clone());
        }
        room
    }

    #[inline]
    pub(super) fn remove(&mut self, span: SpanId) {
        // Nearly always it is the newest.
        if self.0.pop_if(|newest| newest.span_id == span).is_some() {
            return;
        }
        let found = self.0.iter().rposition(|other| other.span_id == span);
        if let Some(at) = found {
            self.0.remove(at);
        }
    }
}

/// The stack of a scope or a task; its lock is taken by whoever runs the task and by a thread that
/// ends one of its spans.
#[derive(Debug, Default)]
pub(crate) struct Stack {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    spans: Spans,
    /// No longer its task's stack.
    retired: bool,
}

impl Stack {
    pub(super) fn of(base: Context) -> Arc<Self> {
        let stack = Self::default();
        stack.inner.lock().spans.push(&base);
        Arc::new(stack)
    }

    /// Works on the spans, unless the stack is retired.
    pub(super) fn with<R>(&self, work: impl FnOnce(&mut Spans) -> R) -> Result<R, Retired> {
        let inner = &mut *self.inner.lock();
        match inner.retired {
            false => Ok(work(&mut inner.spans)),
            true => Err(Retired),
        }
    }

    /// Retires the stack if it is empty and nobody works on it; says whether it did.
    pub(super) fn retire(&self) -> bool {
        let Some(mut inner) = self.inner.try_lock() else {
            return false;
        };
        inner.retired = inner.spans.is_empty();
        inner.retired
    }
}

/// The stack is no longer in use.
#[derive(Debug)]
pub(super) struct Retired;

thread_local! {
    /// Scopes being polled or entered on this thread, innermost last.
    static SCOPES: RefCell<Vec<Arc<Stack>>> = const { RefCell::new(Vec::new()) };
    /// Length of [`SCOPES`]: a look at it costs less.
    static SCOPES_ENTERED: Cell<usize> = const { Cell::new(0) };
    /// Whether spans on this thread are not to be recorded (the exporter's own).
    static SUPPRESSED: Cell<bool> = const { Cell::new(false) };
}

/// Where a span was put, so that its end can take it away.
#[derive(Debug)]
pub(crate) enum Pushed {
    Stack(Arc<Stack>),
    Thread(&'static own::Elsewhere),
}

impl Pushed {
    #[inline]
    pub(crate) fn remove(&self, span: SpanId) {
        match self {
            // A retired stack is empty.
            Self::Stack(stack) => stack.with(|spans| spans.remove(span)).unwrap_or_default(),
            Self::Thread(thread) => own::remove(thread, span),
        }
    }
}

/// The current span's context.
pub(super) fn current() -> Option<Context> {
    let top = |spans: &mut Spans| spans.top().cloned();
    match Place::in_force() {
        Place::Scope(stack) => stack.with(top).ok().flatten(),
        Place::Task(task) => tasks::with_existing(task, top).flatten(),
        Place::Thread => own::with(top).flatten(),
    }
}

/// Begins a span beneath the current one and makes it current. `make` is called once.
#[inline]
pub(crate) fn begin(make: impl Fn(Option<&Context>) -> Begun) -> (Begun, Option<Pushed>) {
    match Place::in_force() {
        Place::Thread => begin_on_thread(make),
        other => begin_on_stack(other, make),
    }
}

/// In a scope or a task. Apart from the other case, which is to stay small.
#[inline(never)]
fn begin_on_stack(
    place: Place,
    make: impl Fn(Option<&Context>) -> Begun,
) -> (Begun, Option<Pushed>) {
    match place {
        Place::Scope(stack) => {
            let begun = stack.with(|spans| push_new(spans, &make));
            // The stack of a scope is not retired while the scope is in force.
            let (begun, room) = begun.unwrap_or_else(|Retired| (make(None), false));
            (begun, room.then_some(Pushed::Stack(stack)))
        }
        Place::Task(task) => {
            let ((begun, room), stack) = tasks::with(task, |spans| push_new(spans, &make));
            (begun, room.then_some(Pushed::Stack(stack)))
        }
        Place::Thread => (make(None), None),
    }
}

/// Outside any task: the common case of threads, without moving the context about.
#[inline]
fn begin_on_thread(make: impl Fn(Option<&Context>) -> Begun) -> (Begun, Option<Pushed>) {
    let pushed = own::with_owner(|spans, elsewhere| {
        let begun = make(spans.top());
        let room = spans.push(&begun.context);
        (begun, room.then_some(Pushed::Thread(elsewhere)))
    });
    // The thread may be ending: nothing is current on it any more.
    pushed.unwrap_or_else(|| (make(None), None))
}

fn push_new(spans: &mut Spans, make: impl Fn(Option<&Context>) -> Begun) -> (Begun, bool) {
    let begun = make(spans.top());
    let room = spans.push(&begun.context);
    (begun, room)
}

/// A span that begins.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) context: Context,
    /// [`SpanId::INVALID`] for a root.
    pub(crate) parent_id: SpanId,
}

/// The stack in force here.
enum Place {
    Scope(Arc<Stack>),
    Task(TaskId),
    Thread,
}

impl Place {
    #[inline]
    fn in_force() -> Self {
        if SCOPES_ENTERED.get() > 0
            && let Some(stack) = innermost_scope()
        {
            return Self::Scope(stack);
        }
        tokio::task::try_id().map_or(Self::Thread, Self::Task)
    }
}

fn innermost_scope() -> Option<Arc<Stack>> {
    let innermost = |scopes: &RefCell<Vec<Arc<Stack>>>| scopes.borrow().last().cloned();
    // Without scopes when the thread is ending.
    SCOPES.try_with(innermost).ok().flatten()
}

pub(super) fn enter_scope(stack: Arc<Stack>) {
    SCOPES.with(|scopes| {
        let mut scopes = scopes.borrow_mut();
        scopes.push(stack);
        SCOPES_ENTERED.set(scopes.len());
    });
}

/// Leaves the newest scope that is `stack`; out-of-order drops of guards are tolerated.
pub(super) fn leave_scope(stack: &Arc<Stack>) {
    // The thread may be ending; then there is nothing to leave.
    SCOPES
        .try_with(|scopes| {
            let mut scopes = scopes.borrow_mut();
            if let Some(at) = scopes.iter().rposition(|other| Arc::ptr_eq(other, stack)) {
                scopes.remove(at);
                SCOPES_ENTERED.set(scopes.len());
            }
        })
        .unwrap_or_default();
}

/// A future during whose polls nothing is recorded on its thread.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub(crate) struct Suppressed<F>(Pin<Box<F>>);

impl<F> Suppressed<F> {
    pub(crate) fn new(future: F) -> Self {
        Self(Box::pin(future))
    }
}

impl<F: Future> Future for Suppressed<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> Poll<F::Output> {
        let before = SUPPRESSED.replace(true);
        let polled = self.0.as_mut().poll(cx);
        SUPPRESSED.set(before);
        polled
    }
}

/// Stops recording on this thread for good: used by threads that export.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn suppress_this_thread() {
    SUPPRESSED.set(true);
}

/// Whether this thread's spans are not recorded.
#[inline]
pub(crate) fn is_suppressed() -> bool {
    SUPPRESSED.try_with(Cell::get).unwrap_or(true)
}
