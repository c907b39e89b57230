//! Time for spans: wall-clock nanoseconds that never run backwards within a span.
//!
//! A reading is a monotonic one plus an offset to the Unix epoch. The exporter renews the offset
//! ([`Clock::calibrate`]), so that long-lived processes follow corrections of the wall clock; a
//! span's end is its start plus the monotonic time between, whatever happened to the offset.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

#[derive(Debug)]
pub(crate) struct Clock {
    base: Instant,
    /// Unix time of `base`, nanoseconds.
    offset_ns: AtomicU64,
}

impl Clock {
    pub(crate) fn new() -> Self {
        let clock = Self {
            base: Instant::now(),
            offset_ns: AtomicU64::new(0),
        };
        clock.calibrate();
        clock
    }

    /// Nanoseconds since this clock was made.
    pub(crate) fn monotonic_ns(&self) -> u64 {
        self.base.elapsed().as_nanos() as u64
    }

    /// The Unix time of a monotonic reading.
    pub(crate) fn unix_ns(&self, monotonic_ns: u64) -> u64 {
        self.offset_ns.load(Ordering::Relaxed) + monotonic_ns
    }

    /// Follows the wall clock again.
    pub(crate) fn calibrate(&self) {
        let monotonic = self.monotonic_ns();
        let now = unix_now_ns();
        self.offset_ns
            .store(now.saturating_sub(monotonic), Ordering::Relaxed);
    }
}

/// The wall clock, nanoseconds since the Unix epoch; 0 for times before it.
pub(crate) fn unix_now_ns() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_nanos() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_follow_the_wall_clock_and_do_not_run_backwards() {
        let clock = Clock::new();
        let first = clock.monotonic_ns();
        let second = clock.monotonic_ns();
        assert!(second >= first);
        let wall = unix_now_ns();
        let difference = clock.unix_ns(clock.monotonic_ns()).abs_diff(wall);
        assert!(difference < 1_000_000_000, "{difference} ns apart");
    }
}
