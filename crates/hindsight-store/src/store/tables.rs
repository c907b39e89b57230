//! Where spans are: the open table, the segment that is being filled, those that are full, sealed
//! segments, and the indexes over them.
//!
//! Always: every live span has one entry in the identity index, whose place holds its newest
//! report; every older report that is still stored is noted as superseded; a trace is counted
//! with its live spans. Bounds are the caller's: it removes the oldest segment or open span.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use hashbrown::HashSet;
use hindsight_protocol::batch::RowCopier;
use hindsight_protocol::{CheckedBatch, SpanBatch, SpanId, SpanState, TraceId};

use super::retired::Retired;
use super::trace_counts::TraceCounts;
use crate::StoreLimits;
use crate::chunk::{CHUNK_BYTES_MAX, FrozenChunk, RowRef, SkippedRows, batch_bytes};
use crate::column::SegmentRows;
use crate::identity::{IdentityHash, IdentityIndex, Place, Vacant};
use crate::open::{OpenSpans, OpenTable, SpanKey};
use crate::placed::PlacedRows;
use crate::ripe::{Ripe, SealJob, SealedPart};
use crate::segment::Segment;
use crate::superseded::Superseded;
use crate::unsealed::{Sealing, Tip, Unsealed};

/// A segment that is full by bytes has at least so many chunks: what it exceeds its limit by is
/// small.
const CHUNKS_PER_SEGMENT_MIN: u64 = 4;

#[derive(Debug)]
pub(super) struct Tables {
    pub(super) open: OpenTable,
    identity: IdentityIndex,
    superseded: Superseded,
    traces: TraceCounts,
    /// Oldest first.
    segments: VecDeque<Arc<Segment>>,
    segments_bytes: u64,
    /// Of sort orders that readers have had made of rows of segments.
    orders_bytes: Arc<AtomicU64>,
    /// Removed segments that a reader may still hold.
    departed: Vec<Weak<Segment>>,
    /// Chunks of sealed segments that a reader may still hold.
    departed_chunks: Vec<Weak<FrozenChunk>>,
    segments_ended: u64,
    /// Newer than all segments, older than what is unsealed.
    ripe: Ripe,
    ripe_max: usize,
    unsealed: Unsealed,
    segment_spans_max: u64,
    segment_bytes_max: u64,
}

/// A row of a segment, sealed or not.
enum Stored<'a> {
    Unsealed(&'a SpanBatch, usize),
    Sealed(&'a SegmentRows, usize),
}

impl Stored<'_> {
    fn ids(&self) -> Option<SpanKey> {
        match *self {
            Self::Unsealed(columns, row) => {
                let trace = TraceId {
                    high: *columns.trace_ids_high.get(row)?,
                    low: *columns.trace_ids_low.get(row)?,
                };
                Some((trace, SpanId::from_u64(*columns.span_ids.get(row)?)))
            }
            Self::Sealed(rows, row) => Some((rows.trace_id(row), rows.span_id(row))),
        }
    }

    /// State and version.
    fn report(self) -> (SpanState, u32) {
        match self {
            Self::Unsealed(columns, row) => report_of(columns, row),
            Self::Sealed(rows, row) => (rows.state(row), rows.version(row)),
        }
    }
}

fn report_of(columns: &SpanBatch, row: usize) -> (SpanState, u32) {
    let state = columns.states.get(row).copied().unwrap_or_default();
    let version = columns.versions.get(row).copied().unwrap_or_default();
    (SpanState::from_u8(state), version)
}

/// What a snapshot shares.
pub(super) struct View {
    pub(super) segments: Vec<Arc<Segment>>,
    pub(super) chunks: Vec<Arc<FrozenChunk>>,
    pub(super) tip: Tip,
    pub(super) open: OpenSpans,
    pub(super) open_stamp: u64,
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
            traces: TraceCounts::default(),
            segments: VecDeque::new(),
            segments_bytes: 0,
            orders_bytes: Arc::default(),
            departed: Vec::new(),
            departed_chunks: Vec::new(),
            segments_ended: 0,
            ripe: Ripe::default(),
            ripe_max: limits.seals_in_flight_max,
            unsealed: Unsealed::new(limits.chunk_spans_max, chunk_bytes_max),
            segment_spans_max: u64::from(limits.segment_spans_max),
            segment_bytes_max: limits.segment_bytes_max,
        }
    }

    /// Traces with a live span.
    pub(super) fn traces_len(&self) -> u64 {
        self.traces.len() as u64
    }

    /// Live spans of a trace.
    pub(super) fn live_of(&self, trace: TraceId) -> u32 {
        self.traces.live(trace)
    }

    pub(super) fn bytes(&self) -> u64 {
        self.segments_bytes
            + self.orders_bytes.load(Ordering::Relaxed)
            + self.ripe.bytes()
            + self.unsealed.bytes()
            + self.open.bytes()
            + self.identity.bytes()
            + self.superseded.bytes()
            + self.traces.bytes()
    }

    /// Bytes of removed segments, and of chunks of sealed ones, that readers still hold.
    pub(super) fn held_bytes(&self) -> u64 {
        let segments = self.departed.iter().filter_map(Weak::upgrade);
        let segments = segments.map(|segment| segment.bytes);
        let chunks = self.departed_chunks.iter().filter_map(Weak::upgrade);
        let chunks = chunks.map(|chunk| batch_bytes(&chunk.batch) + chunk.placed_bytes());
        segments.chain(chunks).sum()
    }

    pub(super) fn view(&mut self) -> View {
        View {
            segments: self.segments.iter().cloned().collect(),
            chunks: self.ripe.chunks().chain(self.unsealed.chunks()).collect(),
            tip: self.unsealed.tip(),
            open: self.open.view(),
            open_stamp: self.open.last_stamp(),
            superseded: self.superseded.clone(),
            traces: self.traces_len(),
        }
    }

    pub(super) fn hash(&self, (trace, span): SpanKey) -> IdentityHash {
        self.identity.hash(trace, span)
    }

    /// The part of a hash that all spans of a trace share.
    pub(super) fn hash_trace(&self, trace: TraceId) -> u64 {
        self.identity.hash_trace(trace)
    }

    /// [`Tables::hash`], given that of the trace.
    pub(super) fn hash_in(&self, of_trace: u64, span: SpanId) -> IdentityHash {
        self.identity.hash_in(of_trace, span)
    }

    /// See [`IdentityIndex::touch`].
    pub(super) fn touch(&self, hashes: &[IdentityHash]) {
        self.identity.touch(hashes);
    }

    /// Where a span is stored.
    pub(super) fn find(&self, hash: IdentityHash, key: SpanKey) -> Option<Place> {
        self.find_or_vacant(hash, key).ok()
    }

    /// Where a span is stored, or where it would be noted in the index.
    #[inline]
    pub(super) fn find_or_vacant(&self, hash: IdentityHash, key: SpanKey) -> Result<Place, Vacant> {
        self.identity.find_or_vacant(hash, |place| match place {
            Place::Open(serial) => self.open.is(serial, key),
            Place::Row(at) => self.ids_at(at) == Some(key),
        })
    }

    /// State and version of the report at a place.
    pub(super) fn report(&self, place: Place) -> (SpanState, u32) {
        let report = match place {
            Place::Open(serial) => self.open.report(serial),
            Place::Row(at) => self.stored(at).map(Stored::report),
        };
        debug_assert!(report.is_some(), "no row at {place:?}");
        report.unwrap_or((SpanState::Ended, u32::MAX))
    }

    fn ids_at(&self, at: RowRef) -> Option<SpanKey> {
        self.stored(at)?.ids()
    }

    fn stored(&self, at: RowRef) -> Option<Stored<'_>> {
        let unsealed_from = self.unsealed.first_chunk();
        let ripe_from = self.ripe.first_chunk().unwrap_or(unsealed_from);
        let oldest = self.oldest_chunk();
        // Distances from the oldest chunk, because numbers wrap.
        let distance = |chunk: u32| chunk.wrapping_sub(oldest);
        if distance(at.chunk) >= distance(unsealed_from) {
            let (columns, row) = self.unsealed.columns_at(at)?;
            return Some(Stored::Unsealed(columns, row));
        }
        if distance(at.chunk) >= distance(ripe_from) {
            let (columns, row) = self.ripe.columns_at(at)?;
            return Some(Stored::Unsealed(columns, row));
        }
        let is_before = |s: &Arc<Segment>| distance(s.first_chunk) <= distance(at.chunk);
        let segment = self.segments.partition_point(is_before).checked_sub(1)?;
        let placed = &self.segments.get(segment)?.placed;
        Some(Stored::Sealed(&placed.rows, placed.row_of(at)?))
    }

    /// Counts a new span and puts it into the index.
    pub(super) fn insert(&mut self, hash: IdentityHash, trace: TraceId, place: Place) {
        self.identity.insert(hash, place);
        self.traces.add(trace, 1);
    }

    /// Puts a new span into the index, where a search just ended; [`Tables::count`] is to follow.
    #[inline]
    pub(super) fn insert_uncounted(&mut self, hash: IdentityHash, vacant: Vacant, place: Place) {
        self.identity.insert_at(hash, vacant, place);
    }

    /// Counts new spans of a trace.
    pub(super) fn count(&mut self, trace: TraceId, spans: u32) {
        self.traces.add(trace, spans);
    }

    /// Makes `to` the place of a span whose older report is at `from`; a row at `from` stays and
    /// is superseded, an open span must have been taken out.
    pub(super) fn supersede(&mut self, hash: IdentityHash, trace: TraceId, from: Place, to: Place) {
        self.identity.replace(hash, from, to);
        if let Place::Row(at) = from {
            self.superseded.add(trace, at);
            let distance = at.chunk.wrapping_sub(self.unsealed.first_chunk());
            if distance < u32::MAX / 2 {
                self.unsealed.supersede(trace, at);
            }
        }
    }

    /// Appends a report that is not open.
    pub(super) fn push_row(
        &mut self,
        copier: &mut RowCopier<'_>,
        row: usize,
        state: SpanState,
        now_ns: u64,
    ) -> Place {
        Place::Row(self.unsealed.push(copier, row, state, now_ns))
    }

    /// Begins to store a batch as it is; gives the number of its chunk.
    pub(super) fn begin_batch(&mut self, rows: &Arc<CheckedBatch>) -> u32 {
        self.unsealed.begin_batch(rows)
    }

    /// Ends what [`Tables::begin_batch`] began.
    pub(super) fn finish_batch(&mut self, chunk: u32, skipped: SkippedRows, now_ns: u64) {
        self.unsealed.finish_batch(chunk, skipped, now_ns);
    }

    /// Ends the segment that is being filled if it is full.
    pub(super) fn end_segment_if_full(&mut self) {
        let unsealed = &self.unsealed;
        let is_full = unsealed.rows() >= self.segment_spans_max
            || unsealed.frozen_bytes() >= self.segment_bytes_max;
        if is_full {
            self.end_segment();
        }
    }

    /// Ends the segment that is being filled; says whether there was anything. It is sealed at once
    /// if too many wait for that.
    pub(super) fn end_segment(&mut self) -> bool {
        let Some(sealing) = self.unsealed.take() else {
            return false;
        };
        self.ripe.push(sealing);
        self.segments_ended += 1;
        while self.ripe.len() > self.ripe_max {
            self.seal_oldest();
        }
        true
    }

    /// Seals on the spot: the oldest segment that is full, or what has been appended since; says
    /// whether there was anything.
    pub(super) fn seal(&mut self) -> bool {
        self.seal_oldest() || (self.end_segment() && (self.ripe.is_empty() || self.seal_oldest()))
    }

    fn seal_oldest(&mut self) -> bool {
        let sealed = self.ripe.pop();
        sealed
            .map(|(of, segment)| self.add_segment(&of, segment))
            .is_some()
    }

    /// Seals full segments whose newest row was stored by then, so that they can expire.
    pub(super) fn seal_until(&mut self, newest_ns: u64) {
        while self.ripe.oldest_ns().is_some_and(|at| at <= newest_ns) {
            self.seal_oldest();
        }
    }

    /// A full segment that nobody seals yet.
    pub(super) fn take_seal_job(&mut self) -> Option<SealJob> {
        self.ripe.take_job()
    }

    /// Full segments that are not sealed yet.
    pub(super) fn seals_in_flight(&self) -> usize {
        self.ripe.len()
    }

    /// Puts a segment in the place of its chunks, once all older ones are there.
    pub(super) fn finish_seal(&mut self, part: SealedPart) {
        self.ripe.finish(part);
        while let Some((of, segment)) = self.ripe.pop_done() {
            self.add_segment(&of, segment);
        }
    }

    fn add_segment(&mut self, of: &Sealing, segment: Segment) {
        for (trace, at) in &of.superseded {
            self.superseded.remove(*trace, *at);
        }
        let held = of
            .chunks
            .iter()
            .filter(|chunk| Arc::strong_count(chunk) > 1);
        self.departed_chunks
            .retain(|chunk| chunk.strong_count() > 0);
        self.departed_chunks.extend(held.map(Arc::downgrade));
        self.segments_bytes += segment.bytes;
        segment.placed.count_orders_in(&self.orders_bytes);
        self.segments.push_back(Arc::new(segment));
    }

    /// When the first row of the unsealed segment was stored.
    pub(super) fn unsealed_since_ns(&self) -> Option<u64> {
        self.unsealed.since_ns()
    }

    /// When the newest row of the oldest segment was stored.
    pub(super) fn oldest_segment_ns(&self) -> Option<u64> {
        self.segments.front().map(|segment| segment.newest_ns)
    }

    /// Sealed segments.
    pub(super) fn segments_len(&self) -> usize {
        self.segments.len()
    }

    /// Segments that were full or old enough, sealed or not, and segments removed so far.
    pub(super) fn segments_counted(&self) -> (u64, u64) {
        let kept = self.segments.len() + self.ripe.len();
        (self.segments_ended, self.segments_ended - kept as u64)
    }

    /// When the newest row of the oldest segment was stored, sealed or not, if it is full.
    pub(super) fn oldest_full_ns(&self) -> Option<u64> {
        self.oldest_segment_ns().or(self.ripe.oldest_ns())
    }

    /// Takes the oldest segment out; [`Tables::forget_segment`] must follow.
    pub(super) fn take_oldest_segment(&mut self) -> Option<Arc<Segment>> {
        let segment = self.segments.pop_front()?;
        self.segments_bytes -= segment.bytes;
        self.departed.retain(|departed| departed.strong_count() > 0);
        self.departed.push(Arc::downgrade(&segment));
        Some(segment)
    }

    /// Forgets the rows of a segment that was taken out; gives the live spans it had, by trace. They
    /// are not found any more; their entries in the index go bit by bit, by [`Tables::sweep`].
    pub(super) fn forget_segment(&mut self, segment: &Segment) -> Vec<(TraceId, u32)> {
        let retired = Retired::new(segment, &mut self.superseded);
        for (trace, spans) in &retired.live {
            self.traces.subtract(*trace, *spans);
        }
        self.identity.note_gone(retired.rows);
        let has_full = !self.segments.is_empty() || !self.ripe.is_empty();
        let has_rows = has_full || self.unsealed.rows() > 0;
        debug_assert!(has_rows || self.superseded.bytes() == 0, "notes of no rows");
        retired.live
    }

    /// Takes rows of removed segments out of the index, where there are many; looks through about so
    /// many of its slots.
    pub(super) fn sweep(&mut self, slots_max: usize) {
        // Segments go in the order of their chunks, whose numbers wrap.
        let oldest = self.oldest_chunk();
        let is_gone = |chunk: u32| chunk.wrapping_sub(oldest).cast_signed() < 0;
        self.identity.sweep(slots_max, is_gone);
    }

    /// The number of the oldest chunk that is stored, or will be.
    fn oldest_chunk(&self) -> u32 {
        let sealed = self.segments.front().map(|segment| segment.first_chunk);
        let full = sealed.or_else(|| self.ripe.first_chunk());
        full.unwrap_or_else(|| self.unsealed.first_chunk())
    }

    /// The rows of these columns that belong to a trace and no longer count.
    pub(super) fn superseded_rows(&self, trace: TraceId, placed: &PlacedRows) -> HashSet<usize> {
        let rows = self.superseded.of(trace).into_iter().flatten();
        rows.filter_map(|at| placed.row_of(*at)).collect()
    }

    /// See [`OpenTable::renew`].
    pub(super) fn renew_open(&mut self, serial: u64, reported_ns: Option<u64>) {
        if let Some((key, renewed)) = self.open.renew(serial, reported_ns) {
            let (from, to) = (Place::Open(serial), Place::Open(renewed));
            self.identity
                .replace(self.identity.hash(key.0, key.1), from, to);
        }
    }

    /// Removes an open span; gives its trace.
    pub(super) fn remove_open(&mut self, serial: u64) -> Option<TraceId> {
        let key = self.open.remove(serial)?;
        let was_there = self
            .identity
            .remove(self.hash(key), |p| p == Place::Open(serial));
        debug_assert!(was_there, "open span {serial} was not in the index");
        self.traces.subtract(key.0, 1);
        Some(key.0)
    }

    /// Removes everything; gives the live spans of each trace.
    pub(super) fn clear(&mut self, limits: &StoreLimits) -> Vec<(TraceId, u32)> {
        // Numbers go on, so that readers who come back see what is new.
        let mut empty = Self::new(limits);
        empty.unsealed.begin_at(self.unsealed.tip().chunk);
        empty.open.stamp_after(self.open.last_stamp());
        let cleared = std::mem::replace(self, empty);
        // Readers may hold what is cleared.
        self.departed = cleared.departed;
        self.departed
            .extend(cleared.segments.iter().map(Arc::downgrade));
        self.departed_chunks = cleared.departed_chunks;
        self.segments_ended = cleared.segments_ended;
        cleared.traces.into_counts()
    }
}
