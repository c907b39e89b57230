//! Time for spans: wall-clock nanoseconds that never run backwards within a span.
//!
//! A reading is a count of [`Ticks`]; a [`Line`] turns it into Unix time: an anchor and a rate. The
//! exporter compares the line with the system's clocks at every tick (at most 50 ms apart) and bends
//! it ([`Calibration`]), so that it has neither steps nor gaps as long as the wall clock is not set.
//! Always: within [`calibration::STEP_NS`] of the system clock at each comparison; a span's end is
//! its start plus the ticks between, so never before it. Until the rate is known (the first 10 ms,
//! and after a disturbance) the system clock is asked each time.

mod calibration;
mod ticks;

#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicU64, Ordering, fence};
use std::time::Duration;

use parking_lot::Mutex;

use crate::platform::{Monotonic, unix_now_ns};
use calibration::{Calibration, Line, Observation};
use ticks::Ticks;

/// A moment: for the length of a span, and for people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reading {
    /// Count of ticks.
    pub(crate) ticks: u64,
    /// Nanoseconds since the Unix epoch.
    pub(crate) unix_ns: u64,
}

#[derive(Debug)]
pub(crate) struct Clock {
    ticks: Ticks,
    base: Monotonic,
    line: SharedLine,
    calibration: Mutex<Calibration>,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self::of(Ticks::of_this_machine())
    }

    fn of(ticks: Ticks) -> Self {
        let clock = Self {
            ticks,
            base: Monotonic::now(),
            line: SharedLine::default(),
            calibration: Mutex::default(),
        };
        clock.calibrate();
        clock
    }

    /// The present moment. Costs one look at the tick counter.
    #[inline]
    pub(crate) fn now(&self) -> Reading {
        let ticks = self.ticks.now();
        let unix_ns = match self.line.read() {
            Some(line) => line.unix_ns(ticks),
            None => unix_now_ns(),
        };
        Reading { ticks, unix_ns }
    }

    /// Nanoseconds since `start`.
    #[inline]
    pub(crate) fn elapsed_ns(&self, start: Reading) -> u64 {
        match self.line.rate() {
            0 => unix_now_ns().saturating_sub(start.unix_ns),
            rate => calibration::scaled(self.ticks.now().saturating_sub(start.ticks), rate),
        }
    }

    /// What the ticks were about that long ago; 0 for times before the clock was made.
    pub(crate) fn ticks_ago(&self, age: Duration) -> u64 {
        let (now, lived) = (self.ticks.now(), self.base.elapsed());
        if age > lived {
            return 0;
        }
        let rate = self.calibration.lock().rough_rate(now, nanos(lived));
        match rate {
            0 => 0,
            rate => now.saturating_sub(calibration::ticks_in(nanos(age), rate)),
        }
    }

    /// Compares the line with the system's clocks and bends it. For the exporter.
    pub(crate) fn calibrate(&self) {
        let mut calibration = self.calibration.lock();
        self.line.write(calibration.observe(self.observe()));
    }

    /// The system's clocks and the ticks at one moment: of three tries the one that took least.
    fn observe(&self) -> Observation {
        let look = || {
            let before = self.ticks.now();
            // Ticks that are such a clock are not compared with another look at it: browsers' count
            // in steps of 100 µs, and half of the looks would find a step between.
            let monotonic_ns = self.ticks.as_nanos(before);
            let monotonic_ns = monotonic_ns.unwrap_or_else(|| nanos(self.base.elapsed()));
            let unix_ns = unix_now_ns();
            let taken = self.ticks.now().saturating_sub(before);
            let observation = Observation {
                ticks: before + taken / 2,
                monotonic_ns,
                unix_ns,
            };
            (taken, observation)
        };
        let (mut least, mut best) = look();
        for _ in 0..2 {
            let (taken, observation) = look();
            if taken < least {
                (least, best) = (taken, observation);
            }
        }
        best
    }
}

fn nanos(duration: Duration) -> u64 {
    duration.as_nanos() as u64
}

/// Most that a browser's clocks may differ before the one that can be set is believed, milliseconds.
#[cfg(any(test, target_arch = "wasm32"))]
const WALL_APART_MS: f64 = 5.0;

/// Unix time of a page, milliseconds: by the page's own clock, which is finer and does not jump; by
/// the wall clock where they are apart, since the former stands still while a machine sleeps.
#[cfg(any(test, target_arch = "wasm32"))]
pub(crate) fn wall_ms(by_page: f64, by_date: f64) -> f64 {
    match (by_page - by_date).abs() <= WALL_APART_MS {
        true => by_page,
        false => by_date,
    }
}

/// The line in force: written by the exporter, read by every thread without a lock.
///
/// The sequence is odd while the line is being written; a reader that meets a change does without.
#[derive(Debug, Default)]
struct SharedLine {
    sequence: AtomicU64,
    anchor_ticks: AtomicU64,
    anchor_unix_ns: AtomicU64,
    rate: AtomicU64,
}

impl SharedLine {
    #[inline]
    fn rate(&self) -> u64 {
        self.rate.load(Ordering::Relaxed)
    }

    /// The line; none while there is none or it is being changed.
    #[inline]
    fn read(&self) -> Option<Line> {
        let before = self.sequence.load(Ordering::Acquire);
        let line = Line {
            anchor_ticks: self.anchor_ticks.load(Ordering::Relaxed),
            anchor_unix_ns: self.anchor_unix_ns.load(Ordering::Relaxed),
            rate: self.rate(),
        };
        fence(Ordering::Acquire);
        let undisturbed = self.sequence.load(Ordering::Relaxed) == before && before & 1 == 0;
        (undisturbed && line.rate != 0).then_some(line)
    }

    /// Only one thread writes at a time: the calibration's lock is held.
    fn write(&self, line: Option<Line>) {
        let line = line.unwrap_or_default();
        let before = self.sequence.load(Ordering::Relaxed);
        self.sequence.store(before | 1, Ordering::Relaxed);
        fence(Ordering::Release);
        self.anchor_ticks
            .store(line.anchor_ticks, Ordering::Relaxed);
        self.anchor_unix_ns
            .store(line.anchor_unix_ns, Ordering::Relaxed);
        self.rate.store(line.rate, Ordering::Relaxed);
        self.sequence.store((before | 1) + 1, Ordering::Release);
    }
}
