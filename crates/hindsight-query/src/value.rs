//! Literals of the language.

pub mod duration;
mod quantity;
pub mod size;
pub mod time;

use hindsight_protocol::{SpanId, SpanKind, SpanState, StatusCode, TraceId};
pub use quantity::QuantityError;

/// A literal. Which variants a field takes follows from its [`crate::FieldType`]; attributes take
/// the first six.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text.
    Text(String),
    /// `true` or `false`.
    Bool(bool),
    /// A whole number that 64 bits hold. Literals like `2e3` or `200.0` are whole numbers too.
    Int(i64),
    /// Any other number; finite.
    Float(f64),
    /// Nanoseconds.
    Duration(u64),
    /// Bytes.
    Size(u64),
    /// A point in time.
    Time(TimeValue),
    /// Outcome of a span.
    Status(StatusCode),
    /// Role of a span.
    Kind(SpanKind),
    /// State of a span.
    State(SpanState),
    /// Id of a trace.
    TraceId(TraceId),
    /// Id of a span.
    SpanId(SpanId),
}

/// A point in time, absolute or relative to when the query is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeValue {
    /// Nanoseconds since the Unix epoch.
    At(u64),
    /// Nanoseconds from now, negative in the past.
    FromNow(i64),
}

impl TimeValue {
    /// Nanoseconds since the Unix epoch; saturates.
    pub const fn resolve(self, now_ns: u64) -> u64 {
        match self {
            Self::At(ns) => ns,
            Self::FromNow(offset_ns) => now_ns.saturating_add_signed(offset_ns),
        }
    }
}

#[cfg(test)]
mod tests;
