//! Summaries of traces: the sum of a trace's entries in all runs.
//!
//! A trace with superseded rows is summed up row by row instead.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use hindsight_protocol::TraceId;
use hindsight_protocol::batch::SpanRow;
use hindsight_protocol::hub::{ServiceSpans, TraceSummary};

use super::Snapshot;
use super::run::{Part, order, parts};
use crate::chunk::Slot;
use crate::directory::{TraceEntry, TraceTable};

pub(super) fn of_trace(snapshot: &Snapshot, trace: TraceId) -> Option<TraceSummary> {
    let parts = parts(snapshot, trace);
    let mut sum = Sum::default();
    if snapshot.superseded.of(trace).is_some() {
        sum.add_rows(parts.iter().flat_map(live_rows).collect());
    } else {
        for part in &parts {
            match part {
                Part::Stored { run, entry, .. } => {
                    sum.add(run.traces(), entry, |slot| run.row(slot));
                }
                Part::Open(rows) => sum.add_rows(rows.clone()),
            }
        }
    }
    let removed_spans = snapshot.removals.removed_spans(trace);
    sum.finish(trace, removed_spans)
}

fn live_rows<'a, 'p>(part: &'p Part<'a>) -> impl Iterator<Item = SpanRow<'a>> + use<'a, 'p> {
    (0..part.len()).filter_map(|at| part.live_row(at))
}

#[derive(Default)]
struct Sum<'a> {
    summary: TraceSummary,
    head: Option<SpanRow<'a>>,
    newest_start_ns: u64,
    end_ns: Option<u64>,
    services: BTreeMap<String, u64>,
}

impl<'a> Sum<'a> {
    fn add_rows(&mut self, rows: Vec<SpanRow<'a>>) {
        let numbered = rows.iter().enumerate();
        let table = TraceTable::build(numbered.map(|(slot, row)| (slot as Slot, *row)));
        for entry in table.entries() {
            self.add(&table, entry, |slot| rows[slot as usize]);
        }
    }

    fn add(
        &mut self,
        table: &TraceTable,
        entry: &TraceEntry,
        row: impl FnOnce(Slot) -> SpanRow<'a>,
    ) {
        let head = row(entry.head);
        let rank = |row: SpanRow<'_>| (row.parent_id().is_some(), order(row));
        if self.head.is_none_or(|known| rank(head) < rank(known)) {
            self.head = Some(head);
        }
        let summary = &mut self.summary;
        summary.start_ns = match summary.spans {
            0 => entry.start_ns,
            _ => summary.start_ns.min(entry.start_ns),
        };
        self.newest_start_ns = self.newest_start_ns.max(entry.newest_start_ns);
        self.end_ns = self.end_ns.max(entry.end_ns);
        summary.has_root |= entry.has_root;
        summary.spans += u64::from(entry.spans);
        summary.errors += u64::from(entry.errors);
        summary.running += u64::from(entry.running);
        summary.aborted += u64::from(entry.aborted);
        for (service, spans) in table.services_of(entry) {
            *self.services.entry(service.to_owned()).or_default() += u64::from(spans);
        }
    }

    fn finish(self, trace_id: TraceId, removed_spans: u64) -> Option<TraceSummary> {
        let head = self.head?;
        let mut services: Vec<ServiceSpans> = self
            .services
            .into_iter()
            .map(|(service, spans)| ServiceSpans { service, spans })
            .collect();
        services.sort_by_key(|service| Reverse(service.spans));
        Some(TraceSummary {
            trace_id,
            name: head.name().to_owned(),
            service: head.service().to_owned(),
            end_ns: self.end_ns.unwrap_or(self.newest_start_ns),
            services,
            removed_spans,
            ..self.summary
        })
    }
}
