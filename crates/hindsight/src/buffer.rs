//! Where spans live until they are exported: one buffer a thread and tracer.
//!
//! In: spans started, changed and ended by the program. Out, to the exporter: ended spans (moved)
//! and open ones (copied). A buffer has its own lock, which only its thread, a thread that ends a
//! span started here, and the exporter ever take; the exporter holds it for a swap or a scan.
//! Bounds: [`BufferLimits`]; what finds no room is counted as dropped.

use std::borrow::Cow;
use std::sync::Arc;

use hindsight_protocol::{SpanId, SpanState, StatusCode, TraceId};
use parking_lot::Mutex;

use crate::Context;
use crate::attribute::Attribute;
use crate::tracer::Shared;

/// Bounds of one thread's buffer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BufferLimits {
    /// Ended spans that wait for the exporter.
    pub(crate) ended_spans_max: usize,
    /// Bytes of ended spans that wait for the exporter.
    pub(crate) ended_bytes_max: usize,
    /// Spans open at a time.
    pub(crate) open_spans_max: usize,
    /// Attributes of a span, an event or a link.
    pub(crate) attributes_max: usize,
    /// Events of a span.
    pub(crate) events_max: usize,
    /// Links of a span.
    pub(crate) links_max: usize,
    /// Ended spans after which the exporter is woken.
    pub(crate) wake_at_spans: usize,
}

/// Records on their way; a record moves between lists four times, and a box moves 8 bytes.
pub(crate) type Records = Vec<Box<SpanRecord>>;

/// Everything recorded about a span.
#[derive(Debug, Default)]
pub(crate) struct SpanRecord {
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
    pub(crate) parent_id: SpanId,
    pub(crate) flags: u8,
    pub(crate) trace_state: String,
    pub(crate) name: Cow<'static, str>,
    pub(crate) kind: u8,
    /// Monotonic time of the start.
    pub(crate) start_monotonic_ns: u64,
    /// Unix time of the start.
    pub(crate) start_ns: u64,
    /// Unix time of the end; none while open.
    pub(crate) end_ns: Option<u64>,
    pub(crate) state: SpanState,
    pub(crate) status: StatusCode,
    pub(crate) status_message: Cow<'static, str>,
    pub(crate) scope: Option<Arc<hindsight_protocol::Scope>>,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) events: Vec<EventRecord>,
    pub(crate) links: Vec<LinkRecord>,
    /// Attributes, events and links left out by limits.
    pub(crate) dropped: (u32, u32, u32),
    /// Reports made so far.
    pub(crate) version: u32,
    /// Changed since the newest report.
    pub(crate) changed: bool,
    /// Monotonic time of the newest report.
    pub(crate) reported_ns: u64,
    /// Connection in which the newest report was made, 0 if none was.
    pub(crate) reported_epoch: u64,
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
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
    pub(crate) flags: u8,
    pub(crate) trace_state: String,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) dropped_attributes: u32,
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

impl SpanRecord {
    /// About the bytes it takes.
    fn byte_len(&self) -> usize {
        let attributes = |list: &[Attribute]| -> usize {
            list.iter()
                .map(|(key, value)| 56 + key.len() + value.heap_bytes())
                .sum()
        };
        let events = self
            .events
            .iter()
            .map(|event| 64 + attributes(&event.attributes));
        let links = self
            .links
            .iter()
            .map(|link| 96 + attributes(&link.attributes));
        320 + attributes(&self.attributes) + events.sum::<usize>() + links.sum::<usize>()
    }

    /// Sets `key`, replacing an earlier value.
    pub(crate) fn set_attribute(&mut self, attribute: Attribute, max: usize) {
        self.changed = true;
        let room = self.attributes.len() < max;
        match self
            .attributes
            .iter_mut()
            .find(|(key, _)| *key == attribute.0)
        {
            Some(old) => *old = attribute,
            None if room => self.attributes.push(attribute),
            None => self.dropped.0 += 1,
        }
    }
}

/// Names an open span of a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OpenKey {
    index: u32,
    span_id: SpanId,
}

/// Counters of a buffer, since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct BufferCounters {
    /// Records that entered.
    pub(crate) offered: u64,
    /// Records lost for lack of room.
    pub(crate) dropped: u64,
}

#[derive(Debug, Default)]
struct Inner {
    open: Vec<Option<Box<SpanRecord>>>,
    free: Vec<u32>,
    ended: Records,
    ended_bytes: usize,
    spare: Records,
    counters: BufferCounters,
    /// Set when the thread has ended.
    orphaned: bool,
}

/// Records given back for reuse, at most.
const SPARE_MAX: usize = 512;

/// One thread's buffer for one tracer.
#[derive(Debug)]
pub(crate) struct Buffer {
    pub(crate) tracer: Arc<Shared>,
    inner: Mutex<Inner>,
}

impl Buffer {
    pub(crate) fn new(tracer: Arc<Shared>) -> Self {
        Self {
            tracer,
            inner: Mutex::default(),
        }
    }

    /// Enters a started span, filled in by `fill`. None when too many are open: the span is then
    /// counted as offered and dropped.
    pub(crate) fn open(
        &self,
        span_id: SpanId,
        fill: impl FnOnce(&mut SpanRecord),
    ) -> Option<OpenKey> {
        let inner = &mut *self.inner.lock();
        if inner.open.len() - inner.free.len() >= self.tracer.limits.open_spans_max {
            inner.counters.offered += 1;
            inner.counters.dropped += 1;
            return None;
        }
        let mut record = inner.spare.pop().unwrap_or_default();
        record.span_id = span_id;
        fill(&mut record);
        let index = match inner.free.pop() {
            Some(index) => {
                inner.open[index as usize] = Some(record);
                index
            }
            None => {
                inner.open.push(Some(record));
                inner.open.len() as u32 - 1
            }
        };
        Some(OpenKey { index, span_id })
    }

    /// Changes an open span.
    pub(crate) fn change(&self, key: OpenKey, change: impl FnOnce(&mut SpanRecord)) {
        let inner = &mut *self.inner.lock();
        let place = inner
            .open
            .get_mut(key.index as usize)
            .and_then(Option::as_mut);
        if let Some(record) = place.filter(|record| record.span_id == key.span_id) {
            change(record);
        }
    }

    /// Ends an open span; says whether the exporter should be woken.
    pub(crate) fn end(&self, key: OpenKey, finish: impl FnOnce(&mut SpanRecord)) -> bool {
        let inner = &mut *self.inner.lock();
        let Some(place) = inner.open.get_mut(key.index as usize) else {
            return false;
        };
        let Some(mut record) = place.take_if(|record| record.span_id == key.span_id) else {
            return false;
        };
        inner.free.push(key.index);
        finish(&mut record);
        inner.push_ended(record, &self.tracer.limits)
    }

    /// What the exporter takes: ended spans, by swapping `into` in.
    pub(crate) fn take_ended(&self, into: &mut Records) {
        let inner = &mut *self.inner.lock();
        std::mem::swap(&mut inner.ended, into);
        inner.ended_bytes = 0;
    }

    /// Gives records back for reuse.
    pub(crate) fn give_back(&self, records: &mut Records) {
        let inner = &mut *self.inner.lock();
        let room = SPARE_MAX.saturating_sub(inner.spare.len());
        for mut record in records.drain(..).take(room) {
            record.clear();
            inner.spare.push(record);
        }
    }

    /// Visits every open span; `report` says whether it reported the span.
    pub(crate) fn visit_open(&self, mut report: impl FnMut(&mut SpanRecord) -> bool) {
        let inner = &mut *self.inner.lock();
        let mut reported = 0;
        for record in inner.open.iter_mut().flatten() {
            reported += u64::from(report(record));
        }
        inner.counters.offered += reported;
    }

    pub(crate) fn counters(&self) -> BufferCounters {
        self.inner.lock().counters
    }

    /// The thread has ended.
    pub(crate) fn orphan(&self) {
        self.inner.lock().orphaned = true;
    }

    /// Whether the thread has ended and nothing is left here.
    pub(crate) fn is_done(&self) -> bool {
        let inner = self.inner.lock();
        inner.orphaned && inner.ended.is_empty() && inner.open.len() == inner.free.len()
    }
}

impl Inner {
    fn push_ended(&mut self, record: Box<SpanRecord>, limits: &BufferLimits) -> bool {
        self.counters.offered += 1;
        let bytes = record.byte_len();
        if self.ended.len() >= limits.ended_spans_max
            || self.ended_bytes + bytes > limits.ended_bytes_max
        {
            self.counters.dropped += 1;
            return false;
        }
        self.ended_bytes += bytes;
        self.ended.push(record);
        self.ended.len() == limits.wake_at_spans
    }
}

impl SpanRecord {
    /// Empties the record, keeping the capacity of its attributes.
    fn clear(&mut self) {
        let mut attributes = std::mem::take(&mut self.attributes);
        attributes.clear();
        *self = Self {
            attributes,
            ..Self::default()
        };
    }
}

#[cfg(test)]
mod tests;
