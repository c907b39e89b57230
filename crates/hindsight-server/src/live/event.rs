//! From changes and summaries to events of limited size.
//!
//! In: rows, revisions and summaries. Out: events of about `event_bytes_max` bytes at most (a
//! single span or summary above that gets an event of its own; a large change goes out whole, up to
//! `event_whole_bytes_max`, because copying it costs more than sending it). Holds: an event's revision is one
//! whose rows have all been put out with it or before it.

use hindsight_protocol::batch::{BatchBuilder, RowCopier};
use hindsight_protocol::hub::{LiveEvent, TraceSummary};
use hindsight_protocol::{CheckedBatch, SpanBatch};
use hindsight_store::Change;

use super::filter::Filter;
use super::sieve::Sieve;

#[cfg(test)]
mod tests;

/// About what a summary costs on the wire beside its texts.
const SUMMARY_BYTES: usize = 160;
/// About what a service's count costs on the wire beside its name.
const SERVICE_BYTES: usize = 24;
/// An attribute of one, apart from its key: most values are short.
const VALUE_BYTES: usize = 48;

/// Gathers rows of changes into events.
pub(super) struct ChangeEvents {
    bytes_max: usize,
    kind: u8,
    /// Revision whose rows are all in what was put out or is in `builder`.
    reached: u64,
    builder: BatchBuilder,
    ready: Vec<LiveEvent>,
}

impl ChangeEvents {
    /// Events of changes, from the revision reached so far.
    pub(super) fn changes(bytes_max: usize, reached: u64) -> Self {
        Self::new(LiveEvent::KIND_CHANGE, bytes_max, reached)
    }

    /// Events of the snapshot at `revision`.
    pub(super) fn snapshot(bytes_max: usize, revision: u64) -> Self {
        Self::new(LiveEvent::KIND_SNAPSHOT, bytes_max, revision)
    }

    fn new(kind: u8, bytes_max: usize, reached: u64) -> Self {
        Self {
            bytes_max,
            kind,
            reached,
            builder: BatchBuilder::new(),
            ready: Vec::new(),
        }
    }

    /// Adds a change: the rows that the subscriber wants, and its revision.
    pub(super) fn add(&mut self, change: &Change, sieve: &mut Sieve<'_>, whole_bytes_max: usize) {
        let filter = sieve.filter();
        let is_large = change.byte_len() >= self.bytes_max / 4;
        if is_large && let Some(event) = whole(change, filter, whole_bytes_max) {
            self.flush();
            self.ready.push(event);
            self.reached = change.revision;
            return;
        }
        if change.cleared {
            self.flush();
            self.ready.push(cleared(change.revision));
        }
        if filter.spans {
            self.add_rows(change.rows(), sieve);
        }
        self.reached = change.revision;
        if let Some(last) = self.ready.last_mut().filter(|_| self.builder.is_empty()) {
            last.revision = change.revision;
        }
    }

    /// Adds rows whose revision is not reached until the caller says so.
    pub(super) fn add_rows(&mut self, rows: &CheckedBatch, sieve: &mut Sieve<'_>) {
        let mut copier = RowCopier::new(rows);
        for row in rows.rows() {
            if !sieve.passes(row) {
                continue;
            }
            copier.copy(row.index(), &mut self.builder);
            if self.builder.byte_len() >= self.bytes_max {
                self.flush();
                copier.restart();
            }
        }
    }

    fn flush(&mut self) {
        if !self.builder.is_empty() {
            let batch = std::mem::take(&mut self.builder).finish().into_batch();
            let event = event(self.kind, self.reached, batch);
            self.ready.push(event);
        }
    }

    /// All events. Whoever has them all has reached the last change's revision.
    pub(super) fn finish(mut self) -> Vec<LiveEvent> {
        self.flush();
        self.ready
    }
}

/// A change that may go out as it is, without being copied row by row.
pub(super) fn whole(change: &Change, filter: &Filter, bytes_max: usize) -> Option<LiveEvent> {
    if !filter.spans || !filter.passes_all() || change.cleared {
        return None;
    }
    let rows = change.rows();
    let goes = !rows.is_empty() && rows.byte_len() <= bytes_max;
    goes.then(|| {
        let batch = CheckedBatch::clone(rows).into_batch();
        event(LiveEvent::KIND_CHANGE, change.revision, batch)
    })
}

fn cleared(revision: u64) -> LiveEvent {
    LiveEvent {
        kind: LiveEvent::KIND_CLEARED,
        revision,
        ..LiveEvent::default()
    }
}

fn event(kind: u8, revision: u64, batch: SpanBatch) -> LiveEvent {
    LiveEvent {
        kind,
        revision,
        batch,
        ..LiveEvent::default()
    }
}

/// Events with these summaries.
pub(super) fn summaries(
    kind: u8,
    revision: u64,
    all: Vec<TraceSummary>,
    bytes_max: usize,
) -> Vec<LiveEvent> {
    let mut events = Vec::new();
    let mut traces = Vec::new();
    let mut bytes = 0;
    for summary in all {
        bytes += summary_bytes(&summary);
        traces.push(summary);
        if bytes >= bytes_max {
            bytes = 0;
            events.push(summaries_event(kind, revision, std::mem::take(&mut traces)));
        }
    }
    if !traces.is_empty() {
        events.push(summaries_event(kind, revision, traces));
    }
    events
}

fn summaries_event(kind: u8, revision: u64, traces: Vec<TraceSummary>) -> LiveEvent {
    LiveEvent {
        kind,
        revision,
        traces,
        ..LiveEvent::default()
    }
}

fn summary_bytes(summary: &TraceSummary) -> usize {
    let services = summary.services.iter();
    let services: usize = services.map(|s| s.service.len() + SERVICE_BYTES).sum();
    let attributes = summary.attributes.iter();
    let attributes: usize = attributes.map(|a| a.key.len() + VALUE_BYTES).sum();
    SUMMARY_BYTES + summary.name.len() + summary.service.len() + services + attributes
}
