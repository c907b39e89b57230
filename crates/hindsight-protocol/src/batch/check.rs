//! From columns as received to columns that can be read without errors.
//!
//! In: a [`SpanBatch`] from anywhere. Out: a [`CheckedBatch`], of which holds: every required
//! column has one element a span, every optional one that or none; end offsets do not decrease and
//! cover their table; indices point into their tables; strings are UTF-8; nested values decode.
//! Cost: one pass over each column, no allocation.

use super::columns::{AttributeColumns, EventColumns, LinkColumns, SpanBatch, tag};
use super::nested;

/// A batch whose structure is wrong. The sender's fault (or a version that broke the format).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// A column does not have one element a row.
    #[error("column {column} has {found} elements, expected {expected}")]
    Length {
        /// Which column.
        column: &'static str,
        /// Its length.
        found: usize,
        /// The length of its table.
        expected: usize,
    },
    /// End offsets that decrease or do not cover their table.
    #[error("end offsets {column} decrease or do not cover their {expected} elements")]
    Ends {
        /// Which column.
        column: &'static str,
        /// Elements to cover.
        expected: usize,
    },
    /// An index outside its table.
    #[error("column {column} refers to element {index} of {len}")]
    Index {
        /// Which column.
        column: &'static str,
        /// The index.
        index: u64,
        /// Length of the table referred to.
        len: usize,
    },
    /// Strings that are not UTF-8, or an offset within a character.
    #[error("the string table is not UTF-8 at its offsets")]
    Text,
    /// String 0 is not the empty string.
    #[error("string 0 is not empty")]
    FirstString,
    /// An array or map that does not decode.
    #[error("a nested value does not decode: {0}")]
    Nested(#[from] nested::NestedError),
}

/// A batch of sound structure; made by [`SpanBatch::check`] or [`super::BatchBuilder::finish`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CheckedBatch {
    /// All columns; the string bytes have moved to `text`.
    pub(super) columns: SpanBatch,
    /// The string table's bytes.
    pub(super) text: String,
}

impl SpanBatch {
    /// Checks the structure; the error says which column is wrong.
    pub fn check(mut self) -> Result<CheckedBatch, BatchError> {
        let bytes = std::mem::take(&mut self.strings.bytes);
        let text = String::from_utf8(bytes).map_err(|_| BatchError::Text)?;
        check_strings(&self, &text)?;
        ends("blobs.ends", &self.blobs.ends, None, self.blobs.bytes.len())?;
        let tables = Tables {
            strings: self.strings.ends.len().max(1),
            blobs: self.blobs.ends.len(),
        };
        check_tables(&self, &tables)?;
        check_rows(&self, &tables)?;
        check_events(&self, &self.events, &tables)?;
        check_links(&self, &self.links, &tables)?;
        let checked = CheckedBatch {
            columns: self,
            text,
        };
        checked.check_nested()?;
        Ok(checked)
    }
}

impl CheckedBatch {
    /// The columns as they travel.
    pub fn into_batch(self) -> SpanBatch {
        let mut columns = self.columns;
        columns.strings.bytes = self.text.into_bytes();
        columns
    }

    /// Number of spans.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether there is no span.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Bytes of all columns.
    pub fn byte_len(&self) -> usize {
        self.columns.byte_len() + self.text.len()
    }

    /// The columns; [`super::StringTable::bytes`] is empty here, see [`CheckedBatch::string`].
    pub fn columns(&self) -> &SpanBatch {
        &self.columns
    }

    /// String `index` of the table; the empty string if there is none.
    pub fn string(&self, index: u32) -> &str {
        let range = span_of(&self.columns.strings.ends, index as usize);
        self.text.get(range).unwrap_or_default()
    }

    /// Blob `index`; empty if there is none.
    pub fn blob(&self, index: u64) -> &[u8] {
        let index = usize::try_from(index).unwrap_or(usize::MAX);
        let range = span_of(&self.columns.blobs.ends, index);
        self.columns.blobs.bytes.get(range).unwrap_or_default()
    }

    fn check_nested(&self) -> Result<(), BatchError> {
        let all = [
            &self.columns.attributes,
            &self.columns.resources.attributes,
            &self.columns.scopes.attributes,
            &self.columns.events.attributes,
            &self.columns.links.attributes,
        ];
        for attributes in all {
            for (kind, bits) in attributes.tags.iter().zip(&attributes.bits) {
                if matches!(*kind, tag::ARRAY | tag::MAP) {
                    nested::decode(self.blob(*bits))?;
                }
            }
        }
        Ok(())
    }
}

/// The elements `ends[index - 1]..ends[index]`; empty outside the table.
pub(super) fn span_of(ends: &[u32], index: usize) -> std::ops::Range<usize> {
    let end = ends.get(index).copied().unwrap_or(0) as usize;
    let start = match index {
        0 => 0,
        _ => ends.get(index - 1).copied().unwrap_or(0) as usize,
    };
    start..end.max(start)
}

struct Tables {
    strings: usize,
    blobs: usize,
}

fn check_strings(batch: &SpanBatch, text: &str) -> Result<(), BatchError> {
    let table = &batch.strings.ends;
    ends("strings.ends", table, None, text.len())?;
    if table.first().is_some_and(|end| *end != 0) {
        return Err(BatchError::FirstString);
    }
    match table.iter().all(|end| text.is_char_boundary(*end as usize)) {
        true => Ok(()),
        false => Err(BatchError::Text),
    }
}

fn check_tables(batch: &SpanBatch, tables: &Tables) -> Result<(), BatchError> {
    let resources = &batch.resources;
    attributes("resources", &resources.attributes, tables)?;
    let rows = resources.attribute_ends.len();
    let total = resources.attributes.keys.len();
    ends(
        "resources.attribute_ends",
        &resources.attribute_ends,
        Some(rows),
        total,
    )?;
    optional(
        "resources.dropped_attributes",
        resources.dropped_attributes.len(),
        rows,
    )?;

    let scopes = &batch.scopes;
    let rows = scopes.names.len();
    indices("scopes.names", &scopes.names, tables.strings)?;
    indices("scopes.versions", &scopes.versions, tables.strings)?;
    required("scopes.versions", scopes.versions.len(), rows)?;
    attributes("scopes", &scopes.attributes, tables)?;
    let total = scopes.attributes.keys.len();
    ends(
        "scopes.attribute_ends",
        &scopes.attribute_ends,
        Some(rows),
        total,
    )?;
    optional(
        "scopes.dropped_attributes",
        scopes.dropped_attributes.len(),
        rows,
    )
}

fn check_rows(batch: &SpanBatch, tables: &Tables) -> Result<(), BatchError> {
    let rows = batch.span_ids.len();
    for (column, len) in [
        ("trace_ids_high", batch.trace_ids_high.len()),
        ("trace_ids_low", batch.trace_ids_low.len()),
        ("parent_ids", batch.parent_ids.len()),
        ("starts_ns", batch.starts_ns.len()),
        ("ends_ns", batch.ends_ns.len()),
        ("names", batch.names.len()),
    ] {
        required(column, len, rows)?;
    }
    for (column, len) in [
        ("resource_rows", batch.resource_rows.len()),
        ("scope_rows", batch.scope_rows.len()),
        ("kinds", batch.kinds.len()),
        ("statuses", batch.statuses.len()),
        ("status_messages", batch.status_messages.len()),
        ("states", batch.states.len()),
        ("versions", batch.versions.len()),
        ("flags", batch.flags.len()),
        ("trace_states", batch.trace_states.len()),
        ("dropped_attributes", batch.dropped_attributes.len()),
        ("dropped_events", batch.dropped_events.len()),
        ("dropped_links", batch.dropped_links.len()),
    ] {
        optional(column, len, rows)?;
    }
    indices("names", &batch.names, tables.strings)?;
    indices("status_messages", &batch.status_messages, tables.strings)?;
    indices("trace_states", &batch.trace_states, tables.strings)?;
    indices(
        "resource_rows",
        &batch.resource_rows,
        batch.resources.attribute_ends.len(),
    )?;
    indices("scope_rows", &batch.scope_rows, batch.scopes.names.len())?;
    attributes("attributes", &batch.attributes, tables)?;
    let total = batch.attributes.keys.len();
    ends("attribute_ends", &batch.attribute_ends, Some(rows), total)
}

fn check_events(
    batch: &SpanBatch,
    events: &EventColumns,
    tables: &Tables,
) -> Result<(), BatchError> {
    let rows = events.names.len();
    required("events.times_ns", events.times_ns.len(), rows)?;
    indices("events.names", &events.names, tables.strings)?;
    attributes("events", &events.attributes, tables)?;
    let total = events.attributes.keys.len();
    ends(
        "events.attribute_ends",
        &events.attribute_ends,
        Some(rows),
        total,
    )?;
    optional(
        "events.dropped_attributes",
        events.dropped_attributes.len(),
        rows,
    )?;
    optional_ends("event_ends", &batch.event_ends, batch.len(), rows)
}

fn check_links(batch: &SpanBatch, links: &LinkColumns, tables: &Tables) -> Result<(), BatchError> {
    let rows = links.span_ids.len();
    required("links.trace_ids_high", links.trace_ids_high.len(), rows)?;
    required("links.trace_ids_low", links.trace_ids_low.len(), rows)?;
    optional("links.trace_states", links.trace_states.len(), rows)?;
    optional("links.flags", links.flags.len(), rows)?;
    indices("links.trace_states", &links.trace_states, tables.strings)?;
    attributes("links", &links.attributes, tables)?;
    let total = links.attributes.keys.len();
    ends(
        "links.attribute_ends",
        &links.attribute_ends,
        Some(rows),
        total,
    )?;
    optional(
        "links.dropped_attributes",
        links.dropped_attributes.len(),
        rows,
    )?;
    optional_ends("link_ends", &batch.link_ends, batch.len(), rows)
}

fn attributes(
    column: &'static str,
    attributes: &AttributeColumns,
    tables: &Tables,
) -> Result<(), BatchError> {
    let rows = attributes.keys.len();
    required(column, attributes.tags.len(), rows)?;
    required(column, attributes.bits.len(), rows)?;
    indices(column, &attributes.keys, tables.strings)?;
    for (kind, bits) in attributes.tags.iter().zip(&attributes.bits) {
        let len = match *kind {
            tag::STRING => tables.strings,
            tag::BYTES | tag::ARRAY | tag::MAP => tables.blobs,
            _ => continue,
        };
        if *bits >= len as u64 {
            return Err(BatchError::Index {
                column,
                index: *bits,
                len,
            });
        }
    }
    Ok(())
}

fn required(column: &'static str, found: usize, expected: usize) -> Result<(), BatchError> {
    match found == expected {
        true => Ok(()),
        false => Err(BatchError::Length {
            column,
            found,
            expected,
        }),
    }
}

fn optional(column: &'static str, found: usize, expected: usize) -> Result<(), BatchError> {
    match found {
        0 => Ok(()),
        _ => required(column, found, expected),
    }
}

fn indices(column: &'static str, values: &[u32], len: usize) -> Result<(), BatchError> {
    match values.iter().copied().max() {
        Some(max) if max as usize >= len => Err(BatchError::Index {
            column,
            index: u64::from(max),
            len,
        }),
        _ => Ok(()),
    }
}

fn ends(
    column: &'static str,
    ends: &[u32],
    rows: Option<usize>,
    expected: usize,
) -> Result<(), BatchError> {
    if let Some(rows) = rows {
        required(column, ends.len(), rows)?;
    }
    let covered = ends.last().map_or(0, |end| *end as usize) == expected;
    match covered && ends.is_sorted() {
        true => Ok(()),
        false => Err(BatchError::Ends { column, expected }),
    }
}

fn optional_ends(
    column: &'static str,
    values: &[u32],
    rows: usize,
    expected: usize,
) -> Result<(), BatchError> {
    match (values.is_empty(), expected) {
        (true, 0) => Ok(()),
        _ => ends(column, values, Some(rows), expected),
    }
}
