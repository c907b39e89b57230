//! From buffers to batches.
//!
//! Memory goes round: tables of ended spans are exchanged for the ones emptied before, and columns of
//! batches that are done with are written into again ([`Collector::recycle`]).

use hindsight_protocol::{BatchBuilder, Scope, SpanBatch};

use super::ExportSettings;
use super::queue::Queue;
use crate::buffer::{Ended, SpanRecord, View};
use crate::tracer::Shared;

/// Batches whose columns are kept.
const COLUMNS_MAX: usize = 8;
/// A batch with more bytes is not kept: one large span would be paid for ever.
const COLUMNS_BYTES_MAX: usize = 2 << 20;

/// Moves records of all threads into batches.
#[derive(Debug, Default)]
pub(super) struct Collector {
    batch: BatchBuilder,
    /// Emptied, to be exchanged for what a buffer holds.
    scratch: Ended,
    columns: Vec<SpanBatch>,
    /// How often limits of the tracer cut something of the spans that ended.
    pub(super) cuts: u64,
}

impl Collector {
    /// Takes all ended spans.
    pub(super) fn ended(&mut self, shared: &Shared, settings: &ExportSettings, queue: &mut Queue) {
        for buffer in shared.buffers() {
            let mut ended = std::mem::take(&mut self.scratch);
            buffer.exchange_ended(&mut ended);
            ended.for_each(|row| {
                self.cuts += row.cuts();
                self.seal_before(row, settings, queue);
                self.write(shared, row);
                self.seal_if_full(settings, queue);
            });
            ended.clear();
            self.scratch = ended;
        }
        self.seal(queue);
    }

    /// Takes the memory of a batch that is done with.
    pub(super) fn recycle(&mut self, batch: SpanBatch) {
        if self.columns.len() < COLUMNS_MAX && batch.byte_len() <= COLUMNS_BYTES_MAX {
            self.columns.push(batch);
        }
    }

    /// Reports open spans that are due in connection `epoch`.
    pub(super) fn open(
        &mut self,
        shared: &Shared,
        settings: &ExportSettings,
        epoch: u64,
        queue: &mut Queue,
    ) {
        let due = Due {
            ticks: shared.clock.now().ticks,
            opened_before: shared.clock.ticks_ago(settings.report_open_after),
            reported_before: shared.clock.ticks_ago(settings.report_again_after),
            epoch,
        };
        let mut left = settings.open_reports_max;
        for buffer in shared.buffers() {
            buffer.free_spare();
            buffer.visit_open(|record| {
                let report = left > 0 && due.is_due(record);
                if report {
                    left -= 1;
                    due.note(record);
                    self.seal_before(View::open(record), settings, queue);
                    self.write(shared, View::open(record));
                    self.seal_if_full(settings, queue);
                }
                report
            });
        }
        self.seal(queue);
    }

    fn write(&mut self, shared: &Shared, span: View<'_>) {
        if self.batch.is_empty() {
            if let Some(columns) = self.columns.pop() {
                self.batch.reuse(columns);
            }
            // Row 0 of their tables.
            self.batch.resource(&shared.resource);
            self.batch.scope(&Scope::default());
        }
        span.write(&mut self.batch);
    }

    /// A large span travels alone: should the hub refuse it, nothing else is lost.
    fn seal_before(&mut self, span: View<'_>, settings: &ExportSettings, queue: &mut Queue) {
        if span.byte_len() > settings.batch_bytes_max / 2 {
            self.seal(queue);
        }
    }

    fn seal_if_full(&mut self, settings: &ExportSettings, queue: &mut Queue) {
        let full = self.batch.len() >= settings.batch_spans_max
            || self.batch.text_len() >= settings.batch_bytes_max
            || (self.batch.len().is_multiple_of(64)
                && self.batch.byte_len() >= settings.batch_bytes_max);
        if full {
            self.seal(queue);
        }
    }

    fn seal(&mut self, queue: &mut Queue) {
        if !self.batch.is_empty() {
            queue.push(self.batch.take().into_batch());
        }
    }
}

/// When an open span is to be reported.
struct Due {
    /// Now.
    ticks: u64,
    opened_before: u64,
    reported_before: u64,
    epoch: u64,
}

impl Due {
    fn is_due(&self, record: &SpanRecord) -> bool {
        let reports = &record.reports;
        if record.head.version == 0 {
            return record.opened.ticks <= self.opened_before;
        }
        let rested = reports.ticks <= self.reported_before;
        reports.epoch != self.epoch || (reports.changed && rested)
    }

    fn note(&self, record: &mut SpanRecord) {
        record.head.version += 1;
        record.reports.changed = false;
        record.reports.ticks = self.ticks;
        record.reports.epoch = self.epoch;
    }
}
