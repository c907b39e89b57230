//! Numbers of attributes and literals, compared exactly.

use std::cmp::Ordering;

/// An integer or a double. The integer is wide enough for `i64` and `u64`.
#[derive(Clone, Copy, Debug)]
pub(super) enum Number {
    Int(i128),
    Float(f64),
}

impl Number {
    /// As mathematical numbers, without rounding; none with NaN.
    pub(super) fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => Some(a.cmp(&b)),
            (Self::Float(a), Self::Float(b)) => a.partial_cmp(&b),
            (Self::Int(a), Self::Float(b)) => int_with_float(a, b),
            (Self::Float(a), Self::Int(b)) => int_with_float(b, a).map(Ordering::reverse),
        }
    }
}

/// `int` is of 65 bits at most, so what the cast saturates stays on its side.
fn int_with_float(int: i128, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    let whole = float.trunc();
    let fraction = 0.0f64.partial_cmp(&(float - whole));
    let fraction = fraction.unwrap_or(Ordering::Equal);
    Some(int.cmp(&(whole as i128)).then(fraction))
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering::{Equal, Greater, Less};

    use super::Number::{Float, Int};

    #[test]
    fn integers_and_doubles_compare_as_numbers_not_as_roundings() {
        for (a, b, expected) in [
            (Int(1), Float(1.0), Some(Equal)),
            (Int(1), Float(1.5), Some(Less)),
            (Int(-1), Float(-1.5), Some(Greater)),
            // 2^53 + 1 is no double; the nearest is 2^53.
            (
                Int((1 << 53) + 1),
                Float(9_007_199_254_740_992.0),
                Some(Greater),
            ),
            (Int(i128::from(u64::MAX)), Float(f64::INFINITY), Some(Less)),
            (
                Int(i128::from(i64::MIN)),
                Float(f64::NEG_INFINITY),
                Some(Greater),
            ),
            (Float(-0.0), Int(0), Some(Equal)),
            (Float(f64::NAN), Int(0), None),
            (Float(f64::NAN), Float(f64::NAN), None),
        ] {
            assert_eq!(a.compare(b), expected, "{a:?} {b:?}");
        }
    }
}
