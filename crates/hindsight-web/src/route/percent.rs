//! Percent-encoding in queries of URLs (RFC 3986, 2.1), with `+` for a blank as forms have it.

/// Characters that stand for themselves: unreserved ones, and of those that a query may contain the
/// ones that searches are made of.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/*(),!|".contains(&byte)
}

/// `text` as a value in a URL's query.
pub(super) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => encoded.push('+'),
            byte if is_plain(byte) => encoded.push(char::from(byte)),
            byte => {
                encoded.push('%');
                encoded.push(digit(byte >> 4));
                encoded.push(digit(byte & 0xf));
            }
        }
    }
    encoded
}

/// `text` as one segment of a path.
pub(super) fn encode_segment(text: &str) -> String {
    encode(text).replace('/', "%2F")
}

/// The text that `text` stands for. What is not encoded well stands for itself; bytes that are no
/// UTF-8 become the replacement character.
pub(super) fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while let Some(&byte) = bytes.get(index) {
        let escaped = (byte == b'%').then(|| escaped(bytes, index)).flatten();
        index += if escaped.is_some() { 3 } else { 1 };
        decoded.push(match (escaped, byte) {
            (Some(escaped), _) => escaped,
            (None, b'+') => b' ',
            (None, byte) => byte,
        });
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// The byte of `%2f` at `index`.
fn escaped(bytes: &[u8], index: usize) -> Option<u8> {
    let nibble = |offset: usize| char::from(*bytes.get(index + offset)?).to_digit(16);
    Some((nibble(1)? << 4 | nibble(2)?) as u8)
}

fn digit(nibble: u8) -> char {
    char::from(b"0123456789ABCDEF"[usize::from(nibble)])
}
