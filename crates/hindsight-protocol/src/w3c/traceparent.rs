//! The `traceparent` header: which trace a request belongs to, and which span sent it.
//!
//! In: the value of one header. Out: a [`TraceParent`], or the first rule that the value breaks,
//! reading from the left. A `TraceParent` always holds valid ids and known flags, and is written as
//! version 00. Nothing is allocated but the header that is written.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use crate::{SpanId, TraceId};

#[cfg(test)]
mod tests;

/// Length of a version 00 header, and the least length of any later version.
const HEADER_BYTES: usize = 55;

/// Where the fields of version 00 stand; between them there is one dash.
const VERSION: Range<usize> = 0..2;
const TRACE_ID: Range<usize> = 3..35;
const PARENT_ID: Range<usize> = 36..52;
const FLAGS: Range<usize> = 53..55;

/// "Version ff is forbidden."
const FORBIDDEN_VERSION: u128 = 0xff;

/// The position of a request in a trace: the `traceparent` header.
///
/// Both ids are valid, and the flags are the known ones only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TraceParent {
    trace_id: TraceId,
    parent_id: SpanId,
    flags: TraceFlags,
}

impl TraceParent {
    /// The header that a span sends with its requests: `parent_id` is the span's own id.
    ///
    /// Fails if an id is all zero.
    pub const fn new(
        trace_id: TraceId,
        parent_id: SpanId,
        flags: TraceFlags,
    ) -> Result<Self, TraceParentError> {
        if !trace_id.is_valid() {
            return Err(TraceParentError::ZeroTraceId);
        }
        if !parent_id.is_valid() {
            return Err(TraceParentError::ZeroParentId);
        }
        Ok(Self {
            trace_id,
            parent_id,
            flags,
        })
    }

    /// Reads a header value, of version 00 or of a later one.
    ///
    /// The value must have no whitespace around it: HTTP does not count that as part of the value,
    /// and [`RemoteContext`](crate::w3c::RemoteContext) takes it off.
    pub fn parse(text: &str) -> Result<Self, TraceParentError> {
        // "If the size of the header is shorter than 55 characters, the vendor should not parse
        // the header and should restart the trace."
        let bytes = text.len();
        if bytes < HEADER_BYTES {
            return Err(TraceParentError::TooShort { bytes });
        }
        let version = lower_hex(text, VERSION)?;
        dash(text, VERSION.end)?;
        if version == FORBIDDEN_VERSION {
            return Err(TraceParentError::ForbiddenVersion);
        }
        let trace_id = lower_hex(text, TRACE_ID)?;
        dash(text, TRACE_ID.end)?;
        let parent_id = lower_hex(text, PARENT_ID)?;
        dash(text, PARENT_ID.end)?;
        let flags = lower_hex(text, FLAGS)?;
        end(text, version)?;
        Self::new(
            TraceId::from_u128(trace_id),
            SpanId::from_u64(parent_id as u64),
            TraceFlags::from_bits(flags as u8),
        )
    }

    /// The value of the header, 55 bytes, of version 00.
    pub fn to_header(&self) -> String {
        // Every call of a traced program writes one: formatting would cost thirty times as much.
        let mut header = [b'-'; HEADER_BYTES];
        put_hex(&mut header, VERSION, &[0]);
        put_hex(&mut header, TRACE_ID, &self.trace_id.to_bytes());
        put_hex(&mut header, PARENT_ID, &self.parent_id.to_bytes());
        put_hex(&mut header, FLAGS, &[self.flags.0]);
        // Digits and dashes always are.
        std::str::from_utf8(&header).unwrap_or_default().to_owned()
    }

    /// The trace.
    pub const fn trace_id(&self) -> TraceId {
        self.trace_id
    }

    /// The span that sent the request.
    pub const fn parent_id(&self) -> SpanId {
        self.parent_id
    }

    /// The flags known to this version of the specification.
    pub const fn flags(&self) -> TraceFlags {
        self.flags
    }
}

#[inline]
fn put_hex(header: &mut [u8; HEADER_BYTES], field: Range<usize>, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |half: u8| DIGITS[usize::from(half & 0xf)];
    let pairs = header[field].chunks_exact_mut(2);
    for (pair, byte) in pairs.zip(bytes) {
        pair.copy_from_slice(&[digit(byte >> 4), digit(*byte)]);
    }
}

impl fmt::Display for TraceParent {
    /// "Vendors MUST use these fields to construct the new `traceparent` field according to the
    /// highest version of the specification known to the implementation (in this specification it
    /// is `00`)."
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-{}", self.trace_id, self.parent_id, self.flags)
    }
}

impl FromStr for TraceParent {
    type Err = TraceParentError;

    fn from_str(text: &str) -> Result<Self, TraceParentError> {
        Self::parse(text)
    }
}

/// The `trace-flags` field: bits that the specification defines, all others zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TraceFlags(u8);

impl TraceFlags {
    /// No flag set.
    pub const NONE: Self = Self(0);
    /// The caller may have recorded trace data.
    pub const SAMPLED: Self = Self(0b01);
    /// At least the right-most 7 bytes of the trace id are random (level 2).
    pub const RANDOM: Self = Self(0b10);

    /// The known flags of `bits`: "Vendors will set all unparsed / unknown `trace-flags` to 0 on
    /// outgoing requests."
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits & (Self::SAMPLED.0 | Self::RANDOM.0))
    }

    /// The flags as they stand in the header.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether the caller may have recorded trace data.
    pub const fn sampled(self) -> bool {
        self.0 & Self::SAMPLED.0 != 0
    }

    /// Whether at least the right-most 7 bytes of the trace id are random.
    pub const fn random(self) -> bool {
        self.0 & Self::RANDOM.0 != 0
    }

    /// These flags with the sampled flag set or cleared.
    pub const fn with_sampled(self, sampled: bool) -> Self {
        self.with(Self::SAMPLED, sampled)
    }

    /// These flags with the random flag set or cleared.
    ///
    /// Only who makes the trace id may decide this one: "If the flag is unset in the incoming
    /// `traceparent` header, it MUST also be unset in any outgoing `traceparent` headers which use
    /// the same `trace-id`", and the same if it is set.
    pub const fn with_random(self, random: bool) -> Self {
        self.with(Self::RANDOM, random)
    }

    const fn with(self, flag: Self, set: bool) -> Self {
        if set {
            Self(self.0 | flag.0)
        } else {
            Self(self.0 & !flag.0)
        }
    }
}

impl fmt::Display for TraceFlags {
    /// Two lower-case hex digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02x}", self.0)
    }
}

/// Why a value is not a `traceparent`. The peer's fault when parsed, the caller's in
/// [`TraceParent::new`]. Positions count bytes from 0.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TraceParentError {
    /// No version has headers as short as this.
    #[error("traceparent has {bytes} bytes, fewer than 55")]
    TooShort {
        /// Length of the value.
        bytes: usize,
    },
    /// A version 00 header has a fixed length.
    #[error("traceparent of version 00 has {bytes} bytes, more than 55")]
    TooLong {
        /// Length of the value.
        bytes: usize,
    },
    /// The version is `ff`.
    #[error("traceparent version ff is forbidden")]
    ForbiddenVersion,
    /// A character of a field is not in `0-9a-f`.
    #[error("traceparent has {found:?} at byte {index}, expected a lower-case hex digit")]
    NotLowerHex {
        /// Where.
        index: usize,
        /// What stands there.
        found: char,
    },
    /// A field is not followed by a dash.
    #[error("traceparent has {found:?} at byte {index}, expected '-'")]
    NotADash {
        /// Where.
        index: usize,
        /// What stands there.
        found: char,
    },
    /// The trace id is all zero.
    #[error("traceparent has a trace id of zero")]
    ZeroTraceId,
    /// The parent id is all zero.
    #[error("traceparent has a parent id of zero")]
    ZeroParentId,
}

/// `HEXDIGLC = DIGIT / "a" / "b" / "c" / "d" / "e" / "f" ; lowercase hex character`
#[inline]
fn lower_hex(text: &str, field: Range<usize>) -> Result<u128, TraceParentError> {
    let digits = text.as_bytes().get(field.clone()).unwrap_or_default();
    let (high, low) = digits.split_at(digits.len().saturating_sub(WORD_DIGITS));
    match (word(high), word(low)) {
        (Some(high), Some(low)) => Ok(u128::from(high) << u64::BITS | u128::from(low)),
        _ => {
            let is_wrong = |digit: &u8| DIGIT_OF[usize::from(*digit)] == NO_DIGIT;
            let place = digits.iter().position(is_wrong).unwrap_or_default();
            let index = field.start + place;
            let found = char_at(text, index);
            Err(TraceParentError::NotLowerHex { index, found })
        }
    }
}

/// Digits of 64 bits.
const WORD_DIGITS: usize = 16;
/// Of a character that is no digit.
const NO_DIGIT: u8 = 0xff;
/// The value of each lower-case digit.
const DIGIT_OF: [u8; 256] = {
    let mut values = [NO_DIGIT; 256];
    let mut value = 0;
    while value < 16 {
        values[b"0123456789abcdef"[value as usize] as usize] = value;
        value += 1;
    }
    values
};

/// The number of at most [`WORD_DIGITS`] digits; none if one of them is none. Looks at the end only whether all
/// were, which is cheaper than at each.
#[inline]
fn word(digits: &[u8]) -> Option<u64> {
    let (mut value, mut all) = (0, 0);
    for digit in digits {
        let digit = DIGIT_OF[usize::from(*digit)];
        all |= digit;
        value = value << 4 | u64::from(digit);
    }
    (all < 16).then_some(value)
}

fn dash(text: &str, index: usize) -> Result<(), TraceParentError> {
    if text.as_bytes().get(index) == Some(&b'-') {
        return Ok(());
    }
    let found = char_at(text, index);
    Err(TraceParentError::NotADash { index, found })
}

/// "Vendors MUST check that the 2 characters are either at the end of the string or followed by a
/// dash" holds for later versions; version 00 ends here.
fn end(text: &str, version: u128) -> Result<(), TraceParentError> {
    match text.len() {
        HEADER_BYTES => Ok(()),
        bytes if version == 0 => Err(TraceParentError::TooLong { bytes }),
        _ => dash(text, FLAGS.end),
    }
}

/// All before `index` has been read and is ASCII, so a character starts there.
fn char_at(text: &str, index: usize) -> char {
    let rest = text.get(index..).unwrap_or_default();
    rest.chars().next().unwrap_or(char::REPLACEMENT_CHARACTER)
}
