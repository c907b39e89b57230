//! Rows by value: comparisons on the differences as they are stored.

use super::super::bitmap::Bitmap;
use super::{Differences, Packed};

impl Packed {
    /// The rows with `low <= value <= high`.
    pub(crate) fn rows_in(&self, low: u64, high: u64) -> Bitmap {
        if low > high || low > self.max || high < self.min {
            return Bitmap::none(self.len);
        }
        if low <= self.min && high >= self.max {
            return Bitmap::all(self.len);
        }
        let mut rows = self.regular_in(low, high);
        for (row, value) in self.exceptions(0..self.len) {
            match (low..=high).contains(&value) {
                true => rows.insert(row),
                false => rows.remove(row),
            }
        }
        rows
    }

    /// [`Packed::rows_in`] wrong in the rows of exceptions.
    fn regular_in(&self, low: u64, high: u64) -> Bitmap {
        let Some(high) = high.checked_sub(self.base) else {
            return Bitmap::none(self.len);
        };
        let low = low.saturating_sub(self.base);
        let span = high - low;
        match &self.differences {
            Differences::None if low == 0 => Bitmap::all(self.len),
            Differences::None => Bitmap::none(self.len),
            Differences::Bits(words) => {
                let mut rows = Bitmap::from_words(words.to_vec(), self.len);
                if low == 0 {
                    rows.invert();
                }
                rows
            }
            Differences::U8(all) => within(all, low, span, u64::from(u8::MAX), |v| v as u8),
            Differences::U16(all) => within(all, low, span, u64::from(u16::MAX), |v| v as u16),
            Differences::U32(all) => within(all, low, span, u64::from(u32::MAX), |v| v as u32),
            Differences::U64(all) => Bitmap::of(all, |value: u64| value.wrapping_sub(low) <= span),
        }
    }

    /// The rows whose value is in `set`.
    pub(crate) fn rows_among(&self, set: &Bitmap) -> Bitmap {
        let mut only = set.iter();
        match (only.next(), only.next()) {
            (None, _) => return Bitmap::none(self.len),
            (Some(one), None) => return self.rows_in(one as u64, one as u64),
            _ => (),
        }
        let has = |value: u64| set.contains(usize::try_from(value).unwrap_or(usize::MAX));
        let mut rows = match &self.differences {
            Differences::U8(all) => {
                let table: [bool; 256] =
                    std::array::from_fn(|d| has(self.base.saturating_add(d as u64)));
                Bitmap::of(all, |difference| table[usize::from(difference)])
            }
            Differences::U16(all) => {
                let differences = 0..=u64::from(u16::MAX);
                let table = differences.map(|d| has(self.base.saturating_add(d)));
                let table: Vec<bool> = table.collect();
                // The length is known to the loop: no check a value.
                match table.first_chunk::<0x1_0000>() {
                    Some(table) => Bitmap::of(all, |d| table[usize::from(d)]),
                    None => Bitmap::none(self.len),
                }
            }
            Differences::U32(all) => {
                Bitmap::of(all, |d| has(self.base.saturating_add(u64::from(d))))
            }
            _ => return self.rows_where(has),
        };
        for (row, value) in self.exceptions(0..self.len) {
            match has(value) {
                true => rows.insert(row),
                false => rows.remove(row),
            }
        }
        rows
    }

    /// The rows whose value passes the test, called once a row.
    pub(crate) fn rows_where(&self, test: impl Fn(u64) -> bool) -> Bitmap {
        let mut rows = Bitmap::none(self.len);
        for (row, value) in self.iter().enumerate() {
            if test(value) {
                rows.insert(row);
            }
        }
        rows
    }
}

/// The rows with `low <= value <= low + span`, where values are at most `max`.
#[inline]
fn within<T>(all: &[T], low: u64, span: u64, max: u64, narrow: impl Fn(u64) -> T) -> Bitmap
where
    T: Copy + PartialOrd + num::WrappingSub,
{
    if low > max {
        return Bitmap::none(all.len());
    }
    let span = narrow(span.min(max - low));
    let low = narrow(low);
    Bitmap::of(all, |value: T| value.wrapping_sub(low) <= span)
}

/// Subtraction that wraps, for all widths.
mod num {
    pub(super) trait WrappingSub {
        fn wrapping_sub(self, other: Self) -> Self;
    }

    macro_rules! wrapping_sub {
        ($($width:ty),+) => {
            $(impl WrappingSub for $width {
                #[inline]
                fn wrapping_sub(self, other: Self) -> Self {
                    <$width>::wrapping_sub(self, other)
                }
            })+
        };
    }

    wrapping_sub!(u8, u16, u32);
}
