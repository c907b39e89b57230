//! The parts of a span: its head, attributes, events and links, set one by one.

use super::{BatchBuilder, SpanHead, push};
use crate::batch::columns::tag;
use crate::batch::encoded::EncodedHead;
use crate::batch::nested;
use crate::batch::optional::push_optional;
use crate::batch::row::ValueRef;
use crate::{KeyValue, OPEN_END_NS, SpanId, TraceId, Value};

impl BatchBuilder {
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
