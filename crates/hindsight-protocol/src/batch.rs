//! Spans as columns: the form on the wire and in the store.
//!
//! A [`SpanBatch`] is a string table, tables of resources and scopes, and parallel vectors, one
//! element a span. Strings, resources and scopes are referred to by index. In: rows through a
//! [`BatchBuilder`], or bytes decoded from a peer. Out: a [`CheckedBatch`], whose rows can be read
//! without any further error.
//!
//! Rules that make the format evolve:
//! * an *optional* column may be empty: then every row has its default;
//! * a new column is optional; a column never changes its meaning or type;
//! * a value is a tag and 64 bits ([`tag`]); an unknown tag is kept and shown as such.

mod build;
mod check;
mod columns;
mod copy;
mod encoded;
mod memo;
mod nested;
mod optional;
mod reuse;
mod row;
mod shapes;

#[cfg(test)]
mod tests;

pub use build::{BatchBuilder, SpanHead};
pub use check::{BatchError, CheckedBatch};
pub use columns::{
    AttributeColumns, BlobTable, EventColumns, LinkColumns, ResourceTable, ScopeTable, SpanBatch,
    StringTable, tag,
};
pub use copy::{RowCopier, RowCuts, RowLimits};
pub use encoded::{EncodedAttribute, EncodedHead};
pub use nested::{
    DEPTH_MAX as NESTED_DEPTH_MAX, NestedError, decode as decode_nested, encode as encode_nested,
};
pub use row::{AttributeIter, EventRow, LinkRow, ScopeRow, SpanRow, ValueRef};
