//! `hindsight stats --by`: rate, errors and durations of groups of spans.
//!
//! Two queries: one over all spans, one over the failed ones.

use hindsight_protocol::StatusCode;
use hindsight_protocol::hub::{QueryReply, QueryRequest};
use hindsight_query::{
    Aggregate, Direction, Expr, Field, Function, Pipeline, Query, Sort, SortKey, Test, Value,
};
use hindsight_view::format;
use hindsight_view::query_table::{red_rows, red_table};

use crate::cli::arguments::StatsArguments;
use crate::cli::clock;
use crate::cli::error::CliError;
use crate::cli::hub::Hub;
use crate::cli::json::RedJson;
use crate::cli::output::Output;
use crate::cli::query::{self, Window};
use crate::cli::settings::{Format, Settings};

/// Runs the command.
pub(super) async fn run(
    by: &str,
    arguments: &StatsArguments,
    settings: &Settings,
    output: &mut Output,
) -> Result<(), CliError> {
    let window = Window::new(&arguments.window, clock::now_ns())?;
    query::warn(&arguments.query);
    let [all, failed] = queries(by, &arguments.query, arguments.limit)?;
    let hub = Hub::connect(settings).await?;
    // Of the same moment, or nearly.
    let (all, failed) = tokio::try_join!(ask(&hub, &all, window), ask(&hub, &failed, window))?;
    for cut in [&all.cut, &failed.cut] {
        query::remark_cut(cut, output)?;
    }
    let rows = red_rows(&all.table, &failed.table);
    let by = &all.table.by;
    if output.format != Format::Table {
        let shapes: Vec<_> = rows.iter().map(|row| RedJson::new(by, row)).collect();
        return output.json_list(&shapes);
    }
    if rows.is_empty() {
        return output.remark("no stored span matches");
    }
    output.table(red_table(by, &rows))?;
    match all.table.groups_total > rows.len() as u64 {
        true => {
            let total = format::count(all.table.groups_total);
            let shown = rows.len();
            output.remark(&format!("{shown} of {total} groups; --limit N lists more"))
        }
        false => Ok(()),
    }
}

async fn ask(hub: &Hub, query: &Query, window: Window) -> Result<QueryReply, CliError> {
    let request = QueryRequest {
        query: query.to_string(),
        since_ns: window.since_ns,
        until_ns: window.until_ns,
        ..QueryRequest::default()
    };
    query::ask(hub, request).await
}

/// The query over all spans that `text` lets through, most spans first, and the one over those of
/// them that failed.
fn queries(by: &str, text: &str, limit: u32) -> Result<[Query; 2], CliError> {
    let query = query::parsed(text)?;
    if query.pipeline.is_some() {
        let message = "stats takes a filter, without `|`; `hindsight query` runs whole queries";
        return Err(CliError::Pipeline(message.into()));
    }
    let by: Vec<Field> = fields(by);
    let over = |function, field: Option<Field>| Aggregate { function, field };
    let count = over(Function::Count, None);
    let percentile = |part| over(Function::Percentile(part), Some(Field::Duration));
    let all = Pipeline {
        aggregates: vec![
            count.clone(),
            over(Function::Rate, None),
            percentile(500),
            percentile(900),
            percentile(990),
        ],
        by: by.clone(),
        sort: Some(Sort {
            key: SortKey::Aggregate(count.clone()),
            direction: Direction::Descending,
        }),
        limit: Some(limit),
        ..Pipeline::default()
    };
    let failed = Pipeline {
        aggregates: vec![count],
        by,
        limit: Some(hindsight_query::Limits::DEFAULT.result_rows_max),
        ..Pipeline::default()
    };
    let is_error = Test::Equal(Value::Status(StatusCode::Error));
    let errors = Expr::and([query.filter.clone(), Expr::field(Field::Status, is_error)]);
    Ok(
        [(query.filter, all), (errors, failed)].map(|(filter, pipeline)| Query {
            filter,
            pipeline: Some(pipeline),
        }),
    )
}

fn fields(by: &str) -> Vec<Field> {
    let words = by.split(',').map(str::trim).filter(|word| !word.is_empty());
    let fields = words.flat_map(|word| match word {
        "operation" => vec![Field::Service, Field::Name],
        word => vec![Field::from_word(word)],
    });
    fields.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_queries_are_those_a_person_would_write() {
        let [all, failed] = queries("operation", "a=1 or b=2", 7).unwrap();
        assert_eq!(
            all.to_string(),
            "a=1 or b=2 | count(), rate(), p50(duration), p90(duration), p99(duration) by service, \
             name | sort count() desc | limit 7"
        );
        assert_eq!(
            failed.to_string(),
            "(a=1 or b=2) status:error | count() by service, name | limit 1000000"
        );
        let [keys, _] = queries("http.route, my key", "", 1).unwrap();
        assert!(
            keys.to_string().contains(r#" by http.route, "my key" | "#),
            "{keys}"
        );
        for query in [all, failed, keys] {
            assert_eq!(query.to_string().parse(), Ok(query));
        }
        assert_eq!(queries("name", "| count()", 1).unwrap_err().code(), 2);
    }
}
