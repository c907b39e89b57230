//! What most spans do not have: events, links, a scope, a message, arrays and maps.

use std::borrow::Cow;
use std::sync::Arc;

use hindsight_protocol::batch::{EncodedAttribute, EncodedHead, tag};
use hindsight_protocol::{BatchBuilder, Scope, SpanId, TraceId, Value};

use super::BufferLimits;
use super::long::{cut_value, cut_values};
use crate::Context;
use crate::attribute::{Attribute, AttributeValue, value_bytes};

#[derive(Debug, Default)]
pub(crate) struct Extra {
    pub(crate) trace_state: String,
    pub(crate) status_message: Cow<'static, str>,
    pub(crate) scope: Option<Arc<Scope>>,
    /// Values that do not fit a slot.
    pub(crate) values: Vec<Value>,
    values_bytes: usize,
    pub(crate) events: Vec<EventRecord>,
    pub(crate) links: Vec<LinkRecord>,
    pub(crate) dropped_events: u32,
    pub(crate) dropped_links: u32,
    /// Values that were cut.
    pub(crate) cut_values: u32,
}

#[derive(Debug)]
pub(crate) struct EventRecord {
    pub(crate) time_ns: u64,
    pub(crate) name: Cow<'static, str>,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) dropped_attributes: u32,
    /// Values that were cut, its name among them.
    pub(crate) cut_values: u32,
}

#[derive(Debug)]
pub(crate) struct LinkRecord {
    trace_id: TraceId,
    span_id: SpanId,
    flags: u8,
    trace_state: String,
    attributes: Vec<Attribute>,
    dropped_attributes: u32,
    cut_values: u32,
}

impl LinkRecord {
    pub(crate) fn to(context: &Context, mut attributes: Vec<Attribute>, max: usize) -> Self {
        let (dropped_attributes, cut_values) = shorten(&mut attributes, max);
        Self {
            trace_id: context.trace_id(),
            span_id: context.span_id(),
            flags: context.flags().bits(),
            trace_state: context
                .trace_state()
                .map_or_else(String::new, |s| s.to_header()),
            attributes,
            dropped_attributes,
            cut_values,
        }
    }
}

/// Leaves at most `max` attributes, with values that are not too long; how many went, and how many
/// values were cut.
pub(crate) fn shorten(attributes: &mut Vec<Attribute>, max: usize) -> (u32, u32) {
    let over = attributes.len().saturating_sub(max);
    attributes.truncate(max);
    (over as u32, cut_values(attributes))
}

impl Extra {
    /// Keeps a value, cut if it is too long; its index.
    pub(crate) fn keep(&mut self, mut value: Value) -> u32 {
        self.cut_values += u32::from(cut_value(&mut value));
        self.values_bytes += value_bytes(&value);
        self.values.push(value);
        self.values.len() as u32 - 1
    }

    /// Takes all kept values, to be kept again as far as they are in use.
    pub(crate) fn take_values(&mut self) -> Vec<Value> {
        self.values_bytes = 0;
        std::mem::take(&mut self.values)
    }

    pub(crate) fn push_event(&mut self, limits: &BufferLimits, event: EventRecord) {
        match self.events.len() < limits.events_max {
            true => {
                self.cut_values = self.cut_values.saturating_add(event.cut_values);
                self.events.push(event);
            }
            false => self.dropped_events = self.dropped_events.saturating_add(1),
        }
    }

    pub(crate) fn push_link(&mut self, limits: &BufferLimits, link: LinkRecord) {
        match self.links.len() < limits.links_max {
            true => {
                self.cut_values = self.cut_values.saturating_add(link.cut_values);
                self.links.push(link);
            }
            false => self.dropped_links = self.dropped_links.saturating_add(1),
        }
    }

    /// How often a limit of the tracer cut something, attributes of the span not counted.
    pub(crate) fn cuts(&self) -> u64 {
        let events = self.events.iter().map(|event| event.dropped_attributes);
        let links = self.links.iter().map(|link| link.dropped_attributes);
        let whole = [self.dropped_events, self.dropped_links, self.cut_values];
        events.chain(links).chain(whole).map(u64::from).sum()
    }

    /// About the bytes it takes.
    pub(crate) fn byte_len(&self) -> usize {
        let attributes = |list: &[Attribute]| -> usize {
            list.iter()
                .map(|(key, value)| 24 + key.len() + value.heap_bytes())
                .sum()
        };
        let event = |event: &EventRecord| 64 + event.name.len() + attributes(&event.attributes);
        let link = |link: &LinkRecord| 64 + link.trace_state.len() + attributes(&link.attributes);
        let events = self.events.iter().map(event).sum::<usize>();
        let links = self.links.iter().map(link).sum::<usize>();
        let texts = self.trace_state.len() + self.status_message.len();
        160 + events + links + texts + self.values_bytes
    }

    /// Fills in what of this belongs to the head of the span.
    pub(crate) fn complete(&self, head: &mut EncodedHead, batch: &mut BatchBuilder) {
        let scope = self.scope.as_deref();
        head.scope = scope.map_or(0, |scope| batch.scope(scope));
        head.status_message = batch.intern(&self.status_message);
        head.trace_state = batch.intern(&self.trace_state);
        head.dropped.1 = self.dropped_events;
        head.dropped.2 = self.dropped_links;
    }

    /// Adds events and links to the newest span of `batch`.
    pub(crate) fn write(&self, batch: &mut BatchBuilder) {
        for event in &self.events {
            let name = index_of(&event.name, batch);
            for attribute in &event.attributes {
                let encoded = encode(attribute, batch);
                batch.event_attribute_encoded(encoded);
            }
            batch.event_encoded(event.time_ns, name, &[], event.dropped_attributes);
        }
        for link in &self.links {
            let state = batch.intern(&link.trace_state);
            for attribute in &link.attributes {
                let encoded = encode(attribute, batch);
                batch.link_attribute_encoded(encoded);
            }
            let target = (link.trace_id, link.span_id);
            batch.link_encoded(target, state, link.flags, &[], link.dropped_attributes);
        }
    }
}

/// The index of a name or key: by its address if it lives for ever.
#[expect(
    clippy::ptr_arg,
    reason = "what is borrowed lives for ever, a `&str` does not say so"
)]
fn index_of(text: &Cow<'static, str>, batch: &mut BatchBuilder) -> u32 {
    match text {
        Cow::Borrowed(text) => batch.intern_static(text),
        Cow::Owned(text) => batch.intern(text),
    }
}

fn encode((key, value): &Attribute, batch: &mut BatchBuilder) -> EncodedAttribute {
    let key = index_of(key, batch);
    let (tag, bits) = match value {
        AttributeValue::String(Cow::Borrowed(text)) => {
            (tag::STRING, u64::from(batch.intern_static(text)))
        }
        AttributeValue::String(Cow::Owned(text)) => {
            (tag::STRING, u64::from(batch.intern_recent(text)))
        }
        AttributeValue::Bool(value) => (tag::BOOL, u64::from(*value)),
        AttributeValue::I64(value) => (tag::I64, *value as u64),
        AttributeValue::F64(value) => (tag::F64, value.to_bits()),
        AttributeValue::Other(value) => batch.encode_value(value),
    };
    (key, tag, bits)
}
