//! Sealed segments as columns.

mod attributes;
mod bitmap;
mod build;
mod copy;
mod dictionary;
mod groups;
mod heads;
mod lookup;
mod memo;
mod nested;
mod owners;
mod packed;
mod rows;
mod scan;
mod shapes;
mod texts;
mod traces;
mod values;

pub(crate) use self::bitmap::Bitmap;
pub(crate) use self::build::{Built, SegmentBuilder};
pub(crate) use self::copy::SegmentCopier;
pub(crate) use self::lookup::KeyReader;
pub(crate) use self::rows::{PartBytes, SegmentRows};
pub(crate) use self::scan::{
    AttributeScope, BoolTest, Bound, KeyUse, Number, NumberRange, NumberTest, OtherTest, TextField,
    TextTest, ValueTest,
};
pub(crate) use self::traces::{TraceEntry, TraceTable};

#[cfg(test)]
pub(crate) mod tests;
