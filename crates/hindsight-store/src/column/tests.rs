//! Segments against what they were made of.

mod directory;
mod round_trip;
pub(crate) mod spans;
