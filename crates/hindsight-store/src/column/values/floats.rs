//! Columns of doubles: as doubles, or as singles where none of them loses anything by it.

use super::super::bitmap::Bitmap;

/// Doubles by row. Every bit is kept, those of NaNs too.
#[derive(Debug)]
pub(crate) struct Floats {
    values: Values,
    /// Smallest and largest but for NaN; the first above the second if there is no number.
    range: (f64, f64),
}

#[derive(Debug)]
enum Values {
    /// Bits of the value that all rows have, and how many there are.
    Same(u64, usize),
    Single(Box<[f32]>),
    Double(Box<[f64]>),
}

impl Floats {
    /// The column of these bits.
    pub(crate) fn of(bits: Vec<u64>) -> Self {
        let widen = |(low, high): (f64, f64), bits: &u64| {
            let value = f64::from_bits(*bits);
            (low.min(value), high.max(value))
        };
        let range = bits.iter().fold((f64::INFINITY, f64::NEG_INFINITY), widen);
        Self {
            values: Values::of(bits),
            range,
        }
    }

    /// Number of values.
    pub(crate) fn len(&self) -> usize {
        match &self.values {
            Values::Same(_, len) => *len,
            Values::Single(all) => all.len(),
            Values::Double(all) => all.len(),
        }
    }

    /// Value `row`; panics when there is none, as slices do.
    #[inline]
    pub(crate) fn get(&self, row: usize) -> f64 {
        match &self.values {
            Values::Same(bits, _) => f64::from_bits(*bits),
            Values::Single(all) => f64::from(all[row]),
            Values::Double(all) => all[row],
        }
    }

    /// Whether there may be a row with `low <= value <= high`.
    pub(crate) fn may_have(&self, low: f64, high: f64) -> bool {
        // Written so that a bound that is NaN gives nothing.
        low <= high && low <= self.range.1 && high >= self.range.0
    }

    /// The rows with `low <= value <= high`. NaN is in no range.
    pub(crate) fn rows_in(&self, low: f64, high: f64) -> Bitmap {
        let len = self.len();
        if !self.may_have(low, high) {
            return Bitmap::none(len);
        }
        // Without a branch, so that values are compared several at a time.
        let within = |value: f64| (value >= low) & (value <= high);
        match &self.values {
            Values::Same(bits, _) => match within(f64::from_bits(*bits)) {
                true => Bitmap::all(len),
                false => Bitmap::none(len),
            },
            Values::Single(all) => Bitmap::of(all, |value| within(f64::from(value))),
            Values::Double(all) => Bitmap::of(all, within),
        }
    }

    /// The rows whose value passes the test, asked once a row.
    pub(crate) fn rows_where(&self, test: impl Fn(f64) -> bool) -> Bitmap {
        match &self.values {
            Values::Same(bits, len) => match test(f64::from_bits(*bits)) {
                true => Bitmap::all(*len),
                false => Bitmap::none(*len),
            },
            Values::Single(all) => Bitmap::of(all, |value| test(f64::from(value))),
            Values::Double(all) => Bitmap::of(all, test),
        }
    }

    /// Bytes on the heap.
    pub(crate) fn bytes(&self) -> u64 {
        match &self.values {
            Values::Same(..) => 0,
            Values::Single(all) => all.len() as u64 * 4,
            Values::Double(all) => all.len() as u64 * 8,
        }
    }
}

impl Values {
    fn of(bits: Vec<u64>) -> Self {
        let first = bits.first().copied().unwrap_or(0);
        if bits.iter().all(|bits| *bits == first) {
            return Self::Same(first, bits.len());
        }
        let single = |bits: &u64| f64::from_bits(*bits) as f32;
        // Whether it is lossless shows early where it is not.
        match bits
            .iter()
            .all(|bits| f64::from(single(bits)).to_bits() == *bits)
        {
            true => Self::Single(bits.iter().map(single).collect()),
            // In place: the list of doubles takes over the memory.
            false => Self::Double(bits.into_iter().map(f64::from_bits).collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bits() -> impl Strategy<Value = Vec<u64>> {
        prop_oneof![
            prop::collection::vec(any::<u64>(), 0..150),
            prop::collection::vec(any::<f64>().prop_map(f64::to_bits), 0..150),
            prop::collection::vec((-50_i32..50).prop_map(|n| f64::from(n).to_bits()), 0..150),
            (any::<u64>(), 0_usize..150).prop_map(|(bits, len)| vec![bits; len]),
        ]
    }

    proptest! {
        #[test]
        fn every_bit_of_a_double_is_kept(bits in bits()) {
            let floats = Floats::of(bits.clone());
            prop_assert_eq!(floats.len(), bits.len());
            for (row, bits) in bits.iter().enumerate() {
                prop_assert_eq!(floats.get(row).to_bits(), *bits);
            }
        }

        #[test]
        fn rows_are_found_by_range(bits in bits(), low in any::<f64>(), high in -60.0_f64..60.0) {
            let values: Vec<f64> = bits.iter().map(|bits| f64::from_bits(*bits)).collect();
            let floats = Floats::of(bits);
            for (low, high) in [(low, high), (-20.0, high), (f64::NEG_INFINITY, high), (f64::NAN, 1.0)] {
                let expected = Bitmap::of(&values, |value| low <= value && value <= high);
                prop_assert_eq!(floats.rows_in(low, high), expected);
            }
        }
    }

    #[test]
    fn halves_take_four_bytes_and_one_value_none() {
        let halves: Vec<u64> = (0..100).map(|n| (f64::from(n) / 2.0).to_bits()).collect();
        assert_eq!(Floats::of(halves).bytes(), 400);
        assert_eq!(Floats::of(vec![f64::NAN.to_bits(); 100]).bytes(), 0);
        assert_eq!(
            Floats::of(vec![0.1_f64.to_bits(), 0.2_f64.to_bits()]).bytes(),
            16
        );
    }
}
