//! Statistics of a trace's spans by group.
//!
//! In: a tree, its times, its self times, what to group by. Out: one [`Statistic`] a group, the
//! largest self time first. Holds: every span is in exactly one group; durations are of spans that
//! have ended, the others are counted as open. Cost: one pass, and a sort of each group's
//! durations.

mod text;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::hash::Hash;

use hindsight_protocol::{SpanKind, StatusCode};

use crate::timeline::Timeline;
use crate::tree::TraceTree;

pub use text::statistics_table;

/// What is known of the spans of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statistic<K> {
    /// What they have in common.
    pub key: K,
    /// The first of them in drawing order.
    pub first: usize,
    /// Number of spans.
    pub spans: u64,
    /// Those with the status error.
    pub errors: u64,
    /// Those without an end.
    pub open: u64,
    /// Sum of all self times, of open spans so far.
    pub self_total_ns: u64,
    /// The durations of those that have ended.
    pub durations: Durations,
}

/// A summary of durations, in nanoseconds; all zero where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Durations {
    /// How many there are.
    pub count: u64,
    /// Their sum: spans that run at the same time count each.
    pub total_ns: u64,
    /// The shortest.
    pub min_ns: u64,
    /// The longest.
    pub max_ns: u64,
    /// Half of them are at most this long (nearest rank).
    pub p50_ns: u64,
    /// Nine of ten are at most this long (nearest rank).
    pub p90_ns: u64,
    /// 99 of 100 are at most this long (nearest rank).
    pub p99_ns: u64,
}

impl Durations {
    /// Of `durations_ns`, which this sorts.
    pub fn of(durations_ns: &mut [u64]) -> Self {
        durations_ns.sort_unstable();
        let (Some(min), Some(max)) = (durations_ns.first(), durations_ns.last()) else {
            return Self::default();
        };
        let rank = |percent: u64| {
            let rank = (durations_ns.len() as u64 * percent).div_ceil(100);
            durations_ns[rank as usize - 1]
        };
        let add = |sum: u64, duration: &u64| sum.saturating_add(*duration);
        Self {
            count: durations_ns.len() as u64,
            total_ns: durations_ns.iter().fold(0, add),
            min_ns: *min,
            max_ns: *max,
            p50_ns: rank(50),
            p90_ns: rank(90),
            p99_ns: rank(99),
        }
    }

    /// The arithmetic mean, rounded down.
    pub fn mean_ns(&self) -> u64 {
        self.total_ns.checked_div(self.count).unwrap_or_default()
    }
}

/// What spans are usually grouped by. Services and names are codes of the tree's texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Operation {
    /// Code of the service.
    pub service: u32,
    /// Code of the name.
    pub name: u32,
}

impl Operation {
    /// Of node `index`.
    pub fn of(tree: &TraceTree, index: usize) -> Self {
        Self {
            service: tree.process(index).service,
            name: tree.name_code(index),
        }
    }
}

/// By service and name.
pub fn statistics(
    tree: &TraceTree,
    timeline: &Timeline,
    self_times_ns: &[u64],
) -> Vec<Statistic<Operation>> {
    let key = |index| Operation::of(tree, index);
    statistics_by(tree, timeline, self_times_ns, key)
}

/// By kind.
pub fn statistics_by_kind(
    tree: &TraceTree,
    timeline: &Timeline,
    self_times_ns: &[u64],
) -> Vec<Statistic<SpanKind>> {
    statistics_by(tree, timeline, self_times_ns, |index| tree.kind(index))
}

/// By anything: `key` says what the span of a node has in common with others.
pub fn statistics_by<K: Eq + Hash + Clone>(
    tree: &TraceTree,
    timeline: &Timeline,
    self_times_ns: &[u64],
    key: impl Fn(usize) -> K,
) -> Vec<Statistic<K>> {
    let mut places: HashMap<K, u32> = HashMap::new();
    let mut found: Vec<Statistic<K>> = Vec::new();
    let mut last: Option<(K, u32)> = None;
    let mut ended: Vec<(u32, u64)> = Vec::with_capacity(tree.len());
    for index in 0..tree.len() {
        let key = key(index);
        let place = match &last {
            // Neighbours are often alike.
            Some((known, place)) if *known == key => *place,
            _ => *places.entry(key.clone()).or_insert(found.len() as u32),
        };
        if place as usize == found.len() {
            found.push(Statistic::new(key.clone(), index));
        }
        last = Some((key, place));
        let statistic = &mut found[place as usize];
        statistic.spans += 1;
        statistic.errors += u64::from(tree.status(index) == StatusCode::Error);
        let own = self_times_ns.get(index).copied().unwrap_or_default();
        statistic.self_total_ns = statistic.self_total_ns.saturating_add(own);
        match tree.end_ns(index) {
            Some(_) => ended.push((place, timeline.duration_ns(tree, index))),
            None => statistic.open += 1,
        }
    }
    summarise(&mut found, &ended);
    found.sort_by_key(|statistic| (std::cmp::Reverse(statistic.self_total_ns), statistic.first));
    found
}

impl<K> Statistic<K> {
    fn new(key: K, first: usize) -> Self {
        Self {
            key,
            first,
            spans: 0,
            errors: 0,
            open: 0,
            self_total_ns: 0,
            durations: Durations::default(),
        }
    }
}

/// Brings the durations of each group together (`ended`: place of the group, duration).
fn summarise<K>(found: &mut [Statistic<K>], ended: &[(u32, u64)]) {
    let mut starts = Vec::with_capacity(found.len());
    let mut total = 0;
    for statistic in found.iter() {
        starts.push(total);
        total += (statistic.spans - statistic.open) as usize;
    }
    let mut next = starts.clone();
    let mut durations = vec![0u64; total];
    for (place, duration) in ended {
        let at = &mut next[*place as usize];
        durations[*at] = *duration;
        *at += 1;
    }
    for ((statistic, start), end) in found.iter_mut().zip(starts).zip(next) {
        statistic.durations = Durations::of(&mut durations[start..end]);
    }
}
