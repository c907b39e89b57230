//! Sizes in bytes: `10kB`, `4MiB`.

use super::quantity::{self, QuantityError, Unit};

const UNITS: [Unit; 11] = [
    Unit("B", 1),
    Unit("kB", 1_000),
    Unit("KB", 1_000),
    Unit("KiB", 1 << 10),
    Unit("MB", 1_000_000),
    Unit("MiB", 1 << 20),
    Unit("GB", 1_000_000_000),
    Unit("GiB", 1 << 30),
    Unit("TB", 1_000_000_000_000),
    Unit("TiB", 1 << 40),
    Unit("PiB", 1 << 50),
];

/// Bytes of a number with a unit.
pub fn parse(text: &str) -> Result<u64, QuantityError> {
    quantity::parse_one(text, &UNITS)
}

/// The shortest exact form: `10kB`, `4MiB`, `0B`.
pub fn format(bytes: u64) -> String {
    if bytes == 0 {
        return "0B".to_owned();
    }
    quantity::format(bytes, &UNITS)
}
