//! Percent-encoding of baggage values (RFC 3986, 2.1).
//!
//! Encoded is what must be: all bytes that are not a `baggage-octet`, and the percent sign. Any
//! text decodes, and `decode` undoes `encode`.

use std::fmt;

/// `baggage-octet = %x21 / %x23-2B / %x2D-3A / %x3C-5B / %x5D-7E`
pub(super) fn is_baggage_octet(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x2b | 0x2d..=0x3a | 0x3c..=0x5b | 0x5d..=0x7e)
}

/// "Any code points outside of the `baggage-octet` range MUST be percent-encoded. The percent code
/// point (`U+0025`) MUST be percent-encoded."
fn must_encode(byte: u8) -> bool {
    byte == b'%' || !is_baggage_octet(byte)
}

/// Length of `value` when encoded.
pub(super) fn encoded_bytes(value: &str) -> usize {
    let bytes = value.bytes();
    bytes
        .map(|byte| if must_encode(byte) { 3 } else { 1 })
        .sum()
}

pub(super) fn encode(value: &str, out: &mut impl fmt::Write) -> fmt::Result {
    for byte in value.bytes() {
        if must_encode(byte) {
            write!(out, "%{byte:02X}")?;
        } else {
            out.write_char(char::from(byte))?;
        }
    }
    Ok(())
}

/// "Percent-encoded octet sequences that do not match the UTF-8 encoding scheme MUST be replaced
/// with the replacement code point (`U+FFFD`)." A percent sign that two hex digits do not follow
/// encodes nothing and stands for itself.
pub(super) fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let encoded = if byte == b'%' { hex_pair(after) } else { None };
        let (decoded, unread) = encoded.unwrap_or((byte, after));
        bytes.push(decoded);
        rest = unread;
    }
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// The byte that two hex digits in either case name, and what follows them.
fn hex_pair(text: &[u8]) -> Option<(u8, &[u8])> {
    let [high, low, after @ ..] = text else {
        return None;
    };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let byte = u8::try_from(digit(*high)? << 4 | digit(*low)?).ok()?;
    Some((byte, after))
}
