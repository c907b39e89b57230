//! Live spans of each trace.
//!
//! In parts, so that none takes long to grow.

use std::hash::BuildHasher;

use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};
use hindsight_protocol::TraceId;

const SHARDS: usize = 256;

#[derive(Debug)]
pub(super) struct TraceCounts {
    shards: Vec<HashTable<Counted>>,
    hasher: DefaultHashBuilder,
    len: usize,
    bytes: u64,
}

#[derive(Clone, Copy, Debug)]
struct Counted {
    trace: TraceId,
    live: u32,
}

impl Default for TraceCounts {
    fn default() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| HashTable::new()).collect(),
            hasher: DefaultHashBuilder::default(),
            len: 0,
            bytes: 0,
        }
    }
}

/// From bits that the tables themselves use least.
fn shard(hash: u64) -> usize {
    (hash >> 32) as usize % SHARDS
}

impl TraceCounts {
    /// Live spans of `trace`.
    pub(super) fn live(&self, trace: TraceId) -> u32 {
        let hash = self.hasher.hash_one(trace);
        let found = self.shards[shard(hash)].find(hash, |counted| counted.trace == trace);
        found.map_or(0, |counted| counted.live)
    }

    pub(super) fn add(&mut self, trace: TraceId, spans: u32) {
        let hasher = &self.hasher;
        let hash = hasher.hash_one(trace);
        let table = &mut self.shards[shard(hash)];
        if let Some(counted) = table.find_mut(hash, |counted| counted.trace == trace) {
            counted.live = counted.live.saturating_add(spans);
            return;
        }
        let before = table.allocation_size() as u64;
        let counted = Counted { trace, live: spans };
        table.insert_unique(hash, counted, |counted| hasher.hash_one(counted.trace));
        self.bytes = self.bytes + table.allocation_size() as u64 - before;
        self.len += 1;
    }

    pub(super) fn subtract(&mut self, trace: TraceId, spans: u32) {
        let hash = self.hasher.hash_one(trace);
        let table = &mut self.shards[shard(hash)];
        let Entry::Occupied(mut entry) = table.entry(
            hash,
            |counted| counted.trace == trace,
            |counted| self.hasher.hash_one(counted.trace),
        ) else {
            debug_assert!(false, "trace {trace} was not counted");
            return;
        };
        let counted = entry.get_mut();
        debug_assert!(counted.live >= spans, "trace {trace} has fewer spans");
        counted.live = counted.live.saturating_sub(spans);
        if counted.live == 0 {
            entry.remove();
            self.len -= 1;
        }
    }

    /// Traces with a live span.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn into_counts(self) -> Vec<(TraceId, u32)> {
        let all = self.shards.into_iter().flatten();
        all.map(|counted| (counted.trace, counted.live)).collect()
    }
}
