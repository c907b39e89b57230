//! Events on their way to whoever listens. Nobody does, usually: then an event costs a look at a counter.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use hindsight::{SpanId, TraceId, WeakTracer};
use tokio::sync::broadcast;

use super::Direction;

/// Events that a slow reader may be behind.
pub(crate) const RING: usize = 1024;
/// Readers at the same time.
pub(crate) const READERS_MAX: usize = 16;

/// Something that happened.
#[derive(Clone, Debug)]
pub(crate) struct Happened {
    /// A word of `introspection::roam::event`.
    pub(crate) kind: &'static str,
    pub(crate) at_ns: u64,
    pub(crate) connection: u64,
    pub(crate) lane: u64,
    pub(crate) direction: Option<Direction>,
    pub(crate) service: &'static str,
    pub(crate) method: &'static str,
    pub(crate) channel: u64,
    pub(crate) outcome: &'static str,
    pub(crate) duration_ns: u64,
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
}

/// What lanes need of their registry while calls go by, without holding it.
#[derive(Debug)]
pub(crate) struct Feed {
    tracer: WeakTracer,
    is_on: AtomicBool,
    readers: AtomicUsize,
    ring: broadcast::Sender<Happened>,
}

impl Feed {
    pub(crate) fn new(tracer: WeakTracer) -> Self {
        Self {
            tracer,
            is_on: AtomicBool::new(false),
            readers: AtomicUsize::new(0),
            ring: broadcast::Sender::new(RING),
        }
    }

    /// Whether calls are watched.
    #[inline]
    pub(crate) fn is_on(&self) -> bool {
        self.is_on.load(Ordering::Relaxed)
    }

    /// Watches calls from now on; false if it did already.
    pub(crate) fn turn_on(&self) -> bool {
        !self.is_on.swap(true, Ordering::AcqRel)
    }

    /// Now, by the clock of spans.
    pub(crate) fn now_ns(&self) -> u64 {
        self.tracer.upgrade().now_ns()
    }

    /// Tells it to those who listen; `happened` is made only if there are any.
    #[inline]
    pub(crate) fn tell(&self, happened: impl FnOnce() -> Happened) {
        if self.readers.load(Ordering::Relaxed) > 0 {
            // The only error is that the last of them has just left.
            self.ring.send(happened()).ok();
        }
    }

    /// Listens from now on; none when too many do.
    pub(crate) fn listen(self: &Arc<Self>) -> Option<Listening> {
        let add = |readers| (readers < READERS_MAX).then_some(readers + 1);
        let order = Ordering::AcqRel;
        self.readers
            .fetch_update(order, Ordering::Acquire, add)
            .ok()?;
        Some(Listening {
            events: self.ring.subscribe(),
            feed: self.clone(),
        })
    }
}

/// A place among those who listen.
pub(crate) struct Listening {
    pub(crate) events: broadcast::Receiver<Happened>,
    feed: Arc<Feed>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.feed.readers.fetch_sub(1, Ordering::AcqRel);
    }
}
