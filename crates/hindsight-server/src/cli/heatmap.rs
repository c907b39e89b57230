//! `hindsight heatmap`: durations over time, drawn.

use hindsight_protocol::hub::{QueryReply, QueryRequest};
use hindsight_query::{Aggregate, Function, Pipeline, Query};
use hindsight_view::format::{self, Zone};
use hindsight_view::heatmap::{HeatGlyphs, Heatmap, Pick, lines, picks};
use hindsight_view::{Cell, Column, Glyphs, Role, Table};

use super::arguments::HeatmapArguments;
use super::clock;
use super::error::CliError;
use super::hub::Hub;
use super::json::HeatmapJson;
use super::output::Output;
use super::query::{self, Window};
use super::settings::{Format, Settings};

/// Rows where nobody says.
pub(super) const ROWS_DEFAULT: usize = 20;
/// Columns where there is no terminal.
const COLUMNS_DEFAULT: usize = 88;
/// Cells of the labels at the left.
const LABEL_CELLS: usize = 11;
/// Spans listed below for each reason.
const PICKS_EACH: usize = 3;

/// Runs the command.
pub(crate) async fn run(
    arguments: HeatmapArguments,
    settings: &Settings,
    output: &mut Output,
) -> Result<(), CliError> {
    let window = Window::new(&arguments.window, clock::now_ns())?;
    let over_ns = arguments.over.as_deref().map(over).transpose()?;
    query::warn(&arguments.query);
    let request = QueryRequest {
        query: of_filter(&arguments.query, over_ns)?.to_string(),
        since_ns: window.since_ns,
        until_ns: window.until_ns,
        explain: arguments.explain,
        ..QueryRequest::default()
    };
    let hub = Hub::connect(settings).await?;
    let reply = query::ask(&hub, request).await?;
    query::remark_explain(&reply.explain, output)?;
    query::remark_cut(&reply.cut, output)?;
    print(&reply, arguments.rows.into(), output)
}

fn over(text: &str) -> Result<u64, CliError> {
    match format::parse_duration(text) {
        Ok(0) => Err(CliError::Config("--over must be longer than zero".into())),
        Ok(ns) => Ok(ns),
        Err(error) => Err(CliError::Config(format!("--over: {error}"))),
    }
}

/// The heatmap of what `text` lets through; it may be a query for a heatmap already.
fn of_filter(text: &str, over_ns: Option<u64>) -> Result<Query, CliError> {
    let query = query::parsed(text)?;
    let heatmap = Aggregate {
        function: Function::Heatmap,
        field: None,
    };
    let given = query.pipeline.unwrap_or_else(|| Pipeline {
        aggregates: vec![heatmap.clone()],
        ..Pipeline::default()
    });
    if given.aggregates != [heatmap] {
        let message = "heatmap takes a filter, without `|`; `hindsight query` runs whole queries";
        return Err(CliError::Pipeline(message.into()));
    }
    let over_ns = over_ns.or(given.over_ns);
    Ok(Query {
        filter: query.filter,
        pipeline: Some(Pipeline { over_ns, ..given }),
    })
}

/// Prints an answer that is a heatmap.
pub(super) fn print(reply: &QueryReply, rows: usize, output: &mut Output) -> Result<(), CliError> {
    if output.format != Format::Table {
        return output.json(&HeatmapJson::from(&reply.heatmap));
    }
    if reply.matched == 0 {
        return output.remark("no stored span that has ended matches");
    }
    let columns = output
        .width
        .map_or(COLUMNS_DEFAULT, |width| width.saturating_sub(LABEL_CELLS));
    let map = Heatmap::new(&reply.heatmap, columns, rows);
    let glyphs = match output.glyphs == Glyphs::ASCII {
        true => HeatGlyphs::ASCII,
        false => HeatGlyphs::UNICODE,
    };
    for line in lines(&map, output.zone, &glyphs) {
        output.line(&line)?;
    }
    output.line(&Cell::new())?;
    output.table(table(&picks(&reply.heatmap, PICKS_EACH), output.zone))
}

fn table(picks: &[Pick], zone: Zone) -> Table {
    let mut table = Table::new(vec![
        Column::left("EXAMPLE"),
        Column::left(format!("FROM ({zone})")),
        Column::right("DURATION"),
        Column::right("SPANS"),
        Column::right("ERRORS"),
        Column::left("TRACE"),
        Column::left("SPAN"),
    ]);
    for pick in picks {
        let cell = |role, text: String| Cell::new().with(role, text);
        let errors = match pick.errors {
            0 => Role::Dim,
            _ => Role::Error,
        };
        table.push(vec![
            cell(Role::Strong, pick.why.as_str().into()),
            cell(Role::Plain, format::time_of_day(pick.start_ns, zone)),
            cell(Role::Plain, format::duration(pick.exemplar.duration_ns)),
            cell(Role::Plain, format::count(pick.count)),
            cell(errors, format::count(pick.errors)),
            cell(Role::Dim, pick.exemplar.trace_id.to_string()),
            cell(Role::Dim, pick.exemplar.span_id.to_string()),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_becomes_a_heatmap_and_other_pipelines_are_refused() {
        let check = |text, over_ns| of_filter(text, over_ns).map(|query| query.to_string());
        assert_eq!(check("", None).unwrap(), "| heatmap()");
        let both = check("service:web start>now-5m", Some(10_000_000_000)).unwrap();
        assert_eq!(both, "service:web start>now-5m | heatmap() over 10s");
        let own = check("a=1 | heatmap() over 1s", None).unwrap();
        assert_eq!(own, "a=1 | heatmap() over 1s");
        assert_eq!(check("| count()", None).unwrap_err().code(), 2);
        assert_eq!(check("status:eror", None).unwrap_err().code(), 2);
    }
}
