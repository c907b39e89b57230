//! Where ticks come from: the processor's time-stamp counter where the system itself relies on it,
//! else the system's monotonic clock in nanoseconds.
//!
//! Linux uses the counter as its clock source only after it has found it to run at one rate and
//! alike on all processors, and takes it back if that turns out wrong; its judgement is adopted. On
//! other systems and architectures the monotonic clock is asked.

use crate::platform::Monotonic;

#[derive(Clone, Copy, Debug)]
pub(super) enum Ticks {
    /// Cycles.
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    Counter,
    /// Nanoseconds since then.
    Monotonic(Monotonic),
}

impl Ticks {
    pub(super) fn of_this_machine() -> Self {
        #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
        if counter_is_trusted() {
            return Self::Counter;
        }
        Self::Monotonic(Monotonic::now())
    }

    /// The count as nanoseconds, if that is what it is.
    pub(super) fn as_nanos(self, ticks: u64) -> Option<u64> {
        match self {
            #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
            Self::Counter => None,
            Self::Monotonic(_) => Some(ticks),
        }
    }

    /// The count now. On one thread it does not decrease.
    #[inline]
    pub(super) fn now(self) -> u64 {
        match self {
            #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
            Self::Counter => read_counter(),
            Self::Monotonic(since) => since.elapsed().as_nanos() as u64,
        }
    }
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[inline]
fn read_counter() -> u64 {
    // SAFETY: the instruction exists on every x86_64 processor, reads a register and touches no
    // memory. A kernel that forbids it to programs does not offer it as their clock source, which
    // was looked at before.
    unsafe { std::arch::x86_64::_rdtsc() }
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn counter_is_trusted() -> bool {
    use std::sync::OnceLock;
    const SOURCE: &str = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
    static TRUSTED: OnceLock<bool> = OnceLock::new();
    *TRUSTED.get_or_init(|| std::fs::read_to_string(SOURCE).is_ok_and(|name| name.trim() == "tsc"))
}
