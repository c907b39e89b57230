//! Points in time, always with their zone.
//!
//! The caller says which zone; nothing here knows where it runs. Times are nanoseconds since the
//! Unix epoch, which 64 bits hold until the year 2554.

use super::duration::duration;

const SECOND_NS: u64 = 1_000_000_000;
const DAY_SECS: i64 = 86_400;

/// A fixed offset from UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Zone {
    offset_secs: i32,
}

impl Zone {
    /// Coordinated Universal Time.
    pub const UTC: Self = Self { offset_secs: 0 };

    /// `offset_secs` east of Greenwich, at most a day either way.
    pub const fn east_of_utc(offset_secs: i32) -> Self {
        let limit = DAY_SECS as i32;
        match offset_secs > -limit && offset_secs < limit {
            true => Self { offset_secs },
            false => Self::UTC,
        }
    }
}

impl std::fmt::Display for Zone {
    /// `UTC`, `+02:00`, `-03:30`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.offset_secs == 0 {
            return f.write_str("UTC");
        }
        let sign = if self.offset_secs < 0 { '-' } else { '+' };
        let mins = self.offset_secs.unsigned_abs() / 60;
        write!(f, "{sign}{:02}:{:02}", mins / 60, mins % 60)
    }
}

/// A time taken apart.
struct Civil {
    year: i64,
    month: u32,
    day: u32,
    hour: i64,
    minute: i64,
    second: i64,
    nanos: u64,
}

/// `2026-11-22T14:32:10.123456789Z`: exact, UTC, for machines.
pub fn iso(ns: u64) -> String {
    let Civil {
        year,
        month,
        day,
        hour,
        minute,
        second,
        nanos,
    } = civil(ns, Zone::UTC);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{nanos:09}Z")
}

/// `2026-11-22 14:32:10.123 UTC`.
pub fn date_time(ns: u64, zone: Zone) -> String {
    format!("{} {}", date(ns, zone), clock(ns, zone))
}

/// `2026-11-22`.
pub fn date(ns: u64, zone: Zone) -> String {
    let Civil {
        year, month, day, ..
    } = civil(ns, zone);
    format!("{year:04}-{month:02}-{day:02}")
}

/// `14:32:10.123 UTC`.
pub fn clock(ns: u64, zone: Zone) -> String {
    format!("{} {zone}", time_of_day(ns, zone))
}

/// `14:32:10.123`, where the zone stands in the heading.
pub fn time_of_day(ns: u64, zone: Zone) -> String {
    let Civil {
        hour,
        minute,
        second,
        nanos,
        ..
    } = civil(ns, zone);
    let millis = nanos / 1_000_000;
    format!("{hour:02}:{minute:02}:{second:02}.{millis:03}")
}

/// `3.20 s ago`, `in 2 m 05 s`, `now`.
pub fn ago(ns: u64, now_ns: u64) -> String {
    match now_ns.abs_diff(ns) {
        0..1_000_000 => "now".into(),
        past if ns < now_ns => format!("{} ago", duration(past)),
        future => format!("in {}", duration(future)),
    }
}

fn civil(ns: u64, zone: Zone) -> Civil {
    let secs = (ns / SECOND_NS) as i64 + i64::from(zone.offset_secs);
    let (year, month, day) = civil_date(secs.div_euclid(DAY_SECS));
    let second_of_day = secs.rem_euclid(DAY_SECS);
    Civil {
        year,
        month,
        day,
        hour: second_of_day / 3600,
        minute: second_of_day / 60 % 60,
        second: second_of_day % 60,
        nanos: ns % SECOND_NS,
    }
}

/// Year, month and day of a day counted from 1970-01-01.
///
/// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
fn civil_date(days: i64) -> (i64, u32, u32) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * shifted_month + 2) / 5 + 1) as u32;
    let month = match shifted_month {
        0..10 => shifted_month + 3,
        _ => shifted_month - 9,
    } as u32;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}
