//! The command that shows a trace.

use clap::Args;

use super::ReadFlags;

const TRACE_HELP: &str = "\
In the tree, SELF is the time that no child covers, and the parts of the bars in full blocks (# in
ASCII) are the critical path: what the trace was waiting for. Widths follow COLUMNS, else the
terminal; in a pipe without COLUMNS nothing is cut to a width.

JSON: always a list, except --span. Fields are only ever added; times are nanoseconds since the Unix
epoch, those that end in _ns are numbers.
  (tree)           spans in tree order: {\"trace_id\", \"span_id\", \"parent_id\", \"depth\", \"placement\"
                   (root, child, orphan, self_parent, cycle), \"duplicates\", \"self_ns\", \"critical_ns\",
                   \"name\", \"service\", \"kind\", \"start_ns\", \"start\", \"end_ns\", \"end\",
                   \"duration_ns\", \"state\", \"status\", \"status_message\", \"attributes\", \"events\",
                   \"links\", \"resource\", \"scope\", ...}
  --critical-path  stretches in time order, without gaps: {\"from_ns\", \"to_ns\", \"duration_ns\", \"share\",
                   \"span_id\", \"service\", \"name\"}; share is of 1
  --stats          {\"service\", \"name\", \"spans\", \"errors\", \"open\", \"self_ns\", \"total_ns\", \"min_ns\",
                   \"mean_ns\", \"p50_ns\", \"p90_ns\", \"p99_ns\", \"max_ns\"}, null where none has ended
  --events         {\"time_ns\", \"time\", \"span_id\", \"span\", \"service\", \"name\", \"attributes\",
                   \"dropped_attributes\"}
  --findings       {\"finding\" (n_plus_one, retry, clock_skew, missing_parent, no_root, cycle, self_parent,
                   lost, duplicates, left_out, removed), \"count\", \"text\", \"span_ids\"}
  --span           one span as in the tree, with \"linked_from\": [{\"trace_id\", \"span_id\"}]";

/// `trace ID`.
#[derive(Debug, Args)]
#[command(after_help = TRACE_HELP)]
pub(crate) struct TraceArguments {
    /// Trace id as you find it: hex, with dashes, a traceparent, or a URL with one in it
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) read: ReadFlags,
    #[command(flatten)]
    pub(crate) view: TraceView,
    /// Most rows to print
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,
    /// Show every span: neither siblings of one kind nor chains are folded
    #[arg(long, conflicts_with = "TraceView")]
    pub(crate) expand: bool,
    /// Also print attributes, events, ids and links of each span, and the resources
    #[arg(long, conflicts_with = "TraceView")]
    pub(crate) attributes: bool,
    /// Mark the spans that match this query
    #[arg(long, value_name = "QUERY", allow_hyphen_values = true)]
    #[arg(conflicts_with = "TraceView")]
    pub(crate) find: Option<String>,
    /// Move the times of each process by what its clock is estimated to differ
    #[arg(long)]
    pub(crate) align_clocks: bool,
    /// Show times as they were recorded, which is the default
    #[arg(long, overrides_with = "align_clocks")]
    pub(crate) raw_times: bool,
}

/// What to show of a trace instead of its tree.
#[derive(Debug, Default, Args)]
#[group(id = "TraceView", multiple = false)]
pub(crate) struct TraceView {
    /// Show only the critical path, and how much each operation contributes to it
    #[arg(long)]
    pub(crate) critical_path: bool,
    /// Show statistics by service and name: count, total and self time, percentiles
    #[arg(long)]
    pub(crate) stats: bool,
    /// Show the events of all spans in order of time
    #[arg(long)]
    pub(crate) events: bool,
    /// Show only what is odd: N+1 calls, retries, clock skew, holes, cycles, duplicates
    #[arg(long)]
    pub(crate) findings: bool,
    /// Show one span whole
    #[arg(long, value_name = "SPAN")]
    pub(crate) span: Option<String>,
}
