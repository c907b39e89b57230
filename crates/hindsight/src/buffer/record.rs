//! What is known about a span that has not ended, and how that becomes a row.

use std::borrow::Cow;
use std::sync::Arc;

use hindsight_protocol::batch::SpanHead;
use hindsight_protocol::{BatchBuilder, KeyValue, Scope, SpanId, SpanState, StatusCode, TraceId};

use super::BufferLimits;
use crate::Context;
use crate::attribute::{Attribute, AttributeValue, Key};
use crate::clock::Reading;

/// A span from its builder to its end.
#[derive(Debug, Default)]
pub(crate) struct SpanRecord {
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
    pub(crate) parent_id: SpanId,
    pub(crate) name: Cow<'static, str>,
    /// In the order in which they were set; a key may be there again, the last one counts.
    attributes: Vec<Attribute>,
    /// Whether no key is there twice.
    is_distinct: bool,
    /// About the bytes of all texts, those since replaced included.
    text_bytes: usize,
    /// When it was opened.
    pub(crate) opened: Reading,
    /// The start, if it is another one.
    pub(crate) start_ns: Option<u64>,
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) status: StatusCode,
    pub(crate) dropped_attributes: u32,
    pub(crate) reports: Reports,
    extra: Option<Box<Extra>>,
}

/// The reports of a span while it runs.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reports {
    /// How many so far.
    pub(crate) version: u32,
    /// Changed since the newest.
    pub(crate) changed: bool,
    /// Ticks of the newest.
    pub(crate) ticks: u64,
    /// Connection of the newest, 0 if there is none.
    pub(crate) epoch: u64,
}

/// What most spans do not have.
#[derive(Debug, Default)]
pub(crate) struct Extra {
    pub(crate) trace_state: String,
    pub(crate) status_message: Cow<'static, str>,
    pub(crate) scope: Option<Arc<Scope>>,
    pub(crate) events: Vec<EventRecord>,
    pub(crate) links: Vec<LinkRecord>,
    pub(crate) dropped_events: u32,
    pub(crate) dropped_links: u32,
}

#[derive(Debug)]
pub(crate) struct EventRecord {
    pub(crate) time_ns: u64,
    pub(crate) name: Cow<'static, str>,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) dropped_attributes: u32,
}

#[derive(Debug)]
pub(crate) struct LinkRecord {
    trace_id: TraceId,
    span_id: SpanId,
    flags: u8,
    trace_state: String,
    attributes: Vec<Attribute>,
    dropped_attributes: u32,
}

impl LinkRecord {
    pub(crate) fn to(context: &Context, mut attributes: Vec<Attribute>, max: usize) -> Self {
        let dropped_attributes = cut(&mut attributes, max);
        Self {
            trace_id: context.trace_id(),
            span_id: context.span_id(),
            flags: context.flags().bits(),
            trace_state: context
                .trace_state()
                .map_or_else(String::new, |s| s.to_header()),
            attributes,
            dropped_attributes,
        }
    }
}

/// Shortens `list` to `max` elements; how many went.
pub(crate) fn cut<T>(list: &mut Vec<T>, max: usize) -> u32 {
    let over = list.len().saturating_sub(max);
    list.truncate(max);
    over as u32
}

/// Attributes for which a record keeps room when it is used again.
const ATTRIBUTES_KEPT: usize = 32;

impl SpanRecord {
    /// Sets `key`; a later value replaces an earlier one.
    #[inline]
    pub(crate) fn set_attribute(&mut self, key: Key, value: AttributeValue, max: usize) {
        if self.attributes.len() >= max {
            return self.set_attribute_when_full(key, value, max);
        }
        self.is_distinct = false;
        self.text_bytes += key.len() + value.heap_bytes();
        self.attributes.push((key, value));
    }

    #[cold]
    fn set_attribute_when_full(&mut self, key: Key, value: AttributeValue, max: usize) {
        self.make_distinct();
        let room = self.attributes.len() < max;
        let found = self.attributes.iter_mut().find(|(other, _)| *other == key);
        match found {
            Some((_, old)) => {
                self.text_bytes += value.heap_bytes();
                *old = value;
            }
            None if room => {
                self.text_bytes += key.len() + value.heap_bytes();
                self.attributes.push((key, value));
            }
            None => self.dropped_attributes = self.dropped_attributes.saturating_add(1),
        }
    }

    /// Leaves each key once, where it was first, with its last value.
    fn make_distinct(&mut self) {
        if std::mem::replace(&mut self.is_distinct, true) {
            return;
        }
        let mut distinct: Vec<Attribute> = Vec::with_capacity(self.attributes.len());
        for (key, value) in self.attributes.drain(..) {
            match distinct.iter_mut().find(|(other, _)| *other == key) {
                Some((_, old)) => *old = value,
                None => distinct.push((key, value)),
            }
        }
        self.attributes = distinct;
    }

    pub(crate) fn extra(&mut self) -> &mut Extra {
        self.extra.get_or_insert_default()
    }

    /// Sets the outcome; `Ok` is final.
    pub(crate) fn set_status(&mut self, code: StatusCode, message: Cow<'static, str>) {
        if self.status == StatusCode::Ok {
            return;
        }
        self.status = code;
        match code {
            StatusCode::Error if !message.is_empty() => self.extra().status_message = message,
            _ => {
                if let Some(extra) = &mut self.extra {
                    extra.status_message = Cow::Borrowed("");
                }
            }
        }
    }

    /// The start as told to the hub, nanoseconds since the Unix epoch.
    pub(crate) fn start_ns(&self) -> u64 {
        self.start_ns.unwrap_or(self.opened.unix_ns)
    }

    /// About the bytes its row takes, rather more than less.
    pub(crate) fn byte_len(&self) -> usize {
        let fixed = 192 + 24 * self.attributes.len() + self.name.len() + self.text_bytes;
        fixed + self.extra.as_ref().map_or(0, |extra| extra.byte_len())
    }

    /// Adds the span to `batch` as a row; `resource` and, without a scope of its own, row 0 of the
    /// scopes are in `batch` already.
    pub(crate) fn write(&self, end_ns: Option<u64>, state: SpanState, batch: &mut BatchBuilder) {
        let extra = self.extra.as_deref();
        let scope = extra.and_then(|extra| extra.scope.as_deref());
        let scope = scope.map_or(0, |scope| batch.scope(scope));
        let name = index_of(&self.name, batch);
        let head = SpanHead {
            trace_id: self.trace_id,
            span_id: self.span_id,
            parent_id: self.parent_id,
            name: "",
            start_ns: self.start_ns(),
            end_ns,
            kind: self.kind,
            status: self.status as u8,
            status_message: extra.map_or("", |extra| &extra.status_message),
            state: state as u8,
            version: self.reports.version,
            flags: self.flags,
            trace_state: extra.map_or("", |extra| &extra.trace_state),
            resource: 0,
            scope,
            dropped: (
                self.dropped_attributes,
                extra.map_or(0, |extra| extra.dropped_events),
                extra.map_or(0, |extra| extra.dropped_links),
            ),
        };
        batch.begin_span_named(name, &head);
        self.write_attributes(batch);
        if let Some(extra) = extra {
            extra.write(batch);
        }
        batch.end_span();
    }

    fn write_attributes(&self, batch: &mut BatchBuilder) {
        // A bit for each key seen, by its index: only a bit that is set already needs a search.
        let mut seen = 0_u64;
        for (key, value) in &self.attributes {
            let key = index_of(key, batch);
            let value = value.encode(batch);
            let bit = 1 << (key & 63);
            if seen & bit == 0 || !batch.replace_attribute(key, value) {
                batch.push_attribute(key, value);
            }
            seen |= bit;
        }
    }

    /// Empties the record, keeping some room for attributes.
    pub(crate) fn clear(&mut self) {
        self.name = Cow::Borrowed("");
        self.attributes.clear();
        self.attributes.shrink_to(ATTRIBUTES_KEPT);
        self.is_distinct = false;
        self.text_bytes = 0;
        self.start_ns = None;
        self.kind = 0;
        self.status = StatusCode::Unset;
        self.dropped_attributes = 0;
        self.reports = Reports::default();
        self.extra = None;
    }
}

/// The index of a name or key: by its address if it is a literal.
#[inline]
fn index_of(text: &Key, batch: &mut BatchBuilder) -> u32 {
    match text {
        Cow::Borrowed(text) => batch.intern_static(text),
        Cow::Owned(text) => batch.intern(text),
    }
}

impl Extra {
    pub(crate) fn push_event(&mut self, limits: &BufferLimits, make: impl FnOnce() -> EventRecord) {
        match self.events.len() < limits.events_max {
            true => self.events.push(make()),
            false => self.dropped_events = self.dropped_events.saturating_add(1),
        }
    }

    pub(crate) fn push_link(&mut self, limits: &BufferLimits, make: impl FnOnce() -> LinkRecord) {
        match self.links.len() < limits.links_max {
            true => self.links.push(make()),
            false => self.dropped_links = self.dropped_links.saturating_add(1),
        }
    }

    fn byte_len(&self) -> usize {
        let attributes = |list: &[Attribute]| -> usize {
            list.iter()
                .map(|(key, value)| 24 + key.len() + value.heap_bytes())
                .sum()
        };
        let event = |event: &EventRecord| 64 + event.name.len() + attributes(&event.attributes);
        let link = |link: &LinkRecord| 64 + link.trace_state.len() + attributes(&link.attributes);
        let events = self.events.iter().map(event).sum::<usize>();
        let links = self.links.iter().map(link).sum::<usize>();
        events + links + self.trace_state.len() + self.status_message.len()
    }

    fn write(&self, batch: &mut BatchBuilder) {
        for event in &self.events {
            let (attributes, dropped) = (owned(&event.attributes), event.dropped_attributes);
            batch.event_values(event.time_ns, &event.name, &attributes, dropped);
        }
        for link in &self.links {
            let (attributes, dropped) = (owned(&link.attributes), link.dropped_attributes);
            let target = (link.trace_id, link.span_id);
            batch.link_values(target, &link.trace_state, link.flags, &attributes, dropped);
        }
    }
}

fn owned(attributes: &[Attribute]) -> Vec<KeyValue> {
    let owned =
        |(key, value): &Attribute| KeyValue::new(key.clone().into_owned(), value.to_value());
    attributes.iter().map(owned).collect()
}
