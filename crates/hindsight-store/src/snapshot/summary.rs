//! Summaries of traces: the sum of a trace's entries in all runs.
//!
//! Where the directories say more than is true, and for open spans, rows are counted one by one.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use hindsight_protocol::hub::{ServiceSpans, TRACE_COLUMN_BYTES_MAX, TraceSummary};
use hindsight_protocol::{KeyValue, SpanState, TraceId};

use super::Snapshot;
use super::run::{Part, RowView, parts};
use crate::column::SegmentRows;
use crate::removal::{Cause, Sums};

pub(super) fn of_trace(snapshot: &Snapshot, trace: TraceId) -> Option<TraceSummary> {
    let mut summary = sum(snapshot, trace).finish(trace)?;
    summary.pinned = snapshot.pins.contains(trace);
    lost(&mut summary, &snapshot.removals.exactly(trace));
    Some(summary)
}

/// Attributes of the span that the summary names the trace by.
pub(super) fn attributes(snapshot: &Snapshot, trace: TraceId, keys: &[String]) -> Vec<KeyValue> {
    let head = sum(snapshot, trace).head;
    let of_key = |key: &String| {
        let value = head?.simple_value(key, TRACE_COLUMN_BYTES_MAX)?;
        Some(KeyValue::new(key.as_str(), value))
    };
    keys.iter().filter_map(of_key).collect()
}

fn sum(snapshot: &Snapshot, trace: TraceId) -> Sum<'_> {
    let mut sum = Sum::default();
    for part in &parts(snapshot, trace) {
        match part {
            Part::Stored {
                rows,
                ordinal,
                superseded,
            } if superseded.is_empty() => sum.add_entry(rows, *ordinal),
            part => part.rows().for_each(|row| sum.add_row(row)),
        }
    }
    sum
}

/// What age and the byte budget took; what was cleared is not missed.
fn lost(summary: &mut TraceSummary, sums: &Sums) {
    for (cause, at_ns, spans) in sums.removals() {
        if cause == Cause::Cleared {
            continue;
        }
        summary.removed_by = match summary.removed_spans {
            0 => cause.name().to_owned(),
            _ => String::new(),
        };
        summary.removed_spans += spans;
        summary.removed_at_ns = summary.removed_at_ns.max(at_ns);
    }
}

#[derive(Default)]
struct Sum<'a> {
    summary: TraceSummary,
    head: Option<RowView<'a>>,
    newest_start_ns: u64,
    end_ns: Option<u64>,
    services: BTreeMap<&'a str, u64>,
}

impl<'a> Sum<'a> {
    fn add_head(&mut self, head: RowView<'a>, start_ns: u64) {
        let rank = |row: RowView<'_>| (!row.is_root(), row.order());
        if self.head.is_none_or(|known| rank(head) < rank(known)) {
            self.head = Some(head);
        }
        self.summary.start_ns = match self.summary.spans {
            0 => start_ns,
            _ => self.summary.start_ns.min(start_ns),
        };
    }

    fn add_entry(&mut self, rows: &'a SegmentRows, ordinal: u32) {
        let entry = rows.traces().entry(ordinal);
        self.add_head(RowView::Stored(rows, entry.head as usize), entry.start_ns);
        self.newest_start_ns = self.newest_start_ns.max(entry.newest_start_ns);
        self.end_ns = self.end_ns.max(entry.end_ns);
        let summary = &mut self.summary;
        summary.has_root |= entry.has_root;
        summary.spans += u64::from(entry.spans);
        summary.errors += u64::from(entry.errors);
        summary.running += u64::from(entry.running);
        summary.aborted += u64::from(entry.aborted);
        for (service, spans) in rows.traces().service_names_of(ordinal, rows.services()) {
            *self.services.entry(service).or_default() += u64::from(spans);
        }
    }

    fn add_row(&mut self, row: RowView<'a>) {
        self.add_head(row, row.start_ns());
        self.newest_start_ns = self.newest_start_ns.max(row.start_ns());
        self.end_ns = self.end_ns.max(row.end_ns());
        let summary = &mut self.summary;
        summary.has_root |= row.is_root();
        summary.spans += 1;
        summary.errors += u64::from(row.is_error());
        match row.state() {
            SpanState::Running => summary.running += 1,
            SpanState::Disconnected | SpanState::Aborted => summary.aborted += 1,
            SpanState::Ended | SpanState::EndedByDrop => {}
        }
        *self.services.entry(row.service()).or_default() += 1;
    }

    fn finish(self, trace_id: TraceId) -> Option<TraceSummary> {
        let head = self.head?;
        let mut services: Vec<ServiceSpans> = self
            .services
            .into_iter()
            .map(|(service, spans)| ServiceSpans {
                service: service.to_owned(),
                spans,
            })
            .collect();
        services.sort_by_key(|service| Reverse(service.spans));
        Some(TraceSummary {
            trace_id,
            name: head.name().to_owned(),
            service: head.service().to_owned(),
            end_ns: self.end_ns.unwrap_or(self.newest_start_ns),
            services,
            ..self.summary
        })
    }
}
