//! Commands that take queries.

use clap::Args;

use super::ReadFlags;

const QUERY_HELP: &str = "\
Examples:
  hindsight query 'service:web status:error'
  hindsight query 'service:web | count(), p99(duration) by http.route'
  hindsight query '| rate() by service over 10s' --since 5m
  hindsight query 'name:GET* | sort duration | limit 20'
docs/query-language.md describes the language. Exit code 2: the query is wrong.

JSON: spans are those of `hindsight trace --format json`. Aggregates are a list of
{\"by\": {KEY: TEXT}, \"start_ns\": N|null, \"start\": TEXT|null, \"values\": {COLUMN: N|null}},
durations in nanoseconds. A heatmap is {\"step_ns\", \"starts_ns\", \"floors_ns\", \"cells\":
[{\"start_ns\", \"floor_ns\", \"count\", \"errors\", \"trace_id\", \"span_id\", \"duration_ns\"}]}, cells
without spans left out.";

const STATS_HELP: &str = "\
JSON with --by: a list of {\"by\": {KEY: TEXT}, \"spans\", \"rate\", \"errors\", \"p50_ns\", \"p90_ns\",
\"p99_ns\"}; rate is spans a second, percentiles are null where no span has ended.";

const MAP_HELP: &str = "\
JSON: {\"first_ns\", \"last_ns\", \"nodes\": [{\"service\", \"spans\", \"errors\", \"p50_ns\", \"p99_ns\"}],
\"edges\": [{\"from\", \"to\", \"calls\", \"errors\", \"p50_ns\", \"p99_ns\"}]}.";

/// Which time spans are looked for in.
#[derive(Debug, Default, Args)]
pub(crate) struct WindowArguments {
    /// Only spans that started then or later: 10m (ago), 2026-11-22T14:32, now-1h
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) since: Option<String>,
    /// Only spans that started before then
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) until: Option<String>,
}

/// `query`.
#[derive(Debug, Args)]
#[command(after_help = QUERY_HELP)]
pub(crate) struct QueryArguments {
    /// The query
    #[arg(allow_hyphen_values = true)]
    pub(crate) query: String,
    #[command(flatten)]
    pub(crate) read: ReadFlags,
    #[command(flatten)]
    pub(crate) window: WindowArguments,
    /// Most spans to list [default: 100]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: Option<u32>,
    /// Also tell, on stderr, how the answer was found
    #[arg(long)]
    pub(crate) explain: bool,
}

/// `heatmap`.
#[derive(Debug, Args)]
pub(crate) struct HeatmapArguments {
    /// Only spans that match this query
    #[arg(
        allow_hyphen_values = true,
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) query: String,
    #[command(flatten)]
    pub(crate) read: ReadFlags,
    #[command(flatten)]
    pub(crate) window: WindowArguments,
    /// Length of time of a column, such as 10s; longer ones are used where the terminal is too
    /// narrow [default: what fits]
    #[arg(long, value_name = "DURATION")]
    pub(crate) over: Option<String>,
    /// Most rows
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) rows: u16,
    /// Also tell, on stderr, how the answer was found
    #[arg(long)]
    pub(crate) explain: bool,
}

/// `map`.
#[derive(Debug, Args)]
#[command(after_help = MAP_HELP)]
pub(crate) struct MapArguments {
    #[command(flatten)]
    pub(crate) read: ReadFlags,
    #[command(flatten)]
    pub(crate) window: WindowArguments,
    /// Only spans that match this query
    #[arg(
        long,
        value_name = "QUERY",
        default_value = "",
        hide_default_value = true
    )]
    #[arg(allow_hyphen_values = true)]
    pub(crate) query: String,
}

/// `stats`.
#[derive(Debug, Args)]
#[command(after_help = STATS_HELP)]
pub(crate) struct StatsArguments {
    #[command(flatten)]
    pub(crate) read: ReadFlags,
    /// Rates, errors and durations of the stored spans by service, operation (service and name),
    /// or any keys such as http.route,status
    #[arg(long, value_name = "KEYS")]
    pub(crate) by: Option<String>,
    /// With --by: only spans that match this query
    #[arg(
        long,
        value_name = "QUERY",
        default_value = "",
        hide_default_value = true
    )]
    #[arg(allow_hyphen_values = true, requires = "by")]
    pub(crate) query: String,
    #[command(flatten)]
    pub(crate) window: WindowArguments,
    /// With --by: most groups
    #[arg(long, value_name = "N", default_value_t = 100, requires = "by")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
}
