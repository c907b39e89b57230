//! Live events as lines.

use std::collections::HashSet;

use hindsight_protocol::batch::SpanRow;
use hindsight_protocol::{CheckedBatch, LiveEvent, SpanId, SpanState, TraceId};
use hindsight_view::format;
use hindsight_view::waterfall::span_notes;
use hindsight_view::{Line, Role};

use crate::cli::clock;
use crate::cli::error::CliError;
use crate::cli::json::SpanJson;
use crate::cli::output::Output;
use crate::cli::settings::Format;

/// Least and most cells of the service column, which grows as names appear.
const SERVICE_CELLS_MIN: usize = 10;
const SERVICE_CELLS_MAX: usize = 20;
/// Cells of a duration: `23 h 59 m`.
const DURATION_CELLS: usize = 9;

/// Prints spans, each report of one once.
pub(crate) struct Printer<'a> {
    output: &'a mut Output,
    left: u64,
    /// Reports printed, where a snapshot can repeat them: only in the tail of one trace.
    seen: Option<HashSet<(SpanId, u32, u8)>>,
    heading_due: bool,
    service_cells: usize,
}

impl<'a> Printer<'a> {
    /// Prints at most `limit` spans of `trace_id`, or of all traces for the invalid id.
    pub(crate) fn new(output: &'a mut Output, limit: Option<u64>, trace_id: TraceId) -> Self {
        Self {
            left: limit.unwrap_or(u64::MAX),
            seen: trace_id.is_valid().then(HashSet::new),
            heading_due: output.format == Format::Table,
            service_cells: SERVICE_CELLS_MIN,
            output,
        }
    }

    /// Prints what the event holds; false when the limit is reached.
    pub(super) fn event(&mut self, event: LiveEvent) -> Result<bool, CliError> {
        match event.kind {
            LiveEvent::KIND_LAGGED => {
                let missed = match event.missed {
                    0 => "some changes".into(),
                    missed => format::plural(missed, "change"),
                };
                self.remark(&format!("too slow: the hub skipped {missed}"))?;
            }
            LiveEvent::KIND_CLEARED => self.remark("the store was cleared")?,
            _ => {}
        }
        let batch = event.batch.check().map_err(|error| CliError::Malformed {
            what: "live",
            why: error.to_string(),
        })?;
        self.batch(&batch)?;
        self.output.finish()?;
        Ok(self.left > 0)
    }

    /// Says something beside the spans.
    pub(super) fn remark(&mut self, text: &str) -> Result<(), CliError> {
        self.output.remark(text)
    }

    /// Whether nobody can read what is printed.
    pub(super) fn is_reader_gone(&self) -> bool {
        self.output.is_reader_gone()
    }

    fn batch(&mut self, batch: &CheckedBatch) -> Result<(), CliError> {
        if std::mem::take(&mut self.heading_due) {
            let heading = self.heading();
            self.output.line(&heading)?;
        }
        for span in batch.rows() {
            if self.left == 0 {
                return Ok(());
            }
            if self.is_new(span) {
                self.left -= 1;
                self.span(span)?;
            }
        }
        Ok(())
    }

    fn is_new(&mut self, span: SpanRow<'_>) -> bool {
        let report = (span.span_id(), span.version(), span.state() as u8);
        self.seen.as_mut().is_none_or(|seen| seen.insert(report))
    }

    fn span(&mut self, span: SpanRow<'_>) -> Result<(), CliError> {
        if self.output.format != Format::Table {
            return self.output.json_line(&SpanJson::from(span));
        }
        let service = format::width(&format::escape(span.service()));
        self.service_cells = self.service_cells.max(service.min(SERVICE_CELLS_MAX));
        let line = self.line(span);
        self.output.line(&line)
    }

    fn heading(&self) -> Line {
        let time = format!("{:<12}", self.output.zone.to_string());
        let service = format!("{:<width$}", "SERVICE", width = self.service_cells);
        Line::new().with(
            Role::Dim,
            format!("{time} {service}  DURATION SPAN, STATE, TRACE"),
        )
    }

    fn line(&self, span: SpanRow<'_>) -> Line {
        let time = format::time_of_day(span.start_ns(), self.output.zone);
        let service = span.service();
        let mut line = Line::new().with(Role::Dim, format!("{time} "));
        let mut column = Line::new().with(Role::of_service(service), service);
        column = column.truncated(self.service_cells);
        column.pad(self.service_cells - column.width());
        line.extend(column);
        line = line.with(
            Role::Plain,
            format!(" {:>DURATION_CELLS$} ", duration(span)),
        );
        line = match span.name() {
            "" => line.with(Role::Dim, "(no name)"),
            name => line.with(Role::Strong, name),
        };
        let notes = span_notes(span);
        if !notes.segments().is_empty() {
            line.pad(2);
            line.extend(notes);
        }
        line.with(Role::Dim, format!("  {}", span.trace_id()))
    }
}

/// So far, for a span that runs.
fn duration(span: SpanRow<'_>) -> String {
    match (span.end_ns(), span.state()) {
        (Some(end), _) => format::duration(end.saturating_sub(span.start_ns())),
        (None, SpanState::Disconnected | SpanState::Aborted) => "?".into(),
        (None, _) => format::duration(clock::now_ns().saturating_sub(span.start_ns())),
    }
}
