//! The events of all spans of a trace on one time line: its log.
//!
//! In: a [`Trace`]. Out: [`TraceEvent`]s by time, and a table of them. Holds: events of an aligned
//! trace are moved as their spans are; equal times keep drawing order. Bounded: 24 bytes an event,
//! and the rows asked for.

mod log;

#[cfg(test)]
mod tests;

use hindsight_protocol::batch::EventRow;

use crate::format;
use crate::name::{name_cell, service_cell};
use crate::table::{Column, Table};
use crate::text::{Line, Role};
use crate::trace::Trace;

pub use log::EventLog;
pub(crate) use log::HEADS;

/// Cells of a value that a row shows.
const VALUE_CELLS_MAX: usize = 200;
/// Cells of all attributes of a row.
const ATTRIBUTES_CELLS_MAX: usize = 1000;

/// Where and when an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceEvent {
    /// Nanoseconds since the Unix epoch, in the clock of the trace's tree.
    pub time_ns: u64,
    /// The node whose span has it.
    pub node: usize,
    /// Its number within the span.
    pub number: usize,
}

impl TraceEvent {
    /// The event; none if `trace` is not the one it was found in.
    pub fn row<'a>(&self, trace: &'a Trace) -> Option<EventRow<'a>> {
        trace.span(self.node).events().nth(self.number)
    }
}

/// All events, earliest first.
pub fn events_in_time(trace: &Trace) -> Vec<TraceEvent> {
    let of_span = |node| {
        let shift = trace.shift_ns(node);
        let events = trace.span(node).events().enumerate();
        events.map(move |(number, event)| TraceEvent {
            time_ns: event.time_ns().saturating_add_signed(shift),
            node,
            number,
        })
    };
    let mut events: Vec<_> = (0..trace.len()).flat_map(of_span).collect();
    events.sort_by_key(|event| event.time_ns);
    events
}

/// The first `rows_max` of `events`: since `start_ns`, whose, what, attributes.
pub fn events_table(trace: &Trace, events: &[TraceEvent], start_ns: u64, rows_max: usize) -> Table {
    let mut table = Table::new(vec![
        Column::right("AT"),
        Column::left("SERVICE").shrinking_to(6),
        Column::left("SPAN").shrinking_to(10),
        Column::left("EVENT").shrinking_to(12),
        Column::left("ATTRIBUTES").shrinking_to(10),
    ]);
    let tree = trace.tree();
    for event in events.iter().take(rows_max) {
        let Some(row) = event.row(trace) else {
            continue;
        };
        table.push(vec![
            Line::new().with(Role::Dim, since(event.time_ns, start_ns)),
            service_cell(tree.service(event.node)),
            name_cell(tree.name(event.node)),
            name_cell(row.name()),
            attributes(row),
        ]);
    }
    table
}

/// `1.23 ms`, with a sign before the start.
fn since(time_ns: u64, start_ns: u64) -> String {
    match time_ns.checked_sub(start_ns) {
        Some(after) => format::duration(after),
        None => format!("-{}", format::duration(start_ns - time_ns)),
    }
}

fn attributes(event: EventRow<'_>) -> Line {
    let mut line = Line::new();
    for (key, value) in event.attributes() {
        if line.width() > ATTRIBUTES_CELLS_MAX {
            break;
        }
        if !line.segments().is_empty() {
            line.pad(1);
        }
        line = line
            .with(Role::Key, key)
            .with(Role::Dim, "=")
            .with(Role::Plain, format::value(value, VALUE_CELLS_MAX));
    }
    line.truncated(ATTRIBUTES_CELLS_MAX)
}
