//! Ranges of numbers, for integers and doubles alike.
//!
//! Bounds are turned into the nearest ones that a type can hold, once a column, so that comparing
//! is exact though neither type holds all values of the other.

/// A number to compare with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    /// A whole number; wide enough for every 64-bit one, signed or not.
    Whole(i128),
    /// Any other. NaN is in no range and bounds none.
    Real(f64),
}

/// One end of a range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Bound {
    /// No end.
    Open,
    /// Up to and including.
    Including(Number),
    /// Up to, not including.
    Excluding(Number),
}

/// The numbers between two bounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct NumberRange {
    pub(crate) low: Bound,
    pub(crate) high: Bound,
}

impl NumberRange {
    /// Just this number.
    pub(crate) const fn only(number: Number) -> Self {
        Self {
            low: Bound::Including(number),
            high: Bound::Including(number),
        }
    }

    /// The smallest and largest integer in the range; none if there is no integer in it.
    pub(crate) fn whole(&self) -> Option<(i64, i64)> {
        let low = match self.low {
            Bound::Open => i128::MIN,
            Bound::Including(Number::Whole(number)) => number,
            Bound::Excluding(Number::Whole(number)) => number.checked_add(1)?,
            Bound::Including(Number::Real(number)) => saturated(number.ceil())?,
            Bound::Excluding(Number::Real(number)) => saturated(number.floor())?.saturating_add(1),
        };
        let high = match self.high {
            Bound::Open => i128::MAX,
            Bound::Including(Number::Whole(number)) => number,
            Bound::Excluding(Number::Whole(number)) => number.checked_sub(1)?,
            Bound::Including(Number::Real(number)) => saturated(number.floor())?,
            Bound::Excluding(Number::Real(number)) => saturated(number.ceil())?.saturating_sub(1),
        };
        let (min, max) = (i128::from(i64::MIN), i128::from(i64::MAX));
        let is_empty = low > high || low > max || high < min;
        (!is_empty).then(|| (low.max(min) as i64, high.min(max) as i64))
    }

    /// The smallest and largest double in the range; none if there is no double in it.
    pub(crate) fn real(&self) -> Option<(f64, f64)> {
        let low = match self.low {
            Bound::Open => f64::NEG_INFINITY,
            Bound::Including(number) => at_least(number),
            Bound::Excluding(Number::Whole(number)) => {
                at_least(Number::Whole(number)).max(match is_exact(number) {
                    true => (number as f64).next_up(),
                    false => f64::NEG_INFINITY,
                })
            }
            Bound::Excluding(Number::Real(number)) => number.next_up(),
        };
        let high = match self.high {
            Bound::Open => f64::INFINITY,
            Bound::Including(number) => at_most(number),
            Bound::Excluding(Number::Whole(number)) => {
                at_most(Number::Whole(number)).min(match is_exact(number) {
                    true => (number as f64).next_down(),
                    false => f64::INFINITY,
                })
            }
            Bound::Excluding(Number::Real(number)) => number.next_down(),
        };
        let excludes_all = |bound: Bound, extreme: f64| matches!(bound, Bound::Excluding(Number::Real(number)) if number == extreme);
        let is_empty =
            excludes_all(self.low, f64::INFINITY) || excludes_all(self.high, f64::NEG_INFINITY);
        (low <= high && !is_empty).then_some((low, high))
    }
}

/// None for NaN.
fn saturated(number: f64) -> Option<i128> {
    (!number.is_nan()).then_some(number as i128)
}

/// Whether a double holds this number. Doubles made of one are whole and below 2^127.
fn is_exact(number: i128) -> bool {
    (number as f64) as i128 == number
}

/// The smallest double that is not below.
fn at_least(number: Number) -> f64 {
    match number {
        Number::Real(number) => number,
        Number::Whole(number) => {
            let near = number as f64;
            match (near as i128) < number {
                true => near.next_up(),
                false => near,
            }
        }
    }
}

/// The largest double that is not above.
fn at_most(number: Number) -> f64 {
    match number {
        Number::Real(number) => number,
        Number::Whole(number) => {
            let near = number as f64;
            match near as i128 > number {
                true => near.next_down(),
                false => near,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use proptest::prelude::*;

    use super::*;

    fn numbers() -> impl Strategy<Value = Number> {
        let near = prop_oneof![
            Just(0_i128),
            Just(1 << 53),
            Just(i128::from(i64::MAX)),
            Just(i128::from(i64::MIN)),
            Just(i128::from(u64::MAX)),
        ];
        let whole = (near, -3_i128..4).prop_map(|(near, off)| near + off);
        let real = prop_oneof![
            any::<f64>(),
            Just(f64::NAN),
            Just(f64::INFINITY),
            Just(f64::NEG_INFINITY),
            (-9_i32..9).prop_map(|n| f64::from(n) / 2.0),
            whole.clone().prop_map(|number| number as f64),
        ];
        prop_oneof![whole.prop_map(Number::Whole), real.prop_map(Number::Real)]
    }

    /// The order of two numbers as they are, without rounding.
    fn order(a: Number, b: Number) -> Option<Ordering> {
        match (a, b) {
            (Number::Whole(a), Number::Whole(b)) => Some(a.cmp(&b)),
            (Number::Real(a), Number::Real(b)) => a.partial_cmp(&b),
            (Number::Real(_), Number::Whole(_)) => order(b, a).map(Ordering::reverse),
            (Number::Whole(_), Number::Real(b)) if b.is_nan() => None,
            (Number::Whole(a), Number::Real(b)) => {
                let whole = a.cmp(&(b.floor() as i128));
                let rest = match b > b.floor() {
                    true => Ordering::Less,
                    false => Ordering::Equal,
                };
                Some(whole.then(rest))
            }
        }
    }

    fn is_in(number: Number, low: Bound, high: Bound) -> bool {
        let above = match low {
            Bound::Open => order(number, number).is_some(),
            Bound::Including(low) => order(number, low).is_some_and(Ordering::is_ge),
            Bound::Excluding(low) => order(number, low).is_some_and(Ordering::is_gt),
        };
        let below = match high {
            Bound::Open => order(number, number).is_some(),
            Bound::Including(high) => order(number, high).is_some_and(Ordering::is_le),
            Bound::Excluding(high) => order(number, high).is_some_and(Ordering::is_lt),
        };
        above && below
    }

    fn bounds() -> impl Strategy<Value = Bound> {
        prop_oneof![
            Just(Bound::Open),
            numbers().prop_map(Bound::Including),
            numbers().prop_map(Bound::Excluding),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(5000))]

        #[test]
        fn integers_and_doubles_are_compared_without_rounding(
            low in bounds(),
            high in bounds(),
            number in numbers(),
        ) {
            let range = NumberRange { low, high };
            let number_in = |bounds: Option<(f64, f64)>, number: f64| {
                bounds.is_some_and(|(low, high)| low <= number && number <= high)
            };
            match number {
                Number::Real(real) => {
                    prop_assert_eq!(number_in(range.real(), real), is_in(number, low, high));
                }
                Number::Whole(whole) => if let Ok(whole) = i64::try_from(whole) {
                    let found = range.whole().is_some_and(|(low, high)| low <= whole && whole <= high);
                    prop_assert_eq!(found, is_in(number, low, high));
                }
            }
        }
    }
}
