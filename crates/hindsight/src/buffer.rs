//! Where spans live until they are exported: one buffer a thread and tracer.
//!
//! In: spans started, changed and ended by the program. Out, to the exporter: ended spans as rows of
//! batches (whole batches change hands) and open ones (copied). An ending span is written into the
//! columns by the thread that ends it. A buffer has its own lock, which only its thread, a thread that
//! ends a span started here, and the exporter ever take; the exporter holds it for an exchange, or
//! while it looks at [`VISITED_AT_A_TIME`] open spans. Bounds: [`BufferLimits`]; what finds no room is
//! counted as dropped.

pub(crate) mod pool;
mod record;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use hindsight_protocol::{BatchBuilder, Scope, SpanId, SpanState};
use parking_lot::Mutex;

use crate::tracer::Shared;

pub(crate) use record::{EventRecord, LinkRecord, SpanRecord, cut};

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
    /// Spans of one batch.
    pub(crate) batch_spans_max: usize,
    /// Bytes of one batch, but for the last span.
    pub(crate) batch_bytes_max: usize,
}

/// Open spans looked at in one go.
const VISITED_AT_A_TIME: usize = 256;

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

/// How a span ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ending {
    pub(crate) state: SpanState,
    /// Nanoseconds since the Unix epoch; none: now.
    pub(crate) end_ns: Option<u64>,
}

#[derive(Debug, Default)]
struct Inner {
    open: Vec<Option<Box<SpanRecord>>>,
    free: Vec<u32>,
    /// Rows of ended spans.
    rows: BatchBuilder,
    /// Bytes of `rows`, about.
    rows_bytes: usize,
    /// Batches that are full.
    full: Vec<BatchBuilder>,
    /// Rows in all batches, and their bytes.
    ended_spans: usize,
    ended_bytes: usize,
    counters: BufferCounters,
    /// Set when the thread has ended.
    orphaned: bool,
}

/// One thread's buffer for one tracer.
#[derive(Debug)]
pub(crate) struct Buffer {
    pub(crate) tracer: Arc<Shared>,
    inner: Mutex<Inner>,
}

/// Gets a builder ready for rows: resource and scope are row 0 of their tables.
pub(crate) fn prepare(builder: &mut BatchBuilder, tracer: &Shared) {
    builder.resource(&tracer.resource);
    builder.scope(&Scope::default());
}

impl Buffer {
    pub(crate) fn new(tracer: Arc<Shared>) -> Self {
        let mut inner = Inner::default();
        prepare(&mut inner.rows, &tracer);
        Self {
            tracer,
            inner: Mutex::new(inner),
        }
    }

    /// Enters a started span. None when too many are open: the span is then counted as offered and
    /// dropped.
    #[inline]
    pub(crate) fn open(&self, record: Box<SpanRecord>) -> Option<OpenKey> {
        let span_id = record.span_id;
        let inner = &mut *self.inner.lock();
        let index = match inner.free.pop() {
            Some(index) => {
                inner.open[index as usize] = Some(record);
                index
            }
            None if inner.open.len() < self.tracer.limits.open_spans_max => {
                inner.open.push(Some(record));
                inner.open.len() as u32 - 1
            }
            None => {
                inner.counters.offered += 1;
                inner.counters.dropped += 1;
                return None;
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
            record.reports.changed = true;
            change(record);
        }
    }

    /// Ends an open span; says whether the exporter should be woken.
    #[inline]
    pub(crate) fn end(&self, key: OpenKey, ending: Ending) -> bool {
        let (record, wake) = {
            let inner = &mut *self.inner.lock();
            let Some(mut record) = inner.close(key) else {
                return false;
            };
            record.reports.version += 1;
            let end_ns = ending.end_ns.unwrap_or_else(|| {
                let lasted_ns = self.tracer.clock.elapsed_ns(record.opened);
                record.start_ns().saturating_add(lasted_ns)
            });
            let wake = inner.push_ended(&record, end_ns, ending.state, &self.tracer);
            (record, wake)
        };
        // Without the lock: texts of the caller may be freed here.
        pool::give(record);
        wake
    }

    /// What the exporter takes: batches of ended spans, none if there are none. The buffer goes on
    /// with `next`, if that is needed.
    pub(crate) fn take_ended(&self, into: &mut Vec<BatchBuilder>, next: &mut Option<BatchBuilder>) {
        let inner = &mut *self.inner.lock();
        into.append(&mut inner.full);
        if !inner.rows.is_empty()
            && let Some(next) = next.take()
        {
            into.push(std::mem::replace(&mut inner.rows, next));
            inner.rows_bytes = 0;
        }
        inner.ended_spans = inner.rows.len();
        inner.ended_bytes = inner.rows_bytes;
    }

    /// Whether there are ended spans.
    pub(crate) fn has_ended(&self) -> bool {
        self.inner.lock().ended_spans > 0
    }

    /// Visits every span that is open all the while; `report` says whether it reported the span.
    pub(crate) fn visit_open(&self, mut report: impl FnMut(&mut SpanRecord) -> bool) {
        let mut first = 0;
        loop {
            let inner = &mut *self.inner.lock();
            let part = inner.open.iter_mut().skip(first).take(VISITED_AT_A_TIME);
            let reported = part.flatten().filter_map(|record| report(record).then_some(()));
            inner.counters.offered += reported.count() as u64;
            first += VISITED_AT_A_TIME;
            if first >= inner.open.len() {
                return;
            }
        }
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
        inner.orphaned && inner.ended_spans == 0 && inner.open.len() == inner.free.len()
    }
}

impl Inner {
    #[inline]
    fn close(&mut self, key: OpenKey) -> Option<Box<SpanRecord>> {
        let place = self.open.get_mut(key.index as usize)?;
        let record = place.take_if(|record| record.span_id == key.span_id)?;
        self.free.push(key.index);
        Some(record)
    }

    #[inline]
    fn push_ended(
        &mut self,
        record: &SpanRecord,
        end_ns: u64,
        state: SpanState,
        tracer: &Shared,
    ) -> bool {
        let limits = &tracer.limits;
        self.counters.offered += 1;
        let bytes = record.byte_len();
        if self.ended_spans >= limits.ended_spans_max
            || self.ended_bytes.saturating_add(bytes) > limits.ended_bytes_max
        {
            self.counters.dropped += 1;
            return false;
        }
        if self.rows.len() >= limits.batch_spans_max || self.rows_bytes >= limits.batch_bytes_max {
            self.begin_batch(tracer);
        }
        record.write(Some(end_ns), state, &mut self.rows);
        self.ended_spans += 1;
        self.ended_bytes += bytes;
        self.rows_bytes += bytes;
        self.ended_spans == limits.wake_at_spans
    }

    #[cold]
    fn begin_batch(&mut self, tracer: &Shared) {
        let mut next = BatchBuilder::new();
        prepare(&mut next, tracer);
        self.full.push(std::mem::replace(&mut self.rows, next));
        self.rows_bytes = 0;
    }
}
