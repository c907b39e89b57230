//! A map that is cheap to share with readers: copied on write, a shard at a time.
//!
//! Cloning costs one reference per shard. After a clone, the first change of a shard copies that
//! shard. Keys are kept in order, with their trace first, so that a trace is a range.

use std::collections::BTreeMap;
use std::ops::RangeBounds;
use std::sync::Arc;

use hindsight_protocol::TraceId;

const SHARDS: usize = 64;

#[derive(Clone, Debug)]
pub(crate) struct ShardedMap<K, V> {
    shards: [Arc<BTreeMap<K, V>>; SHARDS],
    len: usize,
}

impl<K: Ord + Clone, V: Clone> Default for ShardedMap<K, V> {
    fn default() -> Self {
        Self {
            shards: std::array::from_fn(|_| Arc::default()),
            len: 0,
        }
    }
}

/// Trace ids are meant to be random; one multiplication mends those that count up.
fn shard_of(trace: TraceId) -> usize {
    let mixed = (trace.low ^ trace.high.rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 58) as usize
}

impl<K: Ord + Clone, V: Clone> ShardedMap<K, V> {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(crate) fn get(&self, trace: TraceId, key: &K) -> Option<&V> {
        self.shards[shard_of(trace)].get(key)
    }

    pub(crate) fn insert(&mut self, trace: TraceId, key: K, value: V) -> Option<V> {
        let before = Arc::make_mut(&mut self.shards[shard_of(trace)]).insert(key, value);
        self.len += usize::from(before.is_none());
        before
    }

    pub(crate) fn remove(&mut self, trace: TraceId, key: &K) -> Option<V> {
        let removed = Arc::make_mut(&mut self.shards[shard_of(trace)]).remove(key);
        self.len -= usize::from(removed.is_some());
        removed
    }

    /// The entries of one trace, in key order.
    pub(crate) fn range<R: RangeBounds<K>>(
        &self,
        trace: TraceId,
        keys: R,
    ) -> impl Iterator<Item = (&K, &V)> {
        self.shards[shard_of(trace)].range(keys)
    }

    /// All entries, shard by shard.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.shards.iter().flat_map(|shard| shard.iter())
    }
}
