//! Numbers for people: three significant digits, units after a space.

/// `1204551` as `1,204,551`.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Bytes in decimal units, as the memory limit is given.
pub(super) fn bytes(bytes: u64) -> String {
    scaled(
        bytes,
        &[(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")],
        "B",
    )
}

/// A time span in nanoseconds.
pub(super) fn duration(ns: u64) -> String {
    const MINUTE_NS: u64 = 60_000_000_000;
    if ns >= 2 * MINUTE_NS {
        return format!("{} min", ns / MINUTE_NS);
    }
    scaled(
        ns,
        &[(1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "µs")],
        "ns",
    )
}

/// How long before `now_ns` it was.
pub(super) fn ago(now_ns: u64, then_ns: u64) -> String {
    let secs = now_ns.saturating_sub(then_ns) / 1_000_000_000;
    match secs {
        0..60 => format!("{secs} s ago"),
        60..7_200 => format!("{} min ago", secs / 60),
        7_200..172_800 => format!("{} h ago", secs / 3_600),
        _ => format!("{} days ago", secs / 86_400),
    }
}

fn scaled(number: u64, units: &[(u64, &str)], base: &str) -> String {
    let unit = units.iter().find(|(size, _)| number >= *size);
    let Some((size, name)) = unit else {
        return format!("{number} {base}");
    };
    let value = number as f64 / *size as f64;
    let decimals = match value {
        ..10.0 => 2,
        ..100.0 => 1,
        _ => 0,
    };
    format!("{value:.decimals$} {name}")
}
