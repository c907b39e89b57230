//! Values of roam services that are known only by their described shapes.
//!
//! In: what an app says of its methods ([`MethodInfo`](hindsight_protocol::introspection::MethodInfo)),
//! and bytes, texts and JSON from anybody. Out: [`Method`]s with the [`Shape`]s of their arguments and
//! answers; a [`Value`] that fits a shape, or a [`Misfit`] that says where and why not; bytes as roam
//! sends them, and values from such bytes. Holds: integers keep every digit; a value that fits is
//! encoded, and read back as the same; no bytes, however made, panic, hang or allocate beyond the
//! limits below. No IO, no clock; runs in a browser too.
//!
//! Bounded: [`SCHEMA_BYTES_MAX`] bytes and [`TYPES_MAX`] types of a description, [`VALUES_MAX`] values
//! of an answer, [`DEPTH_MAX`] values within each other.

mod codec;
mod fit;
pub mod json;
mod method;
mod read;
mod shape;
mod text;
mod value;

#[cfg(test)]
mod tests;

pub use codec::{CodecError, decode, encode};
pub use fit::{Gaps, Misfit, fit};
pub use method::{
    Answer, AnswerError, Argument, Arguments, Content, Input, Method, Outcome, Written,
};
pub use read::{SchemaError, read_schema};
pub use shape::{FieldOf, Kind, Scalar, Shape, VariantOf};
pub use text::{fit_text, plain};
pub use value::{Number, Value};

/// Longest description of a shape.
pub const SCHEMA_BYTES_MAX: usize = 1 << 20;
/// Most types of a description, those of generics counted for each of their uses.
pub const TYPES_MAX: usize = 4_096;
/// Most values of an answer, each element and field counted.
pub const VALUES_MAX: usize = 500_000;
/// Most values within each other.
pub const DEPTH_MAX: usize = 100;
