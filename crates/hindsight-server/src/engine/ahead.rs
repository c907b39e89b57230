//! Whether to make a snapshot before anybody waits for it.
//!
//! In: how long the last batch took, how often readers asked. Out: whether readers who come while
//! the next batch is stored should find a snapshot. Holds: such snapshots take no longer than the
//! batches after which they are made, and none is made when nobody has read for [`MEMORY`].

use std::time::{Duration, Instant};

/// A reader is expected for so long after the last one.
const MEMORY: Duration = Duration::from_millis(100);

/// Waiting for less than this is nothing to avoid.
const WAIT_MIN: Duration = Duration::from_micros(500);

#[derive(Debug, Default)]
pub(super) struct Ahead {
    /// What the last of these snapshots took.
    pub(super) cost: Duration,
    asked: u64,
    asked_at: Option<Instant>,
}

impl Ahead {
    /// Whether a snapshot is worth making after a batch that was begun at `began`, given how often
    /// readers have asked for one so far.
    pub(super) fn is_worth_it(&mut self, began: Instant, asked: u64) -> bool {
        let now = Instant::now();
        if self.asked != asked {
            self.asked = asked;
            self.asked_at = Some(now);
        }
        let took = now.duration_since(began);
        let is_expected = |at: Instant| now.duration_since(at) < MEMORY;
        let is_dear = took < self.cost;
        if is_dear {
            // What it costs changes; so it is tried again some time.
            self.cost -= self.cost / 16;
        }
        took >= WAIT_MIN && !is_dear && self.asked_at.is_some_and(is_expected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snapshots_are_made_ahead_for_readers_after_batches_that_take_as_long() {
        let mut ahead = Ahead::default();
        let took = |ms| Instant::now() - Duration::from_millis(ms);
        assert!(!ahead.is_worth_it(took(50), 0), "nobody reads");
        assert!(ahead.is_worth_it(took(50), 1));
        assert!(
            ahead.is_worth_it(took(50), 1),
            "the next reader is expected"
        );
        assert!(!ahead.is_worth_it(Instant::now(), 2), "nobody waits long");
        ahead.cost = Duration::from_secs(3_600);
        assert!(!ahead.is_worth_it(took(50), 3), "dearer than the batch");
    }
}
