//! Points in time: RFC 3339 dates and times, and times relative to now.
//!
//! Without a zone a time is in UTC. Relative: `now`, `now-5m`, `now+1h`, `-5m`.

use super::TimeValue;
use super::duration;
use super::quantity::QuantityError;

const SECOND_NS: u64 = 1_000_000_000;
const DAY_SECS: i64 = 86_400;

/// Text that is not a time. The author of the query is at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// None of the forms.
    #[error("not a time")]
    Form,
    /// A day, hour, ... that does not exist.
    #[error("no such date or time of day")]
    Range,
    /// Before 1970 or after 2554.
    #[error("outside the years 1970 to 2554")]
    Epoch,
    /// The duration after `now` or `-` is none.
    #[error("after `now` comes a duration: {0}")]
    Offset(QuantityError),
}

/// Reads a time and how long the span of time is that its spelling covers: a date a day, `14:32` a
/// minute, anything else nothing.
pub fn parse(text: &str) -> Result<(TimeValue, u64), TimeError> {
    if let Some(relative) = parse_relative(text)? {
        return Ok((relative, 0));
    }
    let mut reader = Reader { rest: text };
    let days = reader.date()?;
    let (second, nanos, cover) = match reader.rest {
        "" => (0, 0, DAY_SECS as u64 * SECOND_NS),
        _ => reader.time_of_day()?,
    };
    let offset = reader.zone()?;
    if !reader.rest.is_empty() {
        return Err(TimeError::Form);
    }
    let seconds = days * DAY_SECS + second - offset;
    let ns = u64::try_from(seconds)
        .ok()
        .and_then(|seconds| seconds.checked_mul(SECOND_NS))
        .and_then(|ns| ns.checked_add(nanos))
        .ok_or(TimeError::Epoch)?;
    Ok((TimeValue::At(ns), cover))
}

fn parse_relative(text: &str) -> Result<Option<TimeValue>, TimeError> {
    let lower = text.as_bytes().get(..3).map(<[u8]>::to_ascii_lowercase);
    let offset = match (lower.as_deref(), text.as_bytes().first()) {
        (Some(b"now"), _) => &text[3..],
        (_, Some(b'-')) => text,
        _ => return Ok(None),
    };
    if offset.is_empty() {
        return Ok(Some(TimeValue::FromNow(0)));
    }
    let (sign, amount) = match offset.split_at_checked(1) {
        Some(("-", amount)) => (-1, amount),
        Some(("+", amount)) => (1, amount),
        _ => return Err(TimeError::Form),
    };
    let ns = duration::parse(amount).map_err(TimeError::Offset)?;
    let ns = i64::try_from(ns).map_err(|_| TimeError::Offset(QuantityError::TooLarge))?;
    Ok(Some(TimeValue::FromNow(sign * ns)))
}

/// `now-5m`, or RFC 3339 in UTC with as many digits as needed.
pub fn format(time: TimeValue) -> String {
    match time {
        TimeValue::FromNow(0) => "now".to_owned(),
        TimeValue::FromNow(offset) => {
            let sign = if offset < 0 { '-' } else { '+' };
            format!("now{sign}{}", duration::format(offset.unsigned_abs()))
        }
        TimeValue::At(ns) => format_absolute(ns),
    }
}

fn format_absolute(ns: u64) -> String {
    let seconds = (ns / SECOND_NS) as i64;
    let (year, month, day) = civil_date(seconds / DAY_SECS);
    let second = seconds % DAY_SECS;
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let mut text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    if !ns.is_multiple_of(SECOND_NS) {
        let fraction = format!(".{:09}", ns % SECOND_NS);
        text.push_str(fraction.trim_end_matches('0'));
    }
    text.push('Z');
    text
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    /// Exactly `digits` digits, at most `max`.
    fn number(&mut self, digits: usize, max: i64) -> Result<i64, TimeError> {
        let (head, rest) = self.rest.split_at_checked(digits).ok_or(TimeError::Form)?;
        if !head.bytes().all(|b| b.is_ascii_digit()) {
            return Err(TimeError::Form);
        }
        let value = head.parse().map_err(|_| TimeError::Form)?;
        self.rest = rest;
        match value {
            0.. if value <= max => Ok(value),
            _ => Err(TimeError::Range),
        }
    }

    fn literal(&mut self, any_of: &[char]) -> Result<(), TimeError> {
        self.rest = self.rest.strip_prefix(any_of).ok_or(TimeError::Form)?;
        Ok(())
    }

    /// Days since the epoch.
    fn date(&mut self) -> Result<i64, TimeError> {
        let year = self.number(4, 9999)?;
        self.literal(&['-'])?;
        let month = self.number(2, 12)?;
        self.literal(&['-'])?;
        let day = self.number(2, 31)?;
        let days = days_of(year, month, day);
        // A day that does not exist, such as the 30th of February, comes back as another one.
        match civil_date(days) == (year, month, day) {
            true => Ok(days),
            false => Err(TimeError::Range),
        }
    }

    /// Second of the day, nanoseconds, and the time covered.
    fn time_of_day(&mut self) -> Result<(i64, u64, u64), TimeError> {
        self.literal(&['T', 't', ' '])?;
        let hour = self.number(2, 23)?;
        self.literal(&[':'])?;
        let minute = self.number(2, 59)?;
        let minute_start = hour * 3600 + minute * 60;
        if self.literal(&[':']).is_err() {
            return Ok((minute_start, 0, 60 * SECOND_NS));
        }
        let second = self.number(2, 59)?;
        let nanos = match self.literal(&['.']) {
            Ok(()) => self.fraction()?,
            Err(_) => 0,
        };
        Ok((minute_start + second, nanos, 0))
    }

    fn fraction(&mut self) -> Result<u64, TimeError> {
        let end = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.rest.split_at(end);
        if !(1..=9).contains(&end) {
            return Err(TimeError::Form);
        }
        self.rest = rest;
        format!("{digits:0<9}").parse().map_err(|_| TimeError::Form)
    }

    /// Seconds east of Greenwich.
    fn zone(&mut self) -> Result<i64, TimeError> {
        if self.rest.is_empty() || self.literal(&['Z', 'z']).is_ok() {
            return Ok(0);
        }
        let sign = if self.rest.starts_with('-') { -1 } else { 1 };
        self.literal(&['+', '-'])?;
        let hour = self.number(2, 23)?;
        self.literal(&[':'])?;
        let minute = self.number(2, 59)?;
        Ok(sign * (hour * 3600 + minute * 60))
    }
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar, counted in years that begin
/// in March, so that the leap day is the last of its year.
fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let march_year = if month <= 2 { year - 1 } else { year };
    let march_month = (month + 9) % 12;
    let day_of_year = (153 * march_month + 2) / 5 + day - 1;
    let leap_days =
        march_year.div_euclid(4) - march_year.div_euclid(100) + march_year.div_euclid(400);
    // 719468: from the first of March of the year 0 to the epoch.
    march_year * 365 + leap_days + day_of_year - 719_468
}

/// The inverse of [`days_of`], found by estimate and correction.
fn civil_date(days: i64) -> (i64, i64, i64) {
    let mut march_year = (days + 719_468) * 400 / 146_097;
    while days_of(march_year, 3, 1) > days {
        march_year -= 1;
    }
    while days_of(march_year + 1, 3, 1) <= days {
        march_year += 1;
    }
    let day_of_year = days - days_of(march_year, 3, 1);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = (march_month + 2) % 12 + 1;
    let year = if month <= 2 {
        march_year + 1
    } else {
        march_year
    };
    (year, month, day)
}
