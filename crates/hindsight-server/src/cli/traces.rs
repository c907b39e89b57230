//! `hindsight traces`: the newest traces, newest first.

use std::collections::HashSet;

use hindsight_protocol::hub::{ListTracesReply, ListTracesRequest, QueryExplain, TraceSummary};
use hindsight_view::format::{self, Zone};
use hindsight_view::{Cell, Column, Line, Role, Table};

use super::arguments::TracesArguments;
use super::clock;
use super::error::CliError;
use super::hub::Hub;
use super::json::TraceJson;
use super::output::Output;
use super::query;
use super::settings::{Format, Settings};

/// Runs the command.
pub(crate) async fn run(
    arguments: TracesArguments,
    settings: &Settings,
    output: &mut Output,
) -> Result<(), CliError> {
    let limit = settings.limit()?;
    query::warn(&arguments.query);
    let hub = Hub::connect(settings).await?;
    let is_query = !arguments.query.trim().is_empty();
    let Pages {
        traces,
        total,
        cut,
        explain,
        ..
    } = fetch(&hub, arguments, limit).await?;
    query::remark_explain(&explain, output)?;
    query::remark_cut(&cut, output)?;
    if output.format != Format::Table {
        let shapes: Vec<_> = traces.iter().map(TraceJson::from).collect();
        return output.json_list(&shapes);
    }
    if traces.is_empty() {
        return output.remark(&empty(total));
    }
    output.table(table(&traces, clock::now_ns(), output.zone))?;
    match (
        total > traces.len() as u64 && traces.len() >= limit as usize,
        is_query,
    ) {
        (false, _) => Ok(()),
        (true, true) => output.remark("more traces may match; --limit N lists more"),
        (true, false) => output.remark(&more(traces.len(), total)),
    }
}

fn empty(total: u64) -> String {
    match total {
        0 => "no traces are stored; `hindsight doctor` finds out why nothing arrives".into(),
        _ => format!("none of {} matches", format::plural(total, "stored trace")),
    }
}

fn more(shown: usize, total: u64) -> String {
    let total = format::count(total);
    format!("{shown} of {total} traces; --limit N lists more")
}

/// Up to `limit` traces, asked for in as many lists as the hub needs.
async fn fetch(hub: &Hub, arguments: TracesArguments, limit: u32) -> Result<Pages, CliError> {
    let mut pages = Pages::default();
    loop {
        let request = ListTracesRequest {
            limit: limit - pages.traces.len() as u32,
            service: arguments.service.clone(),
            before_ns: pages.before_ns(),
            query: arguments.query.clone(),
            explain: arguments.explain,
            ..ListTracesRequest::default()
        };
        let call = hub.call("list_traces", |client| client.list_traces(request));
        let is_last = !pages.add(call.await?) || !pages.cut.is_empty();
        if is_last || pages.traces.len() >= limit as usize {
            pages.traces.truncate(limit as usize);
            return Ok(pages);
        }
    }
}

/// Lists put together; each trace once.
#[derive(Default)]
struct Pages {
    traces: Vec<TraceSummary>,
    seen: HashSet<hindsight_protocol::TraceId>,
    total: u64,
    /// Why the last list may be incomplete.
    cut: String,
    /// How the first list was found, if that was asked for.
    explain: QueryExplain,
}

impl Pages {
    /// Traces of the same nanosecond may stand on both sides of the border: they are asked for again.
    fn before_ns(&self) -> u64 {
        self.traces
            .last()
            .map_or(0, |last| last.start_ns.saturating_add(1))
    }

    /// Whether the list had anything new.
    fn add(&mut self, reply: ListTracesReply) -> bool {
        let before = self.traces.len();
        self.total = reply.total;
        self.cut = reply.cut;
        if before == 0 {
            self.explain = reply.explain;
        }
        let new = reply
            .traces
            .into_iter()
            .filter(|trace| self.seen.insert(trace.trace_id));
        self.traces.extend(new);
        self.traces.len() > before
    }
}

/// The list for people.
pub(super) fn table(traces: &[TraceSummary], now_ns: u64, zone: Zone) -> Table {
    let mut table = Table::new(vec![
        Column::left("TRACE"),
        Column::left(format!("STARTED ({zone})")),
        Column::right("DURATION"),
        Column::right("SPANS"),
        Column::left("SERVICES").shrinking_to(6),
        Column::left("NAME").shrinking_to(12),
        Column::left("NOTES").shrinking_to(5),
    ]);
    for trace in traces {
        table.push(row(trace, now_ns, zone));
    }
    table
}

fn row(trace: &TraceSummary, now_ns: u64, zone: Zone) -> Vec<Cell> {
    let cell = |role, text: String| Cell::new().with(role, text);
    let duration = trace.end_ns.saturating_sub(trace.start_ns);
    let name = match trace.name.as_str() {
        "" => cell(Role::Dim, "(no name)".into()),
        name => cell(Role::Strong, name.into()),
    };
    vec![
        cell(Role::Dim, trace.trace_id.to_string()),
        cell(Role::Plain, started(trace.start_ns, now_ns, zone)),
        cell(Role::Plain, format::duration(duration)),
        cell(Role::Plain, format::count(trace.spans)),
        services(trace),
        name,
        notes(trace, zone),
    ]
}

/// `14:32:10.123` of today, `2026-11-22 14:32` of other days.
fn started(ns: u64, now_ns: u64, zone: Zone) -> String {
    let day = format::date(ns, zone);
    let time = format::time_of_day(ns, zone);
    match day == format::date(now_ns, zone) {
        true => time,
        false => format!("{day} {}", &time[.."14:32".len()]),
    }
}

/// `web 3, calculator 2`, each in its colour.
pub(super) fn services(trace: &TraceSummary) -> Line {
    let mut line = Line::new();
    for entry in &trace.services {
        if !line.segments().is_empty() {
            line = line.with(Role::Plain, ", ");
        }
        let service = if entry.service.is_empty() {
            "?"
        } else {
            &entry.service
        };
        line = line.with(Role::of_service(&entry.service), service);
        line = line.with(Role::Dim, format!(" {}", entry.spans));
    }
    line
}

/// `partly evicted (55 spans, 14:32:10)`; the time of the last of them.
fn partly(trace: &TraceSummary, zone: Zone) -> String {
    let spans = format::plural(trace.removed_spans, "span");
    let by = match trace.removed_by.as_str() {
        "" => "removed",
        by => by,
    };
    let time = format::time_of_day(trace.removed_at_ns, zone);
    format!("partly {by} ({spans}, {})", &time[.."14:32:10".len()])
}

/// Errors, open spans and what is missing, in words.
pub(super) fn notes(trace: &TraceSummary, zone: Zone) -> Line {
    let count = |number: u64, role, text: String| (number > 0).then_some((role, text));
    let found = [
        trace.pinned.then(|| (Role::Strong, "pinned".into())),
        count(
            trace.errors,
            Role::Error,
            format::plural(trace.errors, "error"),
        ),
        count(
            trace.running,
            Role::Good,
            format!("{} running", trace.running),
        ),
        count(
            trace.aborted,
            Role::Warning,
            format!("{} aborted", trace.aborted),
        ),
        (!trace.has_root).then(|| (Role::Warning, "no root".into())),
        count(trace.removed_spans, Role::Warning, partly(trace, zone)),
    ];
    let mut line = Line::new();
    for (role, text) in found.into_iter().flatten() {
        if !line.segments().is_empty() {
            line = line.with(Role::Dim, ", ");
        }
        line = line.with(role, text);
    }
    line
}
