//! The command that compares two traces.

use clap::Args;

use super::ReadFlags;

const DIFF_HELP: &str = "\
Spans of one service, name and kind below the same operation are added up on either side. Marks: + came,
- went, ~ attributes changed. TOTAL and SELF are those of the second trace.

JSON: a list in drawing order: {\"path\": [NAME], \"service\", \"name\", \"kind\", \"a\", \"b\": {\"spans\", \"errors\",
\"total_ns\", \"self_ns\"}, \"attributes\": [{\"key\", \"a\", \"b\"}]}; a and b of an attribute are
{\"seen\": \"nowhere\"|\"varies\"} or {\"seen\": \"always\", \"value\": TEXT}.";

/// `diff A B`.
#[derive(Debug, Args)]
#[command(after_help = DIFF_HELP)]
pub(crate) struct DiffArguments {
    /// Trace to compare with
    pub(crate) a: String,
    /// Trace to compare
    pub(crate) b: String,
    #[command(flatten)]
    pub(crate) read: ReadFlags,
    /// Also show operations that do not differ
    #[arg(long)]
    pub(crate) all: bool,
}
