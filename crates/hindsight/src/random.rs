//! Random ids without a lock or a system call per id: one generator a thread, seeded by the system.
//!
//! A child process (`fork`) seeds anew: its ids are not those of its parent.

use std::cell::RefCell;
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};

use hindsight_protocol::{SpanId, TraceId, TracerId};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

/// Counts the forks between the first process and this one. Generators seeded before the newest are
/// not used.
static FORKS: AtomicU64 = AtomicU64::new(0);

/// A generator and the value of [`FORKS`] when it was seeded.
struct Generator {
    random: SmallRng,
    forks: u64,
}

impl Generator {
    #[cold]
    fn seeded() -> Self {
        watch_forks();
        Self {
            forks: FORKS.load(Ordering::Relaxed),
            random: SmallRng::from_os_rng(),
        }
    }

    #[inline]
    fn look_for_fork(&mut self) {
        if self.forks != FORKS.load(Ordering::Relaxed) {
            *self = Self::seeded();
        }
    }
}

thread_local! {
    static GENERATOR: RefCell<Option<Generator>> = const { RefCell::new(None) };
}

/// Random numbers.
#[inline]
fn next<const N: usize>() -> [u64; N] {
    GENERATOR.with(|generator| {
        let generator = &mut *generator.borrow_mut();
        let generator = generator.get_or_insert_with(Generator::seeded);
        generator.look_for_fork();
        std::array::from_fn(|_| generator.random.random())
    })
}

/// Has [`FORKS`] counted in every child.
#[cfg(unix)]
fn watch_forks() {
    static ONCE: Once = Once::new();
    extern "C" fn in_child() {
        FORKS.fetch_add(1, Ordering::Relaxed);
    }
    // SAFETY: `in_child` has the required signature, lives for ever, does not unwind, and does
    // nothing but an atomic addition, which is allowed between `fork` and `exec`.
    ONCE.call_once(
        || match unsafe { libc::pthread_atfork(None, None, Some(in_child)) } {
            0 => {}
            _ => crate::export::warn("a forked process will use the ids of its parent: no memory"),
        },
    );
}

#[cfg(not(unix))]
fn watch_forks() {}

/// Ids of a new trace and its root span.
#[inline]
pub(crate) fn root_ids() -> (TraceId, SpanId) {
    let [high, low, span] = next();
    let low = low.max(1);
    (TraceId { high, low }, SpanId::from_u64(span.max(1)))
}

#[inline]
pub(crate) fn span_id() -> SpanId {
    let [span] = next();
    SpanId::from_u64(span.max(1))
}

/// 128 bits straight from the system.
pub(crate) fn tracer_id() -> TracerId {
    let mut generator = SmallRng::from_os_rng();
    TracerId {
        high: generator.random(),
        low: generator.random(),
    }
}

/// A number in `0.0..1.0`, for jitter.
pub(crate) fn fraction() -> f64 {
    let [number] = next();
    (number >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests;
