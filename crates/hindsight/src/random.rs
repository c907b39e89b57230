//! Random ids without a lock or a system call per id: one generator a thread, seeded by the system.
//!
//! A child process (`fork`) seeds anew: its ids are not those of its parent.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};

use hindsight_protocol::{SpanId, TraceId, TracerId};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

/// Counts the forks between the first process and this one. Generators seeded before the newest are
/// not used.
static FORKS: AtomicU64 = AtomicU64::new(0);

/// Not the value of [`FORKS`] in any process.
const UNSEEDED: u64 = u64::MAX;

/// xoshiro256++, which `SmallRng` is too, but this one can be there before it is seeded: a thread's
/// generator is then in its place without a look whether there is one.
struct Generator {
    state: [u64; 4],
    /// The value of [`FORKS`] when it was seeded.
    forks: u64,
}

impl Generator {
    const fn unseeded() -> Self {
        Self {
            state: [0; 4],
            forks: UNSEEDED,
        }
    }

    #[cold]
    fn seed(&mut self) {
        watch_forks();
        self.forks = FORKS.load(Ordering::Relaxed);
        self.state = SmallRng::from_os_rng().random();
    }

    #[inline(always)]
    fn look_for_fork(&mut self) {
        if self.forks != FORKS.load(Ordering::Relaxed) {
            self.seed();
        }
    }

    #[inline(always)]
    fn next(&mut self) -> u64 {
        let [a, b, c, d] = &mut self.state;
        let number = a.wrapping_add(*d).rotate_left(23).wrapping_add(*a);
        let shifted = *b << 17;
        *c ^= *a;
        *d ^= *b;
        *b ^= *c;
        *a ^= *d;
        *c ^= shifted;
        *d = d.rotate_left(45);
        number
    }
}

thread_local! {
    static GENERATOR: RefCell<Generator> = const { RefCell::new(Generator::unseeded()) };
}

/// Random numbers.
#[inline(always)]
fn next<const N: usize>() -> [u64; N] {
    let drawn = GENERATOR.try_with(|generator| {
        let generator = &mut *generator.borrow_mut();
        generator.look_for_fork();
        std::array::from_fn(|_| generator.next())
    });
    // Never so: there is nothing to drop, so a thread that is ending has it still.
    drawn.unwrap_or_else(|_| SmallRng::from_os_rng().random())
}

/// Has [`FORKS`] counted in every child.
#[cfg(unix)]
fn watch_forks() {
    use std::sync::Once;
    static ONCE: Once = Once::new();
    extern "C" fn in_child() {
        FORKS.fetch_add(1, Ordering::Relaxed);
    }
    // SAFETY: `in_child` has the required signature, lives for ever, does not unwind, and does
    // nothing but an atomic addition, which is allowed between `fork` and `exec`.
    ONCE.call_once(
        || match unsafe { libc::pthread_atfork(None, None, Some(in_child)) } {
            0 => {}
            _ => {
                crate::platform::warn("a forked process will use the ids of its parent: no memory")
            }
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
