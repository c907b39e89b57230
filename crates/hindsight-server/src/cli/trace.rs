//! `hindsight trace ID`: one trace as a tree with times and bars.

mod details;
mod found;
mod heading;
mod id;

use hindsight_protocol::hub::{GetTraceReply, GetTraceRequest, Removal, TraceSummary};
use hindsight_protocol::{CheckedBatch, TraceId};
use hindsight_view::format;
use hindsight_view::{Trace, Waterfall};

use super::arguments::TraceArguments;
use super::clock;
use super::error::CliError;
use super::hub::Hub;
use super::json::SpanJson;
use super::output::Output;
use super::settings::{Format, Settings};

use found::Found;

pub(super) use details::{Details, details, resources};
pub(super) use heading::{heading, not_stored};
pub(super) use id::pasted_trace_id;

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
    let shown = arguments
        .limit
        .unwrap_or(usize::MAX)
        .min(fetched.trace.len());
    match output.format {
        Format::Table => print_tree((&fetched, found.as_ref()), shown, &arguments, output)?,
        Format::Json | Format::JsonLines => {
            print_json(&fetched.trace, found.as_ref(), shown, output)?
        }
    }
    if let Some(found) = &found {
        output.remark(&found.remark())?;
    }
    match fetched.trace.len() - shown {
        0 => Ok(()),
        more => {
            let more = format::plural(more as u64, "more span");
            output.remark(&format!("{more}; --limit N prints them"))
        }
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

fn print_json(
    trace: &Trace,
    found: Option<&Found>,
    shown: usize,
    output: &mut Output,
) -> Result<(), CliError> {
    let shape = |index| {
        let span = trace.span(index);
        SpanJson::from(span)
            .at_depth(trace.tree().depth(index))
            .matching(found.map(|found| found.has(span.span_id())))
    };
    if output.format == Format::JsonLines {
        return (0..shown).try_for_each(|index| output.json_line(&shape(index)));
    }
    let shapes: Vec<_> = (0..shown).map(shape).collect();
    output.json_list(&shapes)
}

fn print_tree(
    (fetched, found): (&Fetched, Option<&Found>),
    shown: usize,
    arguments: &TraceArguments,
    output: &mut Output,
) -> Result<(), CliError> {
    let trace = &fetched.trace;
    let now_ns = clock::now_ns();
    let waterfall = Waterfall::new(trace.tree(), now_ns, output.glyphs);
    let margin = found.map_or(0, |found| found.margin(None, output.glyphs).width());
    let width = output.width.map(|width| width.saturating_sub(margin));
    let layout = waterfall.layout(width);
    for line in heading(fetched, &waterfall, now_ns, output.zone) {
        output.line(&line)?;
    }
    let wanted = Details {
        attributes: arguments.attributes,
        events: arguments.events,
    };
    for index in 0..shown {
        let span = trace.span(index);
        let beside = |span, line| match found {
            Some(found) => {
                let mut marked = found.margin(span, output.glyphs);
                marked.extend(line);
                marked
            }
            None => line,
        };
        let mut lines = vec![beside(Some(span.span_id()), waterfall.line(index, &layout))];
        let prefix = waterfall.continuation(index, &layout);
        let details = details(span, wanted, &prefix, width);
        lines.extend(details.into_iter().map(|line| beside(None, line)));
        for line in lines {
            output.line(&line)?;
        }
    }
    if arguments.attributes {
        for line in resources(trace, shown, output.width) {
            output.line(&line)?;
        }
    }
    Ok(())
}
