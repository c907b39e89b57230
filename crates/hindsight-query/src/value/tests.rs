use proptest::prelude::*;

use super::quantity::QuantityError;
use super::time::TimeError;
use super::{TimeValue, duration, size, time};

#[test]
fn durations_are_exact_and_need_a_unit() {
    for (text, ns) in [
        ("10ms", 10_000_000),
        ("1.5s", 1_500_000_000),
        ("2m", 120_000_000_000),
        ("3us", 3_000),
        ("3µs", 3_000),
        ("4ns", 4),
        ("1h", 3_600_000_000_000),
        ("1h30m", 5_400_000_000_000),
        ("0", 0),
        ("0.000000001s", 1),
    ] {
        assert_eq!(duration::parse(text), Ok(ns), "{text}");
    }
    for (text, error) in [
        ("10", QuantityError::NoUnit),
        ("ms", QuantityError::NoNumber),
        ("", QuantityError::NoNumber),
        ("10parsec", QuantityError::UnknownUnit("parsec".into())),
        ("10MS", QuantityError::UnknownUnit("MS".into())),
        ("1.5ns", QuantityError::TooFine),
        ("30m1h", QuantityError::UnknownUnit("1h".into())),
        ("99999999999999d", QuantityError::TooLarge),
        ("-5m", QuantityError::NoNumber),
    ] {
        assert_eq!(duration::parse(text), Err(error), "{text}");
    }
}

#[test]
fn sizes_know_decimal_and_binary_units() {
    assert_eq!(size::parse("10kB"), Ok(10_000));
    assert_eq!(size::parse("4MiB"), Ok(4 << 20));
    assert_eq!(size::parse("0.5KiB"), Ok(512));
    assert!(size::parse("1kB1B").is_err());
    assert_eq!(size::format(4 << 20), "4MiB");
    assert_eq!(size::format(10_000), "10kB");
    assert_eq!(size::format(0), "0B");
}

#[test]
fn times_are_dates_times_of_day_or_relative() {
    let noon = 1_795_348_800 * 1_000_000_000;
    for (text, value, cover) in [
        ("2026-11-22T12:00:00Z", TimeValue::At(noon), 0),
        ("2026-11-22T14:00:00+02:00", TimeValue::At(noon), 0),
        ("2026-11-22 12:00", TimeValue::At(noon), 60_000_000_000),
        (
            "2026-11-22T12:00:00.5",
            TimeValue::At(noon + 500_000_000),
            0,
        ),
        (
            "2026-11-22",
            TimeValue::At(noon - 43_200_000_000_000),
            86_400_000_000_000,
        ),
        ("now", TimeValue::FromNow(0), 0),
        ("NOW-5m", TimeValue::FromNow(-300_000_000_000), 0),
        ("now+1s", TimeValue::FromNow(1_000_000_000), 0),
        ("-5m", TimeValue::FromNow(-300_000_000_000), 0),
    ] {
        assert_eq!(time::parse(text), Ok((value, cover)), "{text}");
    }
    for (text, error) in [
        ("yesterday", TimeError::Form),
        ("2026-02-30", TimeError::Range),
        ("2026-13-01", TimeError::Range),
        ("1969-12-31", TimeError::Epoch),
        ("2600-01-01", TimeError::Epoch),
        ("2026-11-22T25:00", TimeError::Range),
        ("now5m", TimeError::Form),
        ("now-5", TimeError::Offset(QuantityError::NoUnit)),
        ("é", TimeError::Form),
        ("20é6-11-22", TimeError::Form),
    ] {
        assert_eq!(time::parse(text), Err(error), "{text}");
    }
}

/// Counts the days one by one.
fn naive_date(ns: u64) -> (u64, u64, u64) {
    let mut days = ns / 86_400_000_000_000;
    let (mut year, mut month) = (1970, 1);
    loop {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let length = match month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        if days < length {
            return (year, month, days + 1);
        }
        days -= length;
        month += 1;
        if month == 13 {
            (year, month) = (year + 1, 1);
        }
    }
}

proptest! {
    #[test]
    fn a_formatted_duration_is_read_back(ns: u64) {
        prop_assert_eq!(duration::parse(&duration::format(ns)), Ok(ns));
    }

    #[test]
    fn a_formatted_size_is_read_back(bytes: u64) {
        prop_assert_eq!(size::parse(&size::format(bytes)), Ok(bytes));
    }

    #[test]
    fn decimals_are_what_integer_arithmetic_says(whole in 0u64..1000, thousandths in 0u64..1000) {
        let text = format!("{whole}.{thousandths:03}s");
        prop_assert_eq!(
            duration::parse(&text),
            Ok((whole * 1000 + thousandths) * 1_000_000)
        );
    }

    #[test]
    fn a_formatted_time_is_read_back_and_its_date_is_the_counted_one(ns: u64) {
        let text = time::format(TimeValue::At(ns));
        prop_assert_eq!(time::parse(&text), Ok((TimeValue::At(ns), 0)));
        let (year, month, day) = naive_date(ns);
        let date = format!("{year:04}-{month:02}-{day:02}T");
        prop_assert!(text.starts_with(&date), "{} is not on {}", text, date);
    }

    #[test]
    fn a_formatted_offset_is_read_back(offset in -i64::MAX..=i64::MAX) {
        let time = TimeValue::FromNow(offset);
        prop_assert_eq!(time::parse(&time::format(time)), Ok((time, 0)));
    }

    #[test]
    fn no_text_makes_the_readers_panic(text in "\\PC{0,12}", near in "[0-9nowTZ:.+ -]{0,24}") {
        for text in [text, near] {
            // Only that they return counts here.
            let _ = (duration::parse(&text), size::parse(&text), time::parse(&text));
        }
    }
}
