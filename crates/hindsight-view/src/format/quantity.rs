//! Numbers with units, as they stand in flags: `50ms`, `1.5 GB`, `1h30m`.
//!
//! In: text from a person. Out: a whole number of the smallest unit, or an error that says what to
//! write. Exact: fractions are computed with integers and cut below the smallest unit.

/// Text that is not a quantity. The caller's (or the person's) fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// Nothing there, or nothing that begins with a digit.
    #[error("{text:?} is not a {what}: write for example {example}")]
    NotANumber {
        /// `duration` or `size`.
        what: &'static str,
        /// What was given, at most 80 characters of it.
        text: String,
        /// What it could look like.
        example: &'static str,
    },
    /// A number alone.
    #[error("{text:?} has no unit: write for example {text}{unit}, or another of {units}")]
    NoUnit {
        /// What was given.
        text: String,
        /// A unit that is often meant.
        unit: &'static str,
        /// All units.
        units: &'static str,
    },
    /// A unit nobody knows.
    #[error("{text:?} has the unknown unit {unit:?}: use one of {units}")]
    UnknownUnit {
        /// What was given.
        text: String,
        /// Its unit.
        unit: String,
        /// All units.
        units: &'static str,
    },
    /// More than 64 bits hold.
    #[error("{text:?} is too large for a {what}")]
    TooLarge {
        /// `duration` or `size`.
        what: &'static str,
        /// What was given.
        text: String,
    },
}

/// A family of units.
pub(super) struct Units {
    /// What is measured.
    pub(super) what: &'static str,
    /// Accepted names and their size.
    pub(super) sizes: &'static [(&'static str, u64)],
    /// The names to tell a person.
    pub(super) names: &'static str,
    /// The unit to suggest.
    pub(super) suggested: &'static str,
    /// A whole quantity to suggest.
    pub(super) example: &'static str,
}

/// The sum of the quantities in `text` (`1h30m`), in the smallest unit.
pub(super) fn parse(text: &str, units: &Units) -> Result<u64, QuantityError> {
    let text = text.trim();
    let mut rest = text;
    let mut total = 0u64;
    loop {
        let part;
        (part, rest) = parse_part(text, rest, units)?;
        total = total
            .checked_add(part)
            .ok_or_else(|| units.too_large(text))?;
        if rest.is_empty() {
            return Ok(total);
        }
    }
}

/// The first quantity of `rest` and what follows it.
fn parse_part<'a>(
    text: &str,
    rest: &'a str,
    units: &Units,
) -> Result<(u64, &'a str), QuantityError> {
    let is_number = |c: char| c.is_ascii_digit() || c == '.';
    let number_end = rest.find(|c| !is_number(c)).unwrap_or(rest.len());
    let (number, rest) = rest.split_at(number_end);
    let rest = rest.trim_start();
    let unit_end = rest
        .find(|c: char| is_number(c) || c.is_whitespace())
        .unwrap_or(rest.len());
    let (unit, rest) = rest.split_at(unit_end);
    let (whole, fraction) = digits(number).ok_or_else(|| units.not_a_number(text))?;
    let size = units.size_of(text, unit)?;
    let value = scale(whole, fraction, size).ok_or_else(|| units.too_large(text))?;
    Ok((value, rest.trim_start()))
}

/// The digits before and after the point; none if there is no digit or a second point.
fn digits(number: &str) -> Option<(&str, &str)> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let any = !whole.is_empty() || !fraction.is_empty();
    (any && !fraction.contains('.')).then_some((whole, fraction))
}

/// `whole.fraction * size`, none on overflow. Eighteen digits of the fraction count.
fn scale(whole: &str, fraction: &str, size: u64) -> Option<u64> {
    let whole: u64 = match whole {
        "" => 0,
        digits => digits.parse().ok()?,
    };
    let fraction = fraction.get(..18).unwrap_or(fraction);
    let numerator: u128 = match fraction {
        "" => 0,
        digits => digits.parse().ok()?,
    };
    let denominator = 10u128.pow(fraction.len() as u32);
    let part = u64::try_from(numerator * u128::from(size) / denominator).ok()?;
    whole.checked_mul(size)?.checked_add(part)
}

impl Units {
    fn size_of(&self, text: &str, unit: &str) -> Result<u64, QuantityError> {
        if unit.is_empty() {
            return Err(QuantityError::NoUnit {
                text: shown(text),
                unit: self.suggested,
                units: self.names,
            });
        }
        let found = self.sizes.iter().find(|(name, _)| *name == unit);
        found
            .map(|(_, size)| *size)
            .ok_or_else(|| QuantityError::UnknownUnit {
                text: shown(text),
                unit: shown(unit),
                units: self.names,
            })
    }

    fn not_a_number(&self, text: &str) -> QuantityError {
        QuantityError::NotANumber {
            what: self.what,
            text: shown(text),
            example: self.example,
        }
    }

    fn too_large(&self, text: &str) -> QuantityError {
        QuantityError::TooLarge {
            what: self.what,
            text: shown(text),
        }
    }
}

fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}
