//! Building a batch row by row.
//!
//! In: spans as structs, rows of other batches, or parts set one by one. Out: a [`CheckedBatch`].
//! Strings, resources and scopes are stored once. The caller bounds the size with
//! [`BatchBuilder::byte_len`]; offsets are 32 bits, so a batch must stay below 4 GiB.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::check::{CheckedBatch, span_of};
use super::columns::{AttributeColumns, ScopeTable, SpanBatch, tag};
use super::encoded::{EncodedAttribute as Encoded, EncodedHead};
use super::memo::{Recent, Statics};
use super::nested;
use super::optional::push_optional;
use super::row::{AttributeIter, SpanRow, ValueRef};
use crate::{KeyValue, OPEN_END_NS, Resource, Scope, Span, SpanId, TraceId, Value};

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

    /// The index of `text`, stored once.
    pub fn intern(&mut self, text: &str) -> u32 {
        if text.is_empty() {
            self.first_string();
            return 0;
        }
        let hash = self.hasher.hash_one(text);
        let found = self.interned.find(hash, |index| {
            self.text
                .get(span_of(&self.columns.strings.ends, *index as usize))
                == Some(text)
        });
        if let Some(index) = found {
            return *index;
        }
        let index = self.append_string(text);
        let (all, ends, hasher) = (&self.text, &self.columns.strings.ends, &self.hasher);
        self.interned.insert_unique(hash, index, |index| {
            hasher.hash_one(all.get(span_of(ends, *index as usize)).unwrap_or_default())
        });
        index
    }

    /// The index of `text`, stored anew: for values that are hardly ever equal.
    pub fn append_string(&mut self, text: &str) -> u32 {
        self.first_string();
        self.text.push_str(text);
        self.columns.strings.ends.push(self.text.len() as u32);
        self.columns.strings.ends.len() as u32 - 1
    }

    pub(super) fn first_string(&mut self) {
        if self.columns.strings.ends.is_empty() {
            self.columns.strings.ends.push(0);
        }
    }

    pub(super) fn blob(&mut self, bytes: &[u8]) -> u64 {
        let hash = self.hasher.hash_one(bytes);
        let blobs = &mut self.columns.blobs;
        let found = self.interned_blobs.find(hash, |index| {
            blobs.bytes.get(span_of(&blobs.ends, *index as usize)) == Some(bytes)
        });
        if let Some(index) = found {
            return u64::from(*index);
        }
        blobs.bytes.extend_from_slice(bytes);
        blobs.ends.push(blobs.bytes.len() as u32);
        let index = blobs.ends.len() as u32 - 1;
        let hasher = &self.hasher;
        self.interned_blobs.insert_unique(hash, index, |index| {
            let range = span_of(&blobs.ends, *index as usize);
            hasher.hash_one(blobs.bytes.get(range).unwrap_or_default())
        });
        u64::from(index)
    }

    /// Tag and bits of a value, its text or bytes stored once.
    pub fn encode(&mut self, value: ValueRef<'_>) -> (u8, u64) {
        match value {
            ValueRef::String(text) => (tag::STRING, u64::from(self.intern(text))),
            ValueRef::Bool(value) => (tag::BOOL, u64::from(value)),
            ValueRef::I64(value) => (tag::I64, value as u64),
            ValueRef::F64(value) => (tag::F64, value.to_bits()),
            ValueRef::Bytes(bytes) => (tag::BYTES, self.blob(bytes)),
            ValueRef::Nested(kind, bytes) => (kind, self.blob(bytes)),
            ValueRef::Unknown(kind, bits) => (kind, bits),
        }
    }

    /// [`BatchBuilder::encode`] of values of any type.
    pub fn encode_value(&mut self, value: &Value) -> (u8, u64) {
        match value {
            Value::String(text) => self.encode(ValueRef::String(text)),
            Value::Bool(value) => self.encode(ValueRef::Bool(*value)),
            Value::I64(value) => self.encode(ValueRef::I64(*value)),
            Value::F64(value) => self.encode(ValueRef::F64(*value)),
            Value::Bytes(bytes) => self.encode(ValueRef::Bytes(bytes)),
            Value::Array(_) => (tag::ARRAY, self.blob(&nested::encode(value))),
            Value::Map(_) => (tag::MAP, self.blob(&nested::encode(value))),
        }
    }

    /// The row of a resource with these attributes, stored once.
    pub fn resource(&mut self, resource: &Resource) -> u32 {
        let encoded = self.encode_all(&resource.attributes);
        self.intern_resource(&encoded, resource.dropped_attributes)
    }

    pub(super) fn intern_resource(&mut self, encoded: &[Encoded], dropped: u32) -> u32 {
        let (table, hasher) = (&mut self.columns.resources, &self.hasher);
        let hash = hasher.hash_one((dropped, encoded));
        let found = self.interned_resources.find(hash, |row| {
            let row = *row as usize;
            table.dropped_attributes[row] == dropped
                && is_row(&table.attributes, &table.attribute_ends, row, encoded)
        });
        if let Some(row) = found {
            return *row;
        }
        push_all(&mut table.attributes, encoded);
        table
            .attribute_ends
            .push(table.attributes.keys.len() as u32);
        table.dropped_attributes.push(dropped);
        let row = table.attribute_ends.len() as u32 - 1;
        self.interned_resources.insert_unique(hash, row, |row| {
            let row = *row as usize;
            let encoded = encoded_row(&table.attributes, &table.attribute_ends, row);
            hasher.hash_one((table.dropped_attributes[row], encoded.as_slice()))
        });
        row
    }

    /// The row of this scope, stored once.
    pub fn scope(&mut self, scope: &Scope) -> u32 {
        let name = self.intern(&scope.name);
        let version = self.intern(&scope.version);
        let encoded = self.encode_all(&scope.attributes);
        self.intern_scope((name, version, scope.dropped_attributes), &encoded)
    }

    /// `head`: name, version, dropped attributes.
    pub(super) fn intern_scope(&mut self, head: (u32, u32, u32), encoded: &[Encoded]) -> u32 {
        let (table, hasher) = (&mut self.columns.scopes, &self.hasher);
        let hash = hasher.hash_one((head, encoded));
        let found = self.interned_scopes.find(hash, |row| {
            let row = *row as usize;
            scope_head(table, row) == head
                && is_row(&table.attributes, &table.attribute_ends, row, encoded)
        });
        if let Some(row) = found {
            return *row;
        }
        table.names.push(head.0);
        table.versions.push(head.1);
        table.dropped_attributes.push(head.2);
        push_all(&mut table.attributes, encoded);
        table
            .attribute_ends
            .push(table.attributes.keys.len() as u32);
        let row = table.attribute_ends.len() as u32 - 1;
        self.interned_scopes.insert_unique(hash, row, |row| {
            let row = *row as usize;
            let encoded = encoded_row(&table.attributes, &table.attribute_ends, row);
            hasher.hash_one((scope_head(table, row), encoded.as_slice()))
        });
        row
    }

    fn encode_all(&mut self, attributes: &[KeyValue]) -> Vec<Encoded> {
        let encode = |attribute: &KeyValue| {
            let key = self.intern(&attribute.key);
            let (kind, bits) = self.encode_value(&attribute.value);
            (key, kind, bits)
        };
        attributes.iter().map(encode).collect()
    }

    /// Begins a span; [`BatchBuilder::attribute`], `event*` and `link*` add to the newest span
    /// until [`BatchBuilder::end_span`].
    pub fn begin_span(&mut self, head: &SpanHead<'_>) {
        let name = self.intern(head.name);
        self.begin_span_named(name, head);
    }

    /// [`BatchBuilder::begin_span`] with the index of the name, instead of `head.name`.
    pub fn begin_span_named(&mut self, name: u32, head: &SpanHead<'_>) {
        let status_message = self.intern(head.status_message);
        let trace_state = self.intern(head.trace_state);
        self.begin_encoded(&EncodedHead {
            trace_id: head.trace_id,
            span_id: head.span_id,
            parent_id: head.parent_id,
            name,
            start_ns: head.start_ns,
            end_ns: head.end_ns.unwrap_or(OPEN_END_NS),
            kind: head.kind,
            status: head.status,
            status_message,
            state: head.state,
            version: head.version,
            flags: head.flags,
            trace_state,
            resource: head.resource,
            scope: head.scope,
            dropped: head.dropped,
        });
    }

    /// Adds an attribute to the newest span.
    pub fn attribute(&mut self, key: &str, value: ValueRef<'_>) {
        let key = self.intern(key);
        let (kind, bits) = self.encode(value);
        push(&mut self.columns.attributes, (key, kind, bits));
    }

    /// Adds an attribute to the newest span, arrays and maps included.
    pub fn attribute_value(&mut self, key: &str, value: &Value) {
        let key = self.intern(key);
        let (kind, bits) = self.encode_value(value);
        push(&mut self.columns.attributes, (key, kind, bits));
    }

    /// Gives an attribute that the newest span has another value; says whether it has one.
    pub fn replace_attribute(&mut self, key: u32, (tag, bits): (u8, u64)) -> bool {
        let attributes = &mut self.columns.attributes;
        let first = self.columns.attribute_ends.last().map_or(0, |end| *end);
        let own = attributes.keys.get(first as usize..).unwrap_or_default();
        let Some(at) = own.iter().position(|other| *other == key) else {
            return false;
        };
        attributes.tags[first as usize + at] = tag;
        attributes.bits[first as usize + at] = bits;
        true
    }

    /// Adds an event to the newest span.
    pub fn event<'v>(
        &mut self,
        time_ns: u64,
        name: &str,
        attributes: impl IntoIterator<Item = (&'v str, ValueRef<'v>)>,
        dropped_attributes: u32,
    ) {
        let name = self.intern(name);
        for (key, value) in attributes {
            let key = self.intern(key);
            let (kind, bits) = self.encode(value);
            push(&mut self.columns.events.attributes, (key, kind, bits));
        }
        self.event_encoded(time_ns, name, &[], dropped_attributes);
    }

    /// Adds a link to the newest span.
    pub fn link<'v>(
        &mut self,
        (trace_id, span_id): (TraceId, SpanId),
        trace_state: &str,
        flags: u8,
        attributes: impl IntoIterator<Item = (&'v str, ValueRef<'v>)>,
        dropped_attributes: u32,
    ) {
        let trace_state = self.intern(trace_state);
        for (key, value) in attributes {
            let key = self.intern(key);
            let (kind, bits) = self.encode(value);
            push(&mut self.columns.links.attributes, (key, kind, bits));
        }
        let target = (trace_id, span_id);
        self.link_encoded(target, trace_state, flags, &[], dropped_attributes);
    }

    /// [`BatchBuilder::event`] with attributes of any type.
    pub fn event_values(
        &mut self,
        time_ns: u64,
        name: &str,
        attributes: &[KeyValue],
        dropped_attributes: u32,
    ) {
        let nested = NestedValues::new(attributes);
        self.event(time_ns, name, nested.iter(), dropped_attributes);
    }

    /// [`BatchBuilder::link`] with attributes of any type.
    pub fn link_values(
        &mut self,
        target: (TraceId, SpanId),
        trace_state: &str,
        flags: u8,
        attributes: &[KeyValue],
        dropped_attributes: u32,
    ) {
        let nested = NestedValues::new(attributes);
        self.link(
            target,
            trace_state,
            flags,
            nested.iter(),
            dropped_attributes,
        );
    }

    /// Ends the newest span.
    pub fn end_span(&mut self) {
        let columns = &mut self.columns;
        let rows = columns.attribute_ends.len();
        let attributes = columns.attributes.keys.len() as u32;
        columns.attribute_ends.push(attributes);
        let events = columns.events.names.len() as u32;
        push_optional(&mut columns.event_ends, rows, events);
        let links = columns.links.span_ids.len() as u32;
        push_optional(&mut columns.link_ends, rows, links);
    }

    /// Adds a span given as a struct.
    pub fn push(&mut self, span: &Span) {
        let resource = self.resource(&span.resource);
        let scope = self.scope(&span.scope);
        self.begin_span(&SpanHead {
            trace_id: span.trace_id,
            span_id: span.span_id,
            parent_id: span.parent_id,
            name: &span.name,
            start_ns: span.start_ns,
            end_ns: span.end(),
            kind: span.kind,
            status: span.status,
            status_message: &span.status_message,
            state: span.state,
            version: span.version,
            flags: span.flags,
            trace_state: &span.trace_state,
            resource,
            scope,
            dropped: (
                span.dropped_attributes,
                span.dropped_events,
                span.dropped_links,
            ),
        });
        for attribute in &span.attributes {
            self.attribute_value(&attribute.key, &attribute.value);
        }
        for event in &span.events {
            let dropped = event.dropped_attributes;
            self.event_values(event.time_ns, &event.name, &event.attributes, dropped);
        }
        for link in &span.links {
            let target = (link.trace_id, link.span_id);
            let dropped = link.dropped_attributes;
            self.link_values(
                target,
                &link.trace_state,
                link.flags,
                &link.attributes,
                dropped,
            );
        }
        self.end_span();
    }

    /// Copies a row of another batch.
    pub fn push_row(&mut self, row: SpanRow<'_>) {
        let resource = self.copy_resource(row);
        self.push_row_as(row, resource, row.state() as u8, row.end_ns());
    }

    /// Copies a row, with the resource row, state and end given.
    pub fn push_row_as(&mut self, row: SpanRow<'_>, resource: u32, state: u8, end_ns: Option<u64>) {
        let scope = self.scope(&row.scope().to_scope());
        self.begin_span(&SpanHead {
            trace_id: row.trace_id(),
            span_id: row.span_id(),
            parent_id: row.parent_id().unwrap_or(SpanId::INVALID),
            name: row.name(),
            start_ns: row.start_ns(),
            end_ns,
            kind: row.kind() as u8,
            status: row.status() as u8,
            status_message: row.status_message(),
            state,
            version: row.version(),
            flags: row.flags(),
            trace_state: row.trace_state(),
            resource,
            scope,
            dropped: row.dropped(),
        });
        for (key, value) in row.attributes() {
            self.attribute(key, value);
        }
        for event in row.events() {
            let dropped = event.dropped_attributes();
            self.event(event.time_ns(), event.name(), event.attributes(), dropped);
        }
        for link in row.links() {
            let target = (link.trace_id(), link.span_id());
            let (state, dropped) = (link.trace_state(), link.dropped_attributes());
            self.link(target, state, link.flags(), link.attributes(), dropped);
        }
        self.end_span();
    }

    /// The row of `row`'s resource in this batch.
    pub fn copy_resource(&mut self, row: SpanRow<'_>) -> u32 {
        let attributes: AttributeIter<'_> = row.resource();
        self.resource(&Resource {
            attributes: attributes
                .map(|(key, value)| KeyValue::new(key, value.to_value()))
                .collect(),
            dropped_attributes: row.dropped_resource_attributes(),
        })
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
    }
}

pub(super) fn push(columns: &mut AttributeColumns, (key, kind, bits): Encoded) {
    columns.keys.push(key);
    columns.tags.push(kind);
    columns.bits.push(bits);
}

fn push_all(columns: &mut AttributeColumns, encoded: &[Encoded]) {
    for attribute in encoded {
        push(columns, *attribute);
    }
}

fn is_row(columns: &AttributeColumns, ends: &[u32], row: usize, encoded: &[Encoded]) -> bool {
    let range = span_of(ends, row);
    range.len() == encoded.len()
        && range
            .zip(encoded)
            .all(|(at, e)| (columns.keys[at], columns.tags[at], columns.bits[at]) == *e)
}

fn encoded_row(columns: &AttributeColumns, ends: &[u32], row: usize) -> Vec<Encoded> {
    span_of(ends, row)
        .map(|at| (columns.keys[at], columns.tags[at], columns.bits[at]))
        .collect()
}

fn scope_head(table: &ScopeTable, row: usize) -> (u32, u32, u32) {
    (
        table.names[row],
        table.versions[row],
        table.dropped_attributes[row],
    )
}

/// Attributes as references, with arrays and maps encoded.
struct NestedValues<'a> {
    attributes: &'a [KeyValue],
    encoded: Vec<Vec<u8>>,
}

impl<'a> NestedValues<'a> {
    fn new(attributes: &'a [KeyValue]) -> Self {
        let encode = |attribute: &KeyValue| match attribute.value {
            Value::Array(_) | Value::Map(_) => nested::encode(&attribute.value),
            _ => Vec::new(),
        };
        Self {
            attributes,
            encoded: attributes.iter().map(encode).collect(),
        }
    }

    fn iter(&self) -> impl Iterator<Item = (&str, ValueRef<'_>)> {
        self.attributes.iter().zip(&self.encoded).map(|(a, bytes)| {
            let value = match &a.value {
                Value::String(text) => ValueRef::String(text),
                Value::Bool(value) => ValueRef::Bool(*value),
                Value::I64(value) => ValueRef::I64(*value),
                Value::F64(value) => ValueRef::F64(*value),
                Value::Bytes(bytes) => ValueRef::Bytes(bytes),
                Value::Array(_) => ValueRef::Nested(tag::ARRAY, bytes),
                Value::Map(_) => ValueRef::Nested(tag::MAP, bytes),
            };
            (a.key.as_str(), value)
        })
    }
}
