//! `hindsight trace ID`: one trace as a tree with times and bars, or one view of what follows from it.
//!
//! In: all pages of the trace. Out: lines, or JSON whose shapes the command's help lists. Holds:
//! times are as they were recorded unless `--align-clocks` asks otherwise, and then that is said.

mod analysed;
mod details;
mod drawn;
mod events;
mod findings;
mod found;
mod heading;
mod id;
mod one_span;
mod path;
mod statistics;

use hindsight_protocol::hub::{GetTraceReply, GetTraceRequest, Removal, TraceSummary};
use hindsight_protocol::{CheckedBatch, TraceId};
use hindsight_view::Trace;
use hindsight_view::format;

use super::arguments::TraceArguments;
use super::clock;
use super::error::CliError;
use super::hub::Hub;
use super::json::SpanJson;
use super::output::Output;
use super::settings::{Format, Settings};

use found::Found;

pub(super) use analysed::{Analysed, Told};
#[cfg(test)]
pub(super) use drawn::{Drawing, draw};
#[cfg(test)]
pub(super) use findings::lines as finding_lines;
pub(super) use heading::not_stored;
pub(super) use id::pasted_trace_id;
#[cfg(test)]
pub(super) use {one_span::lines as span_lines, path::lines as path_lines};

/// Everything the hub knows of a trace.
pub(super) struct Fetched {
    /// None when no span is stored.
    pub(super) summary: Option<TraceSummary>,
    /// The spans that are.
    pub(super) trace: Trace,
    /// What became of the others.
    pub(super) removals: Vec<Removal>,
}

/// Runs the command.
pub(crate) async fn run(
    arguments: TraceArguments,
    settings: &Settings,
    output: &mut Output,
) -> Result<(), CliError> {
    let trace_id = pasted_trace_id(&arguments.id)?;
    let span_id = arguments.view.span.as_deref().map(str::parse).transpose()?;
    let hub = Hub::connect(settings).await?;
    let fetched = fetch(&hub, trace_id).await?;
    let found = match &arguments.find {
        Some(query) => Some(Found::ask(&hub, trace_id, query, output).await?),
        None => None,
    };
    if fetched.trace.is_empty() {
        let text = not_stored(trace_id, &fetched.removals, output.zone);
        return Err(CliError::NotStored(text));
    }
    let now_ns = clock::now_ns();
    let analysed = Analysed::new(fetched, now_ns, arguments.align_clocks, output.zone);
    let limit = arguments.limit.unwrap_or(usize::MAX);
    let view = &arguments.view;
    match (span_id, output.format) {
        (Some(id), _) => one_span::print(&analysed, id, output),
        _ if view.critical_path => path::print(&analysed, limit, output),
        _ if view.stats => statistics::print(&analysed, limit, output),
        _ if view.events => events::print(&analysed, limit, output),
        _ if view.findings => findings::print(&analysed, limit, output),
        (None, Format::Table) => drawn::print(&analysed, found.as_ref(), &arguments, output),
        (None, _) => print_json(&analysed, found.as_ref(), limit, output),
    }
}

/// All pages of the trace.
pub(super) async fn fetch(hub: &Hub, trace_id: TraceId) -> Result<Fetched, CliError> {
    let mut pages = Vec::new();
    let mut page = 0;
    loop {
        let request = GetTraceRequest { trace_id, page };
        let call = hub.call("get_trace", |client| client.get_trace(request));
        let mut reply = call.await?;
        pages.push(checked(&mut reply)?);
        match reply.next_page {
            0 => {
                return Ok(Fetched {
                    summary: reply.summary.pop(),
                    trace: Trace::new(trace_id, pages),
                    removals: reply.removals,
                });
            }
            next if next > page => page = next,
            next => {
                let why = format!("page {next} follows page {page}");
                return Err(CliError::Malformed {
                    what: "get_trace",
                    why,
                });
            }
        }
    }
}

fn checked(reply: &mut GetTraceReply) -> Result<CheckedBatch, CliError> {
    let batch = std::mem::take(&mut reply.batch);
    batch.check().map_err(|error| CliError::Malformed {
        what: "get_trace",
        why: error.to_string(),
    })
}

/// The spans in tree order.
fn print_json(
    analysed: &Analysed,
    found: Option<&Found>,
    limit: usize,
    output: &mut Output,
) -> Result<(), CliError> {
    let shown = limit.min(analysed.trace.len());
    let shape = |node| {
        let id = analysed.trace.span(node).span_id();
        SpanJson::in_tree(analysed, node).matching(found.map(|found| found.has(id)))
    };
    if output.format == Format::JsonLines {
        (0..shown).try_for_each(|node| output.json_line(&shape(node)))?;
    } else {
        let shapes: Vec<_> = (0..shown).map(shape).collect();
        output.json_list(&shapes)?;
    }
    if let Some(found) = found {
        output.remark(&found.remark())?;
    }
    remark_more(analysed.trace.len() - shown, "more span", output)
}

/// Says that `--limit` left something out.
fn remark_more(more: usize, noun: &str, output: &mut Output) -> Result<(), CliError> {
    match more {
        0 => Ok(()),
        more => {
            let more = format::plural(more as u64, noun);
            output.remark(&format!("{more}; --limit N prints them"))
        }
    }
}
