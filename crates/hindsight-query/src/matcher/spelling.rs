//! Numbers as text, on the stack.

use std::fmt::{self, Write};

/// The longest double in Rust's `Display` has 327 characters.
const BYTES_MAX: usize = 352;

/// The text of a number.
pub(super) struct Spelling {
    bytes: [u8; BYTES_MAX],
    len: usize,
}

impl Spelling {
    /// What `Display` makes of it.
    pub(super) fn of(number: impl fmt::Display) -> Self {
        let mut spelling = Self {
            bytes: [0; BYTES_MAX],
            len: 0,
        };
        // Too long a text stays cut; numbers are not that long.
        let _ = write!(spelling, "{number}");
        spelling
    }

    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}

impl Write for Spelling {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        let room = self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Spelling;

    #[test]
    fn every_number_fits() {
        for value in [f64::MIN, -f64::MIN_POSITIVE, -5e-324, 1.0 / 3.0, f64::NAN] {
            assert_eq!(Spelling::of(value).as_str(), value.to_string());
        }
        assert_eq!(Spelling::of(i64::MIN).as_str(), i64::MIN.to_string());
    }
}
