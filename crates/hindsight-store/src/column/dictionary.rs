//! Dictionaries: each distinct text (or byte string) once, numbered in order of first use.
//!
//! In: texts in any number and order, through an [`Interner`]. Out: codes, and an immutable
//! [`Dictionary`] that gives the text of a code and the code of a text, or [`Blobs`]. Looking up a
//! text compares two bytes of hash per entry, in a loop over plain memory, and the texts where
//! those agree.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::bitmap::Bitmap;
use super::packed::Packed;
use super::texts::{TextStage, Texts};

/// Entries whose hashes are compared before any of them is looked at.
const PIECE: usize = 1024;

/// Gives the same code to equal byte strings.
#[derive(Debug, Default)]
pub(crate) struct Interner {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    hashes: Vec<u64>,
    codes: HashTable<u32>,
}

/// Distinct texts by code. Immutable.
#[derive(Debug, Default)]
pub(crate) struct Dictionary {
    texts: Texts,
    /// Part of the hash of each text.
    prints: Box<[u16]>,
    hasher: DefaultHashBuilder,
}

/// Byte strings by code. Immutable.
#[derive(Debug, Default)]
pub(crate) struct Blobs {
    bytes: Box<[u8]>,
    ends: Packed,
}

impl Interner {
    /// Number of distinct texts.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Bytes of the distinct texts.
    pub(crate) fn text_len(&self) -> usize {
        self.bytes.len()
    }

    /// The bytes with this code; none if there are none.
    pub(crate) fn get(&self, code: u32) -> &[u8] {
        let end = |code: usize| self.ends.get(code).copied().unwrap_or(0);
        let start = (code as usize).checked_sub(1).map_or(0, end);
        self.bytes
            .get(start..end(code as usize))
            .unwrap_or_default()
    }

    /// The text with this code; empty if there is none.
    pub(crate) fn text(&self, code: u32) -> &str {
        str::from_utf8(self.get(code)).unwrap_or_default()
    }

    /// The code of a byte string. All calls take the same hasher.
    pub(crate) fn intern(&mut self, bytes: &[u8], hasher: &DefaultHashBuilder) -> u32 {
        let hash = hasher.hash_one(bytes);
        let found = self.codes.find(hash, |code| {
            self.hashes[*code as usize] == hash && self.get(*code) == bytes
        });
        match found {
            Some(code) => *code,
            None => self.add(bytes, hash),
        }
    }

    fn add(&mut self, bytes: &[u8], hash: u64) -> u32 {
        let code = self.ends.len() as u32;
        self.bytes.extend_from_slice(bytes);
        self.ends.push(self.bytes.len());
        self.hashes.push(hash);
        let hashes = &self.hashes;
        self.codes
            .insert_unique(hash, code, |code| hashes[*code as usize]);
        code
    }

    /// The dictionary, if all that was interned was text.
    pub(crate) fn finish(self, hasher: &DefaultHashBuilder) -> Dictionary {
        self.finish_by(hasher, TextStage::finish)
    }

    /// The dictionary with every text as it is, so that [`Dictionary::text`] can lend it.
    pub(crate) fn finish_plain(self, hasher: &DefaultHashBuilder) -> Dictionary {
        self.finish_by(hasher, TextStage::finish_plain)
    }

    fn finish_by(
        self,
        hasher: &DefaultHashBuilder,
        finish: impl FnOnce(TextStage) -> Texts,
    ) -> Dictionary {
        let text = String::from_utf8(self.bytes).unwrap_or_default();
        Dictionary {
            texts: finish(TextStage::of(text, &self.ends)),
            prints: self.hashes.iter().map(|hash| *hash as u16).collect(),
            hasher: hasher.clone(),
        }
    }

    pub(crate) fn finish_blobs(self) -> Blobs {
        let ends: Vec<u64> = self.ends.iter().map(|end| *end as u64).collect();
        Blobs {
            bytes: self.bytes.into(),
            ends: Packed::of(&ends),
        }
    }
}

impl Dictionary {
    /// Number of texts.
    pub(crate) fn len(&self) -> usize {
        self.texts.len()
    }

    /// The text with this code; panics when there is none, as slices do.
    #[inline]
    pub(crate) fn get<'a>(&'a self, code: u32, buffer: &'a mut String) -> &'a str {
        self.texts.get(code as usize, buffer)
    }

    /// The text with this code, for dictionaries that were finished as plain; else empty.
    #[inline]
    pub(crate) fn text(&self, code: u32) -> &str {
        self.texts.get_plain(code as usize).unwrap_or_default()
    }

    /// The code of a text, if it is in the dictionary.
    pub(crate) fn find(&self, text: &str) -> Option<u32> {
        let print = self.hasher.hash_one(text.as_bytes()) as u16;
        let mut buffer = String::new();
        for (piece, prints) in self.prints.chunks(PIECE).enumerate() {
            if !prints.iter().fold(false, |any, p| any | (*p == print)) {
                continue;
            }
            let hits = prints.iter().enumerate().filter(|(_, p)| **p == print);
            for (at, _) in hits {
                let code = (piece * PIECE + at) as u32;
                if self.get(code, &mut buffer) == text {
                    return Some(code);
                }
            }
        }
        None
    }

    /// The codes whose text passes the test, asked once each.
    pub(crate) fn codes_where(&self, test: &dyn Fn(&str) -> bool) -> Bitmap {
        self.texts.rows_where(None, test)
    }

    /// Bytes on the heap.
    pub(crate) fn bytes(&self) -> u64 {
        self.texts.bytes() + self.prints.len() as u64 * 2
    }
}

impl Blobs {
    /// The bytes with this code; panics when there are none, as slices do.
    pub(crate) fn get(&self, code: u32) -> &[u8] {
        let code = code as usize;
        let start = code
            .checked_sub(1)
            .map_or(0, |before| self.ends.get(before));
        &self.bytes[start as usize..self.ends.get(code) as usize]
    }

    /// Bytes on the heap.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.len() as u64 + self.ends.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_have_one_code_and_codes_give_the_text_back() {
        let hasher = DefaultHashBuilder::default();
        let mut interner = Interner::default();
        let texts: Vec<String> = (0..3000).map(|n| format!("text {}", n % 2500)).collect();
        let intern = |t: &String| interner.intern(t.as_bytes(), &hasher);
        let codes: Vec<u32> = texts.iter().map(intern).collect();
        assert_eq!(interner.len(), 2500);
        let dictionary = interner.finish(&hasher);
        let mut buffer = String::new();
        for (text, code) in texts.iter().zip(codes) {
            assert_eq!(dictionary.get(code, &mut buffer), text);
            assert_eq!(dictionary.find(text), Some(code));
        }
        assert_eq!(dictionary.find("text"), None);
        assert_eq!(dictionary.find(""), None);
        let ending = dictionary.codes_where(&|text| text.ends_with("99"));
        assert_eq!(ending.count(), 25);
    }

    #[test]
    fn the_empty_text_is_a_text() {
        let hasher = DefaultHashBuilder::default();
        let mut interner = Interner::default();
        assert_eq!(interner.intern(b"", &hasher), 0);
        assert_eq!(interner.intern(b"a", &hasher), 1);
        assert_eq!(interner.intern(b"", &hasher), 0);
        let dictionary = interner.finish(&hasher);
        assert_eq!(dictionary.find(""), Some(0));
        assert_eq!(Dictionary::default().find(""), None);
    }

    #[test]
    fn byte_strings_come_back_by_code() {
        let hasher = DefaultHashBuilder::default();
        let mut interner = Interner::default();
        let all: [&[u8]; 3] = [&[], &[0xff, 0], &[1, 2, 3]];
        let codes = all.map(|bytes| interner.intern(bytes, &hasher));
        let blobs = interner.finish_blobs();
        assert_eq!(codes.map(|code| blobs.get(code)), all);
    }
}
