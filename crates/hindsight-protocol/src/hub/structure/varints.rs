//! Columns of numbers of which most are small.

use facet::Facet;

/// Numbers end to end, each in as few bytes as it needs: seven bits a byte, lowest first, the
/// highest bit set in all bytes but the last (LEB128, unsigned).
#[derive(Clone, Debug, Default, PartialEq, Eq, Facet)]
pub struct Varints {
    /// The encoded numbers.
    #[facet(default)]
    pub bytes: Vec<u8>,
}

impl Varints {
    /// Adds a number.
    #[inline]
    pub fn push(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }

    /// The numbers in order; ends at bytes that are none.
    pub fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        let mut rest = &self.bytes[..];
        std::iter::from_fn(move || {
            let mut number = 0;
            for shift in (0..64).step_by(7) {
                let (byte, after) = rest.split_first()?;
                rest = after;
                number |= u64::from(byte & 0x7f) << shift;
                if byte & 0x80 == 0 {
                    return Some(number);
                }
            }
            rest = &[];
            None
        })
    }
}

impl FromIterator<u64> for Varints {
    fn from_iter<I: IntoIterator<Item = u64>>(numbers: I) -> Self {
        let mut all = Self::default();
        numbers.into_iter().for_each(|number| all.push(number));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_as_they_went_in() {
        let powers = (0..64).map(|bit| 1_u64 << bit);
        let all: Vec<u64> = powers.flat_map(|n| [n - 1, n, n + 1]).collect();
        let all: Vec<u64> = all.into_iter().chain([u64::MAX, 0]).collect();
        let column: Varints = all.iter().copied().collect();
        assert_eq!(column.iter().collect::<Vec<_>>(), all);
    }

    #[test]
    fn bytes_that_are_no_number_end_the_column() {
        let column = |bytes: &[u8]| Varints {
            bytes: bytes.to_vec(),
        };
        assert_eq!(column(&[5, 0x80]).iter().collect::<Vec<_>>(), [5]);
        let endless = [&[7][..], &[0xff; 30]].concat();
        assert_eq!(column(&endless).iter().collect::<Vec<_>>(), [7]);
    }
}
