//! Which batches were stored already: per tracer, a window of batch numbers.
//!
//! In: (tracer, number). Out: whether the batch is a resend. A number below the window counts as
//! a resend: a tracer numbers its batches by one and keeps few unacknowledged. Holds at most
//! [`crate::StoreLimits::tracers_max`] windows of one bit a batch; the tracer least recently heard
//! is forgotten first (its resends are then found span by span, as duplicates).

use std::collections::BTreeMap;

use hashbrown::HashMap;
use hindsight_protocol::TracerId;

#[derive(Debug)]
struct Window {
    highest: u64,
    /// Bit `n % window` says whether batch `n` of the window was seen.
    seen: Box<[u64]>,
    heard: u64,
}

#[derive(Debug)]
pub(crate) struct ResendWindows {
    tracers: HashMap<TracerId, Window>,
    /// By when they were heard last.
    order: BTreeMap<u64, TracerId>,
    tracers_max: usize,
    window: u64,
    heard: u64,
}

impl ResendWindows {
    pub(crate) fn new(tracers_max: usize, window_batches: u32) -> Self {
        Self {
            tracers: HashMap::new(),
            order: BTreeMap::new(),
            tracers_max,
            window: u64::from(window_batches),
            heard: 0,
        }
    }

    /// Notes a batch and says whether it was noted before. Also tells how many tracers had to be
    /// forgotten for it.
    pub(crate) fn note(&mut self, tracer: TracerId, number: u64) -> (bool, u64) {
        self.heard += 1;
        let words = self.window.div_ceil(64) as usize;
        let window = self.tracers.entry(tracer).or_insert_with(|| Window {
            highest: 0,
            seen: vec![0; words].into_boxed_slice(),
            heard: 0,
        });
        self.order.remove(&window.heard);
        window.heard = self.heard;
        self.order.insert(self.heard, tracer);
        let resent = window.note(number, self.window);
        (resent, self.forget())
    }

    fn forget(&mut self) -> u64 {
        let mut forgotten = 0;
        while self.tracers.len() > self.tracers_max {
            let Some((_, tracer)) = self.order.pop_first() else {
                break;
            };
            self.tracers.remove(&tracer);
            forgotten += 1;
        }
        forgotten
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.tracers.len() as u64 * (self.window / 8 + 128)
    }
}

impl Window {
    fn note(&mut self, number: u64, window: u64) -> bool {
        if number > self.highest {
            self.advance(number, window);
        } else if self.highest - number >= window {
            return true;
        }
        let bit = number % window;
        let word = &mut self.seen[(bit / 64) as usize];
        let was = *word >> (bit % 64) & 1;
        *word |= 1 << (bit % 64);
        was == 1
    }

    /// Moves the window up; the numbers that come into it were not seen.
    fn advance(&mut self, number: u64, window: u64) {
        if number - self.highest >= window {
            self.seen.fill(0);
        } else {
            for skipped in self.highest + 1..=number {
                let bit = skipped % window;
                self.seen[(bit / 64) as usize] &= !(1 << (bit % 64));
            }
        }
        self.highest = number;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: TracerId = TracerId { high: 0, low: 1 };
    const B: TracerId = TracerId { high: 0, low: 2 };

    #[test]
    fn a_number_is_a_resend_when_it_was_seen_or_lies_below_the_window() {
        let mut windows = ResendWindows::new(8, 4);
        let numbers = [1, 2, 2, 4, 3, 3, 10, 6, 7, 7, 11, 7, u64::MAX, 11, u64::MAX];
        let resent: Vec<u64> = numbers
            .into_iter()
            .filter(|n| windows.note(A, *n).0)
            .collect();
        assert_eq!(resent, [2, 3, 6, 7, 7, 11, u64::MAX]);
    }

    #[test]
    fn the_tracer_least_recently_heard_is_forgotten() {
        let mut windows = ResendWindows::new(1, 4);
        assert_eq!(windows.note(A, 1), (false, 0));
        assert_eq!(windows.note(B, 1), (false, 1));
        assert_eq!(windows.note(B, 1), (true, 0));
        assert_eq!(windows.note(A, 1), (false, 1));
    }
}
