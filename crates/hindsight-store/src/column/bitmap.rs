//! Sets of rows as bits, and the loops that fill them from columns.
//!
//! A [`Bitmap`] has one bit for each of `len` rows; bits past the end are always zero. Columns are
//! compared 64 values at a time, first to bytes and then to bits, a form the compiler turns into
//! vector instructions.

/// A set of the rows `0..len`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bitmap {
    words: Vec<u64>,
    len: usize,
}

impl Bitmap {
    /// No row of `len`.
    pub(crate) fn none(len: usize) -> Self {
        let words = vec![0; len.div_ceil(64)];
        Self { words, len }
    }

    /// Every row of `len`.
    pub(crate) fn all(len: usize) -> Self {
        let words = vec![u64::MAX; len.div_ceil(64)];
        let mut all = Self { words, len };
        all.clear_tail();
        all
    }

    /// The positions of `values` that pass the test.
    pub(crate) fn of<T: Copy>(values: &[T], test: impl Fn(T) -> bool) -> Self {
        let mut words = Vec::with_capacity(values.len().div_ceil(64));
        let (chunks, rest) = values.as_chunks::<64>();
        words.extend(chunks.iter().map(|chunk| mask(chunk, &test)));
        if !rest.is_empty() {
            let mask = |mask, (at, value)| mask | u64::from(test(value)) << at;
            words.push(rest.iter().copied().enumerate().fold(0, mask));
        }
        let len = values.len();
        Self { words, len }
    }

    /// The bits of `words`; what lies past `len` is cut off.
    pub(crate) fn from_words(mut words: Vec<u64>, len: usize) -> Self {
        words.resize(len.div_ceil(64), 0);
        let mut bits = Self { words, len };
        bits.clear_tail();
        bits
    }

    /// How many rows there are to choose from.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Number of rows in the set.
    pub(crate) fn count(&self) -> usize {
        self.words.iter().map(|w| w.count_ones() as usize).sum()
    }

    /// Whether no row is in the set.
    pub(crate) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Whether `row` is in the set; no row past the end is.
    #[inline]
    pub(crate) fn contains(&self, row: usize) -> bool {
        let word = self.words.get(row / 64).copied().unwrap_or(0);
        word >> (row % 64) & 1 == 1
    }

    /// Adds a row; one past the end is ignored.
    #[inline]
    pub(crate) fn insert(&mut self, row: usize) {
        if row < self.len {
            self.words[row / 64] |= 1 << (row % 64);
        }
    }

    /// Removes a row.
    #[inline]
    pub(crate) fn remove(&mut self, row: usize) {
        if row < self.len {
            self.words[row / 64] &= !(1 << (row % 64));
        }
    }

    /// Keeps the rows that `other` has too.
    pub(crate) fn and(&mut self, other: &Self) {
        let pairs = self.words.iter_mut().zip(&other.words);
        pairs.for_each(|(word, other)| *word &= other);
    }

    /// Adds the rows of `other`.
    pub(crate) fn or(&mut self, other: &Self) {
        let pairs = self.words.iter_mut().zip(&other.words);
        pairs.for_each(|(word, other)| *word |= other);
        self.clear_tail();
    }

    /// Exchanges the rows in the set with those that are not.
    pub(crate) fn invert(&mut self) {
        self.words.iter_mut().for_each(|word| *word = !*word);
        self.clear_tail();
    }

    /// Adds the rows of `part`, whose row 0 is row `start` here.
    pub(crate) fn or_at(&mut self, start: usize, part: &Self) {
        let (first, shift) = (start / 64, start % 64);
        for (at, word) in part.words.iter().enumerate() {
            let wide = u128::from(*word) << shift;
            for (at, word) in [(at, wide as u64), (at + 1, (wide >> 64) as u64)] {
                if let Some(to) = self.words.get_mut(first + at) {
                    *to |= word;
                }
            }
        }
        self.clear_tail();
    }

    /// The rows `start..start + len` as a set of their own.
    pub(crate) fn part(&self, start: usize, len: usize) -> Self {
        let (first, shift) = (start / 64, start % 64);
        let word = |at: usize| u128::from(self.words.get(at).copied().unwrap_or(0));
        let shifted = |at: usize| ((word(first + at) | word(first + at + 1) << 64) >> shift) as u64;
        Self::from_words((0..len.div_ceil(64)).map(shifted).collect(), len)
    }

    /// The rows in the set, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        let words = self.words.iter().enumerate();
        words.flat_map(|(at, word)| Ones(*word).map(move |bit| at * 64 + bit))
    }

    fn clear_tail(&mut self) {
        let used = self.len % 64;
        if let Some(last) = self.words.last_mut()
            && used != 0
        {
            *last &= (1 << used) - 1;
        }
    }
}

/// The positions of the bits set in a word, ascending.
struct Ones(u64);

impl Iterator for Ones {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        let bit = self.0.trailing_zeros() as usize;
        self.0 &= self.0.checked_sub(1)?;
        Some(bit)
    }
}

#[inline]
fn mask<T: Copy>(values: &[T; 64], test: &impl Fn(T) -> bool) -> u64 {
    let mut flags = [0_u8; 64];
    for (flag, value) in flags.iter_mut().zip(values) {
        *flag = u8::from(test(*value));
    }
    let (bytes, _) = flags.as_chunks::<8>();
    let gather = |mask, (at, bytes): (usize, &[u8; 8])| mask | eight_bits(*bytes) << (at * 8);
    bytes.iter().enumerate().fold(0, gather)
}

/// Eight bytes of 0 or 1 as the lowest eight bits: the product moves bit 8 i to bit 56 + i.
#[inline]
fn eight_bits(bytes: [u8; 8]) -> u64 {
    u64::from_le_bytes(bytes).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn set_of(rows: &[bool]) -> Bitmap {
        Bitmap::of(rows, |value| value)
    }

    fn rows_of(set: &Bitmap) -> Vec<bool> {
        (0..set.len()).map(|row| set.contains(row)).collect()
    }

    proptest! {
        #[test]
        fn a_set_is_like_a_list_of_flags(
            rows in prop::collection::vec(any::<(bool, bool)>(), 0..300),
            start in 0_usize..300,
        ) {
            let (a, b): (Vec<bool>, Vec<bool>) = rows.iter().copied().unzip();
            let (set, other) = (set_of(&a), set_of(&b));
            prop_assert_eq!(rows_of(&set), a.clone());
            prop_assert_eq!(set.count(), a.iter().filter(|x| **x).count());
            prop_assert_eq!(set.is_empty(), !a.contains(&true));
            let ones: Vec<usize> = (0..a.len()).filter(|row| a[*row]).collect();
            prop_assert_eq!(set.iter().collect::<Vec<_>>(), ones);
            let mut changed = set.clone();
            changed.and(&other);
            prop_assert!((0..a.len()).all(|row| changed.contains(row) == (a[row] && b[row])));
            changed = set.clone();
            changed.or(&other);
            prop_assert!((0..a.len()).all(|row| changed.contains(row) == (a[row] || b[row])));
            changed.invert();
            prop_assert!((0..a.len()).all(|row| changed.contains(row) != (a[row] || b[row])));
            prop_assert!(!changed.contains(a.len()));
            let mut wide = Bitmap::none(start + a.len());
            wide.or_at(start, &set);
            prop_assert_eq!(wide.count(), set.count());
            prop_assert_eq!(wide.part(start, a.len()), set);
        }
    }

    #[test]
    fn all_rows_are_exactly_those_there_are() {
        for len in [0, 1, 63, 64, 65, 200] {
            assert_eq!(Bitmap::all(len).count(), len);
            assert_eq!(Bitmap::none(len).count(), 0);
        }
    }

    #[test]
    fn rows_past_the_end_are_never_in_the_set() {
        let mut set = Bitmap::none(3);
        set.insert(3);
        set.insert(2);
        set.remove(5);
        assert_eq!(set.iter().collect::<Vec<_>>(), [2]);
        set.remove(2);
        assert!(set.is_empty());
    }
}
