//! Short ways to the index of a text: by address, and by what was written lately.
//!
//! Both are tables of fixed size in which a newer entry takes the place of an older one, so they
//! may forget but never tell wrong: an entry is compared before it is believed.

use super::build::BatchBuilder;
use super::check::span_of;

/// Entries by address; 16 bytes each.
const STATICS: usize = 256;
/// Entries by content; 8 bytes each.
const RECENT: usize = 512;
/// Longer texts are written as they are: looking for them costs more than it saves.
const RECENT_BYTES_MAX: usize = 128;

const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// Indices of texts that live for ever, by their address.
#[derive(Debug, Default)]
pub(super) struct Statics {
    /// Address, length, index; empty until the first use.
    entries: Vec<(usize, u32, u32)>,
}

impl Statics {
    pub(super) fn clear(&mut self) {
        self.entries.fill((0, 0, 0));
    }

    #[inline]
    fn slot(text: &'static str) -> usize {
        let address = text.as_ptr() as u64;
        ((address ^ text.len() as u64).wrapping_mul(SPREAD) >> 56) as usize % STATICS
    }

    #[inline]
    fn find(&self, text: &'static str) -> Option<u32> {
        let entry = self.entries.get(Self::slot(text))?;
        // An empty slot has address 0, which no text has.
        let same = entry.0 == text.as_ptr() as usize && entry.1 as usize == text.len();
        same.then_some(entry.2)
    }

    fn put(&mut self, text: &'static str, index: u32) {
        if text.len() > u32::MAX as usize {
            return;
        }
        self.entries.resize(STATICS, (0, 0, 0));
        self.entries[Self::slot(text)] = (text.as_ptr() as usize, text.len() as u32, index);
    }
}

/// Indices of texts written lately, by a hash of their content.
#[derive(Debug, Default)]
pub(super) struct Recent {
    /// Upper half of the hash, index; index 0 is an empty slot. Empty until the first use.
    entries: Vec<(u32, u32)>,
}

impl Recent {
    pub(super) fn clear(&mut self) {
        self.entries.fill((0, 0));
    }
}

/// A hash of length, beginning and end: cheap, and wrong guesses only cost a comparison.
#[inline]
fn brief_hash(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let (first, last) = match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
        _ => {
            let shifted = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
            (bytes.iter().fold(0, shifted), 0)
        }
    };
    let mixed = (first ^ bytes.len() as u64).wrapping_mul(SPREAD);
    (mixed.rotate_left(29) ^ last).wrapping_mul(SPREAD)
}

impl BatchBuilder {
    /// The index of a text that lives for ever, such as a literal: stored once. Much cheaper than
    /// [`BatchBuilder::intern`] from its second use on.
    #[inline]
    pub fn intern_static(&mut self, text: &'static str) -> u32 {
        match self.statics.find(text) {
            Some(index) => index,
            None => self.new_static(text),
        }
    }

    #[cold]
    fn new_static(&mut self, text: &'static str) -> u32 {
        let index = self.intern(text);
        self.statics.put(text, index);
        index
    }

    /// The index of a text that may or may not come again: stored once if it was written lately,
    /// else anew. Cheaper than [`BatchBuilder::intern`] for values of which many differ.
    pub fn intern_recent(&mut self, text: &str) -> u32 {
        if text.is_empty() || text.len() > RECENT_BYTES_MAX {
            return match text.is_empty() {
                true => self.intern(text),
                false => self.append_string(text),
            };
        }
        let hash = brief_hash(text);
        let (tag, slot) = ((hash >> 32) as u32, (hash >> 20) as usize % RECENT);
        if let Some((found, index)) = self.recent.entries.get(slot)
            && (*found, *index != 0) == (tag, true)
        {
            let range = span_of(&self.columns.strings.ends, *index as usize);
            if self.text.get(range) == Some(text) {
                return *index;
            }
        }
        let index = self.append_string(text);
        self.recent.entries.resize(RECENT, (0, 0));
        self.recent.entries[slot] = (tag, index);
        index
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_static_text_has_one_index_whatever_its_address() {
        let mut builder = BatchBuilder::new();
        let twice: &'static str = Box::leak("twice".to_owned().into_boxed_str());
        let index = builder.intern_static("twice");
        assert_eq!(builder.intern_static(twice), index);
        assert_eq!(builder.intern("twice"), index);
        assert_eq!(builder.intern_static(&twice[..3]), builder.intern("twi"));
        assert_eq!(builder.intern_static(""), 0);
        builder.clear();
        assert_eq!(builder.intern_static("other"), 1);
        assert_eq!(
            builder.intern_static("twice"),
            2,
            "forgotten with the batch"
        );
    }

    #[test]
    fn more_static_texts_than_there_are_entries_are_still_told_apart() {
        let texts: Vec<&'static str> = (0..3000)
            .map(|n| &*Box::leak(n.to_string().into_boxed_str()))
            .collect();
        let mut builder = BatchBuilder::new();
        let first: Vec<u32> = texts.iter().map(|t| builder.intern_static(t)).collect();
        let second: Vec<u32> = texts.iter().map(|t| builder.intern_static(t)).collect();
        assert_eq!(first, second);
        assert_eq!(first, (1..=3000).collect::<Vec<u32>>());
    }

    #[test]
    fn a_recent_text_always_reads_back() {
        let mut builder = BatchBuilder::new();
        let texts = (0..5000).map(|n| match n % 4 {
            0 => String::new(),
            1 => "same".to_owned(),
            2 => format!("/api/items/{:04}", n % 40),
            _ => "long".repeat(n % 60),
        });
        let texts: Vec<String> = texts.collect();
        let indices: Vec<u32> = texts.iter().map(|t| builder.intern_recent(t)).collect();
        for (text, index) in texts.iter().zip(&indices) {
            let range = span_of(&builder.columns.strings.ends, *index as usize);
            assert_eq!(builder.text.get(range), Some(text.as_str()));
        }
        let same: Vec<u32> = indices.iter().skip(1).step_by(4).copied().collect();
        assert!(same.iter().all(|index| *index == same[0]), "stored once");
    }
}
