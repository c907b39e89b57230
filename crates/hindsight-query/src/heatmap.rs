//! The duration buckets of a heatmap: logarithmic, four to each doubling.
//!
//! Bucket 0 is 0 ns; below 8 ns every nanosecond has its own; from there on a bucket is between 14
//! and 25 percent wide. Pure arithmetic, so that every executor and every axis agrees.

/// Buckets a doubling has.
const PARTS: u32 = 4;

/// Number of buckets of 64-bit durations.
pub const BUCKETS: u16 = bucket(u64::MAX) + 1;

/// The bucket of a duration.
pub const fn bucket(duration_ns: u64) -> u16 {
    if duration_ns < 2 * PARTS as u64 {
        return duration_ns as u16;
    }
    let exponent = duration_ns.ilog2();
    let part = (duration_ns >> (exponent - PARTS.ilog2())) as u32 - PARTS;
    // Exponents 0 to 2 have 8 buckets in all, the ones above four each.
    ((exponent - 1) * PARTS + part) as u16
}

/// The smallest duration of a bucket, nanoseconds. Saturates above the last bucket.
pub const fn floor_ns(bucket: u16) -> u64 {
    let bucket = bucket as u32;
    if bucket < 2 * PARTS {
        return bucket as u64;
    }
    let (exponent, part) = (bucket / PARTS + 1, bucket % PARTS);
    if exponent > 63 {
        return u64::MAX;
    }
    ((PARTS + part) as u64) << (exponent - PARTS.ilog2())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{BUCKETS, bucket, floor_ns};

    #[test]
    fn buckets_begin_where_the_one_below_ends() {
        assert_eq!((bucket(0), bucket(7), bucket(8), bucket(9)), (0, 7, 8, 8));
        for number in 0..BUCKETS {
            assert_eq!(bucket(floor_ns(number)), number);
            assert!(number == 0 || bucket(floor_ns(number) - 1) == number - 1);
        }
        assert_eq!(floor_ns(BUCKETS), u64::MAX);
    }

    proptest! {
        #[test]
        fn a_duration_lies_in_its_bucket(ns: u64) {
            prop_assert!(floor_ns(bucket(ns)) <= ns);
            prop_assert!(ns < floor_ns(bucket(ns) + 1) || ns == u64::MAX || bucket(ns) + 1 == BUCKETS);
        }
    }
}
