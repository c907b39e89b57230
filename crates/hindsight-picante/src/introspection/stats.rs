//! How often each kind of query was answered from memory, and what it cost.

use std::sync::atomic::Ordering::Relaxed;

use hindsight_protocol::introspection::picante::{CacheStats, KindStats};
use rustc_hash::FxHashMap;

use super::process;
use crate::kind;
use crate::recorder::{recorder, unix_now_ns};

/// Kinds that are told.
const KINDS_MAX: usize = 2000;

pub(super) fn stats() -> CacheStats {
    let recorder = recorder();
    let mut keys: FxHashMap<(u32, &str), u64> = FxHashMap::default();
    for (key, node) in recorder.nodes.lock().iter() {
        *keys.entry((key.kind.0, node.kind.name)).or_default() += 1;
    }
    let known = kind::all().into_iter().filter_map(|kind| {
        let stats = KindStats {
            kind: kind.name.to_owned(),
            is_input: kind.is_input(),
            keys: keys.get(&(kind.id.0, kind.name)).copied().unwrap_or(0),
            ..kind.counts.stats()
        };
        let nothing = KindStats {
            kind: stats.kind.clone(),
            is_input: stats.is_input,
            ..KindStats::default()
        };
        (stats != nothing).then_some(stats)
    });
    let mut kinds: Vec<KindStats> = known.collect();
    kinds.sort_by(|a, b| {
        let most = b.compute_ns.cmp(&a.compute_ns);
        most.then_with(|| a.kind.cmp(&b.kind))
    });
    kinds.truncate(KINDS_MAX);
    CacheStats {
        process: process(),
        at_ns: unix_now_ns(),
        revision: recorder.revision(),
        kinds,
        orphaned: recorder.totals.orphaned.load(Relaxed),
        lost_dependencies: recorder.totals.lost.load(Relaxed),
        phantom_dependencies: recorder.totals.phantom.load(Relaxed),
    }
}
