//! Spans that have not ended: the mutable part of the store.
//!
//! In: reports of open spans. Out: the newest report of each. Holds at most
//! [`crate::StoreLimits::open_spans_max`] spans (the caller evicts [`OpenTable::first_to_go`]), each
//! as a batch of one row. Readers get a copy on write ([`ShardedMap`]).
//!
//! A span expires `ttl_ns` after its last report, except while its tracer is connected: then it
//! is still running, however long that takes.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hindsight_protocol::batch::SpanRow;
use hindsight_protocol::{CheckedBatch, SpanId, SpanState, TraceId, TracerId};

use crate::chunk::batch_bytes;
use crate::sharded::ShardedMap;

/// Who reported spans, as it is ordered here: halves of the tracer's id; none for spans of nobody.
type Source = Option<(u64, u64)>;

/// Number of open spans of a source, and the serial of the oldest: of the highest rank is who has
/// most, of several such who has the oldest.
type Rank = (usize, Reverse<u64>);

fn source(tracer: Option<TracerId>) -> Source {
    tracer.map(|tracer| (tracer.high, tracer.low))
}

/// Identity of a span.
pub(crate) type SpanKey = (TraceId, SpanId);

/// About the bytes an open span takes besides its row: the map's, the orders', allocations'.
const OPEN_OVERHEAD_BYTES: u64 = 1024;

/// The newest report of a span that has not ended.
#[derive(Debug)]
pub(crate) struct OpenSpan {
    rows: CheckedBatch,
    /// Grows with each report that was stored.
    pub(crate) serial: u64,
    /// Grows with each change of any span.
    pub(crate) stamp: u64,
    /// Who reported it.
    pub(crate) tracer: Option<TracerId>,
    /// When it was reported.
    pub(crate) reported_ns: u64,
}

impl OpenSpan {
    /// The report.
    pub(crate) fn row(&self) -> SpanRow<'_> {
        self.rows.row(0)
    }

    /// The batch whose only row is the report.
    pub(crate) fn batch(&self) -> &CheckedBatch {
        &self.rows
    }

    fn key(&self) -> SpanKey {
        (self.row().trace_id(), self.row().span_id())
    }

    fn bytes(&self) -> u64 {
        batch_bytes(&self.rows) + OPEN_OVERHEAD_BYTES
    }

    /// When it expires; none while its tracer is connected.
    fn expiry_ns(&self, ttl_ns: u64) -> Option<u64> {
        let attended = self.tracer.is_some() && self.row().state() == SpanState::Running;
        (!attended).then(|| self.reported_ns.saturating_add(ttl_ns))
    }
}

/// All open spans, for readers.
pub(crate) type OpenSpans = ShardedMap<SpanKey, Arc<OpenSpan>>;

#[derive(Debug, Default)]
pub(crate) struct OpenTable {
    spans: OpenSpans,
    /// By age of the report.
    order: BTreeMap<u64, SpanKey>,
    by_source: BTreeSet<(Source, u64)>,
    /// Each source's rank, and all ranks.
    ranks: BTreeMap<Source, Rank>,
    by_rank: BTreeSet<Rank>,
    expiry: BTreeSet<(u64, u64)>,
    ttl_ns: u64,
    last_serial: u64,
    last_stamp: u64,
    bytes: u64,
}

impl OpenTable {
    pub(crate) fn new(ttl_ns: u64) -> Self {
        Self {
            ttl_ns,
            ..Self::default()
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.spans.len()
    }

    pub(crate) fn spans(&self) -> &OpenSpans {
        &self.spans
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Lets stamps go on after `stamp`.
    pub(crate) fn stamp_after(&mut self, stamp: u64) {
        self.last_stamp = stamp;
    }

    /// The greatest stamp given so far.
    pub(crate) fn last_stamp(&self) -> u64 {
        self.last_stamp
    }

    /// The span with this serial number.
    pub(crate) fn get(&self, serial: u64) -> Option<&Arc<OpenSpan>> {
        let key = self.order.get(&serial)?;
        self.spans.get(key.0, key)
    }

    /// Whether `serial` is the span `key`.
    pub(crate) fn is(&self, serial: u64, key: SpanKey) -> bool {
        self.order.get(&serial) == Some(&key)
    }

    /// Stores a report (a batch of one row) of a span that is not in the table; gives its serial.
    pub(crate) fn insert(
        &mut self,
        rows: CheckedBatch,
        tracer: Option<TracerId>,
        reported_ns: u64,
    ) -> u64 {
        self.last_serial += 1;
        self.add(OpenSpan {
            rows,
            serial: self.last_serial,
            stamp: 0,
            tracer,
            reported_ns,
        });
        self.last_serial
    }

    /// Replaces the row of a span by one that differs in its state only.
    pub(crate) fn restate(&mut self, serial: u64, rows: CheckedBatch) {
        if let Some(span) = self.remove(serial) {
            self.add(OpenSpan {
                rows,
                serial,
                stamp: 0,
                tracer: span.tracer,
                reported_ns: span.reported_ns,
            });
        }
    }

    fn add(&mut self, mut span: OpenSpan) {
        self.last_stamp += 1;
        span.stamp = self.last_stamp;
        let key = span.key();
        self.order.insert(span.serial, key);
        self.by_source.insert((source(span.tracer), span.serial));
        self.rank(source(span.tracer), |count| count + 1);
        if let Some(at) = span.expiry_ns(self.ttl_ns) {
            self.expiry.insert((at, span.serial));
        }
        self.bytes += span.bytes();
        let before = self.spans.insert(key.0, key, Arc::new(span));
        debug_assert!(before.is_none(), "open span stored twice");
    }

    /// Takes a span out.
    pub(crate) fn remove(&mut self, serial: u64) -> Option<Arc<OpenSpan>> {
        let key = self.order.remove(&serial)?;
        let span = self.spans.remove(key.0, &key)?;
        self.by_source.remove(&(source(span.tracer), serial));
        self.rank(source(span.tracer), |count| count.saturating_sub(1));
        if let Some(at) = span.expiry_ns(self.ttl_ns) {
            self.expiry.remove(&(at, serial));
        }
        self.bytes -= span.bytes();
        Some(span)
    }

    /// Puts a span behind all others, as if it had been reported at `reported_ns` (if none is given,
    /// when it was); gives its identity and its new serial number.
    pub(crate) fn renew(
        &mut self,
        serial: u64,
        reported_ns: Option<u64>,
    ) -> Option<(SpanKey, u64)> {
        let span = self.remove(serial)?;
        let reported_ns = reported_ns.unwrap_or(span.reported_ns);
        let renewed = self.insert(span.rows.clone(), span.tracer, reported_ns);
        Some((span.key(), renewed))
    }

    /// Ranks a source anew after one of its spans came or went.
    fn rank(&mut self, source: Source, count: impl FnOnce(usize) -> usize) {
        let before = self.ranks.remove(&source);
        if let Some(before) = &before {
            self.by_rank.remove(before);
        }
        let count = count(before.map_or(0, |(count, _)| count));
        let mut its = self.by_source.range((source, 0)..=(source, u64::MAX));
        if let Some((_, oldest)) = its.next() {
            let rank = (count, Reverse(*oldest));
            self.ranks.insert(source, rank);
            self.by_rank.insert(rank);
        }
    }

    /// The spans to make room with, each with its trace: those of the source with the most open
    /// spans, oldest report first, then those of the next source. So a tracer that opens spans
    /// without end loses its own, and never the newest.
    pub(crate) fn to_go(&self) -> impl Iterator<Item = (u64, TraceId)> {
        let ranks = self.by_rank.iter().rev();
        let sources = ranks.filter_map(|(_, Reverse(oldest))| self.get(*oldest));
        let spans = sources.flat_map(|span| {
            let source = source(span.tracer);
            self.by_source.range((source, 0)..=(source, u64::MAX))
        });
        spans.filter_map(|(_, serial)| Some((*serial, self.order.get(serial)?.0)))
    }

    /// The first of [`OpenTable::to_go`].
    pub(crate) fn first_to_go(&self) -> Option<u64> {
        self.by_rank.last().map(|(_, Reverse(oldest))| *oldest)
    }

    /// The spans a tracer reported, in order of their reports.
    pub(crate) fn of_tracer(&self, tracer: TracerId) -> Vec<u64> {
        let source = source(Some(tracer));
        let its = self.by_source.range((source, 0)..=(source, u64::MAX));
        its.map(|(_, serial)| *serial).collect()
    }

    /// A span that has expired at `now_ns`, with its trace.
    pub(crate) fn expired(&self, now_ns: u64) -> Option<(u64, TraceId)> {
        let (at, serial) = self.expiry.first()?;
        let (trace, _) = self.order.get(serial)?;
        (*at <= now_ns).then_some((*serial, *trace))
    }

    /// When the next span expires.
    pub(crate) fn next_expiry_ns(&self) -> Option<u64> {
        self.expiry.first().map(|(at, _)| *at)
    }
}

/// The open spans of one trace, by span id.
pub(crate) fn of_trace(spans: &OpenSpans, trace: TraceId) -> impl Iterator<Item = &Arc<OpenSpan>> {
    let first = SpanId::from_u64(0);
    let last = SpanId::from_u64(u64::MAX);
    spans
        .range(trace, (trace, first)..=(trace, last))
        .map(|(_, span)| span)
}
