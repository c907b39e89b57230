//! Storing a batch.
//!
//! In: a checked batch and its source. Out: a reply with one count for every record, and the
//! change. Whether the batch is a resend is decided in the same step as it is stored.

mod ordinary;

use std::sync::Arc;

use hindsight_protocol::batch::{RowCopier, SpanRow};
use hindsight_protocol::hub::IngestReply;
use hindsight_protocol::{CheckedBatch, SpanBatch, SpanId, SpanState, TraceId};

use self::ordinary::{Run, ordinary_rows};
use super::outcome::{Rung, is_backwards, rejection, replaces, rung, stored_state};
use super::{Appended, BatchSource, Store};
use crate::accounts::Reasons;
use crate::change::StoredRows;
use crate::chunk::{RowRef, SkippedRows};
use crate::identity::{IdentityHash, Place};
use crate::open::OpenCopier;
use crate::reason;
use crate::removal::Cause;
use crate::truncate::truncate;

/// Rows whose identities are looked up together.
const BLOCK_ROWS: usize = 64;

/// Slots of the index that are looked through for rows of removed segments with each batch, and with
/// each row of it: so many that a round ends long before the next is due.
const SWEPT_SLOTS_MIN: usize = 4_096;
const SWEPT_PER_ROW: usize = 32;

/// A batch on its way into the tables.
struct Append<'b> {
    /// The chunk that the batch itself becomes, if it is large, and its rows that do not count.
    chunk: Option<u32>,
    skipped: SkippedRows,
    source: BatchSource,
    /// The source's tracer went a moment ago: what it says is running is disconnected.
    is_departed: bool,
    columns: &'b SpanBatch,
    /// Ordinary rows that are not counted yet.
    run: Run,
    /// For rows that go to chunks.
    copier: Option<RowCopier<'b>>,
    /// For rows that go to the open table.
    open_copier: Option<OpenCopier<'b>>,
    reply: IngestReply,
    rejections: Reasons,
    notes: Reasons,
    stored: StoredRows,
    /// Traces that open spans were evicted from.
    evicted: Vec<TraceId>,
}

impl Store {
    /// Stores a batch, or finds that it was stored before.
    ///
    /// Cost: in proportion to the batch; now and then a chunk is frozen, a segment sealed or
    /// evicted on top.
    pub fn append(
        &mut self,
        batch: &Arc<CheckedBatch>,
        source: BatchSource,
        now_ns: u64,
    ) -> Appended {
        self.begin(now_ns);
        self.snapshot = None;
        let records = batch.len() as u64;
        if self.is_resend(source) {
            self.withdraw_snapshots();
            self.accounts.ingest.resent += records;
            return Appended {
                reply: IngestReply {
                    resent: true,
                    ..IngestReply::default()
                },
                change: None,
            };
        }
        self.accounts.ingest.received += records;
        let appended = match truncate(batch, &self.limits) {
            None => self.append_rows(batch, source),
            Some((cut, truncations)) => {
                self.accounts.reasons.add_all(&truncations);
                let mut appended = self.append_rows(&Arc::new(cut), source);
                appended.reply.truncations = truncations.to_counts();
                appended
            }
        };
        // The counters have changed in any case.
        self.withdraw_snapshots();
        self.end();
        appended
    }

    fn is_resend(&mut self, source: BatchSource) -> bool {
        match (source.tracer, source.sequence) {
            (None, _) | (_, None | Some(0)) => false,
            (Some(tracer), Some(sequence)) => {
                let (resent, forgotten) = self.resends.note(tracer, sequence);
                self.accounts
                    .reasons
                    .add(reason::TRACERS_FORGOTTEN, forgotten);
                resent
            }
        }
    }

    fn append_rows(&mut self, batch: &Arc<CheckedBatch>, source: BatchSource) -> Appended {
        let departed = |tracer| self.departures.contains(tracer);
        let limits = &self.limits;
        let is_large = batch.len() >= limits.batch_kept_spans_min
            || (batch.byte_len() >= limits.batch_kept_bytes_min && !batch.is_empty());
        let mut append = Append {
            chunk: is_large.then(|| self.tables.begin_batch(batch)),
            skipped: SkippedRows::default(),
            source,
            is_departed: source.tracer.is_some_and(departed),
            columns: batch.columns(),
            run: Run::default(),
            copier: None,
            open_copier: None,
            reply: IngestReply::default(),
            rejections: Reasons::default(),
            notes: Reasons::default(),
            stored: StoredRows::default(),
            evicted: Vec::new(),
        };
        let mut hashes = [IdentityHash::default(); BLOCK_ROWS];
        for first in (0..batch.len()).step_by(BLOCK_ROWS) {
            let rows = first..batch.len().min(first + BLOCK_ROWS);
            let hashes = &mut hashes[..rows.len()];
            self.hash_rows(batch.columns(), rows.clone(), hashes);
            self.tables.touch(hashes);
            let mut ordinary = ordinary_rows(batch.columns(), rows.clone());
            for (row, hash) in rows.zip(hashes) {
                let trace = trace_of(batch.columns(), row);
                let is_ordinary = ordinary & 1 == 1;
                ordinary >>= 1;
                if !(is_ordinary && self.append_ordinary((trace, row), *hash, &mut append)) {
                    self.count_run(&mut append);
                    self.append_row(batch.row(row), *hash, &mut append);
                }
            }
        }
        self.count_run(&mut append);
        if let Some(chunk) = append.chunk {
            let skipped = std::mem::take(&mut append.skipped);
            self.tables.finish_batch(chunk, skipped, self.now_ns);
        }
        self.tables.end_segment_if_full();
        self.note_open_removals(Cause::Evicted);
        let Append {
            mut reply,
            rejections,
            notes,
            stored,
            mut evicted,
            ..
        } = append;
        reply.rejections = rejections.to_counts();
        reply.notes = notes.to_counts();
        self.accounts.reasons.add_all(&rejections);
        self.accounts.reasons.add_all(&notes);
        self.count(&reply);
        evicted.extend(self.evict_to_budget());
        let swept = SWEPT_SLOTS_MIN + SWEPT_PER_ROW * batch.len();
        self.tables.sweep(swept);
        let nothing = stored.is_empty() && evicted.is_empty();
        let change = (!nothing).then(|| self.stored((batch, stored), evicted));
        Appended { reply, change }
    }

    /// The identities of rows, that of the trace once for rows that follow each other.
    fn hash_rows(
        &self,
        columns: &SpanBatch,
        rows: std::ops::Range<usize>,
        hashes: &mut [IdentityHash],
    ) {
        let mut last = TraceId::default();
        let mut of_last = self.tables.hash_trace(last);
        for (row, hash) in rows.zip(hashes) {
            let trace = trace_of(columns, row);
            if trace != last {
                of_last = self.tables.hash_trace(trace);
                last = trace;
            }
            *hash = self
                .tables
                .hash_in(of_last, SpanId::from_u64(columns.span_ids[row]));
        }
    }

    fn count(&mut self, reply: &IngestReply) {
        let ingest = &mut self.accounts.ingest;
        ingest.inserted += reply.inserted;
        ingest.updated += reply.updated;
        ingest.duplicate += reply.duplicate;
        ingest.rejected += reply.rejected;
    }

    fn append_row<'b>(&mut self, row: SpanRow<'b>, hash: IdentityHash, append: &mut Append<'b>) {
        if let Some(reason) = rejection(row) {
            append.reject(row, reason);
            return;
        }
        let key = (row.trace_id(), row.span_id());
        let state = match stored_state(row) {
            SpanState::Running if append.is_departed => SpanState::Disconnected,
            state => state,
        };
        match self.tables.find(hash, key) {
            None if self.is_trace_full(key.0) => {
                append.reject(row, reason::SPANS_PER_TRACE);
                return;
            }
            None => {
                let place = self.store_row(row, state, append);
                self.tables.insert(hash, key.0, place);
                self.accounts.store.live += 1;
                append.reply.inserted += 1;
            }
            Some(from) if replaces((state, row.version()), self.tables.report(from)) => {
                if let Place::Open(serial) = from {
                    self.tables.open.remove(serial);
                }
                let place = self.store_row(row, state, append);
                self.tables.supersede(hash, key.0, from, place);
                append.reply.updated += 1;
            }
            Some(_) => {
                append.reply.duplicate += 1;
                append.skip(row);
                return;
            }
        }
        if is_backwards(row) {
            append.notes.add(reason::END_BEFORE_START, 1);
        }
        let altered = state != row.state();
        append.stored.add(row.index(), state as u8, altered);
        let evicted = self.evict_open_to_limit(&mut append.evicted);
        append.notes.add(reason::OPEN_SPANS, evicted);
    }

    fn is_trace_full(&mut self, trace: TraceId) -> bool {
        self.tables.live_of(trace) >= self.limits.spans_per_trace_max
    }

    fn store_row<'b>(
        &mut self,
        row: SpanRow<'b>,
        state: SpanState,
        append: &mut Append<'b>,
    ) -> Place {
        let is_final = rung(state) != Rung::Running;
        if let Some(chunk) = append.chunk {
            if is_final && state == row.state() {
                let row = row.index() as u32;
                return Place::Row(RowRef { chunk, row });
            }
            append.skip(row);
        }
        if is_final {
            let copier = append
                .copier
                .get_or_insert_with(|| RowCopier::new(row.batch()));
            return self
                .tables
                .push_row(copier, row.index(), state, self.now_ns);
        }
        let copier = append
            .open_copier
            .get_or_insert_with(|| OpenCopier::new(RowCopier::new(row.batch())));
        let report = (row.index(), (row.trace_id(), row.span_id()), state);
        let tracer = append.source.tracer;
        let open = &mut self.tables.open;
        Place::Open(open.insert(copier, report, tracer, self.now_ns))
    }
}

fn trace_of(columns: &SpanBatch, row: usize) -> TraceId {
    TraceId {
        high: columns.trace_ids_high[row],
        low: columns.trace_ids_low[row],
    }
}

impl Append<'_> {
    fn reject(&mut self, row: SpanRow<'_>, reason: &'static str) {
        self.reply.rejected += 1;
        self.rejections.add(reason, 1);
        self.skip(row);
    }

    /// The row does not count in the chunk that the batch becomes.
    fn skip(&mut self, row: SpanRow<'_>) {
        if self.chunk.is_some() {
            self.skipped.add(row.index());
        }
    }
}
