//! Numbers with units, exact: decimals are counted in the smallest unit, never rounded.

/// A unit's name and how many of the smallest unit it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unit(pub(super) &'static str, pub(super) u64);

/// Text that is not a quantity. The author of the query is at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// It does not begin with a number.
    #[error("expected a number")]
    NoNumber,
    /// A number alone.
    #[error("the unit is missing")]
    NoUnit,
    /// A unit that does not exist.
    #[error("unknown unit `{0}`")]
    UnknownUnit(String),
    /// More digits than the smallest unit has room for.
    #[error("finer than the smallest unit")]
    TooFine,
    /// More than 64 bits of the smallest unit.
    #[error("too large")]
    TooLarge,
}

/// One number with a unit.
pub(super) fn parse_one(text: &str, units: &[Unit]) -> Result<u64, QuantityError> {
    let (value, _, rest) = take(text, units)?;
    match rest {
        "" => Ok(value),
        _ => Err(QuantityError::UnknownUnit(rest.to_owned())),
    }
}

/// Numbers with units in a row, each unit smaller than the one before: `1h30m`.
pub(super) fn parse_sum(text: &str, units: &[Unit]) -> Result<u64, QuantityError> {
    let (mut sum, mut last_unit, mut rest) = take(text, units)?;
    while !rest.is_empty() {
        let (value, unit, behind) = take(rest, units)?;
        if unit >= last_unit {
            return Err(QuantityError::UnknownUnit(rest.to_owned()));
        }
        sum = sum.checked_add(value).ok_or(QuantityError::TooLarge)?;
        (last_unit, rest) = (unit, behind);
    }
    Ok(sum)
}

/// The value of the first number with unit, the unit's size, and what follows.
fn take<'t>(text: &'t str, units: &[Unit]) -> Result<(u64, u64, &'t str), QuantityError> {
    let (digits, rest) = split_while(text, |c| c.is_ascii_digit());
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(behind) => split_while(behind, |c| c.is_ascii_digit()),
        None => ("", rest),
    };
    if digits.is_empty() {
        return Err(QuantityError::NoNumber);
    }
    let (name, rest) = split_while(rest, |c| !c.is_ascii_digit() && c != '.');
    if name.is_empty() {
        return Err(QuantityError::NoUnit);
    }
    let unit = units.iter().find(|unit| unit.0 == name);
    let Unit(_, size) = unit.ok_or_else(|| QuantityError::UnknownUnit(name.to_owned()))?;
    Ok((scale(digits, fraction, *size)?, *size, rest))
}

fn split_while(text: &str, keep: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !keep(c)).unwrap_or(text.len());
    text.split_at(end)
}

fn scale(digits: &str, fraction: &str, size: u64) -> Result<u64, QuantityError> {
    let whole: u64 = digits.parse().map_err(|_| QuantityError::TooLarge)?;
    let whole = whole.checked_mul(size).ok_or(QuantityError::TooLarge)?;
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() {
        return Ok(whole);
    }
    let exponent = u32::try_from(fraction.len()).map_err(|_| QuantityError::TooFine)?;
    let scaled = fraction
        .parse::<u128>()
        .ok()
        .and_then(|parts| parts.checked_mul(u128::from(size)))
        .ok_or(QuantityError::TooFine)?;
    let divisor = 10u128.checked_pow(exponent).ok_or(QuantityError::TooFine)?;
    if !scaled.is_multiple_of(divisor) {
        return Err(QuantityError::TooFine);
    }
    let parts = (scaled / divisor) as u64;
    whole.checked_add(parts).ok_or(QuantityError::TooLarge)
}

/// With the unit that leaves the smallest whole number.
pub(super) fn format(value: u64, units: &[Unit]) -> String {
    let mut best = (value, "");
    for Unit(name, size) in units {
        if value.is_multiple_of(*size) && (best.1.is_empty() || value / size < best.0) {
            best = (value / size, name);
        }
    }
    format!("{}{}", best.0, best.1)
}
