//! Where spans are: the open table, the current chunk, frozen chunks, sealed segments, and the
//! indexes over them.
//!
//! Always: every live span has one entry in the identity index, whose place holds its newest
//! report; every older report that is still in a chunk is noted as superseded; a trace is counted
//! with its live spans. Bounds are the caller's: it removes the oldest segment or open span.

use std::collections::VecDeque;
use std::sync::Arc;

use hashbrown::{DefaultHashBuilder, HashMap};
use hindsight_protocol::batch::RowCopier;
use hindsight_protocol::{CheckedBatch, SpanId, SpanState, TraceId, TracerId};

use crate::StoreLimits;
use crate::chunk::{CHUNK_BYTES_MAX, FrozenChunk, RowRef, batch_bytes};
use crate::current::CurrentChunk;
use crate::identity::{IdentityHash, IdentityIndex, Place};
use crate::open::{OpenSpans, OpenTable, SpanKey};
use crate::segment::Segment;
use crate::superseded::Superseded;

/// A segment that is full by bytes has at least so many chunks: what it exceeds its limit by is
/// small.
const CHUNKS_PER_SEGMENT_MIN: u64 = 4;

#[derive(Debug)]
pub(super) struct Tables {
    pub(super) open: OpenTable,
    identity: IdentityIndex,
    superseded: Superseded,
    /// Live spans of each trace.
    traces: HashMap<TraceId, u32, DefaultHashBuilder>,
    /// Oldest first.
    segments: VecDeque<Arc<Segment>>,
    segments_bytes: u64,
    /// The rows of all frozen chunks, sealed or not.
    chunks: VecDeque<Arc<CheckedBatch>>,
    /// Number of the first of `chunks`.
    first_chunk: u32,
    current: CurrentChunk,
    unsealed: Unsealed,
    segment_spans_max: u32,
    segment_bytes_max: u64,
}

/// The segment that is being filled.
#[derive(Debug, Default)]
struct Unsealed {
    /// Its frozen chunks; the current chunk follows.
    chunks: Vec<Arc<FrozenChunk>>,
    bytes: u64,
    rows: u32,
    /// When its first and its newest row were stored.
    first_ns: u64,
    newest_ns: u64,
}

/// What a snapshot shares.
pub(super) struct View {
    pub(super) segments: Vec<Arc<Segment>>,
    pub(super) chunks: Vec<Arc<FrozenChunk>>,
    pub(super) open: OpenSpans,
    pub(super) superseded: Superseded,
    pub(super) traces: u64,
}

impl Tables {
    pub(super) fn new(limits: &StoreLimits) -> Self {
        let chunk_bytes_max = limits.segment_bytes_max / CHUNKS_PER_SEGMENT_MIN;
        let chunk_bytes_max = chunk_bytes_max.min(CHUNK_BYTES_MAX as u64) as usize;
        Self {
            open: OpenTable::new(limits.ttl_ns),
            identity: IdentityIndex::default(),
            superseded: Superseded::default(),
            traces: HashMap::default(),
            segments: VecDeque::new(),
            segments_bytes: 0,
            chunks: VecDeque::new(),
            first_chunk: 0,
            current: CurrentChunk::new(limits.chunk_spans_max, chunk_bytes_max),
            unsealed: Unsealed::default(),
            segment_spans_max: limits.segment_spans_max,
            segment_bytes_max: limits.segment_bytes_max,
        }
    }

    /// Live spans by trace.
    pub(super) fn traces(&self) -> &HashMap<TraceId, u32, DefaultHashBuilder> {
        &self.traces
    }

    pub(super) fn bytes(&self) -> u64 {
        self.segments_bytes
            + self.unsealed.bytes
            + self.current.bytes()
            + self.open.bytes()
            + self.identity.bytes()
            + self.superseded.bytes()
            + self.traces.allocation_size() as u64
    }

    pub(super) fn view(&mut self) -> View {
        let mut chunks = self.unsealed.chunks.clone();
        chunks.extend(self.current.copy_for_readers());
        View {
            segments: self.segments.iter().cloned().collect(),
            chunks,
            open: self.open.spans().clone(),
            superseded: self.superseded.clone(),
            traces: self.traces.len() as u64,
        }
    }

    pub(super) fn hash(&self, (trace, span): SpanKey) -> IdentityHash {
        self.identity.hash(trace, span)
    }

    /// Where a span is stored.
    pub(super) fn find(&self, hash: IdentityHash, key: SpanKey) -> Option<Place> {
        self.identity.find(hash, |place| match place {
            Place::Open(serial) => self.open.is(serial, key),
            Place::Row(at) => self.ids_at(at) == Some(key),
        })
    }

    /// State and version of the report at a place.
    pub(super) fn report(&self, place: Place) -> (SpanState, u32) {
        let columns = match place {
            Place::Open(serial) => self.open.get(serial).map(|s| (s.batch().columns(), 0)),
            Place::Row(at) => self.columns_at(at),
        };
        let Some((columns, row)) = columns else {
            debug_assert!(false, "no row at {place:?}");
            return (SpanState::Ended, u32::MAX);
        };
        let state = columns.states.get(row).copied().unwrap_or_default();
        let version = columns.versions.get(row).copied().unwrap_or_default();
        (SpanState::from_u8(state), version)
    }

    fn columns_at(&self, at: RowRef) -> Option<(&hindsight_protocol::SpanBatch, usize)> {
        let row = at.row as usize;
        if at.chunk == self.current.number() {
            return Some((self.current.builder().columns(), row));
        }
        let index = at.chunk.wrapping_sub(self.first_chunk) as usize;
        Some((self.chunks.get(index)?.columns(), row))
    }

    fn ids_at(&self, at: RowRef) -> Option<SpanKey> {
        let (columns, row) = self.columns_at(at)?;
        let trace = TraceId {
            high: *columns.trace_ids_high.get(row)?,
            low: *columns.trace_ids_low.get(row)?,
        };
        Some((trace, SpanId::from_u64(*columns.span_ids.get(row)?)))
    }

    /// Counts a new span and puts it into the index.
    pub(super) fn insert(&mut self, hash: IdentityHash, trace: TraceId, place: Place) {
        self.identity.insert(hash, place);
        *self.traces.entry(trace).or_default() += 1;
    }

    /// Makes `to` the place of a span whose older report is at `from`; a row at `from` stays and
    /// is superseded, an open span must have been taken out.
    pub(super) fn supersede(&mut self, hash: IdentityHash, trace: TraceId, from: Place, to: Place) {
        self.identity.replace(hash, from, to);
        if let Place::Row(at) = from {
            self.superseded.add(trace, at);
        }
    }

    /// Stores the report in the only row of `rows` as open.
    pub(super) fn push_open(
        &mut self,
        rows: CheckedBatch,
        tracer: Option<TracerId>,
        now_ns: u64,
    ) -> Place {
        Place::Open(self.open.insert(rows, tracer, now_ns))
    }

    /// Appends a report that is not open.
    pub(super) fn push_row(
        &mut self,
        copier: &mut RowCopier<'_>,
        row: usize,
        state: SpanState,
        now_ns: u64,
    ) -> Place {
        let at = self.current.push(copier, row, state as u8);
        let unsealed = &mut self.unsealed;
        if unsealed.rows == 0 {
            unsealed.first_ns = now_ns;
        }
        unsealed.rows += 1;
        unsealed.newest_ns = now_ns;
        let is_segment_full = unsealed.rows >= self.segment_spans_max;
        if self.current.is_full() || is_segment_full {
            self.freeze();
            copier.restart();
        }
        if is_segment_full || self.unsealed.bytes >= self.segment_bytes_max {
            self.seal();
        }
        Place::Row(at)
    }

    fn freeze(&mut self) {
        let Some(chunk) = self.current.freeze() else {
            return;
        };
        self.unsealed.bytes += batch_bytes(&chunk.rows);
        self.chunks.push_back(Arc::clone(&chunk.rows));
        self.unsealed.chunks.push(chunk);
    }

    /// Seals what has been appended since the last time; says whether that was anything.
    pub(super) fn seal(&mut self) -> bool {
        self.freeze();
        let unsealed = std::mem::take(&mut self.unsealed);
        let Some(segment) = Segment::seal(&unsealed.chunks, unsealed.newest_ns) else {
            return false;
        };
        self.segments_bytes += segment.bytes;
        self.segments.push_back(Arc::new(segment));
        true
    }

    /// When the first row of the unsealed segment was stored.
    pub(super) fn unsealed_since_ns(&self) -> Option<u64> {
        (self.unsealed.rows > 0).then_some(self.unsealed.first_ns)
    }

    /// When the newest row of the oldest segment was stored.
    pub(super) fn oldest_segment_ns(&self) -> Option<u64> {
        self.segments.front().map(|segment| segment.newest_ns)
    }

    /// Removes the oldest segment; gives the live spans it had, by trace.
    pub(super) fn remove_oldest_segment(&mut self) -> Option<Vec<(TraceId, u32)>> {
        let segment = self.segments.pop_front()?;
        debug_assert_eq!(segment.first_chunk, self.first_chunk);
        self.segments_bytes -= segment.bytes;
        let mut removed: HashMap<TraceId, u32, DefaultHashBuilder> = HashMap::default();
        for (index, rows) in segment.chunks.iter().enumerate() {
            let chunk = segment.first_chunk.wrapping_add(index as u32);
            for row in rows.rows() {
                let at = RowRef {
                    chunk,
                    row: row.index() as u32,
                };
                let key = (row.trace_id(), row.span_id());
                if self.identity.remove(self.hash(key), Place::Row(at)) {
                    *removed.entry(key.0).or_default() += 1;
                } else {
                    self.superseded.remove(key.0, at);
                }
            }
            self.chunks.pop_front();
            self.first_chunk = self.first_chunk.wrapping_add(1);
        }
        let removed: Vec<_> = removed.into_iter().collect();
        for (trace, spans) in &removed {
            self.uncount(*trace, *spans);
        }
        let has_rows = !self.chunks.is_empty() || !self.current.builder().is_empty();
        debug_assert!(has_rows || self.superseded.bytes() == 0, "notes of no rows");
        Some(removed)
    }

    /// Removes an open span; gives its trace.
    pub(super) fn remove_open(&mut self, serial: u64) -> Option<TraceId> {
        let span = self.open.remove(serial)?;
        let key = (span.row().trace_id(), span.row().span_id());
        let was_there = self.identity.remove(self.hash(key), Place::Open(serial));
        debug_assert!(was_there, "open span {serial} was not in the index");
        self.uncount(key.0, 1);
        Some(key.0)
    }

    fn uncount(&mut self, trace: TraceId, spans: u32) {
        let Some(live) = self.traces.get_mut(&trace) else {
            debug_assert!(false, "trace {trace} was not counted");
            return;
        };
        *live = live.saturating_sub(spans);
        if *live == 0 {
            self.traces.remove(&trace);
        }
    }

    /// Removes everything; gives the live spans of each trace.
    pub(super) fn clear(&mut self, limits: &StoreLimits) -> Vec<(TraceId, u32)> {
        let cleared = std::mem::replace(self, Self::new(limits));
        cleared.traces.into_iter().collect()
    }
}
