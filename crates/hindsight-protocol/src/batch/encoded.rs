//! Building rows from what is already in the builder's tables.
//!
//! In: indices that the same builder gave out ([`BatchBuilder::intern`], [`BatchBuilder::intern_blob`],
//! [`BatchBuilder::resource_encoded`], ...) since it was made or cleared. A copier that remembers
//! them looks up each string once instead of once a use. An index from elsewhere makes a batch that
//! reads as if the string or row were empty.

use super::build::{BatchBuilder, push};
use super::optional::push_optional;
use crate::{SpanId, TraceId};

/// An attribute in terms of a builder's tables: string index of the key, [`super::tag`], bits.
pub type EncodedAttribute = (u32, u8, u64);

/// What every span has, in terms of a builder's tables; see [`super::SpanHead`].
#[derive(Clone, Copy, Debug, Default)]
pub struct EncodedHead {
    /// The trace.
    pub trace_id: TraceId,
    /// The span.
    pub span_id: SpanId,
    /// The parent, [`SpanId::INVALID`] for a root.
    pub parent_id: SpanId,
    /// String index.
    pub name: u32,
    /// Nanoseconds since the Unix epoch.
    pub start_ns: u64,
    /// Nanoseconds since the Unix epoch, [`crate::OPEN_END_NS`] while open.
    pub end_ns: u64,
    /// [`crate::SpanKind`].
    pub kind: u8,
    /// [`crate::StatusCode`].
    pub status: u8,
    /// String index.
    pub status_message: u32,
    /// [`crate::SpanState`].
    pub state: u8,
    /// Number of the report.
    pub version: u32,
    /// Trace flags.
    pub flags: u8,
    /// String index.
    pub trace_state: u32,
    /// Row of the resource table.
    pub resource: u32,
    /// Row of the scope table.
    pub scope: u32,
    /// Attributes, events and links left out by limits.
    pub dropped: (u32, u32, u32),
}

impl EncodedHead {
    /// Whether a column that most batches do not have is other than the default.
    #[inline]
    fn is_odd(&self) -> bool {
        let (attributes, events, links) = self.dropped;
        let words = [
            self.resource,
            self.scope,
            self.status_message,
            self.trace_state,
            u32::from(self.kind | self.status),
            attributes | events | links,
        ];
        words.iter().fold(0, |all, word| all | word) != 0
    }
}

impl BatchBuilder {
    /// The index of a blob, stored once.
    pub fn intern_blob(&mut self, bytes: &[u8]) -> u64 {
        self.blob(bytes)
    }

    /// The row of a resource with these attributes, stored once.
    pub fn resource_encoded(&mut self, attributes: &[EncodedAttribute], dropped: u32) -> u32 {
        self.intern_resource(attributes, dropped)
    }

    /// The row of this scope, stored once; name and version are string indices.
    pub fn scope_encoded(
        &mut self,
        (name, version): (u32, u32),
        attributes: &[EncodedAttribute],
        dropped: u32,
    ) -> u32 {
        self.intern_scope((name, version, dropped), attributes)
    }

    /// [`BatchBuilder::begin_span`] for what is in the tables already.
    pub fn begin_encoded(&mut self, head: &EncodedHead) {
        self.first_string();
        let columns = &mut self.columns;
        let rows = columns.span_ids.len();
        columns.trace_ids_high.push(head.trace_id.high);
        columns.trace_ids_low.push(head.trace_id.low);
        columns.span_ids.push(head.span_id.bits);
        columns.parent_ids.push(head.parent_id.bits);
        columns.starts_ns.push(head.start_ns);
        columns.ends_ns.push(head.end_ns);
        columns.names.push(head.name);
        push_optional(&mut columns.states, rows, head.state);
        push_optional(&mut columns.versions, rows, head.version);
        push_optional(&mut columns.flags, rows, head.flags);
        if self.is_odd || head.is_odd() {
            self.push_odd(rows, head);
        }
    }

    /// The columns that most batches do not have.
    fn push_odd(&mut self, rows: usize, head: &EncodedHead) {
        self.is_odd = true;
        let columns = &mut self.columns;
        push_optional(&mut columns.resource_rows, rows, head.resource);
        push_optional(&mut columns.scope_rows, rows, head.scope);
        push_optional(&mut columns.kinds, rows, head.kind);
        push_optional(&mut columns.statuses, rows, head.status);
        push_optional(&mut columns.status_messages, rows, head.status_message);
        push_optional(&mut columns.trace_states, rows, head.trace_state);
        push_optional(&mut columns.dropped_attributes, rows, head.dropped.0);
        push_optional(&mut columns.dropped_events, rows, head.dropped.1);
        push_optional(&mut columns.dropped_links, rows, head.dropped.2);
    }

    /// Adds an attribute to the newest span.
    #[inline]
    pub fn attribute_encoded(&mut self, attribute: EncodedAttribute) {
        push(&mut self.columns.attributes, attribute);
    }

    /// Adds an attribute to the next event of the newest span.
    #[inline]
    pub fn event_attribute_encoded(&mut self, attribute: EncodedAttribute) {
        push(&mut self.columns.events.attributes, attribute);
    }

    /// Adds an attribute to the next link of the newest span.
    #[inline]
    pub fn link_attribute_encoded(&mut self, attribute: EncodedAttribute) {
        push(&mut self.columns.links.attributes, attribute);
    }

    /// Adds an event to the newest span; the name is a string index.
    pub fn event_encoded(
        &mut self,
        time_ns: u64,
        name: u32,
        attributes: &[EncodedAttribute],
        dropped_attributes: u32,
    ) {
        let events = &mut self.columns.events;
        for attribute in attributes {
            push(&mut events.attributes, *attribute);
        }
        events.times_ns.push(time_ns);
        events.names.push(name);
        events
            .attribute_ends
            .push(events.attributes.keys.len() as u32);
        events.dropped_attributes.push(dropped_attributes);
    }

    /// Adds a link to the newest span; the trace state is a string index.
    pub fn link_encoded(
        &mut self,
        (trace_id, span_id): (TraceId, SpanId),
        trace_state: u32,
        flags: u8,
        attributes: &[EncodedAttribute],
        dropped_attributes: u32,
    ) {
        let links = &mut self.columns.links;
        for attribute in attributes {
            push(&mut links.attributes, *attribute);
        }
        links.trace_ids_high.push(trace_id.high);
        links.trace_ids_low.push(trace_id.low);
        links.span_ids.push(span_id.bits);
        links.trace_states.push(trace_state);
        links.flags.push(flags);
        links
            .attribute_ends
            .push(links.attributes.keys.len() as u32);
        links.dropped_attributes.push(dropped_attributes);
    }
}
