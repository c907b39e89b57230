//! The log of a trace whose spans come in pages.

use hindsight_protocol::CheckedBatch;
use hindsight_protocol::batch::{EventRow, SpanRow, ValueRef};

use super::{attributes, since};
use crate::explore::Explorer;
use crate::format;
use crate::listing::{Head, ListRow, number, offset, text};
use crate::name::{name_cell, service_cell};
use crate::text::{Line, Role};

/// The columns of a log.
pub(crate) const HEADS: &[Head] = &[
    number("", "at"),
    text("", "level"),
    text("", "service"),
    text("", "span"),
    text("", "event"),
    text("", "attributes"),
];

/// Attributes of an event that hold how bad it is, the most telling first.
const LEVELS: [&str; 5] = [
    "level",
    "severity_text",
    "severity",
    "log.level",
    "log.severity",
];

/// Cells of a level.
const LEVEL_CELLS_MAX: usize = 12;

/// Events of the spans that were added, in time. Bounded by what is added: the pages, and 24 bytes
/// an event.
#[derive(Debug, Default)]
pub struct EventLog {
    pages: Vec<CheckedBatch>,
    events: Vec<Place>,
}

/// Ordered by time, then by when it was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    time_ns: u64,
    page: u32,
    row: u32,
    number: u32,
}

impl EventLog {
    /// Takes in the events of more spans.
    pub fn add(&mut self, page: CheckedBatch) {
        let number = self.pages.len() as u32;
        for (row, span) in (0..).zip(page.rows()) {
            let places = (0..).zip(span.events()).map(|(at, event)| Place {
                time_ns: event.time_ns(),
                page: number,
                row,
                number: at,
            });
            self.events.extend(places);
        }
        // Mostly in order already: pages come by the starts of their spans.
        self.events.sort();
        self.pages.push(page);
    }

    /// Number of events.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Row `number`: since the start of `explorer`'s trace, how bad, whose, what, attributes.
    pub fn row(&self, explorer: &Explorer, number: usize) -> Option<ListRow> {
        let (span, event) = self.event(number)?;
        let (start_ns, end_ns) = explorer.timeline().bounds_ns();
        let at = match event.time_ns().checked_sub(start_ns) {
            Some(after) => offset(after, end_ns - start_ns),
            None => Line::new().with(Role::Dim, since(event.time_ns(), start_ns)),
        };
        Some(ListRow {
            span: span.span_id(),
            cells: vec![
                at,
                level(event).unwrap_or_default(),
                service_cell(span.service()),
                name_cell(span.name()),
                name_cell(event.name()),
                attributes(event),
            ],
        })
    }

    /// The first row of a span.
    pub fn position(&self, span: hindsight_protocol::SpanId) -> Option<usize> {
        let is_it = |number: &usize| self.span(*number) == Some(span);
        (0..self.len()).find(is_it)
    }

    /// Whose event row `number` is.
    pub fn span(&self, number: usize) -> Option<hindsight_protocol::SpanId> {
        self.event(number).map(|(span, _)| span.span_id())
    }

    fn event(&self, number: usize) -> Option<(SpanRow<'_>, EventRow<'_>)> {
        let place = self.events.get(number)?;
        let span = self.pages.get(place.page as usize)?.row(place.row as usize);
        Some((span, span.events().nth(place.number as usize)?))
    }
}

/// How bad an event says it is; an exception is an error.
fn level(event: EventRow<'_>) -> Option<Line> {
    let of_key = |key: &&str| {
        let mut found = event.attributes().filter(|(name, _)| name == key);
        found.next().map(|(_, value)| value)
    };
    let text = match LEVELS.iter().find_map(of_key) {
        Some(ValueRef::String(text)) => text,
        None if event.name() == "exception" => "ERROR",
        _ => return None,
    };
    let role = match text.to_ascii_lowercase().as_str() {
        "error" | "fatal" | "critical" | "panic" => Role::Error,
        "warn" | "warning" => Role::Warning,
        "info" | "notice" => Role::Plain,
        _ => Role::Dim,
    };
    let escaped = format::escape(text);
    Some(Line::new().with(role, format::truncate(&escaped, LEVEL_CELLS_MAX)))
}
