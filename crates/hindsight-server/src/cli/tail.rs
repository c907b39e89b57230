//! `hindsight tail`: spans as they are stored.
//!
//! In: the hub's live stream. Out: a line a span. Holds: what was missed is said, on stderr; a hub
//! that went away is waited for; Ctrl-C and a closed pipe end it without an error. Bounded: one
//! event is held at a time; a reader too slow for the spans makes the hub skip some, and say so.

mod follow;
mod printer;

use std::time::Duration;

use hindsight_protocol::TraceId;
use hindsight_protocol::hub::LiveRequest;

use super::arguments::TailArguments;
use super::error::CliError;
use super::hub::Hub;
use super::output::Output;
use super::query;
use super::settings::Settings;
use super::stop::Stop;
use super::trace::pasted_trace_id;

use follow::{Ended, follow};
pub(super) use printer::Printer;

/// First and longest pause between two attempts to find the hub again.
const RETRY_MIN: Duration = Duration::from_millis(200);
const RETRY_MAX: Duration = Duration::from_secs(2);

/// Runs the command.
pub(crate) async fn run(
    arguments: TailArguments,
    settings: &Settings,
    output: &mut Output,
) -> Result<(), CliError> {
    let request = request(&arguments)?;
    query::warn(&arguments.query);
    let stop = Stop::on_signals();
    let mut printer = Printer::new(output, arguments.limit, request.trace_id);
    let mut hub = Hub::connect(settings).await?;
    loop {
        match follow(&hub, request.clone(), &mut printer, &stop).await? {
            Ended::Done => return Ok(()),
            Ended::Lost(why) => {
                let endpoint = &hub.endpoint;
                printer.remark(&format!(
                    "lost the hub at {endpoint} ({why}); waiting for it"
                ))?;
            }
        }
        match find_again(settings, &printer, &stop).await? {
            Some(found) => hub = found,
            None => return Ok(()),
        }
        printer.remark("connected again; spans stored in between are not shown")?;
    }
}

fn request(arguments: &TailArguments) -> Result<LiveRequest, CliError> {
    let trace_id = match &arguments.trace {
        Some(text) => pasted_trace_id(text)?,
        None => TraceId::INVALID,
    };
    Ok(LiveRequest {
        spans: true,
        trace_id,
        service: arguments.service.clone(),
        query: arguments.query.clone(),
        ..LiveRequest::default()
    })
}

/// Dials until the hub answers; none when there is no reason to go on.
async fn find_again(
    settings: &Settings,
    printer: &Printer<'_>,
    stop: &Stop,
) -> Result<Option<Hub>, CliError> {
    let mut pause = RETRY_MIN;
    loop {
        match Hub::connect(settings).await {
            Ok(hub) => return Ok(Some(hub)),
            Err(CliError::Dial { error, .. }) if error.is_transient() => {}
            Err(error) => return Err(error),
        }
        tokio::select! {
            () = stop.asked() => return Ok(None),
            () = tokio::time::sleep(pause) => {}
        }
        if printer.is_reader_gone() {
            return Ok(None);
        }
        pause = (pause * 2).min(RETRY_MAX);
    }
}
