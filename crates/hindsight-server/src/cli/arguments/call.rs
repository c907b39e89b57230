//! The command that calls a method of an app.

use clap::Args;

use super::ReadFlags;

const CALL_HELP: &str = "\
Arguments are taken by name (--arg limit=3) or in their order; a field of an argument by its name, or as
ARGUMENT.FIELD=VALUE. Texts need no quotes, ids no 0x, variants of enums are their names, larger values are
JSON. Options may be left out. Fields that are left out are 0, false, \"\" or [] where the method is read-only;
enums, times and the like have to be written, and all fields where a method may change something.
`hindsight services APP SERVICE` shows what a method takes.

Methods that the app declares read-only are called at once; of others that it allows it is asked first.
Exit codes: 0 done, 1 the method failed or was not called, 2 wrong method or arguments.";

/// `call APP METHOD`.
#[derive(Debug, Args)]
#[command(after_help = CALL_HELP)]
pub(crate) struct CallArguments {
    /// Service name, process id, or beginning of a tracer id; of several runs the newest
    pub(crate) app: String,
    /// Service.method, or the method alone where only one service has it
    pub(crate) method: String,
    /// An argument or field as text: VALUE or NAME=VALUE; may be repeated
    #[arg(long = "arg", value_name = "[NAME=]VALUE", allow_hyphen_values = true)]
    pub(crate) arguments: Vec<String>,
    /// An argument or field as JSON: JSON or NAME=JSON; may be repeated
    #[arg(
        long = "arg-json",
        value_name = "[NAME=]JSON",
        allow_hyphen_values = true
    )]
    pub(crate) json: Vec<String>,
    /// All arguments as JSON: a list, or an object by name
    #[arg(long, value_name = "JSON", conflicts_with_all = ["arguments", "json"])]
    pub(crate) args_json: Option<String>,
    /// Call it without asking, even if it may change something
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Most rows of a table, most items of a stream
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,
    #[command(flatten)]
    pub(crate) read: ReadFlags,
}
