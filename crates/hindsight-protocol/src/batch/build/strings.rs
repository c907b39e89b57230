//! Strings, blobs and values: stored once, referred to by index.

use std::hash::BuildHasher;

use super::BatchBuilder;
use crate::Value;
use crate::batch::check::span_of;
use crate::batch::columns::tag;
use crate::batch::nested;
use crate::batch::row::ValueRef;

impl BatchBuilder {
    /// The index of `text`, stored once.
    pub fn intern(&mut self, text: &str) -> u32 {
        if text.is_empty() {
            self.first_string();
            return 0;
        }
        let hash = self.hasher.hash_one(text);
        let found = self.interned.find(hash, |index| {
            self.text
                .get(span_of(&self.columns.strings.ends, *index as usize))
                == Some(text)
        });
        if let Some(index) = found {
            return *index;
        }
        let index = self.append_string(text);
        let (all, ends, hasher) = (&self.text, &self.columns.strings.ends, &self.hasher);
        self.interned.insert_unique(hash, index, |index| {
            hasher.hash_one(all.get(span_of(ends, *index as usize)).unwrap_or_default())
        });
        index
    }

    /// The index of `text`, stored anew: for values that are hardly ever equal.
    pub fn append_string(&mut self, text: &str) -> u32 {
        self.first_string();
        self.text.push_str(text);
        self.columns.strings.ends.push(self.text.len() as u32);
        self.columns.strings.ends.len() as u32 - 1
    }

    pub(in crate::batch) fn first_string(&mut self) {
        if self.columns.strings.ends.is_empty() {
            self.columns.strings.ends.push(0);
        }
    }

    pub(in crate::batch) fn blob(&mut self, bytes: &[u8]) -> u64 {
        let hash = self.hasher.hash_one(bytes);
        let blobs = &mut self.columns.blobs;
        let found = self.interned_blobs.find(hash, |index| {
            blobs.bytes.get(span_of(&blobs.ends, *index as usize)) == Some(bytes)
        });
        if let Some(index) = found {
            return u64::from(*index);
        }
        blobs.bytes.extend_from_slice(bytes);
        blobs.ends.push(blobs.bytes.len() as u32);
        let index = blobs.ends.len() as u32 - 1;
        let hasher = &self.hasher;
        self.interned_blobs.insert_unique(hash, index, |index| {
            let range = span_of(&blobs.ends, *index as usize);
            hasher.hash_one(blobs.bytes.get(range).unwrap_or_default())
        });
        u64::from(index)
    }

    /// Tag and bits of a value, its text or bytes stored once.
    pub fn encode(&mut self, value: ValueRef<'_>) -> (u8, u64) {
        match value {
            ValueRef::String(text) => (tag::STRING, u64::from(self.intern(text))),
            ValueRef::Bool(value) => (tag::BOOL, u64::from(value)),
            ValueRef::I64(value) => (tag::I64, value as u64),
            ValueRef::F64(value) => (tag::F64, value.to_bits()),
            ValueRef::Bytes(bytes) => (tag::BYTES, self.blob(bytes)),
            ValueRef::Nested(kind, bytes) => (kind, self.blob(bytes)),
            ValueRef::Unknown(kind, bits) => (kind, bits),
        }
    }

    /// [`BatchBuilder::encode`] of values of any type.
    pub fn encode_value(&mut self, value: &Value) -> (u8, u64) {
        match value {
            Value::String(text) => self.encode(ValueRef::String(text)),
            Value::Bool(value) => self.encode(ValueRef::Bool(*value)),
            Value::I64(value) => self.encode(ValueRef::I64(*value)),
            Value::F64(value) => self.encode(ValueRef::F64(*value)),
            Value::Bytes(bytes) => self.encode(ValueRef::Bytes(bytes)),
            Value::Array(_) => (tag::ARRAY, self.blob(&nested::encode(value))),
            Value::Map(_) => (tag::MAP, self.blob(&nested::encode(value))),
        }
    }
}
