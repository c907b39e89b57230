//! The time and the zone of this machine: the only place of the command line that asks.

use std::time::{SystemTime, UNIX_EPOCH};

use hindsight_view::format::Zone;

/// Nanoseconds since the Unix epoch; 0 for a clock set before it.
pub(crate) fn now_ns() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    })
}

/// The local zone as it is now.
#[cfg(unix)]
pub(crate) fn local_zone() -> Zone {
    let now = (now_ns() / 1_000_000_000) as libc::time_t;
    // SAFETY: all-zero bytes are a valid `tm`: numbers, and a null pointer for the zone's name.
    let mut local: libc::tm = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are to live values of the right type; the call keeps neither.
    let done = unsafe { libc::localtime_r(&raw const now, &raw mut local) };
    match done.is_null() {
        true => Zone::UTC,
        false => Zone::east_of_utc(i32::try_from(local.tm_gmtoff).unwrap_or(0)),
    }
}

/// UTC where the system does not say.
#[cfg(not(unix))]
pub(crate) fn local_zone() -> Zone {
    Zone::UTC
}
