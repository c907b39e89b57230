//! `hindsight waits`: what is open right now, and who waits for whom.
//!
//! In: the hub's open spans, those of processes that went away, and calls and queries that apps tell of. Out: trees of waiting, oldest
//! first, then the last words of the dead. Holds: nothing is remembered between two looks. Bounded:
//! [`OPEN_SPANS_MAX`] open spans, [`DEAD_SPANS_MAX`] dead ones, `--limit` rows.

mod gather;
mod shown;
mod told;
mod watch;

use hindsight_view::format;

use super::arguments::WaitsArguments;
use super::error::CliError;
use super::hub::Hub;
use super::output::Output;
use super::settings::Settings;

use gather::gather;
use watch::watch;

pub(super) use gather::Gathered;
#[cfg(test)]
pub(super) use shown::Shown;

/// Open spans that are asked for, those that began first.
const OPEN_SPANS_MAX: u32 = 10_000;
/// Spans of processes that went away, those that began last.
const DEAD_SPANS_MAX: u32 = 1_000;

/// Runs the command.
pub(crate) async fn run(
    arguments: WaitsArguments,
    settings: &Settings,
    output: &mut Output,
) -> Result<(), CliError> {
    let every = format::parse_duration(&arguments.every);
    let every = every.map_err(|error| CliError::Config(format!("--every: {error}")))?;
    let hub = Hub::connect(settings).await?;
    match arguments.watch {
        true => watch(hub, (&arguments, every), settings, output).await,
        false => {
            let gathered = gather(&hub).await?;
            shown::print(&gathered, &arguments, output)
        }
    }
}
