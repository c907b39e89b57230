//! The command that shows what an app offers.

use clap::Args;

use super::ReadFlags;

const SERVICES_HELP: &str = "\
What an app offered is remembered after it has gone. Methods may be called where the app allows it.

JSON: a list of services: {\"service\", \"doc\", \"methods\": [{\"method\", \"id\": HEX, \"arguments\": [NAME],
\"doc\", \"callable\", \"read_only\"}]}; of one service also {\"signature\", \"types\"} of each.";

/// `services APP`.
#[derive(Debug, Args)]
#[command(after_help = SERVICES_HELP)]
pub(crate) struct ServicesArguments {
    /// Service name, process id, or beginning of a tracer id; of several runs the newest
    pub(crate) app: String,
    /// One of its services: what its methods take and answer, as the app describes them now
    pub(crate) service: Option<String>,
    #[command(flatten)]
    pub(crate) read: ReadFlags,
}
