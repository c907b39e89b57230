//! Spans that a query found.

use hindsight_protocol::CheckedBatch;
use hindsight_protocol::SpanState;
use hindsight_protocol::batch::SpanRow;

use crate::format::{self, Zone};
use crate::table::{Cell, Column, Table};
use crate::text::Role;
use crate::waterfall::span_notes;

/// The spans in their order; `now_ns` is for durations so far and for days that are not today.
pub fn spans(batch: &CheckedBatch, now_ns: u64, zone: Zone) -> Table {
    let mut table = Table::new(vec![
        Column::left(format!("STARTED ({zone})")),
        Column::right("DURATION"),
        Column::left("SERVICE").shrinking_to(6),
        Column::left("NAME").shrinking_to(12),
        Column::left("TRACE"),
        Column::left("STATUS").shrinking_to(6),
    ]);
    for span in batch.rows() {
        table.push(row(span, now_ns, zone));
    }
    table
}

fn row(span: SpanRow<'_>, now_ns: u64, zone: Zone) -> Vec<Cell> {
    let cell = |role, text: &str| Cell::new().with(role, text);
    let service = match span.service() {
        "" => cell(Role::Dim, "(none)"),
        service => cell(Role::of_service(service), service),
    };
    let name = match span.name() {
        "" => cell(Role::Dim, "(no name)"),
        name => cell(Role::Strong, name),
    };
    vec![
        cell(Role::Plain, &started(span.start_ns(), now_ns, zone)),
        cell(Role::Plain, &duration(span, now_ns)),
        service,
        name,
        cell(Role::Dim, &span.trace_id().to_string()),
        span_notes(span),
    ]
}

/// `14:32:10.123` of today, with the date of other days.
fn started(ns: u64, now_ns: u64, zone: Zone) -> String {
    let day = format::date(ns, zone);
    let time = format::time_of_day(ns, zone);
    match day == format::date(now_ns, zone) {
        true => time,
        false => format!("{day} {time}"),
    }
}

/// So far, for a span that runs.
fn duration(span: SpanRow<'_>, now_ns: u64) -> String {
    let so_far = |end: u64| format::duration(end.saturating_sub(span.start_ns()));
    match (span.end_ns(), span.state()) {
        (Some(end), _) => so_far(end),
        (None, SpanState::Disconnected | SpanState::Aborted) => "?".into(),
        (None, _) => so_far(now_ns),
    }
}
