//! Looking again and again.
//!
//! On a terminal each look replaces the one before; elsewhere looks follow each other, parted by an
//! empty line. A hub that went away is waited for.

use std::time::Duration;

use tokio::time::sleep;

use super::shown::{self, Shown};
use super::{Gathered, gather};
use crate::cli::arguments::WaitsArguments;
use crate::cli::error::CliError;
use crate::cli::hub::Hub;
use crate::cli::output::Output;
use crate::cli::settings::{Format, Settings};
use crate::cli::stop::Stop;

/// The fastest that looks follow each other.
const EVERY_MIN: Duration = Duration::from_millis(50);
/// Pause between two attempts to find the hub again.
const RETRY: Duration = Duration::from_secs(1);

/// Prints until told to stop, or until nobody reads.
pub(super) async fn watch(
    mut hub: Hub,
    (arguments, every_ns): (&WaitsArguments, u64),
    settings: &Settings,
    output: &mut Output,
) -> Result<(), CliError> {
    let stop = Stop::on_signals();
    let every = Duration::from_nanos(every_ns).max(EVERY_MIN);
    let mut is_first = true;
    loop {
        let looked = tokio::select! {
            () = stop.asked() => return Ok(()),
            looked = gather(&hub) => looked,
        };
        match looked {
            Ok(gathered) => print(&gathered, arguments, is_first, output)?,
            Err(CliError::Call { why, .. }) => {
                let endpoint = hub.endpoint.to_string();
                output.remark(&format!(
                    "lost the hub at {endpoint} ({why}); waiting for it"
                ))?;
                match find_again(settings, output, &stop).await? {
                    Some(found) => hub = found,
                    None => return Ok(()),
                }
            }
            Err(error) => return Err(error),
        }
        is_first = false;
        tokio::select! {
            () = stop.asked() => return Ok(()),
            () = sleep(every) => {}
        }
        if output.is_reader_gone() {
            return Ok(());
        }
    }
}

fn print(
    gathered: &Gathered,
    arguments: &WaitsArguments,
    is_first: bool,
    output: &mut Output,
) -> Result<(), CliError> {
    let Some(rows) = output
        .screen_rows()
        .filter(|_| output.format == Format::Table)
    else {
        if !is_first && output.format == Format::Table {
            output.line(&hindsight_view::Line::new())?;
        }
        shown::print(gathered, arguments, output)?;
        return output.finish();
    };
    let shown = Shown::new(gathered, &arguments.service, arguments.limit as usize);
    let mut lines = shown.lines(output.width, output.glyphs);
    let remarks = shown.remarks().into_iter();
    lines.extend(
        remarks.map(|text| hindsight_view::Line::new().with(hindsight_view::Role::Dim, text)),
    );
    // The last row stays free for the cursor.
    lines.truncate(rows.saturating_sub(1).max(1));
    output.screen(&lines)?;
    output.finish()
}

/// Dials until the hub answers; none when there is no reason to go on.
async fn find_again(
    settings: &Settings,
    output: &Output,
    stop: &Stop,
) -> Result<Option<Hub>, CliError> {
    loop {
        tokio::select! {
            () = stop.asked() => return Ok(None),
            () = sleep(RETRY) => {}
        }
        if output.is_reader_gone() {
            return Ok(None);
        }
        match Hub::connect(settings).await {
            Ok(hub) => return Ok(Some(hub)),
            Err(CliError::Dial { error, .. }) if error.is_transient() => {}
            Err(error) => return Err(error),
        }
    }
}
