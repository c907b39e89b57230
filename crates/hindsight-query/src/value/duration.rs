//! Durations: `10ms`, `1.5s`, `1h30m`.

use super::quantity::{self, QuantityError, Unit};

const UNITS: [Unit; 9] = [
    Unit("ns", 1),
    Unit("us", 1_000),
    Unit("µs", 1_000),
    Unit("μs", 1_000),
    Unit("ms", 1_000_000),
    Unit("s", 1_000_000_000),
    Unit("m", 60 * 1_000_000_000),
    Unit("h", 3_600 * 1_000_000_000),
    Unit("d", 86_400 * 1_000_000_000),
];

/// The units, for messages.
pub(crate) const UNIT_NAMES: [&str; 7] = ["ns", "us", "ms", "s", "m", "h", "d"];

/// Nanoseconds of a number with a unit, or several in a row. A number alone is an error unless 0.
pub fn parse(text: &str) -> Result<u64, QuantityError> {
    if text == "0" {
        return Ok(0);
    }
    quantity::parse_sum(text, &UNITS)
}

/// The shortest exact form with one unit: `1500ms`, `2m`, `0s`.
pub fn format(ns: u64) -> String {
    if ns == 0 {
        return "0s".to_owned();
    }
    quantity::format(ns, &UNITS)
}
