//! How calls of one method went: counters and a histogram, each as wide as the next.

use hindsight_protocol::introspection::roam::MethodMetrics;

use super::Direction;
use crate::names::Names;

/// Powers of two of nanoseconds.
const BUCKETS: usize = 64;

/// Counters of one method on one lane, or of all lanes that have ended.
#[derive(Clone, Debug)]
pub(crate) struct Stats {
    ended: u64,
    failed: u64,
    total_ns: u64,
    max_ns: u64,
    histogram: Box<[u64; BUCKETS]>,
}

impl Default for Stats {
    fn default() -> Self {
        Self {
            ended: 0,
            failed: 0,
            total_ns: 0,
            max_ns: 0,
            histogram: Box::new([0; BUCKETS]),
        }
    }
}

impl Stats {
    /// Counts a call that ended.
    #[inline]
    pub(crate) fn count(&mut self, duration_ns: u64, is_failure: bool) {
        self.ended += 1;
        self.failed += u64::from(is_failure);
        self.total_ns = self.total_ns.saturating_add(duration_ns);
        self.max_ns = self.max_ns.max(duration_ns);
        let bucket = duration_ns.max(1).ilog2() as usize;
        if let Some(count) = self.histogram.get_mut(bucket) {
            *count += 1;
        }
    }

    /// Adds those of another lane.
    pub(crate) fn add(&mut self, other: &Self) {
        self.ended += other.ended;
        self.failed += other.failed;
        self.total_ns = self.total_ns.saturating_add(other.total_ns);
        self.max_ns = self.max_ns.max(other.max_ns);
        for (sum, count) in self.histogram.iter_mut().zip(other.histogram.iter()) {
            *sum += count;
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ended == 0
    }

    /// As it is told.
    pub(crate) fn told(&self, names: Names, direction: Direction) -> MethodMetrics {
        let used = self.histogram.iter().rposition(|count| *count > 0);
        let used = used.map_or(0, |last| last + 1);
        MethodMetrics {
            service: names.service.to_owned(),
            method: names.method.to_owned(),
            direction: direction.word().to_owned(),
            ended: self.ended,
            failed: self.failed,
            total_ns: self.total_ns,
            max_ns: self.max_ns,
            histogram: self.histogram.iter().take(used).copied().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_counted_in_the_power_of_two_below_it() {
        let mut stats = Stats::default();
        for duration_ns in [0, 1, 2, 3, 1024, 2047, 2048, u64::MAX] {
            stats.count(duration_ns, duration_ns == 3);
        }
        let told = stats.told(Names::new("S", "m"), Direction::Outgoing);
        let at = |bucket: usize| told.histogram.get(bucket).copied();
        assert_eq!((told.ended, told.failed, told.max_ns), (8, 1, u64::MAX));
        assert_eq!([at(0), at(1), at(10), at(11)], [2, 2, 2, 1].map(Some));
        assert_eq!((told.histogram.len(), at(63)), (64, Some(1)));
        assert_eq!(told.histogram.iter().sum::<u64>(), told.ended);
    }

    #[test]
    fn sums_of_lanes_are_as_if_one_lane_had_had_all() {
        let (mut whole, mut first, mut second) =
            (Stats::default(), Stats::default(), Stats::default());
        for n in 0..100_u64 {
            whole.count(n * n, n % 7 == 0);
            let part = if n % 3 == 0 { &mut first } else { &mut second };
            part.count(n * n, n % 7 == 0);
        }
        first.add(&second);
        let told = |stats: &Stats| stats.told(Names::new("S", "m"), Direction::Incoming);
        assert_eq!(told(&first), told(&whole));
    }
}
