//! Which spans are stored, and where: (trace id, span id) -> place.
//!
//! A compact open-addressing table in [`SHARDS`] parts. An entry is 12 bytes: 32 bits of the hash
//! and the place. Ids are not repeated here; whoever asks compares them where the place points.
//! Bounded by the stored spans.
//!
//! All spans of a trace are in one part: the parts of the traces that are growing at the moment
//! stay in the processor's caches, however large the whole is. Entries stand near the slot that
//! their fingerprint scales to, with linear probing; a part grows by half when three quarters of it
//! are taken. Removing closes the gap, there are no tombstones.
//!
//! Entries of rows that went with their segment stay until a round through all parts takes them out,
//! when they are an eighth of all: going through a part costs an entry less than looking it up.

use std::hash::BuildHasher;

use hashbrown::DefaultHashBuilder;
use hindsight_protocol::{SpanId, TraceId};

use crate::chunk::RowRef;

const SHARDS: usize = 1 << 15;

/// A round begins when one of so many entries is gone.
const GONE_SHARE: u64 = 8;

/// Slots of the smallest table.
const SLOTS_MIN: usize = 8;

/// A part with one entry in so many slots gets a smaller table.
const SPARSE: usize = 4;

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
    /// No place has this: serial numbers stay below 2^62, rows below 2^31.
    const NONE: Self = Self {
        fingerprint: 0,
        high: u32::MAX,
        low: u32::MAX,
    };

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

    fn is_none(self) -> bool {
        self.high == u32::MAX
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct IdentityHash {
    /// Of the trace alone.
    shard: u32,
    fingerprint: u32,
}

impl IdentityHash {
    fn shard(self) -> usize {
        self.shard as usize % SHARDS
    }

    fn fingerprint(self) -> u32 {
        self.fingerprint
    }
}

/// Where a search for a span that is not in the index ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Vacant(usize);

/// A part of the table. Never full: an empty slot ends every search.
#[derive(Debug, Default)]
struct Shard {
    slots: Box<[Entry]>,
    len: u32,
}

impl Shard {
    /// The slot that a fingerprint scales to.
    fn home(&self, fingerprint: u32) -> usize {
        ((u64::from(fingerprint) * self.slots.len() as u64) >> 32) as usize
    }

    fn next(&self, at: usize) -> usize {
        match at + 1 {
            end if end == self.slots.len() => 0,
            next => next,
        }
    }

    /// The slot of the first entry with this fingerprint for which `is_it` says yes.
    fn find(&self, fingerprint: u32, is_it: impl FnMut(Entry) -> bool) -> Option<usize> {
        self.find_or_vacant(fingerprint, is_it).ok()
    }

    /// The same, or the slot where the search ended.
    #[inline]
    fn find_or_vacant(
        &self,
        fingerprint: u32,
        mut is_it: impl FnMut(Entry) -> bool,
    ) -> Result<usize, usize> {
        let home = self.home(fingerprint);
        let (wrapped, ahead) = self.slots.split_at(home);
        let ahead = ahead.iter().zip(home..);
        for (entry, at) in ahead.chain(wrapped.iter().zip(0..)) {
            if entry.is_none() {
                return Err(at);
            }
            if entry.fingerprint == fingerprint && is_it(*entry) {
                return Ok(at);
            }
        }
        Err(home)
    }

    /// Whether one more entry takes a larger table.
    fn is_crowded(&self) -> bool {
        (self.len as usize + 1) * 4 > self.slots.len() * 3
    }

    fn insert(&mut self, entry: Entry) {
        if self.is_crowded() {
            self.grow();
        }
        self.place(entry);
        self.len += 1;
    }

    fn place(&mut self, entry: Entry) {
        let mut at = self.home(entry.fingerprint);
        while !self.slots[at].is_none() {
            at = self.next(at);
        }
        self.slots[at] = entry;
    }

    fn grow(&mut self) {
        self.resize((self.slots.len() + self.slots.len() / 2).max(SLOTS_MIN));
    }

    fn resize(&mut self, slots: usize) {
        let slots = vec![Entry::NONE; slots].into_boxed_slice();
        let old = std::mem::replace(&mut self.slots, slots);
        for entry in old {
            if !entry.is_none() {
                self.place(entry);
            }
        }
    }

    /// Empties a slot and moves what follows back to where a search would look for it.
    fn remove(&mut self, mut gap: usize) {
        self.len -= 1;
        let mut at = gap;
        loop {
            at = self.next(at);
            let entry = self.slots[at];
            if entry.is_none() {
                break;
            }
            let home = self.home(entry.fingerprint);
            // Whether the gap lies on the way from the entry's home to the entry.
            let is_between = match gap <= at {
                true => home <= gap || home > at,
                false => home <= gap && home > at,
            };
            if is_between {
                self.slots[gap] = entry;
                gap = at;
            }
        }
        self.slots[gap] = Entry::NONE;
    }

    /// Takes out the entries that are gone; how many.
    fn sweep(&mut self, is_gone: impl Fn(Entry) -> bool) -> u32 {
        let before = self.len;
        let mut at = 0;
        while let Some(entry) = self.slots.get(at) {
            match !entry.is_none() && is_gone(*entry) {
                // What follows may move here.
                true => self.remove(at),
                false => at += 1,
            }
        }
        if self.len < before && self.len as usize * SPARSE < self.slots.len() {
            let room = self.len as usize + self.len as usize / 2;
            self.resize(if room == 0 { 0 } else { room.max(SLOTS_MIN) });
        }
        before - self.len
    }

    fn bytes(&self) -> u64 {
        size_of_val(&*self.slots) as u64
    }
}

#[derive(Debug)]
pub(crate) struct IdentityIndex {
    shards: Vec<Shard>,
    hasher: DefaultHashBuilder,
    bytes: u64,
    len: u64,
    /// Rows that are gone since the last round began.
    gone: u64,
    /// Parts that the round under way has yet to go through; it does so from the last to the first.
    to_sweep: usize,
}

impl Default for IdentityIndex {
    fn default() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Shard::default()).collect(),
            hasher: DefaultHashBuilder::default(),
            bytes: 0,
            len: 0,
            gone: 0,
            to_sweep: 0,
        }
    }
}

impl IdentityIndex {
    pub(crate) fn hash(&self, trace: TraceId, span: SpanId) -> IdentityHash {
        self.hash_in(self.hash_trace(trace), span)
    }

    /// What all spans of a trace have in common.
    pub(crate) fn hash_trace(&self, trace: TraceId) -> u64 {
        self.hasher.hash_one((trace.high, trace.low))
    }

    /// The hash of a span, given that of its trace.
    pub(crate) fn hash_in(&self, of_trace: u64, span: SpanId) -> IdentityHash {
        IdentityHash {
            shard: of_trace as u32,
            fingerprint: self.hasher.hash_one((of_trace, span.bits)) as u32,
        }
    }

    /// Loads what a search for each of these hashes will look at first. The loads do not depend on
    /// each other, so the processor waits for memory once instead of once a hash.
    pub(crate) fn touch(&self, hashes: &[IdentityHash]) {
        let loaded = hashes.iter().fold(0, |loaded, hash| {
            let shard = &self.shards[hash.shard()];
            let slot = shard.slots.get(shard.home(hash.fingerprint()));
            loaded ^ slot.map_or(0, |entry| entry.fingerprint)
        });
        std::hint::black_box(loaded);
    }

    /// The place of the span with this hash for which `is_it` says yes, or where it would be.
    #[inline]
    pub(crate) fn find_or_vacant(
        &self,
        hash: IdentityHash,
        mut is_it: impl FnMut(Place) -> bool,
    ) -> Result<Place, Vacant> {
        let shard = &self.shards[hash.shard()];
        let found = shard.find_or_vacant(hash.fingerprint(), |entry| is_it(entry.place()));
        match found {
            Ok(at) => Ok(shard.slots[at].place()),
            Err(at) => Err(Vacant(at)),
        }
    }

    /// Adds a span where a search for it ended, nothing having changed since.
    #[inline]
    pub(crate) fn insert_at(&mut self, hash: IdentityHash, vacant: Vacant, place: Place) {
        let shard = &mut self.shards[hash.shard()];
        if shard.is_crowded() {
            self.insert(hash, place);
            return;
        }
        debug_assert!(shard.slots[vacant.0].is_none(), "the slot is taken");
        shard.slots[vacant.0] = Entry::new(hash.fingerprint(), place);
        shard.len += 1;
        self.len += 1;
    }

    /// Adds a span that is not in the index.
    pub(crate) fn insert(&mut self, hash: IdentityHash, place: Place) {
        let shard = &mut self.shards[hash.shard()];
        let before = shard.bytes();
        shard.insert(Entry::new(hash.fingerprint(), place));
        self.bytes = self.bytes + shard.bytes() - before;
        self.len += 1;
    }

    /// Moves a span from one place to another.
    pub(crate) fn replace(&mut self, hash: IdentityHash, from: Place, to: Place) {
        let fingerprint = hash.fingerprint();
        let old = Entry::new(fingerprint, from);
        let shard = &mut self.shards[hash.shard()];
        let found = shard.find(fingerprint, |entry| entry == old);
        debug_assert!(found.is_some(), "no span at {from:?}");
        if let Some(at) = found {
            shard.slots[at] = Entry::new(fingerprint, to);
        }
    }

    /// Removes a span with this hash whose place `is_it` says yes to; says whether there was one.
    pub(crate) fn remove(
        &mut self,
        hash: IdentityHash,
        mut is_it: impl FnMut(Place) -> bool,
    ) -> bool {
        let shard = &mut self.shards[hash.shard()];
        let found = shard.find(hash.fingerprint(), |entry| is_it(entry.place()));
        match found {
            Some(at) => {
                shard.remove(at);
                self.len -= 1;
                true
            }
            None => false,
        }
    }

    /// Notes that so many rows are gone whose entries are still here.
    pub(crate) fn note_gone(&mut self, rows: u64) {
        self.gone += rows;
    }

    /// Goes on with the round that takes out entries of rows that are gone, through about so many
    /// slots; begins one when there are enough such entries. `is_gone` tells by the chunk.
    pub(crate) fn sweep(&mut self, slots_max: usize, is_gone: impl Fn(u32) -> bool) {
        if self.to_sweep == 0 {
            if self.gone == 0 || self.gone * GONE_SHARE < self.len {
                return;
            }
            self.to_sweep = SHARDS;
            self.gone = 0;
        }
        let is_gone = |entry: Entry| matches!(entry.place(), Place::Row(at) if is_gone(at.chunk));
        let mut slots = 0;
        while slots < slots_max && self.to_sweep > 0 {
            self.to_sweep -= 1;
            let shard = &mut self.shards[self.to_sweep];
            // A part without a slot is looked at, too.
            slots += shard.slots.len().max(SLOTS_MIN);
            let before = shard.bytes();
            let removed = u64::from(shard.sweep(is_gone));
            self.bytes = self.bytes + shard.bytes() - before;
            self.len -= removed;
        }
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }
}

#[cfg(test)]
mod tests;
