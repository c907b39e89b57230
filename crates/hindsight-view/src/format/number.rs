//! Counts and byte sizes.

use super::quantity::{QuantityError, Units, parse};

const UNITS: Units = Units {
    what: "size",
    sizes: &[
        ("B", 1),
        ("b", 1),
        ("kB", 1_000),
        ("KB", 1_000),
        ("kb", 1_000),
        ("MB", 1_000_000),
        ("mb", 1_000_000),
        ("GB", 1_000_000_000),
        ("gb", 1_000_000_000),
        ("TB", 1_000_000_000_000),
        ("tb", 1_000_000_000_000),
        ("KiB", 1 << 10),
        ("MiB", 1 << 20),
        ("GiB", 1 << 30),
        ("TiB", 1 << 40),
    ],
    names: "B, kB, MB, GB, TB, KiB, MiB, GiB, TiB",
    suggested: "MB",
    example: "512MB or 4GiB",
};

/// `312 B`, `1.23 kB`, `512 MB`: units of 1000.
pub fn bytes(bytes: u64) -> String {
    scaled(bytes, &["B", "kB", "MB", "GB", "TB", "PB", "EB"])
}

/// `512MB`, `4GiB`, `1234B`: exact, and [`parse_bytes`] reads it back.
pub fn compact_bytes(bytes: u64) -> String {
    let units = [
        (1 << 40, "TiB"),
        (1_000_000_000_000, "TB"),
        (1 << 30, "GiB"),
        (1_000_000_000, "GB"),
        (1 << 20, "MiB"),
        (1_000_000, "MB"),
        (1 << 10, "KiB"),
        (1_000, "kB"),
    ];
    let exact = units
        .iter()
        .find(|(size, _)| bytes >= *size && bytes.is_multiple_of(*size));
    match exact {
        Some((size, unit)) => format!("{}{unit}", bytes / size),
        None => format!("{bytes}B"),
    }
}

/// Bytes of `512MB`, `1.5 GiB`, `64kB`. A number alone is an error.
pub fn parse_bytes(text: &str) -> Result<u64, QuantityError> {
    parse(text, &UNITS)
}

/// `1,234,567`.
pub fn count(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3 + 1);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 span`, `1,234 spans`; `noun` in the singular, its plural made with an `s`.
pub fn plural(number: u64, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", count(number))
}

/// `value` with three significant digits in the largest of `units` that leaves a whole digit, each
/// unit 1000 of the one before; whole numbers in the first and the last unit.
pub(super) fn scaled(value: u64, units: &[&str]) -> String {
    let mut size = 1u128;
    for (index, unit) in units.iter().enumerate() {
        let last = index + 1 == units.len();
        if let Some(digits) = three_digits(value.into(), size, last) {
            return format!("{digits} {unit}");
        }
        size *= 1000;
    }
    value.to_string()
}

/// `value / size` rounded to three digits; none when that takes more, unless it must do.
fn three_digits(value: u128, size: u128, must: bool) -> Option<String> {
    let rounded = |factor: u128| (value * factor + size / 2) / size;
    if size > 1 && rounded(100) < 1000 {
        let hundredths = rounded(100);
        return Some(format!("{}.{:02}", hundredths / 100, hundredths % 100));
    }
    if size > 1 && rounded(10) < 1000 {
        let tenths = rounded(10);
        return Some(format!("{}.{}", tenths / 10, tenths % 10));
    }
    let whole = rounded(1);
    (must || whole < 1000).then(|| whole.to_string())
}

/// `41.3 %`, `0 %`, `100 %` of `whole`; `-` when there is no whole.
pub fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "-".into();
    }
    let tenths = (u128::from(part) * 1000 + u128::from(whole) / 2) / u128::from(whole);
    match (tenths / 10, tenths % 10) {
        (whole, 0) => format!("{whole} %"),
        (whole, tenth) => format!("{whole}.{tenth} %"),
    }
}
