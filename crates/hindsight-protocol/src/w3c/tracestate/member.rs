//! One `key=value` of a `tracestate`, always within the grammar.

use super::{TraceStateError, excerpt};

/// "Identifiers [...] are short (up to 256 characters)"; values as well.
const FIELD_BYTES_MAX: usize = 256;

/// "Entries larger than `128` characters long SHOULD be removed first."
const LARGE_BYTES: usize = 128;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Member {
    pub(super) key: String,
    pub(super) value: String,
}

impl Member {
    pub(super) fn new(key: &str, value: &str) -> Result<Self, TraceStateError> {
        if !is_key(key) {
            let key = excerpt(key);
            return Err(TraceStateError::Key { key });
        }
        if !is_value(value) {
            let (key, value) = (excerpt(key), excerpt(value));
            return Err(TraceStateError::Value { key, value });
        }
        let (key, value) = (key.to_owned(), value.to_owned());
        Ok(Self { key, value })
    }

    /// Reads a member that has no whitespace around it. Spaces after the `=` belong to the value.
    pub(super) fn parse(text: &str) -> Result<Self, TraceStateError> {
        let Some((key, value)) = text.split_once('=') else {
            let member = excerpt(text);
            return Err(TraceStateError::MissingEquals { member });
        };
        Self::new(key, value)
    }

    /// Length in the header, without commas.
    pub(super) fn bytes(&self) -> usize {
        self.key.len() + "=".len() + self.value.len()
    }

    pub(super) fn is_large(&self) -> bool {
        self.bytes() > LARGE_BYTES
    }
}

/// Level 2's grammar, `key = ( lcalpha / DIGIT ) 0*255 ( keychar )`. It holds all keys of level 1:
/// a simple key begins with a letter, and a multi-tenant key (at most 241 characters, `@`, at most
/// 14) is no longer than 256.
fn is_key(key: &str) -> bool {
    let first = key.bytes().next();
    first.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        && key.len() <= FIELD_BYTES_MAX
        && key.bytes().all(is_key_char)
}

/// `keychar = lcalpha / DIGIT / "_" / "-"/ "*" / "/" / "@"`
fn is_key_char(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'*' | b'/' | b'@')
}

/// `value = 0*255(chr) nblk-chr`, and `chr = %x20 / nblk-chr`
fn is_value(value: &str) -> bool {
    let last = value.bytes().last();
    last.is_some_and(is_nonblank)
        && value.len() <= FIELD_BYTES_MAX
        && value.bytes().all(|byte| byte == b' ' || is_nonblank(byte))
}

/// `nblk-chr = %x21-2B / %x2D-3C / %x3E-7E`
fn is_nonblank(byte: u8) -> bool {
    matches!(byte, 0x21..=0x2b | 0x2d..=0x3c | 0x3e..=0x7e)
}
