//! From buffers to batches.

use std::sync::Arc;

use hindsight_protocol::batch::SpanHead;
use hindsight_protocol::{BatchBuilder, KeyValue, Scope};

use super::ExportSettings;
use super::queue::Queue;
use crate::attribute::Attribute;
use crate::buffer::{Buffer, Records, SpanRecord};
use crate::tracer::Shared;

/// Moves records of all threads into batches.
#[derive(Debug, Default)]
pub(super) struct Collector {
    batch: BatchBuilder,
    resource: u32,
    scratch: Records,
}

impl Collector {
    /// Takes all ended spans.
    pub(super) fn ended(&mut self, shared: &Shared, settings: &ExportSettings, queue: &mut Queue) {
        for buffer in shared.buffers() {
            let mut records = std::mem::take(&mut self.scratch);
            buffer.take_ended(&mut records);
            for record in &records {
                self.write(shared, record);
                self.seal_if_full(settings, queue);
            }
            buffer.give_back(&mut records);
            self.scratch = records;
        }
        self.seal(queue);
    }

    /// Reports open spans that are due in connection `epoch`.
    pub(super) fn open(
        &mut self,
        shared: &Shared,
        settings: &ExportSettings,
        epoch: u64,
        queue: &mut Queue,
    ) {
        let now_ns = shared.clock.monotonic_ns();
        let due = Due {
            now_ns,
            after_ns: settings.report_open_after.as_nanos() as u64,
            again_ns: settings.report_again_after.as_nanos() as u64,
            epoch,
        };
        let mut left = settings.open_reports_max;
        for buffer in shared.buffers() {
            self.open_of(shared, &buffer, &due, &mut left);
            self.seal_if_full(settings, queue);
        }
        self.seal(queue);
    }

    fn open_of(&mut self, shared: &Shared, buffer: &Arc<Buffer>, due: &Due, left: &mut usize) {
        buffer.visit_open(|record| {
            let report = *left > 0 && due.is_due(record);
            if report {
                *left -= 1;
                record.version += 1;
                record.changed = false;
                record.reported_ns = due.now_ns;
                record.reported_epoch = due.epoch;
                self.write(shared, record);
            }
            report
        });
    }

    fn write(&mut self, shared: &Shared, record: &SpanRecord) {
        if self.batch.is_empty() {
            self.resource = self.batch.resource(&shared.resource);
        }
        let scope = match &record.scope {
            Some(scope) => self.batch.scope(scope),
            None => self.batch.scope(&Scope::default()),
        };
        self.batch.begin_span(&SpanHead {
            trace_id: record.trace_id,
            span_id: record.span_id,
            parent_id: record.parent_id,
            name: &record.name,
            start_ns: record.start_ns,
            end_ns: record.end_ns,
            kind: record.kind,
            status: record.status as u8,
            status_message: &record.status_message,
            state: record.state as u8,
            version: record.version,
            flags: record.flags,
            trace_state: &record.trace_state,
            resource: self.resource,
            scope,
            dropped: record.dropped,
        });
        for (key, value) in &record.attributes {
            value.write(key, &mut self.batch);
        }
        for event in &record.events {
            let attributes = owned(&event.attributes);
            self.batch.event_values(
                event.time_ns,
                &event.name,
                &attributes,
                event.dropped_attributes,
            );
        }
        for link in &record.links {
            let attributes = owned(&link.attributes);
            let target = (link.trace_id, link.span_id);
            let dropped = link.dropped_attributes;
            self.batch
                .link_values(target, &link.trace_state, link.flags, &attributes, dropped);
        }
        self.batch.end_span();
    }

    fn seal_if_full(&mut self, settings: &ExportSettings, queue: &mut Queue) {
        let full = self.batch.len() >= settings.batch_spans_max
            || (self.batch.len().is_multiple_of(64)
                && self.batch.byte_len() >= settings.batch_bytes_max);
        if full {
            self.seal(queue);
        }
    }

    fn seal(&mut self, queue: &mut Queue) {
        if !self.batch.is_empty() {
            let batch = std::mem::take(&mut self.batch);
            queue.push(batch.finish().into_batch());
        }
    }
}

fn owned(attributes: &[Attribute]) -> Vec<KeyValue> {
    let owned =
        |(key, value): &Attribute| KeyValue::new(key.clone().into_owned(), value.to_value());
    attributes.iter().map(owned).collect()
}

/// When an open span is to be reported.
struct Due {
    now_ns: u64,
    after_ns: u64,
    again_ns: u64,
    epoch: u64,
}

impl Due {
    fn is_due(&self, record: &SpanRecord) -> bool {
        if record.version == 0 {
            return self.now_ns.saturating_sub(record.start_monotonic_ns) >= self.after_ns;
        }
        let rested = self.now_ns.saturating_sub(record.reported_ns) >= self.again_ns;
        record.reported_epoch != self.epoch || (record.changed && rested)
    }
}
