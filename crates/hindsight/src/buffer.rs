//! Where spans live until they are exported: one buffer a thread and tracer.
//!
//! In: spans started, changed and ended by the program. Out, to the exporter: tables of ended spans
//! ([`Ended`], exchanged for empty ones) and views of open ones. A buffer has its own lock, which only
//! its thread, a thread that ends a span started here, and the exporter ever take; the exporter holds
//! it for an exchange, or while it looks at [`VISITED_AT_A_TIME`] open spans. Bounds:
//! [`BufferLimits`]; what finds no room is counted as dropped.

mod ended;
mod extra;
mod long;
pub(crate) mod pool;
mod record;
mod slots;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use hindsight_protocol::{OPEN_END_NS, SpanId, SpanState};
use parking_lot::Mutex;

use crate::tracer::Shared;

pub(crate) use ended::{Ended, View};
pub(crate) use extra::{EventRecord, LinkRecord, shorten};
#[cfg(test)]
pub(crate) use long::VALUE_BYTES_MAX;
pub(crate) use long::{cut_text, cut_value};
pub(crate) use record::{Parent, SpanRecord};

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

/// Empty records that a buffer keeps for its thread, about 400 bytes each and at most 1.4 kB.
const SPARE_MAX: usize = 8192;
/// Of those that nobody needs, as many go at a time.
const SPARE_FREED_AT_A_TIME: usize = 256;

/// Open spans looked at in one go.
const VISITED_AT_A_TIME: usize = 256;

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
    ended: Ended,
    /// Empty records, for this buffer's thread.
    spare: pool::Records,
    /// Least of them since the exporter last looked.
    spare_unused: usize,
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

impl Buffer {
    pub(crate) fn new(tracer: Arc<Shared>) -> Self {
        Self {
            tracer,
            inner: Mutex::default(),
        }
    }

    /// Enters a started span; its place. None when too many are open: the span is then counted as
    /// offered and dropped.
    #[inline]
    pub(crate) fn open(&self, record: Box<SpanRecord>) -> Option<u32> {
        let inner = &mut *self.inner.lock();
        match inner.free.pop() {
            Some(place) => {
                inner.open[place as usize] = Some(record);
                Some(place)
            }
            None if inner.open.len() < self.tracer.limits.open_spans_max => {
                inner.open.push(Some(record));
                Some(inner.open.len() as u32 - 1)
            }
            None => {
                inner.counters.offered += 1;
                inner.counters.dropped += 1;
                None
            }
        }
    }

    /// Changes the open span `span` at `place`.
    pub(crate) fn change(&self, place: u32, span: SpanId, change: impl FnOnce(&mut SpanRecord)) {
        let inner = &mut *self.inner.lock();
        let found = inner.open.get_mut(place as usize).and_then(Option::as_mut);
        if let Some(record) = found.filter(|record| record.head.span_id == span) {
            record.reports.changed = true;
            change(record);
        }
    }

    /// Ends the open span `span` at `place`; says whether the exporter should be woken.
    #[inline]
    pub(crate) fn end(&self, place: u32, span: SpanId, ending: Ending) -> bool {
        let inner = &mut *self.inner.lock();
        let Some(mut record) = inner.close(place, span) else {
            return false;
        };
        // The greatest time would say that the span runs on.
        let given = ending.end_ns.map(|end_ns| end_ns.min(OPEN_END_NS - 1));
        let end_ns = given.unwrap_or_else(|| {
            let lasted_ns = self.tracer.clock.elapsed_ns(record.opened);
            record.head.start_ns.saturating_add(lasted_ns)
        });
        record.head.version += 1;
        let wake = inner.push_ended(&mut record, end_ns, ending.state, &self.tracer.limits);
        // Still under the lock, which costs more than this.
        if let Some(record) = pool::keep(record)
            && inner.spare.len() < SPARE_MAX
            && record.is_small()
        {
            inner.spare.push(record);
        }
        wake
    }

    /// Moves records into `kept`, up to `kept_max` there.
    pub(crate) fn take_spare(&self, kept: &mut pool::Records, kept_max: usize) {
        let inner = &mut *self.inner.lock();
        let from = (inner.spare.len() + kept.len()).saturating_sub(kept_max);
        let from = from.min(inner.spare.len());
        kept.extend(inner.spare.drain(from..));
        inner.spare_unused = inner.spare_unused.min(from);
    }

    /// Frees some of the records that were not needed since the last call.
    pub(crate) fn free_spare(&self) {
        let unused = {
            let inner = &mut *self.inner.lock();
            let left = inner.spare.len();
            let freed = inner.spare_unused.min(left).min(SPARE_FREED_AT_A_TIME);
            inner.spare_unused = left - freed;
            inner.spare.split_off(left - freed)
        };
        drop(unused);
    }

    /// What the exporter takes: ended spans, by exchanging `with`, which is empty.
    pub(crate) fn exchange_ended(&self, with: &mut Ended) {
        let inner = &mut *self.inner.lock();
        // An idle thread keeps its own, smaller tables.
        if inner.ended.len() > 0 {
            std::mem::swap(&mut inner.ended, with);
        }
    }

    /// Visits every span that is open all the while; `report` says whether it reported the span.
    pub(crate) fn visit_open(&self, mut report: impl FnMut(&mut SpanRecord) -> bool) {
        let mut first = 0;
        loop {
            let inner = &mut *self.inner.lock();
            let part = inner.open.iter_mut().skip(first).take(VISITED_AT_A_TIME);
            let reported = part
                .flatten()
                .filter_map(|record| report(record).then_some(()));
            inner.counters.offered += reported.count() as u64;
            first += VISITED_AT_A_TIME;
            if first >= inner.open.len() {
                return;
            }
        }
    }

    /// The name of an open span.
    pub(crate) fn open_name(&self, span: SpanId) -> Option<String> {
        let mut name = None;
        self.visit_open(|record| {
            if record.head.span_id == span {
                name = Some(record.name().to_owned());
            }
            false
        });
        name
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
        inner.orphaned && inner.ended.len() == 0 && inner.open.len() == inner.free.len()
    }
}

impl Inner {
    #[inline]
    fn close(&mut self, place: u32, span: SpanId) -> Option<Box<SpanRecord>> {
        let found = self.open.get_mut(place as usize)?;
        let record = found.take_if(|record| record.head.span_id == span)?;
        self.free.push(place);
        Some(record)
    }

    #[inline]
    fn push_ended(
        &mut self,
        record: &mut SpanRecord,
        end_ns: u64,
        state: SpanState,
        limits: &BufferLimits,
    ) -> bool {
        self.counters.offered += 1;
        if self.ended.len() >= limits.ended_spans_max
            || !self.ended.has_room(record, limits.ended_bytes_max)
        {
            self.counters.dropped += 1;
            return false;
        }
        self.ended.push(record, end_ns, state);
        self.ended.len() == limits.wake_at_spans
    }
}
