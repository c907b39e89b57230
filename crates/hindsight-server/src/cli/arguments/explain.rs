//! The command that says why a query was computed.

use clap::Args;

use super::ReadFlags;

const EXPLAIN_HELP: &str = "\
The app is asked while it is connected and uses hindsight-picante; otherwise stored spans tell what they can,
and a remark on stderr says so. A query that is not known, or not clear, is exit code 1; queries that could be
meant are listed.

JSON: {\"told_by\": \"app\"|\"spans\", \"found\", \"summary\", \"causes\": [{\"of\": INDEX, \"query\", \"kind\", \"key\",
\"input\", \"outcome\", \"changed_at\", \"known_at\", \"at_ns\", \"compute_ns\", \"trace_id\", \"span_id\", \"set_by\",
\"text\"}], \"cut\", \"candidates\": [QUERY]}; each cause explains the one at \"of\", the first is the query itself.";

/// `explain APP KIND [KEY]`.
#[derive(Debug, Args)]
#[command(after_help = EXPLAIN_HELP)]
pub(crate) struct ExplainArguments {
    /// Service name, process id, or beginning of a tracer id; of several runs the newest
    pub(crate) app: String,
    /// Name of the query in the source
    pub(crate) kind: String,
    /// Its key, or a part of it that only one key has
    #[arg(allow_hyphen_values = true)]
    pub(crate) key: Option<String>,
    #[command(flatten)]
    pub(crate) read: ReadFlags,
}
