//! Which spans are stored, and where: (trace id, span id) -> place.
//!
//! One compact open-addressing table in [`SHARDS`] parts, so that growing never rehashes more than
//! a part at once. An entry is 12 bytes: 32 bits of the hash and the place. Ids are not repeated
//! here; whoever asks compares them where the place points. Bounded by the stored spans.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};
use hindsight_protocol::{SpanId, TraceId};

use crate::chunk::RowRef;

const SHARDS: usize = 256;

/// Where a span is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the open table, under this serial number.
    Open(u64),
    /// In a chunk.
    Row(RowRef),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    fingerprint: u32,
    high: u32,
    low: u32,
}

/// Marks an entry of the open table; the rest of `high` and `low` is the serial number. Rows keep
/// the chunk in `low` and the row in `high`.
const OPEN_MARK: u32 = 1 << 31;

impl Entry {
    fn new(fingerprint: u32, place: Place) -> Self {
        let (high, low) = match place {
            Place::Open(serial) => ((serial >> 32) as u32 | OPEN_MARK, serial as u32),
            Place::Row(at) => (at.row, at.chunk),
        };
        Self {
            fingerprint,
            high,
            low,
        }
    }

    fn place(self) -> Place {
        match self.high & OPEN_MARK {
            0 => Place::Row(RowRef {
                chunk: self.low,
                row: self.high,
            }),
            _ => Place::Open(u64::from(self.high & !OPEN_MARK) << 32 | u64::from(self.low)),
        }
    }
}

/// The hash of an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IdentityHash(u64);

impl IdentityHash {
    fn shard(self) -> usize {
        (self.0 >> 56) as usize % SHARDS
    }

    fn fingerprint(self) -> u32 {
        self.0 as u32
    }
}

/// The table's own hash: bucket from the low bits, tag from the high ones.
fn table_hash(fingerprint: u32) -> u64 {
    u64::from(fingerprint) << 32 | u64::from(fingerprint)
}

#[derive(Debug)]
pub(crate) struct IdentityIndex {
    shards: Vec<HashTable<Entry>>,
    hasher: DefaultHashBuilder,
    bytes: u64,
}

impl Default for IdentityIndex {
    fn default() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| HashTable::new()).collect(),
            hasher: DefaultHashBuilder::default(),
            bytes: 0,
        }
    }
}

impl IdentityIndex {
    pub(crate) fn hash(&self, trace: TraceId, span: SpanId) -> IdentityHash {
        IdentityHash(self.hasher.hash_one((trace.high, trace.low, span.bits)))
    }

    /// The place of the span with this hash for which `is_it` says yes.
    pub(crate) fn find(
        &self,
        hash: IdentityHash,
        mut is_it: impl FnMut(Place) -> bool,
    ) -> Option<Place> {
        let fingerprint = hash.fingerprint();
        self.shards[hash.shard()]
            .find(table_hash(fingerprint), |entry| {
                entry.fingerprint == fingerprint && is_it(entry.place())
            })
            .map(|entry| entry.place())
    }

    /// Adds a span that is not in the index.
    pub(crate) fn insert(&mut self, hash: IdentityHash, place: Place) {
        let fingerprint = hash.fingerprint();
        let shard = &mut self.shards[hash.shard()];
        let before = shard.allocation_size();
        shard.insert_unique(
            table_hash(fingerprint),
            Entry::new(fingerprint, place),
            |entry| table_hash(entry.fingerprint),
        );
        self.bytes = self.bytes + shard.allocation_size() as u64 - before as u64;
    }

    /// Moves a span from one place to another.
    pub(crate) fn replace(&mut self, hash: IdentityHash, from: Place, to: Place) {
        let fingerprint = hash.fingerprint();
        let old = Entry::new(fingerprint, from);
        let found = self.shards[hash.shard()].find_mut(table_hash(fingerprint), |e| *e == old);
        debug_assert!(found.is_some(), "no span at {from:?}");
        if let Some(entry) = found {
            *entry = Entry::new(fingerprint, to);
        }
    }

    /// Removes the span at `place`; says whether it was there.
    pub(crate) fn remove(&mut self, hash: IdentityHash, place: Place) -> bool {
        let fingerprint = hash.fingerprint();
        let old = Entry::new(fingerprint, place);
        match self.shards[hash.shard()].find_entry(table_hash(fingerprint), |e| *e == old) {
            Ok(entry) => {
                entry.remove();
                true
            }
            Err(_) => false,
        }
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }
}
