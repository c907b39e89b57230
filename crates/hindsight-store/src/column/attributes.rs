//! Attributes that have no column of their own: those of events, links, resources and scopes, and
//! of spans whose combination of keys is rare.
//!
//! In: key, tag and bits of one attribute after the other, in terms of a segment's [`Tables`]. Out:
//! three packed columns. Who owns which of them is known to the owner.

use hashbrown::DefaultHashBuilder;
use hindsight_protocol::CheckedBatch;
use hindsight_protocol::batch::{AttributeColumns, ValueRef, tag};

use super::dictionary::{Blobs, Dictionary, Interner};
use super::memo::{Memo, Owner};
use super::packed::Packed;

/// Code of the key, [`tag`], and bits: the code of a text, of a blob, or the value itself.
pub(super) type Encoded = (u32, u8, u64);

/// What attributes refer to, while a segment is built.
#[derive(Debug, Default)]
pub(super) struct TablesStage {
    pub(super) hasher: DefaultHashBuilder,
    pub(super) keys: Interner,
    /// Texts without a dictionary of their own. Code 0 is the empty text.
    pub(super) texts: Interner,
    pub(super) blobs: Interner,
    pub(super) memo: Memo,
}

/// What attributes refer to.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    pub(crate) keys: Dictionary,
    pub(crate) texts: Dictionary,
    pub(crate) blobs: Blobs,
}

/// Attributes being collected.
#[derive(Debug, Default)]
pub(super) struct AttributesStage {
    keys: Vec<u32>,
    tags: Vec<u8>,
    bits: Vec<u64>,
}

/// Attributes by number.
#[derive(Debug, Default)]
pub(crate) struct Attributes {
    keys: Packed,
    tags: Packed,
    bits: Packed,
}

impl TablesStage {
    pub(super) fn new() -> Self {
        let mut tables = Self::default();
        tables.texts.intern(b"", &tables.hasher);
        tables
    }

    /// Prepares for the strings and blobs of another batch.
    pub(super) fn begin(&mut self, batch: &CheckedBatch) {
        self.memo.begin(batch);
    }

    pub(super) fn key(&mut self, batch: &CheckedBatch, index: u32) -> u32 {
        let (keys, hasher) = (&mut self.keys, &self.hasher);
        self.memo.code(batch, index, Owner::KEYS, keys, hasher)
    }

    pub(super) fn text(&mut self, batch: &CheckedBatch, index: u32) -> u32 {
        let (texts, hasher) = (&mut self.texts, &self.hasher);
        self.memo.code(batch, index, Owner::TEXTS, texts, hasher)
    }

    pub(super) fn blob(&mut self, batch: &CheckedBatch, index: u64) -> u32 {
        let (blobs, hasher) = (&mut self.blobs, &self.hasher);
        self.memo.blob_code(batch, index, blobs, hasher)
    }

    pub(super) fn attribute(
        &mut self,
        batch: &CheckedBatch,
        columns: &AttributeColumns,
        at: usize,
    ) -> Encoded {
        let key = self.key(batch, columns.keys[at]);
        let (kind, bits) = (columns.tags[at], columns.bits[at]);
        let bits = match kind {
            tag::STRING => u64::from(self.text(batch, bits as u32)),
            tag::BYTES | tag::ARRAY | tag::MAP => u64::from(self.blob(batch, bits)),
            _ => bits,
        };
        (key, kind, bits)
    }

    pub(super) fn finish(self) -> Tables {
        Tables {
            keys: self.keys.finish_plain(&self.hasher),
            texts: self.texts.finish(&self.hasher),
            blobs: self.blobs.finish_blobs(),
        }
    }
}

impl Tables {
    /// A value, text in `buffer` if it is not stored as such.
    pub(super) fn value<'a>(&'a self, kind: u8, bits: u64, buffer: &'a mut String) -> ValueRef<'a> {
        match kind {
            tag::STRING => ValueRef::String(self.texts.get(bits as u32, buffer)),
            tag::BOOL => ValueRef::Bool(bits != 0),
            tag::I64 => ValueRef::I64(bits as i64),
            tag::F64 => ValueRef::F64(f64::from_bits(bits)),
            tag::BYTES => ValueRef::Bytes(self.blobs.get(bits as u32)),
            tag::ARRAY | tag::MAP => ValueRef::Nested(kind, self.blobs.get(bits as u32)),
            _ => ValueRef::Unknown(kind, bits),
        }
    }

    pub(super) fn bytes(&self) -> u64 {
        self.keys.bytes() + self.texts.bytes() + self.blobs.bytes()
    }
}

impl AttributesStage {
    /// Number of attributes so far.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    pub(super) fn push(&mut self, (key, kind, bits): Encoded) {
        self.keys.push(key);
        self.tags.push(kind);
        self.bits.push(bits);
    }

    pub(super) fn finish(self) -> Attributes {
        Attributes {
            keys: Packed::of(&self.keys),
            tags: Packed::of(&self.tags),
            bits: Packed::of(&self.bits),
        }
    }
}

impl Attributes {
    /// Attribute `at`; panics when there is none, as slices do.
    #[inline]
    pub(super) fn get(&self, at: usize) -> Encoded {
        let (key, kind) = (self.keys.get_u32(at), self.tags.get(at) as u8);
        (key, kind, self.bits.get(at))
    }

    /// All attributes in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = Encoded> + '_ {
        let keys = self.keys.iter().zip(self.tags.iter()).zip(self.bits.iter());
        keys.map(|((key, kind), bits)| (key as u32, kind as u8, bits))
    }

    /// Those with this key, in order.
    pub(super) fn with_key(&self, key: u32) -> impl Iterator<Item = Encoded> + '_ {
        let found = self.keys.rows_in(u64::from(key), u64::from(key));
        let found: Vec<usize> = found.iter().collect();
        found.into_iter().map(|at| self.get(at))
    }

    /// Whether one of them has this key.
    pub(super) fn has_key(&self, key: u32) -> bool {
        !self.keys.rows_in(u64::from(key), u64::from(key)).is_empty()
    }

    pub(super) fn bytes(&self) -> u64 {
        self.keys.bytes() + self.tags.bytes() + self.bits.bytes()
    }
}
