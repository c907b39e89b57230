//! `hindsight query`: spans, aggregates or a heatmap.
//!
//! The hub is the judge of a query; here it is only read for what the hub does not tell, warnings
//! and the kind of the answer.

mod diagnostic;
mod window;

use hindsight_protocol::CheckedBatch;
use hindsight_protocol::hub::{QueryExplain, QueryReply, QueryRequest};
use hindsight_query::{Function, Query};
use hindsight_view::format;
use hindsight_view::query_table;

use super::arguments::QueryArguments;
use super::clock;
use super::error::CliError;
use super::heatmap;
use super::hub::Hub;
use super::json::{QueryRowJson, SpanJson};
use super::output::Output;
use super::settings::{Format, Settings};

pub(super) use diagnostic::{highlighted, parsed, warn};
pub(super) use window::Window;

/// Runs the command.
pub(crate) async fn run(
    arguments: QueryArguments,
    settings: &Settings,
    output: &mut Output,
) -> Result<(), CliError> {
    let window = Window::new(&arguments.window, clock::now_ns())?;
    warn(&arguments.query);
    let request = QueryRequest {
        query: arguments.query.clone(),
        limit: arguments.limit.unwrap_or(0),
        since_ns: window.since_ns,
        until_ns: window.until_ns,
        explain: arguments.explain,
    };
    let hub = Hub::connect(settings).await?;
    let reply = ask(&hub, request).await?;
    remark_explain(&reply.explain, output)?;
    remark_cut(&reply.cut, output)?;
    if is_heatmap(&arguments.query) {
        return heatmap::print(&reply, heatmap::ROWS_DEFAULT, output);
    }
    match reply.table.columns.is_empty() {
        true => print_spans(reply, output),
        false => print_table(&reply, output),
    }
}

/// One call.
pub(super) async fn ask(hub: &Hub, request: QueryRequest) -> Result<QueryReply, CliError> {
    hub.call("query", |client| client.query(request)).await
}

/// Whether the answer is a heatmap.
fn is_heatmap(text: &str) -> bool {
    let query: Option<Query> = text.parse().ok();
    let aggregates = query.and_then(|query| query.pipeline).unwrap_or_default();
    let mut aggregates = aggregates.aggregates.into_iter();
    aggregates.any(|aggregate| aggregate.function == Function::Heatmap)
}

fn print_spans(mut reply: QueryReply, output: &mut Output) -> Result<(), CliError> {
    let batch = std::mem::take(&mut reply.batch).check();
    let batch = batch.map_err(|error| CliError::Malformed {
        what: "query",
        why: error.to_string(),
    })?;
    match output.format {
        Format::Table if batch.is_empty() => output.remark("no stored span matches"),
        Format::Table => {
            output.table(query_table::spans(&batch, clock::now_ns(), output.zone))?;
            remark_more(&batch, reply.matched, output)
        }
        _ => {
            let shapes: Vec<_> = batch.rows().map(SpanJson::from).collect();
            output.json_list(&shapes)
        }
    }
}

fn remark_more(batch: &CheckedBatch, matched: u64, output: &mut Output) -> Result<(), CliError> {
    let shown = batch.len() as u64;
    match matched > shown {
        true => {
            let (shown, matched) = (format::count(shown), format::count(matched));
            output.remark(&format!(
                "{shown} of {matched} matching spans; --limit N lists more"
            ))
        }
        false => Ok(()),
    }
}

fn print_table(reply: &QueryReply, output: &mut Output) -> Result<(), CliError> {
    let table = &reply.table;
    if output.format != Format::Table {
        let shapes: Vec<_> = query_table::rows(table)
            .map(|row| QueryRowJson::new(table, &row))
            .collect();
        return output.json_list(&shapes);
    }
    let shown = table.keys.len().checked_div(table.by.len());
    if reply.matched == 0 {
        return output.remark("no stored span matches");
    }
    output.table(query_table::table(table, output.zone))?;
    match shown.filter(|shown| (*shown as u64) < table.groups_total) {
        Some(shown) => {
            let total = format::count(table.groups_total);
            output.remark(&format!(
                "{shown} of {total} groups; `| limit N` in the query shows more"
            ))
        }
        None => Ok(()),
    }
}

/// Says, beside the answer, that it may be incomplete.
pub(super) fn remark_cut(cut: &str, output: &mut Output) -> Result<(), CliError> {
    let why = match cut {
        "" => return Ok(()),
        "deadline" => "the hub's deadline for queries was reached",
        "budget" => "the hub's limits for queries were reached",
        other => other,
    };
    output.remark(&format!(
        "incomplete: {why}; ask for less, for example with --since or more conditions"
    ))
}

/// Says, beside the answer, how it was found; nothing if that was not asked for.
pub(super) fn remark_explain(explain: &QueryExplain, output: &mut Output) -> Result<(), CliError> {
    if explain.query.is_empty() {
        return Ok(());
    }
    let count = format::count;
    let read = explain
        .runs
        .saturating_sub(explain.runs_skipped)
        .saturating_sub(explain.runs_unread);
    output.remark(&format!("explain: {}", explain.query))?;
    output.remark(&format!(
        "explain: read {} of {} segments and chunks; {} cannot match, {} not needed",
        count(read),
        count(explain.runs),
        count(explain.runs_skipped),
        count(explain.runs_unread),
    ))?;
    output.remark(&format!(
        "explain: {} rows, {} pass by columns, {} looked at; {}",
        count(explain.rows),
        count(explain.rows_matched),
        format::plural(explain.traces_verified, "whole trace"),
        format::duration(explain.elapsed_us.saturating_mul(1_000)),
    ))
}
