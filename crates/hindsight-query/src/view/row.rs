//! Rows of a batch as spans.

use std::ops::Range;

use hindsight_protocol::batch::{AttributeColumns, EventRow, SpanRow, ValueRef, tag};
use hindsight_protocol::{CheckedBatch, SpanId, SpanKind, SpanState, StatusCode, TraceId};

use super::{EventView, Owner, SpanView};

impl<'b> SpanView for SpanRow<'b> {
    type Event<'a>
        = EventRow<'b>
    where
        Self: 'a;

    fn trace_id(&self) -> TraceId {
        (*self).trace_id()
    }

    fn span_id(&self) -> SpanId {
        (*self).span_id()
    }

    fn parent_id(&self) -> Option<SpanId> {
        (*self).parent_id()
    }

    fn name(&self) -> &str {
        (*self).name()
    }

    fn service(&self) -> &str {
        (*self).service()
    }

    fn start_ns(&self) -> u64 {
        (*self).start_ns()
    }

    fn end_ns(&self) -> Option<u64> {
        (*self).end_ns()
    }

    fn kind(&self) -> SpanKind {
        (*self).kind()
    }

    fn status(&self) -> StatusCode {
        (*self).status()
    }

    fn status_message(&self) -> &str {
        (*self).status_message()
    }

    fn state(&self) -> SpanState {
        (*self).state()
    }

    fn scope_name(&self) -> &str {
        self.scope().name()
    }

    fn scope_version(&self) -> &str {
        self.scope().version()
    }

    fn link_count(&self) -> u64 {
        (*self).links().len() as u64
    }

    fn links(&self) -> impl Iterator<Item = (TraceId, SpanId)> {
        let links = (*self).links();
        links.map(|link| (link.trace_id(), link.span_id()))
    }

    fn event_count(&self) -> u64 {
        (*self).events().len() as u64
    }

    fn attributes(&self, owner: Owner) -> impl Iterator<Item = (&str, ValueRef<'_>)> {
        match owner {
            Owner::Span => (*self).attributes(),
            Owner::Resource => self.resource(),
            Owner::Scope => self.scope().attributes(),
        }
    }

    fn events(&self) -> impl Iterator<Item = EventRow<'b>> {
        (*self).events()
    }

    /// Without reading the values of other keys.
    fn attribute(&self, owner: Owner, key: &str) -> Option<ValueRef<'_>> {
        let columns = self.batch().columns();
        let (attributes, ends, row) = match owner {
            Owner::Span => (&columns.attributes, &columns.attribute_ends, self.index()),
            Owner::Resource => {
                let table = &columns.resources;
                let row = self.resource_row() as usize;
                (&table.attributes, &table.attribute_ends, row)
            }
            Owner::Scope => {
                let table = &columns.scopes;
                let row = self.scope_row() as usize;
                (&table.attributes, &table.attribute_ends, row)
            }
        };
        let range = range_of(ends, row);
        let keys = attributes.keys.get(range.clone())?;
        let found = keys
            .iter()
            .position(|index| is_text(self.batch(), *index, key));
        value(self.batch(), attributes, range.start + found?)
    }
}

/// Element `row` of values laid end to end; empty if there is none.
fn range_of(ends: &[u32], row: usize) -> Range<usize> {
    let end_of = |row: usize| ends.get(row).copied().unwrap_or(0) as usize;
    let start = row.checked_sub(1).map_or(0, end_of);
    start..end_of(row).max(start)
}

/// Looks at the length before the text: most keys differ in it, and the text is far away.
fn is_text(batch: &CheckedBatch, index: u32, text: &str) -> bool {
    let range = range_of(&batch.columns().strings.ends, index as usize);
    range.len() == text.len() && batch.string(index) == text
}

fn value<'a>(
    batch: &'a CheckedBatch,
    attributes: &AttributeColumns,
    row: usize,
) -> Option<ValueRef<'a>> {
    let bits = *attributes.bits.get(row)?;
    Some(match *attributes.tags.get(row)? {
        tag::STRING => ValueRef::String(batch.string(bits as u32)),
        tag::BOOL => ValueRef::Bool(bits != 0),
        tag::I64 => ValueRef::I64(bits as i64),
        tag::F64 => ValueRef::F64(f64::from_bits(bits)),
        tag::BYTES => ValueRef::Bytes(batch.blob(bits)),
        kind @ (tag::ARRAY | tag::MAP) => ValueRef::Nested(kind, batch.blob(bits)),
        kind => ValueRef::Unknown(kind, bits),
    })
}

impl EventView for EventRow<'_> {
    fn name(&self) -> &str {
        (*self).name()
    }

    fn attributes(&self) -> impl Iterator<Item = (&str, ValueRef<'_>)> {
        (*self).attributes()
    }
}
