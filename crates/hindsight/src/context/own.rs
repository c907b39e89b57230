//! The stack of a thread, for code outside any task: no lock, as long as spans end where they began.
//!
//! A span that ends on another thread is noted ([`Elsewhere`]); the owner takes it away when it next
//! looks. Notes outlive their thread, since a span may, and are used again by another: one note a
//! thread that is alive, and each holds no more than the spans that its stack held.

use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicBool, Ordering};

use hindsight_protocol::SpanId;
use parking_lot::Mutex;

use super::stack::Spans;

/// Spans of one thread that ended on others.
#[derive(Debug, Default)]
pub(crate) struct Elsewhere {
    is_any: AtomicBool,
    spans: Mutex<Vec<SpanId>>,
}

/// Notes whose thread has ended.
static FREE: Mutex<Vec<&'static Elsewhere>> = Mutex::new(Vec::new());

struct Own {
    spans: RefCell<Spans>,
    elsewhere: Cell<Option<&'static Elsewhere>>,
}

impl Drop for Own {
    fn drop(&mut self) {
        if let Some(elsewhere) = self.elsewhere.get() {
            FREE.lock().push(elsewhere);
        }
    }
}

thread_local! {
    static OWN: Own = const {
        Own {
            spans: RefCell::new(Spans::EMPTY),
            elsewhere: Cell::new(None),
        }
    };
}

impl Own {
    #[inline]
    fn elsewhere(&self) -> &'static Elsewhere {
        match self.elsewhere.get() {
            Some(elsewhere) => elsewhere,
            None => self.new_elsewhere(),
        }
    }

    #[cold]
    fn new_elsewhere(&self) -> &'static Elsewhere {
        let used = FREE.lock().pop();
        let elsewhere = used.unwrap_or_else(|| Box::leak(Box::default()));
        // What its last thread left does not concern this one.
        elsewhere.take();
        self.elsewhere.set(Some(elsewhere));
        elsewhere
    }

    /// Takes away what ended on other threads.
    #[inline(always)]
    fn settle(&self, spans: &mut Spans) {
        let elsewhere = self.elsewhere.get();
        let any = |elsewhere: &&Elsewhere| elsewhere.is_any.load(Ordering::Acquire);
        if let Some(elsewhere) = elsewhere.filter(any) {
            elsewhere.settle(spans);
        }
    }
}

impl Elsewhere {
    #[cold]
    fn settle(&self, spans: &mut Spans) {
        for span in self.take() {
            spans.remove(span);
        }
    }

    fn take(&self) -> Vec<SpanId> {
        let mut spans = self.spans.lock();
        self.is_any.store(false, Ordering::Relaxed);
        std::mem::take(&mut spans)
    }

    fn note(&self, span: SpanId) {
        let mut spans = self.spans.lock();
        spans.push(span);
        self.is_any.store(true, Ordering::Release);
    }
}

/// Works on this thread's stack; none when the thread is ending.
#[inline]
pub(super) fn with<R>(work: impl FnOnce(&mut Spans) -> R) -> Option<R> {
    let with = |own: &Own| {
        let spans = &mut *own.spans.borrow_mut();
        own.settle(spans);
        work(spans)
    };
    OWN.try_with(with).ok()
}

/// [`with`], and where other threads note what they end.
#[inline]
pub(super) fn with_owner<R>(work: impl FnOnce(&mut Spans, &'static Elsewhere) -> R) -> Option<R> {
    let with = |own: &Own| {
        let spans = &mut *own.spans.borrow_mut();
        own.settle(spans);
        work(spans, own.elsewhere())
    };
    OWN.try_with(with).ok()
}

/// Takes a span of the thread whose notes are `elsewhere` off its stack.
#[inline]
pub(super) fn remove(elsewhere: &'static Elsewhere, span: SpanId) {
    let here = |own: &Own| {
        let is_own = own
            .elsewhere
            .get()
            .is_some_and(|own| std::ptr::eq(own, elsewhere));
        if is_own {
            own.spans.borrow_mut().remove(span);
        }
        is_own
    };
    if !OWN.try_with(here).unwrap_or(false) {
        elsewhere.note(span);
    }
}
