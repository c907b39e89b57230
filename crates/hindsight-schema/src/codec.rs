//! Values as roam sends them: back to back, in the order of the shape, without names.
//!
//! As phon's compact mode lays it out: scalars aligned within the message, lengths and the numbers of
//! variants as `u32`, options with a byte in front. Phon's own codec for values without a Rust type knows
//! neither maps with other keys than texts nor options within options, and takes what it is sent at its
//! word; hence this one, tested against bytes that phon makes of Rust types.

mod decode;
mod encode;

pub use decode::decode;
pub use encode::encode;

use phon_schema::DecodeError;

use crate::fit::Misfit;
use crate::{DEPTH_MAX, VALUES_MAX};

/// Why bytes are no value of a shape, or a value gives no bytes.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CodecError {
    /// The bytes are of another shape than was said, or broken.
    #[error("the bytes do not fit what the app said of them: {0}")]
    Broken(DecodeError),
    /// A variant that the shape does not have.
    #[error("the bytes do not fit what the app said of them: there is no variant {0}")]
    NoVariant(u32),
    /// Too much to be shown.
    #[error("it has more than {VALUES_MAX} values")]
    TooLarge,
    /// Too much within each other.
    #[error("it is nested deeper than {DEPTH_MAX}")]
    TooDeep,
    /// A shape that is not sent as a value.
    #[error("{0} cannot be read or written here")]
    Other(&'static str),
    /// The value is of another shape.
    #[error("{0}")]
    Misfit(Misfit),
}

impl From<DecodeError> for CodecError {
    fn from(error: DecodeError) -> Self {
        Self::Broken(error)
    }
}

/// What scalars are aligned to, bytes.
fn alignment(scalar: crate::Scalar) -> usize {
    use crate::Scalar;
    match scalar {
        Scalar::Unsigned(bits) | Scalar::Signed(bits) | Scalar::Float(bits) => {
            usize::from(bits) / 8
        }
        Scalar::Char => 4,
        _ => 1,
    }
}
