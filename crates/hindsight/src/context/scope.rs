//! Scopes: a context that is current while a future is polled or a guard is held.

use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use super::Context;
use super::stack::{Stack, enter_scope, leave_scope};

/// Keeps a context current on this thread; made by [`Context::enter`].
#[derive(Debug)]
#[must_use = "the context is current only while the guard lives"]
pub struct Entered {
    stack: Arc<Stack>,
    /// Belongs to the thread it was made on.
    _not_send: PhantomData<*const ()>,
}

pub(super) fn enter(context: Context) -> Entered {
    enter_stack(Stack::of(context))
}

fn enter_stack(stack: Arc<Stack>) -> Entered {
    enter_scope(stack.clone());
    Entered {
        stack,
        _not_send: PhantomData,
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        leave_scope(&self.stack);
    }
}

/// A future polled with a context current; made by [`Context::scope`].
///
/// The scope has a stack of its own: spans started within do not leak to neighbours that the same
/// task polls.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Scoped<F> {
    stack: Option<Arc<Stack>>,
    future: Pin<Box<F>>,
}

impl<F> Scoped<F> {
    pub(super) fn new(context: Context, future: F) -> Self {
        Self::maybe(Some(context), future)
    }

    /// In a scope of its own, without a context too.
    fn apart(context: Option<Context>, future: F) -> Self {
        Self {
            stack: Some(context.map_or_else(Arc::default, Stack::of)),
            future: Box::pin(future),
        }
    }

    /// Without a context, polls the future as it is.
    pub(crate) fn maybe(context: Option<Context>, future: F) -> Self {
        Self {
            stack: context.map(Stack::of),
            future: Box::pin(future),
        }
    }
}

impl<F: Future> Future for Scoped<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> Poll<F::Output> {
        let _entered = self.stack.clone().map(enter_stack);
        self.future.as_mut().poll(cx)
    }
}

/// As [`Scoped`], for a future that is pinned where it is: nothing is boxed. Made by
/// [`Span::scope_pinned`](crate::Span::scope_pinned).
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct ScopedPinned<'f, F> {
    stack: Option<Arc<Stack>>,
    future: Pin<&'f mut F>,
}

impl<'f, F> ScopedPinned<'f, F> {
    /// Without a context, polls the future as it is.
    pub(crate) fn maybe(context: Option<Context>, future: Pin<&'f mut F>) -> Self {
        Self {
            stack: context.map(Stack::of),
            future,
        }
    }
}

impl<F: Future> Future for ScopedPinned<'_, F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> Poll<F::Output> {
        let _entered = self.stack.clone().map(enter_stack);
        self.future.as_mut().poll(cx)
    }
}

/// Carries the current context into a future that will run elsewhere.
pub trait ScopeExt: Future + Sized {
    /// Runs this future with the context that is current now: for `tokio::spawn`, and for a browser's
    /// `spawn_local`. Without one it has its scope all the same: the spans that it starts are current
    /// for it alone.
    fn in_current_context(self) -> Scoped<Self> {
        Scoped::apart(Context::current(), self)
    }
}

impl<F: Future> ScopeExt for F {}
