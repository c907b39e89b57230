//! Numbers, times, values and foreign text as people read and write them.
//!
//! In: plain values; time and zone are arguments. Out: one-line strings without control characters.
//! Parsers reject what is ambiguous (a number without its unit) with an error that says what to
//! write instead.

mod attribute;
mod duration;
mod escape;
mod number;
mod quantity;
mod time;
mod width;

#[cfg(test)]
mod tests;

pub use attribute::value;
pub use duration::{compact_duration, duration, parse_duration};
pub use escape::escape;
pub use number::{bytes, compact_bytes, count, parse_bytes, percent, plural};
pub use quantity::QuantityError;
pub use time::{Zone, ago, clock, date, date_time, iso, time_of_day};
pub use width::{truncate, truncate_marked, width};
