//! Spans as counts by kind.

use std::collections::{BTreeMap, HashSet};

use hindsight_protocol::introspection::picante::{CacheStats, KindStats};

use super::Stored;
use crate::lens::picante::outcome::Outcome;

impl Stored {
    /// Accesses by kind, as far as they have a span, and what it said about lost dependencies. Hits
    /// without a span are those that the spans of who asked count; they are of no kind.
    pub fn cache_stats(&self) -> CacheStats {
        let mut kinds: BTreeMap<&str, KindStats> = BTreeMap::new();
        let mut keys: HashSet<(&str, &str)> = HashSet::new();
        let (mut lost, mut phantom) = (0, 0);
        for execution in &self.executions {
            let (kind, key) = (execution.query.kind.as_str(), execution.query.key.as_str());
            let stats = kinds.entry(kind).or_default();
            stats.keys += u64::from(keys.insert((kind, key)));
            lost += execution.lost.len() as u64;
            phantom += execution.phantom.len() as u64;
            let count = match execution.outcome {
                Outcome::Hit => &mut stats.hit,
                Outcome::Validated => &mut stats.validated,
                Outcome::Changed => &mut stats.computed_changed,
                Outcome::Unchanged => &mut stats.computed_unchanged,
                Outcome::Coalesced => &mut stats.coalesced,
                Outcome::Adopted => &mut stats.adopted,
                Outcome::Error => &mut stats.error,
                Outcome::Cancelled => &mut stats.cancelled,
                _ => continue,
            };
            *count += 1;
            if !execution.outcome.is_computed() || execution.outcome == Outcome::Cancelled {
                continue;
            }
            let ns = match execution.compute_ns {
                0 => execution.end_ns.saturating_sub(execution.start_ns),
                ns => ns,
            };
            stats.compute_ns = stats.compute_ns.saturating_add(ns);
            stats.compute_max_ns = stats.compute_max_ns.max(ns);
            if execution.outcome == Outcome::Unchanged {
                stats.wasted_ns = stats.wasted_ns.saturating_add(ns);
            }
            let bucket = ns.checked_ilog2().unwrap_or_default() as usize;
            if stats.histogram.len() <= bucket {
                stats.histogram.resize(bucket + 1, 0);
            }
            stats.histogram[bucket] += 1;
        }
        for change in &self.changes {
            let (kind, key) = (change.query.kind.as_str(), change.query.key.as_str());
            let stats = kinds.entry(kind).or_default();
            stats.keys += u64::from(keys.insert((kind, key)));
            stats.is_input = true;
            stats.set += 1;
        }
        let mut kinds: Vec<KindStats> = kinds
            .into_iter()
            .map(|(kind, stats)| KindStats {
                kind: kind.to_owned(),
                ..stats
            })
            .collect();
        kinds.sort_by_key(|stats| std::cmp::Reverse(stats.compute_ns));
        CacheStats {
            at_ns: self.newest_ns,
            revision: self.revision(),
            kinds,
            lost_dependencies: lost,
            phantom_dependencies: phantom,
            ..CacheStats::default()
        }
    }

    /// Hits that have no span of their own, as far as the spans of who asked count them.
    pub fn hits_without_span(&self) -> u64 {
        self.executions.iter().map(|execution| execution.hits).sum()
    }
}
