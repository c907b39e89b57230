//! Random ids without a lock or a system call per id: one generator a thread, seeded by the system.

use std::cell::RefCell;

use hindsight_protocol::{SpanId, TraceId, TracerId};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

thread_local! {
    static GENERATOR: RefCell<SmallRng> = RefCell::new(SmallRng::from_os_rng());
}

/// A random number; from a fresh generator when the thread's is gone (thread exit).
fn next_u64() -> u64 {
    GENERATOR
        .try_with(|generator| generator.borrow_mut().random())
        .unwrap_or_else(|_| SmallRng::from_os_rng().random())
}

pub(crate) fn trace_id() -> TraceId {
    TraceId {
        high: next_u64(),
        low: next_u64().max(1),
    }
}

pub(crate) fn span_id() -> SpanId {
    SpanId::from_u64(next_u64().max(1))
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
    (next_u64() >> 11) as f64 / (1u64 << 53) as f64
}
