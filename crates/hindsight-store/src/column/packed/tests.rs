use proptest::prelude::*;

use super::super::bitmap::Bitmap;
use super::*;

/// Columns of every width, with and without values far from the others.
fn columns() -> impl Strategy<Value = Vec<u64>> {
    let near = (0_u32..64, any::<u64>(), 0_usize..400).prop_flat_map(|(bits, base, len)| {
        let room = 1_u64.checked_shl(bits).unwrap_or(u64::MAX);
        prop::collection::vec((0..room).prop_map(move |d| base.wrapping_add(d)), len)
    });
    let far = prop::collection::vec((any::<prop::sample::Index>(), any::<u64>()), 0..6);
    (near, far).prop_map(|(mut values, far)| {
        for (at, value) in far {
            if !values.is_empty() {
                let at = at.index(values.len());
                values[at] = value;
            }
        }
        values
    })
}

proptest! {
    #[test]
    fn a_packed_column_has_the_values_it_was_made_of(values in columns()) {
        let packed = Packed::of(&values);
        prop_assert_eq!(packed.len(), values.len());
        let got: Vec<u64> = (0..values.len()).map(|row| packed.get(row)).collect();
        prop_assert_eq!(&got, &values);
        prop_assert_eq!(packed.iter().collect::<Vec<_>>(), values.clone());
        let range = (values.iter().min(), values.iter().max());
        prop_assert_eq!(packed.range(), (range.0.copied().unwrap_or(0), range.1.copied().unwrap_or(0)));
    }

    #[test]
    fn rows_are_found_by_value_whatever_the_width(
        values in columns(),
        ends in any::<(prop::sample::Index, prop::sample::Index, u8, u8)>(),
    ) {
        prop_assume!(!values.is_empty());
        let packed = Packed::of(&values);
        let low = values[ends.0.index(values.len())].wrapping_add(u64::from(ends.2 / 128));
        let high = values[ends.1.index(values.len())].wrapping_sub(u64::from(ends.3 / 128));
        for (low, high) in [(low, high), (0, high), (low, u64::MAX), (low, low)] {
            let expected = Bitmap::of(&values, |value| low <= value && value <= high);
            prop_assert_eq!(packed.rows_in(low, high), expected);
        }
    }

    #[test]
    fn rows_are_found_by_a_set_of_codes(
        codes in prop::collection::vec(0_u64..70_000, 1..300),
        far in prop::collection::vec(any::<u64>(), 0..2),
        wanted in prop::collection::vec(any::<prop::sample::Index>(), 0..5),
    ) {
        for divisor in [1, 300, 40_000, 70_000] {
            let mut codes: Vec<u64> = codes.iter().map(|code| code / divisor).collect();
            codes.extend(&far);
            let mut set = Bitmap::none(70_000);
            wanted.iter().for_each(|at| set.insert(codes[at.index(codes.len())] as usize));
            let expected = Bitmap::of(&codes, |code| set.contains(code as usize));
            let packed = Packed::of(&codes);
            prop_assert_eq!(packed.rows_among(&set), expected);
        }
    }
}

#[test]
fn a_few_far_values_do_not_widen_a_column() {
    let mut values: Vec<u64> = (0..10_000).map(|n| 1_000_000 + n % 200).collect();
    assert!(Packed::of(&values).bytes() <= 10_000);
    values[17] = u64::MAX;
    values[3_000] = 0;
    let packed = Packed::of(&values);
    assert!(packed.bytes() < 11_000, "{}", packed.bytes());
    assert_eq!((packed.get(17), packed.get(3_000)), (u64::MAX, 0));
}

#[test]
fn a_column_that_nearly_always_says_the_same_takes_next_to_nothing() {
    let values: Vec<u8> = (0..10_000).map(|n| u8::from(n % 500 == 0) * 2).collect();
    let packed = Packed::of(&values);
    assert!(packed.bytes() < 300, "{}", packed.bytes());
    assert_eq!(packed.iter().filter(|value| *value == 2).count(), 20);
    assert_eq!(Packed::of(&[7_u32; 1000]).bytes(), 0);
    assert_eq!(Packed::of(&[7_u32; 1000]).constant(), Some(7));
    let flags: Vec<u8> = (0..6_400).map(|n| n as u8 % 2).collect();
    assert_eq!(Packed::of(&flags).bytes(), 800);
}
