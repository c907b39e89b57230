//! How often a kind was asked, and what it cost. Counters only grow; reading them together is not atomic.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use hindsight_protocol::introspection::picante::KindStats;

use crate::Outcome;

/// Computations are counted by duration, in powers of two nanoseconds: the last is 18 minutes and more.
const BUCKETS: usize = 41;

#[derive(Debug)]
pub(crate) struct Counts {
    outcomes: [AtomicU64; 8],
    set: AtomicU64,
    compute_ns: AtomicU64,
    wasted_ns: AtomicU64,
    compute_max_ns: AtomicU64,
    histogram: [AtomicU64; BUCKETS],
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            outcomes: [const { AtomicU64::new(0) }; 8],
            set: AtomicU64::new(0),
            compute_ns: AtomicU64::new(0),
            wasted_ns: AtomicU64::new(0),
            compute_max_ns: AtomicU64::new(0),
            histogram: [const { AtomicU64::new(0) }; BUCKETS],
        }
    }
}

impl Counts {
    pub(crate) fn answered(&self, outcome: Outcome) {
        self.outcomes[outcome as usize].fetch_add(1, Relaxed);
    }

    pub(crate) fn computed(&self, ns: u64, is_wasted: bool) {
        self.compute_ns.fetch_add(ns, Relaxed);
        if is_wasted {
            self.wasted_ns.fetch_add(ns, Relaxed);
        }
        self.compute_max_ns.fetch_max(ns, Relaxed);
        let bucket = ns.max(1).ilog2() as usize;
        self.histogram[bucket.min(BUCKETS - 1)].fetch_add(1, Relaxed);
    }

    pub(crate) fn was_set(&self) {
        self.set.fetch_add(1, Relaxed);
    }

    /// Everything but the name, the class and the number of keys.
    pub(crate) fn stats(&self) -> KindStats {
        let of = |outcome: Outcome| self.outcomes[outcome as usize].load(Relaxed);
        let mut histogram: Vec<u64> = self.histogram.iter().map(|n| n.load(Relaxed)).collect();
        let used = histogram.iter().rposition(|&n| n > 0);
        histogram.truncate(used.map_or(0, |last| last + 1));
        KindStats {
            hit: of(Outcome::Hit),
            validated: of(Outcome::Validated),
            computed_changed: of(Outcome::ComputedChanged),
            computed_unchanged: of(Outcome::ComputedUnchanged),
            coalesced: of(Outcome::Coalesced),
            adopted: of(Outcome::Adopted),
            error: of(Outcome::Error),
            cancelled: of(Outcome::Cancelled),
            set: self.set.load(Relaxed),
            compute_ns: self.compute_ns.load(Relaxed),
            wasted_ns: self.wasted_ns.load(Relaxed),
            compute_max_ns: self.compute_max_ns.load(Relaxed),
            histogram,
            ..KindStats::default()
        }
    }
}
