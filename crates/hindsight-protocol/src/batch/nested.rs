//! Arrays and maps as bytes, for the blob table.
//!
//! `value = tag:u8 payload`, payloads: string and bytes `len:u32 bytes`; bool `u8`; i64 and f64
//! 8 bytes; array `count:u32 value*`; map `count:u32 (len:u32 key value)*`. Little-endian. Depth is
//! limited to [`DEPTH_MAX`], counts are checked against the bytes that are left.

use super::tag;
use crate::{KeyValue, Value};

/// Deepest nesting that is read or written; deeper values are refused.
pub const DEPTH_MAX: usize = 16;

/// Bytes that are not a nested value. The sender's fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NestedError {
    /// The bytes end within a value.
    #[error("nested value ends early at byte {at}")]
    Truncated {
        /// Offset of the value.
        at: usize,
    },
    /// A tag that is not of this version.
    #[error("nested value has unknown tag {tag} at byte {at}")]
    UnknownTag {
        /// The tag.
        tag: u8,
        /// Its offset.
        at: usize,
    },
    /// Text that is not UTF-8.
    #[error("nested string at byte {at} is not UTF-8")]
    NotUtf8 {
        /// Offset of the text.
        at: usize,
    },
    /// More than [`DEPTH_MAX`] levels.
    #[error("nested value is deeper than {DEPTH_MAX} levels")]
    TooDeep,
    /// Bytes after the value.
    #[error("{extra} bytes after the nested value")]
    Trailing {
        /// How many.
        extra: usize,
    },
}

/// The bytes of `value`. What lies deeper than [`DEPTH_MAX`] becomes the text `…`.
pub fn encode(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    write(value, 0, &mut out);
    out
}

fn write(value: &Value, depth: usize, out: &mut Vec<u8>) {
    match value {
        Value::Array(_) | Value::Map(_) if depth >= DEPTH_MAX => {
            out.push(tag::STRING);
            write_bytes("…".as_bytes(), out);
        }
        Value::String(text) => {
            out.push(tag::STRING);
            write_bytes(text.as_bytes(), out);
        }
        Value::Bool(value) => out.extend([tag::BOOL, u8::from(*value)]),
        Value::I64(value) => {
            out.push(tag::I64);
            out.extend(value.to_le_bytes());
        }
        Value::F64(value) => {
            out.push(tag::F64);
            out.extend(value.to_le_bytes());
        }
        Value::Bytes(bytes) => {
            out.push(tag::BYTES);
            write_bytes(bytes, out);
        }
        Value::Array(items) => {
            out.push(tag::ARRAY);
            out.extend((items.len() as u32).to_le_bytes());
            for item in items {
                write(item, depth + 1, out);
            }
        }
        Value::Map(entries) => {
            out.push(tag::MAP);
            out.extend((entries.len() as u32).to_le_bytes());
            for entry in entries {
                write_bytes(entry.key.as_bytes(), out);
                write(&entry.value, depth + 1, out);
            }
        }
    }
}

fn write_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend((bytes.len() as u32).to_le_bytes());
    out.extend(bytes);
}

/// The value whose bytes are `bytes`, all of them.
pub fn decode(bytes: &[u8]) -> Result<Value, NestedError> {
    let mut reader = Reader { bytes, at: 0 };
    let value = reader.value(0)?;
    match bytes.len() - reader.at {
        0 => Ok(value),
        extra => Err(NestedError::Trailing { extra }),
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> Result<&'a [u8], NestedError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let taken = rest
            .get(..len)
            .ok_or(NestedError::Truncated { at: self.at })?;
        self.at += len;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], NestedError> {
        let at = self.at;
        self.take(N)?
            .try_into()
            .map_err(|_| NestedError::Truncated { at })
    }

    fn len_u32(&mut self) -> Result<usize, NestedError> {
        Ok(u32::from_le_bytes(self.array()?) as usize)
    }

    /// A count of elements of at least `element_bytes` each.
    fn count(&mut self, element_bytes: usize) -> Result<usize, NestedError> {
        let at = self.at;
        let count = self.len_u32()?;
        let left = self.bytes.len() - self.at;
        if count > left / element_bytes {
            return Err(NestedError::Truncated { at });
        }
        Ok(count)
    }

    fn text(&mut self) -> Result<String, NestedError> {
        let len = self.len_u32()?;
        let at = self.at;
        let bytes = self.take(len)?;
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(text.to_owned()),
            Err(_) => Err(NestedError::NotUtf8 { at }),
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value, NestedError> {
        let at = self.at;
        let [kind] = self.array()?;
        if matches!(kind, tag::ARRAY | tag::MAP) && depth >= DEPTH_MAX {
            return Err(NestedError::TooDeep);
        }
        Ok(match kind {
            tag::STRING => Value::String(self.text()?),
            tag::BOOL => Value::Bool(self.array::<1>()? != [0]),
            tag::I64 => Value::I64(i64::from_le_bytes(self.array()?)),
            tag::F64 => Value::F64(f64::from_le_bytes(self.array()?)),
            tag::BYTES => {
                let len = self.len_u32()?;
                Value::Bytes(self.take(len)?.to_vec())
            }
            tag::ARRAY => {
                let count = self.count(2)?;
                let items = (0..count).map(|_| self.value(depth + 1));
                Value::Array(items.collect::<Result<_, _>>()?)
            }
            tag::MAP => {
                let count = self.count(6)?;
                let entries = (0..count).map(|_| self.entry(depth));
                Value::Map(entries.collect::<Result<_, _>>()?)
            }
            tag => return Err(NestedError::UnknownTag { tag, at }),
        })
    }

    fn entry(&mut self, depth: usize) -> Result<KeyValue, NestedError> {
        Ok(KeyValue {
            key: self.text()?,
            value: self.value(depth + 1)?,
        })
    }
}
