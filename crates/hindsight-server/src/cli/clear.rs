//! `hindsight clear`: removes all stored spans.

use hindsight_protocol::hub::ClearRequest;
use hindsight_view::format;
use hindsight_view::{Line, Role};

use super::error::CliError;
use super::hub::Hub;
use super::json::ClearJson;
use super::output::Output;
use super::settings::{Format, Settings};

/// Runs the command.
pub(crate) async fn run(settings: &Settings, output: &mut Output) -> Result<(), CliError> {
    let hub = Hub::connect(settings).await?;
    let request = ClearRequest::default();
    let cleared = hub.call("clear", |client| client.clear(request)).await?;
    if output.format != Format::Table {
        return output.json(&ClearJson::from(cleared));
    }
    let spans = format::plural(cleared.spans, "span");
    let traces = format::plural(cleared.traces, "trace");
    output.line(&Line::new().with(Role::Plain, format!("removed {spans} of {traces}")))
}
