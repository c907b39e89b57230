//! Lower-case hexadecimal digits as bytes and back.

/// Whether all of `text` is lower-case hexadecimal digits.
pub(super) fn is_hex(text: &[u8]) -> bool {
    let is_digit = |byte: &u8| byte.wrapping_sub(b'0') < 10 || byte.wrapping_sub(b'a') < 6;
    // In pieces, so that ordinary text is known for what it is at its beginning.
    let mut pieces = text.chunks(256);
    pieces.all(|piece| piece.iter().fold(true, |all, byte| all & is_digit(byte)))
}

/// The bytes of digits in pairs.
pub(super) fn pack(digits: &[u8]) -> Box<[u8]> {
    let value = |digit: u8| (digit & 0x0f) + 9 * (digit >> 6);
    let (pairs, _) = digits.as_chunks::<2>();
    let pairs = pairs.iter();
    pairs
        .map(|[high, low]| value(*high) << 4 | value(*low))
        .collect()
}

/// Appends the digits of bytes.
pub(super) fn unpack(bytes: &[u8], to: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for piece in bytes.chunks(32) {
        let mut digits = [0; 64];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(piece) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 0x0f)];
        }
        to.push_str(str::from_utf8(&digits[..piece.len() * 2]).unwrap_or_default());
    }
}
