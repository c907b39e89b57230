//! Values of aggregates.

use crate::format;

/// `1.23 ms` for `"ns"`, `12.3/s` for `"1/s"`, else a number of three digits or a whole one;
/// `-` where there is no value.
pub fn value(value: f64, unit: &str) -> String {
    if !value.is_finite() {
        return "-".into();
    }
    match unit {
        // Saturates; durations are not negative.
        "ns" => format::duration(value.round() as u64),
        "1/s" => format!("{}/s", number(value)),
        _ => number(value),
    }
}

/// Whole numbers as they are, others with three digits.
fn number(value: f64) -> String {
    const EXACT_MAX: f64 = (1_u64 << 53) as f64;
    let sign = if value < 0.0 { "-" } else { "" };
    let size = value.abs();
    if size >= EXACT_MAX {
        return format!("{value:.2e}");
    }
    if size.fract() == 0.0 || size >= 1_000.0 {
        return format!("{sign}{}", format::count(size.round() as u64));
    }
    let decimals = match size {
        100.0.. => 0,
        10.0.. => 1,
        1.0.. => 2,
        0.001.. => 3,
        _ => return format!("{value:.1e}"),
    };
    let text = format!("{value:.decimals$}");
    let short = text.trim_end_matches('0').trim_end_matches('.');
    match text.contains('.') {
        true => short.to_owned(),
        false => text,
    }
}
