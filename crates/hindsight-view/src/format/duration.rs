//! Durations: three significant digits up to a minute, then two units.

use super::number::scaled;
use super::quantity::{QuantityError, Units, parse};

const SECOND_NS: u64 = 1_000_000_000;
const MINUTE_NS: u64 = 60 * SECOND_NS;
const HOUR_NS: u64 = 60 * MINUTE_NS;
const DAY_NS: u64 = 24 * HOUR_NS;

/// From here on a duration in seconds would round to `60.0 s`.
const LONG_NS: u64 = 59_950_000_000;

const UNITS: Units = Units {
    what: "duration",
    sizes: &[
        ("ns", 1),
        ("us", 1_000),
        ("µs", 1_000),
        ("μs", 1_000),
        ("ms", 1_000_000),
        ("s", SECOND_NS),
        ("sec", SECOND_NS),
        ("m", MINUTE_NS),
        ("min", MINUTE_NS),
        ("h", HOUR_NS),
        ("d", DAY_NS),
    ],
    names: "ns, us, ms, s, m, h, d",
    suggested: "s",
    example: "50ms, 30s or 1h",
};

/// `312 µs`, `1.23 ms`, `2 m 05 s`, `1 h 02 m`, `3 d 04 h`.
pub fn duration(ns: u64) -> String {
    if ns < LONG_NS {
        return scaled(ns, &["ns", "µs", "ms", "s"]);
    }
    let secs = ns / SECOND_NS + (ns % SECOND_NS) / (SECOND_NS / 2);
    if secs < 3600 {
        return two_units(secs, 60, ["m", "s"]);
    }
    let mins = (secs + 30) / 60;
    if mins < 24 * 60 {
        return two_units(mins, 60, ["h", "m"]);
    }
    two_units((mins + 30) / 60, 24, ["d", "h"])
}

fn two_units(small: u64, small_per_large: u64, [large_unit, small_unit]: [&str; 2]) -> String {
    let (large, small) = (small / small_per_large, small % small_per_large);
    format!("{large} {large_unit} {small:02} {small_unit}")
}

/// `1h`, `90m`, `50ms`: exact, and [`parse_duration`] reads it back.
pub fn compact_duration(ns: u64) -> String {
    let units = [
        (DAY_NS, "d"),
        (HOUR_NS, "h"),
        (MINUTE_NS, "m"),
        (SECOND_NS, "s"),
        (1_000_000, "ms"),
        (1_000, "us"),
    ];
    let exact = units
        .iter()
        .find(|(size, _)| ns >= *size && ns.is_multiple_of(*size));
    match exact {
        Some((size, unit)) => format!("{}{unit}", ns / size),
        None if ns == 0 => "0s".into(),
        None => format!("{ns}ns"),
    }
}

/// Nanoseconds of `1h`, `1h30m`, `1.5s`, `500us`, `10 ms`. A number alone is an error.
pub fn parse_duration(text: &str) -> Result<u64, QuantityError> {
    parse(text, &UNITS)
}
