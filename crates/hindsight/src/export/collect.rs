//! From buffers to batches.
//!
//! A thread's batch is sent as it is when it has enough spans; those of threads that made few are
//! copied together, so that a hundred quiet threads make one batch. Memory goes round: columns of
//! acknowledged batches are written into again ([`Collector::recycle`]), at most [`SPARE_MAX`] of
//! them.

use hindsight_protocol::batch::RowCopier;
use hindsight_protocol::{BatchBuilder, SpanBatch, SpanState};

use super::ExportSettings;
use super::queue::Queue;
use crate::buffer::{Buffer, SpanRecord, prepare};
use crate::tracer::Shared;

/// Batches with fewer spans are put together with others.
const ENOUGH: usize = 256;
/// Batches and builders kept for reuse.
const SPARE_MAX: usize = 8;
/// A batch with more bytes is not kept: one large span would be paid for ever.
const SPARE_BYTES_MAX: usize = 2 << 20;

/// Moves records of all threads into batches.
#[derive(Debug, Default)]
pub(super) struct Collector {
    /// Batches taken from buffers.
    taken: Vec<BatchBuilder>,
    /// Spans of several threads together.
    merged: BatchBuilder,
    /// Reports of open spans.
    open: BatchBuilder,
    builders: Vec<BatchBuilder>,
    columns: Vec<SpanBatch>,
}

impl Collector {
    /// Takes all ended spans.
    pub(super) fn ended(&mut self, shared: &Shared, queue: &mut Queue) {
        for buffer in shared.buffers() {
            if !buffer.has_ended() {
                continue;
            }
            let mut next = Some(self.builder(shared));
            buffer.take_ended(&mut self.taken, &mut next);
            self.builders.extend(next);
        }
        let alone = self.taken.len() == 1;
        let mut taken = std::mem::take(&mut self.taken);
        for mut builder in taken.drain(..) {
            match alone || builder.len() >= ENOUGH {
                true => queue.push(builder.take().into_batch()),
                false => self.merge(&mut builder, shared, queue),
            }
            if self.builders.len() < SPARE_MAX {
                self.builders.push(builder);
            }
        }
        self.taken = taken;
        seal(&mut self.merged, queue);
    }

    /// An empty builder with memory that was used before, if there is some.
    fn builder(&mut self, shared: &Shared) -> BatchBuilder {
        let mut builder = self.builders.pop().unwrap_or_default();
        if let Some(columns) = self.columns.pop() {
            builder.reuse(columns);
        }
        prepare(&mut builder, shared);
        builder
    }

    fn merge(&mut self, builder: &mut BatchBuilder, shared: &Shared, queue: &mut Queue) {
        let batch = builder.take();
        let mut copier = RowCopier::new(&batch);
        for row in 0..batch.len() {
            if self.merged.len() >= shared.limits.batch_spans_max
                || self.merged.byte_len() >= shared.limits.batch_bytes_max
            {
                seal(&mut self.merged, queue);
                copier.restart();
            }
            copier.copy(row, &mut self.merged);
        }
        self.recycle(batch.into_batch());
    }

    /// Takes the memory of a batch that is done with.
    pub(super) fn recycle(&mut self, batch: SpanBatch) {
        if self.columns.len() < SPARE_MAX && batch.byte_len() <= SPARE_BYTES_MAX {
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
            self.open_of(shared, &buffer, &due, &mut left);
            if self.open.byte_len() >= shared.limits.batch_bytes_max {
                seal(&mut self.open, queue);
            }
        }
        seal(&mut self.open, queue);
    }

    fn open_of(&mut self, shared: &Shared, buffer: &Buffer, due: &Due, left: &mut usize) {
        buffer.visit_open(|record| {
            let report = *left > 0 && due.is_due(record);
            if report {
                *left -= 1;
                record.reports.version += 1;
                record.reports.changed = false;
                record.reports.ticks = due.ticks;
                record.reports.epoch = due.epoch;
                if self.open.is_empty() {
                    prepare(&mut self.open, shared);
                }
                record.write(None, SpanState::Running, &mut self.open);
            }
            report
        });
    }
}

fn seal(builder: &mut BatchBuilder, queue: &mut Queue) {
    if !builder.is_empty() {
        queue.push(builder.take().into_batch());
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
        if reports.version == 0 {
            return record.opened.ticks <= self.opened_before;
        }
        let rested = reports.ticks <= self.reported_before;
        reports.epoch != self.epoch || (reports.changed && rested)
    }
}
