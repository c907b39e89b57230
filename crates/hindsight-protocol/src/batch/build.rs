//! Building a batch row by row.
//!
//! In: spans as structs, rows of other batches, or parts set one by one. Out: a [`CheckedBatch`].
//! Strings, resources and scopes are stored once. The caller bounds the size with
//! [`BatchBuilder::byte_len`]; offsets are 32 bits, so a batch must stay below 4 GiB.

mod parts;
mod strings;
mod tables;
mod whole;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::check::CheckedBatch;
use super::columns::{AttributeColumns, SpanBatch};
use super::encoded::EncodedAttribute as Encoded;
use super::memo::{Recent, Statics};
use super::shapes::Shapes;
use crate::{SpanId, TraceId};

/// What every span has; attributes, events and links follow.
#[derive(Clone, Copy, Debug, Default)]
pub struct SpanHead<'a> {
    /// The trace.
    pub trace_id: TraceId,
    /// The span.
    pub span_id: SpanId,
    /// The parent, [`SpanId::INVALID`] for a root.
    pub parent_id: SpanId,
    /// What the operation is called.
    pub name: &'a str,
    /// Nanoseconds since the Unix epoch.
    pub start_ns: u64,
    /// Nanoseconds since the Unix epoch, none while open.
    pub end_ns: Option<u64>,
    /// [`crate::SpanKind`].
    pub kind: u8,
    /// [`crate::StatusCode`].
    pub status: u8,
    /// Empty if none.
    pub status_message: &'a str,
    /// [`crate::SpanState`].
    pub state: u8,
    /// Number of the report.
    pub version: u32,
    /// Trace flags.
    pub flags: u8,
    /// Empty if none.
    pub trace_state: &'a str,
    /// Row from [`BatchBuilder::resource`].
    pub resource: u32,
    /// Row from [`BatchBuilder::scope`].
    pub scope: u32,
    /// Attributes, events and links left out by limits.
    pub dropped: (u32, u32, u32),
}

/// Collects rows into a batch.
#[derive(Debug, Default)]
pub struct BatchBuilder {
    pub(super) columns: SpanBatch,
    pub(super) text: String,
    interned: HashTable<u32>,
    interned_blobs: HashTable<u32>,
    interned_resources: HashTable<u32>,
    interned_scopes: HashTable<u32>,
    pub(super) statics: Statics,
    pub(super) recent: Recent,
    pub(super) shapes: Shapes,
    /// Whether a row differs from the default in a column that most batches do not have.
    pub(super) is_odd: bool,
    hasher: DefaultHashBuilder,
}

impl BatchBuilder {
    /// An empty batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of spans so far.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether there is no span.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// The columns so far; [`super::StringTable::bytes`] is empty here.
    pub fn columns(&self) -> &SpanBatch {
        &self.columns
    }

    /// About the bytes of the batch, without the interner.
    pub fn byte_len(&self) -> usize {
        self.columns.byte_len() + self.text.len()
    }

    /// Bytes of texts and blobs: what a few rows can make large. Costs nothing.
    pub fn text_len(&self) -> usize {
        self.text.len() + self.columns.blobs.bytes.len()
    }

    /// The batch.
    pub fn finish(mut self) -> CheckedBatch {
        self.first_string();
        CheckedBatch {
            columns: self.columns,
            text: self.text,
        }
    }

    /// The batch; the builder begins anew and keeps the memory of its look-up tables.
    pub fn take(&mut self) -> CheckedBatch {
        self.first_string();
        let batch = CheckedBatch {
            columns: std::mem::take(&mut self.columns),
            text: std::mem::take(&mut self.text),
        };
        self.clear();
        batch
    }

    /// Empties the builder, which goes on with the memory of a batch that is done with.
    pub fn reuse(&mut self, mut batch: SpanBatch) {
        batch.clear();
        // Without bytes it is always UTF-8.
        self.text = String::from_utf8(std::mem::take(&mut batch.strings.bytes)).unwrap_or_default();
        self.columns = batch;
        self.clear();
    }

    /// A copy of the batch as it stands, without spare capacity and without optional columns in
    /// which every row has the default.
    pub fn to_batch(&self) -> CheckedBatch {
        let mut columns = self.columns.clone();
        columns.leave_out_defaults();
        if columns.strings.ends.is_empty() {
            columns.strings.ends.push(0);
        }
        CheckedBatch {
            columns,
            text: self.text.clone(),
        }
    }

    /// Empties the builder and keeps its memory for the next batch.
    pub fn clear(&mut self) {
        self.columns.clear();
        self.text.clear();
        self.interned.clear();
        self.interned_blobs.clear();
        self.interned_resources.clear();
        self.interned_scopes.clear();
        self.statics.clear();
        self.recent.clear();
        self.shapes.clear();
        self.is_odd = false;
    }
}

pub(super) fn push(columns: &mut AttributeColumns, (key, kind, bits): Encoded) {
    columns.keys.push(key);
    columns.tags.push(kind);
    columns.bits.push(bits);
}
