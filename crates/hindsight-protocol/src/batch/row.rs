//! Reading rows of a checked batch without copying.

use super::check::{CheckedBatch, span_of};
use super::columns::{AttributeColumns, tag};
use super::nested;
use crate::{
    Event, KeyValue, Link, OPEN_END_NS, Resource, Scope, Span, SpanId, SpanKind, SpanState,
    StatusCode, TraceId, Value,
};

/// One span of a batch.
#[derive(Clone, Copy, Debug)]
pub struct SpanRow<'a> {
    batch: &'a CheckedBatch,
    row: usize,
}

/// One event of a span.
#[derive(Clone, Copy, Debug)]
pub struct EventRow<'a> {
    batch: &'a CheckedBatch,
    row: usize,
}

/// One link of a span.
#[derive(Clone, Copy, Debug)]
pub struct LinkRow<'a> {
    batch: &'a CheckedBatch,
    row: usize,
}

/// The instrumentation scope of a span.
#[derive(Clone, Copy, Debug)]
pub struct ScopeRow<'a> {
    batch: &'a CheckedBatch,
    row: usize,
}

/// A value that borrows from its batch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ValueRef<'a> {
    /// UTF-8 text.
    String(&'a str),
    /// True or false.
    Bool(bool),
    /// A signed 64-bit integer.
    I64(i64),
    /// A double.
    F64(f64),
    /// Opaque bytes.
    Bytes(&'a [u8]),
    /// An array or a map in the nested encoding; the tag says which.
    Nested(u8, &'a [u8]),
    /// A tag this version does not know, and its bits.
    Unknown(u8, u64),
}

impl ValueRef<'_> {
    /// The value on its own; an unknown tag becomes text that says so.
    pub fn to_value(self) -> Value {
        match self {
            Self::String(text) => Value::String(text.to_owned()),
            Self::Bool(value) => Value::Bool(value),
            Self::I64(value) => Value::I64(value),
            Self::F64(value) => Value::F64(value),
            Self::Bytes(bytes) => Value::Bytes(bytes.to_vec()),
            Self::Nested(_, bytes) => {
                nested::decode(bytes).unwrap_or_else(|_| Value::Bytes(bytes.to_vec()))
            }
            Self::Unknown(tag, bits) => Value::String(format!("(unknown type {tag}: {bits:#x})")),
        }
    }
}

/// The attributes of one owner, in order.
#[derive(Clone, Debug)]
pub struct AttributeIter<'a> {
    batch: &'a CheckedBatch,
    columns: &'a AttributeColumns,
    range: std::ops::Range<usize>,
}

impl<'a> Iterator for AttributeIter<'a> {
    type Item = (&'a str, ValueRef<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.range.next()?;
        let key = self.batch.string(*self.columns.keys.get(row)?);
        let kind = *self.columns.tags.get(row)?;
        let bits = *self.columns.bits.get(row)?;
        let value = match kind {
            tag::STRING => ValueRef::String(self.batch.string(bits as u32)),
            tag::BOOL => ValueRef::Bool(bits != 0),
            tag::I64 => ValueRef::I64(bits as i64),
            tag::F64 => ValueRef::F64(f64::from_bits(bits)),
            tag::BYTES => ValueRef::Bytes(self.batch.blob(bits)),
            tag::ARRAY | tag::MAP => ValueRef::Nested(kind, self.batch.blob(bits)),
            _ => ValueRef::Unknown(kind, bits),
        };
        Some((key, value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.range.size_hint()
    }
}

impl ExactSizeIterator for AttributeIter<'_> {}

fn collect(attributes: AttributeIter<'_>) -> Vec<KeyValue> {
    attributes
        .map(|(key, value)| KeyValue::new(key, value.to_value()))
        .collect()
}

fn or_default<T: Copy + Default>(column: &[T], row: usize) -> T {
    column.get(row).copied().unwrap_or_default()
}

impl CheckedBatch {
    /// Row `row`; panics when there is no such row, as slices do.
    pub fn row(&self, row: usize) -> SpanRow<'_> {
        assert!(row < self.len(), "row {row} of {}", self.len());
        SpanRow { batch: self, row }
    }

    /// All rows in order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = SpanRow<'_>> {
        (0..self.len()).map(|row| SpanRow { batch: self, row })
    }

    /// All rows as structs.
    pub fn to_spans(&self) -> Vec<Span> {
        self.rows().map(|row| row.to_span()).collect()
    }

    /// The attributes of row `resource` of the resource table; none outside the table.
    pub fn resource_attributes(&self, resource: u32) -> AttributeIter<'_> {
        let table = &self.columns.resources;
        self.attributes(&table.attributes, &table.attribute_ends, resource as usize)
    }

    fn attributes<'a>(
        &'a self,
        columns: &'a AttributeColumns,
        ends: &[u32],
        row: usize,
    ) -> AttributeIter<'a> {
        AttributeIter {
            batch: self,
            columns,
            range: span_of(ends, row),
        }
    }
}

impl<'a> SpanRow<'a> {
    /// The row's number in its batch.
    pub fn index(self) -> usize {
        self.row
    }

    /// The batch it belongs to.
    pub fn batch(self) -> &'a CheckedBatch {
        self.batch
    }

    /// The span's trace.
    pub fn trace_id(self) -> TraceId {
        TraceId {
            high: or_default(&self.batch.columns.trace_ids_high, self.row),
            low: or_default(&self.batch.columns.trace_ids_low, self.row),
        }
    }

    /// The span's id.
    pub fn span_id(self) -> SpanId {
        SpanId::from_u64(or_default(&self.batch.columns.span_ids, self.row))
    }

    /// The parent's id, if the span is not a root.
    pub fn parent_id(self) -> Option<SpanId> {
        let id = SpanId::from_u64(or_default(&self.batch.columns.parent_ids, self.row));
        id.is_valid().then_some(id)
    }

    /// Nanoseconds since the Unix epoch.
    pub fn start_ns(self) -> u64 {
        or_default(&self.batch.columns.starts_ns, self.row)
    }

    /// Nanoseconds since the Unix epoch; none while the span is open.
    pub fn end_ns(self) -> Option<u64> {
        let end = or_default(&self.batch.columns.ends_ns, self.row);
        (end != OPEN_END_NS).then_some(end)
    }

    /// What the operation is called.
    pub fn name(self) -> &'a str {
        self.batch
            .string(or_default(&self.batch.columns.names, self.row))
    }

    /// The span's role.
    pub fn kind(self) -> SpanKind {
        SpanKind::from_u8(or_default(&self.batch.columns.kinds, self.row))
    }

    /// The outcome.
    pub fn status(self) -> StatusCode {
        StatusCode::from_u8(or_default(&self.batch.columns.statuses, self.row))
    }

    /// The outcome's description, empty if none.
    pub fn status_message(self) -> &'a str {
        self.batch
            .string(or_default(&self.batch.columns.status_messages, self.row))
    }

    /// How the span stands.
    pub fn state(self) -> SpanState {
        SpanState::from_u8(or_default(&self.batch.columns.states, self.row))
    }

    /// Number of this report of the span.
    pub fn version(self) -> u32 {
        or_default(&self.batch.columns.versions, self.row)
    }

    /// Trace flags.
    pub fn flags(self) -> u8 {
        or_default(&self.batch.columns.flags, self.row)
    }

    /// `tracestate`, empty if none.
    pub fn trace_state(self) -> &'a str {
        self.batch
            .string(or_default(&self.batch.columns.trace_states, self.row))
    }

    /// Row of the resource table.
    pub fn resource_row(self) -> u32 {
        or_default(&self.batch.columns.resource_rows, self.row)
    }

    /// The resource's attributes.
    pub fn resource(self) -> AttributeIter<'a> {
        self.batch.resource_attributes(self.resource_row())
    }

    /// Attributes of the resource left out by a limit.
    pub fn dropped_resource_attributes(self) -> u32 {
        let resources = &self.batch.columns.resources;
        or_default(&resources.dropped_attributes, self.resource_row() as usize)
    }

    /// `service.name` of the resource, empty if it has none.
    pub fn service(self) -> &'a str {
        self.resource()
            .find_map(|(key, value)| match (key, value) {
                ("service.name", ValueRef::String(name)) => Some(name),
                _ => None,
            })
            .unwrap_or_default()
    }

    /// Row of the scope table.
    pub fn scope_row(self) -> u32 {
        or_default(&self.batch.columns.scope_rows, self.row)
    }

    /// The instrumentation scope.
    pub fn scope(self) -> ScopeRow<'a> {
        ScopeRow {
            batch: self.batch,
            row: self.scope_row() as usize,
        }
    }

    /// The span's attributes.
    pub fn attributes(self) -> AttributeIter<'a> {
        let columns = &self.batch.columns;
        self.batch
            .attributes(&columns.attributes, &columns.attribute_ends, self.row)
    }

    /// The span's events.
    pub fn events(self) -> impl ExactSizeIterator<Item = EventRow<'a>> {
        let batch = self.batch;
        span_of(&batch.columns.event_ends, self.row).map(move |row| EventRow { batch, row })
    }

    /// The span's links.
    pub fn links(self) -> impl ExactSizeIterator<Item = LinkRow<'a>> {
        let batch = self.batch;
        span_of(&batch.columns.link_ends, self.row).map(move |row| LinkRow { batch, row })
    }

    /// Attributes, events and links left out by limits.
    pub fn dropped(self) -> (u32, u32, u32) {
        let columns = &self.batch.columns;
        (
            or_default(&columns.dropped_attributes, self.row),
            or_default(&columns.dropped_events, self.row),
            or_default(&columns.dropped_links, self.row),
        )
    }

    /// The span on its own.
    pub fn to_span(self) -> Span {
        let (dropped_attributes, dropped_events, dropped_links) = self.dropped();
        Span {
            trace_id: self.trace_id(),
            span_id: self.span_id(),
            parent_id: self.parent_id().unwrap_or(SpanId::INVALID),
            trace_state: self.trace_state().to_owned(),
            flags: self.flags(),
            name: self.name().to_owned(),
            kind: self.kind() as u8,
            start_ns: self.start_ns(),
            end_ns: self.end_ns().unwrap_or(OPEN_END_NS),
            state: self.state() as u8,
            version: self.version(),
            status: self.status() as u8,
            status_message: self.status_message().to_owned(),
            attributes: collect(self.attributes()),
            events: self.events().map(EventRow::to_event).collect(),
            links: self.links().map(LinkRow::to_link).collect(),
            resource: Resource {
                attributes: collect(self.resource()),
                dropped_attributes: self.dropped_resource_attributes(),
            },
            scope: self.scope().to_scope(),
            dropped_attributes,
            dropped_events,
            dropped_links,
        }
    }
}

impl<'a> EventRow<'a> {
    /// Nanoseconds since the Unix epoch.
    pub fn time_ns(self) -> u64 {
        or_default(&self.batch.columns.events.times_ns, self.row)
    }

    /// What happened.
    pub fn name(self) -> &'a str {
        self.batch
            .string(or_default(&self.batch.columns.events.names, self.row))
    }

    /// Details.
    pub fn attributes(self) -> AttributeIter<'a> {
        let events = &self.batch.columns.events;
        self.batch
            .attributes(&events.attributes, &events.attribute_ends, self.row)
    }

    /// Attributes left out by a limit.
    pub fn dropped_attributes(self) -> u32 {
        or_default(&self.batch.columns.events.dropped_attributes, self.row)
    }

    /// The event on its own.
    pub fn to_event(self) -> Event {
        Event {
            time_ns: self.time_ns(),
            name: self.name().to_owned(),
            attributes: collect(self.attributes()),
            dropped_attributes: self.dropped_attributes(),
        }
    }
}

impl<'a> LinkRow<'a> {
    /// The other span's trace.
    pub fn trace_id(self) -> TraceId {
        let links = &self.batch.columns.links;
        TraceId {
            high: or_default(&links.trace_ids_high, self.row),
            low: or_default(&links.trace_ids_low, self.row),
        }
    }

    /// The other span.
    pub fn span_id(self) -> SpanId {
        SpanId::from_u64(or_default(&self.batch.columns.links.span_ids, self.row))
    }

    /// The other span's `tracestate`.
    pub fn trace_state(self) -> &'a str {
        self.batch
            .string(or_default(&self.batch.columns.links.trace_states, self.row))
    }

    /// The other span's trace flags.
    pub fn flags(self) -> u8 {
        or_default(&self.batch.columns.links.flags, self.row)
    }

    /// What the link means.
    pub fn attributes(self) -> AttributeIter<'a> {
        let links = &self.batch.columns.links;
        self.batch
            .attributes(&links.attributes, &links.attribute_ends, self.row)
    }

    /// Attributes left out by a limit.
    pub fn dropped_attributes(self) -> u32 {
        or_default(&self.batch.columns.links.dropped_attributes, self.row)
    }

    /// The link on its own.
    pub fn to_link(self) -> Link {
        Link {
            trace_id: self.trace_id(),
            span_id: self.span_id(),
            trace_state: self.trace_state().to_owned(),
            flags: self.flags(),
            attributes: collect(self.attributes()),
            dropped_attributes: self.dropped_attributes(),
        }
    }
}

impl<'a> ScopeRow<'a> {
    /// Name of the library.
    pub fn name(self) -> &'a str {
        self.batch
            .string(or_default(&self.batch.columns.scopes.names, self.row))
    }

    /// Its version.
    pub fn version(self) -> &'a str {
        self.batch
            .string(or_default(&self.batch.columns.scopes.versions, self.row))
    }

    /// Further attributes.
    pub fn attributes(self) -> AttributeIter<'a> {
        let scopes = &self.batch.columns.scopes;
        self.batch
            .attributes(&scopes.attributes, &scopes.attribute_ends, self.row)
    }

    /// Attributes left out by a limit.
    pub fn dropped_attributes(self) -> u32 {
        or_default(&self.batch.columns.scopes.dropped_attributes, self.row)
    }

    /// The scope on its own.
    pub fn to_scope(self) -> Scope {
        Scope {
            name: self.name().to_owned(),
            version: self.version().to_owned(),
            attributes: collect(self.attributes()),
            dropped_attributes: self.dropped_attributes(),
        }
    }
}
