//! Spans as a whole: structs, and rows of other batches.

use super::{BatchBuilder, SpanHead};
use crate::batch::row::{AttributeIter, SpanRow};
use crate::{KeyValue, Resource, Span, SpanId};

impl BatchBuilder {
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
}
