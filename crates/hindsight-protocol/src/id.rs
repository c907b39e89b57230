//! Identifiers of the W3C Trace Context: trace ids (16 bytes) and span ids (8 bytes).
//!
//! Both are big-endian numbers: the first hex digit of the text form is the most significant
//! nibble. Zero is not a valid id; [`TraceId::INVALID`] and [`SpanId::INVALID`] stand for "none"
//! in columns and are never given to a span.

use std::fmt;
use std::str::FromStr;

use facet::Facet;

/// Identity of a trace: 128 bits, not zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Facet)]
pub struct TraceId {
    /// The first eight bytes, big-endian.
    #[facet(default)]
    pub high: u64,
    /// The last eight bytes, big-endian.
    #[facet(default)]
    pub low: u64,
}

/// Identity of a span within its trace: 64 bits, not zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Facet)]
pub struct SpanId {
    /// The eight bytes, big-endian.
    #[facet(default)]
    pub bits: u64,
}

impl TraceId {
    /// All zero: "no trace".
    pub const INVALID: Self = Self { high: 0, low: 0 };

    /// The id whose big-endian bytes are `bytes`.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        let value = u128::from_be_bytes(bytes);
        Self::from_u128(value)
    }

    /// The id whose numeric value is `value`.
    pub const fn from_u128(value: u128) -> Self {
        Self {
            high: (value >> 64) as u64,
            low: value as u64,
        }
    }

    /// The numeric value.
    pub const fn as_u128(self) -> u128 {
        (self.high as u128) << 64 | self.low as u128
    }

    /// Big-endian bytes, as they stand in a `traceparent`.
    pub const fn to_bytes(self) -> [u8; 16] {
        self.as_u128().to_be_bytes()
    }

    /// Whether the id is not all zero.
    pub const fn is_valid(self) -> bool {
        self.high != 0 || self.low != 0
    }

    /// Reads an id the way a person pastes it: 32 hex digits in either case, with dashes (UUID
    /// form), 16 hex digits (a 64-bit id of older tracers), or a whole `traceparent` header.
    pub fn parse_pasted(text: &str) -> Result<Self, InvalidId> {
        let text = text.trim();
        if let Some(id) = traceparent_id(text) {
            return checked_trace(id, text);
        }
        let digits: String = text.chars().filter(|c| *c != '-').collect();
        if !matches!(digits.len(), 16 | 32) || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(InvalidId::new("trace id", "32 hex digits", text));
        }
        checked_trace(&digits, text)
    }

    /// The id in `text`: any form of [`TraceId::parse_pasted`], or a URL or a log line with one in
    /// it (32 digits then, so that no span id is taken for one).
    pub fn find_pasted(text: &str) -> Result<Self, InvalidId> {
        let refused = match Self::parse_pasted(text) {
            Ok(id) => return Ok(id),
            Err(refused) => refused,
        };
        let within = |c: char| c.is_ascii_hexdigit() || c == '-';
        text.split(|c| !within(c))
            .filter(|word| word.len() >= 32)
            .find_map(|word| Self::parse_pasted(word).ok())
            .ok_or(refused)
    }
}

/// The id field of a `traceparent`, if `text` has that header's outline.
fn traceparent_id(text: &str) -> Option<&str> {
    let mut fields = text.split('-');
    let (version, id, parent) = (fields.next()?, fields.next()?, fields.next()?);
    (version.len() == 2 && id.len() == 32 && parent.len() == 16).then_some(id)
}

fn checked_trace(digits: &str, text: &str) -> Result<TraceId, InvalidId> {
    let is_hex = digits.bytes().all(|b| b.is_ascii_hexdigit());
    match u128::from_str_radix(digits, 16) {
        Ok(value) if value != 0 && is_hex => Ok(TraceId::from_u128(value)),
        _ => Err(InvalidId::new(
            "trace id",
            "32 hex digits, not all zero",
            text,
        )),
    }
}

impl SpanId {
    /// All zero: "no span".
    pub const INVALID: Self = Self { bits: 0 };

    /// The id whose big-endian bytes are `bytes`.
    pub const fn from_bytes(bytes: [u8; 8]) -> Self {
        Self {
            bits: u64::from_be_bytes(bytes),
        }
    }

    /// The id whose numeric value is `bits`.
    pub const fn from_u64(bits: u64) -> Self {
        Self { bits }
    }

    /// Big-endian bytes, as they stand in a `traceparent`.
    pub const fn to_bytes(self) -> [u8; 8] {
        self.bits.to_be_bytes()
    }

    /// Whether the id is not zero.
    pub const fn is_valid(self) -> bool {
        self.bits != 0
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{:016x}", self.high, self.low)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.bits)
    }
}

impl FromStr for TraceId {
    type Err = InvalidId;

    /// Exactly 32 hex digits in either case, not all zero.
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        if text.len() != 32 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(InvalidId::new("trace id", "32 hex digits", text));
        }
        checked_trace(text, text)
    }
}

impl FromStr for SpanId {
    type Err = InvalidId;

    /// Exactly 16 hex digits in either case, not all zero.
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let bits = (text.len() == 16 && text.bytes().all(|b| b.is_ascii_hexdigit()))
            .then(|| u64::from_str_radix(text, 16).ok())
            .flatten()
            .filter(|bits| *bits != 0);
        bits.map(Self::from_u64)
            .ok_or_else(|| InvalidId::new("span id", "16 hex digits, not all zero", text))
    }
}

/// Text that is not an id. The caller's (or the person's) fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a {what}: expected {expected}")]
pub struct InvalidId {
    what: &'static str,
    expected: &'static str,
    text: String,
}

impl InvalidId {
    fn new(what: &'static str, expected: &'static str, text: &str) -> Self {
        Self {
            what,
            expected,
            text: text.chars().take(80).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_id_is_found_in_every_form_people_paste() {
        let id = TraceId::from_u128(0x4bf92f3577b34da6a3ce929d0e0e4736);
        for text in [
            "4bf92f3577b34da6a3ce929d0e0e4736",
            "4BF92F3577B34DA6A3CE929D0E0E4736",
            " 4bf92f35-77b3-4da6-a3ce-929d0e0e4736\n",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert_eq!(TraceId::parse_pasted(text), Ok(id), "{text}");
        }
        assert_eq!(
            TraceId::parse_pasted("a3ce929d0e0e4736"),
            Ok(TraceId::from_u128(0xa3ce929d0e0e4736))
        );
    }

    #[test]
    fn what_is_not_a_trace_id_is_named() {
        for text in [
            "",
            "xyz",
            "0",
            "00000000000000000000000000000000",
            "é".repeat(32).as_str(),
            // Rust's integers take a sign.
            "00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert!(TraceId::parse_pasted(text).is_err(), "{text}");
        }
        let error = TraceId::parse_pasted("nope").unwrap_err();
        assert_eq!(
            error.to_string(),
            "\"nope\" is not a trace id: expected 32 hex digits"
        );
    }

    #[test]
    fn ids_print_and_parse_back() {
        let id = TraceId::from_bytes([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
        assert_eq!(id.to_string(), "0102030405060708090a0b0c0d0e0f10");
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(TraceId::from_bytes(id.to_bytes()), id);
        let span = SpanId::from_u64(0xf067aa0ba902b7);
        assert_eq!(span.to_string(), "00f067aa0ba902b7");
        assert_eq!(span.to_string().parse(), Ok(span));
        assert!("0000000000000000".parse::<SpanId>().is_err());
    }
}
