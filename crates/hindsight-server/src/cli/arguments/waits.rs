//! The command that shows what is open.

use clap::Args;

use super::ReadFlags;

const WAITS_HELP: &str = "\
A span waits for what stands below it: its open children, the server that handles its call in another
process, the target of a link that speaks of waiting. What waits for nothing works, or is stuck.

JSON: a list in drawing order: {\"trace_id\", \"span_id\", \"waited_for_by\": SPAN_ID|null, \"reason\" (root,
child, call, link), \"depth\", \"name\", \"service\", \"process\", \"start_ns\", \"start\", \"age_ns\", \"state\",
\"waits_for\": [SPAN_ID], \"deepest\": SPAN_ID, \"in_cycle\", \"last_words\"}. With --watch, one list each time.";

/// `waits`.
#[derive(Debug, Args)]
#[command(after_help = WAITS_HELP)]
pub(crate) struct WaitsArguments {
    #[command(flatten)]
    pub(crate) read: ReadFlags,
    /// Only what is connected to an open span of this service
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) service: String,
    /// Most spans to show
    #[arg(long, value_name = "N", default_value_t = 200)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
    /// Look again and again, until Ctrl-C
    #[arg(long)]
    pub(crate) watch: bool,
    /// Time between two looks
    #[arg(
        long,
        value_name = "DURATION",
        default_value = "1s",
        requires = "watch"
    )]
    pub(crate) every: String,
}
