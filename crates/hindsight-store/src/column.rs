//! Sealed segments as columns: the compact, fast-to-scan form of rows that will not change.
//!
//! In: rows of checked batches, at most `u32::MAX` of them, through a [`SegmentBuilder`]. Out:
//! [`SegmentRows`]: the rows by number, tests that answer with a [`Bitmap`] of rows, a directory of
//! the traces ([`TraceTable`]), and rows copied back to a batch ([`SegmentCopier`]). Everything
//! comes back as it went in. Immutable once built, and free of clocks, tasks and IO.
//!
//! How it is laid out, from the outside in:
//! * Rows with the same keys and types of attributes form a *group* (`groups`, found by `shapes`):
//!   one typed column an attribute, nothing per row for key and type. Rare combinations are *loose*.
//! * Columns (`values`, `heads`, `nested`) are `packed` numbers in as few bytes as their range
//!   allows, or `texts`: codes of a `dictionary`, or plain where nearly every row has its own.
//! * Resources and scopes (`owners`) are stored once, trace ids once a trace (`traces`).
//!
//! Bounded: groups and their widths (`shapes`); everything else is in proportion to the rows, also
//! for hostile ones.

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
pub(crate) use self::build::SegmentBuilder;
pub(crate) use self::copy::SegmentCopier;
pub(crate) use self::lookup::KeyReader;
pub(crate) use self::rows::SegmentRows;
pub(crate) use self::scan::{
    AttributeScope, BoolTest, Bound, Number, NumberRange, NumberTest, OtherTest, TextField,
    TextTest, ValueTest,
};

#[cfg(test)]
pub(crate) mod tests;
