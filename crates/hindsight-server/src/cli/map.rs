//! `hindsight map`: which services call which.

use hindsight_protocol::hub::ServiceMapRequest;
use hindsight_view::query_table;

use super::arguments::MapArguments;
use super::clock;
use super::error::CliError;
use super::hub::Hub;
use super::json::MapJson;
use super::output::Output;
use super::query::{self, Window};
use super::settings::{Format, Settings};

/// Runs the command.
pub(crate) async fn run(
    arguments: MapArguments,
    settings: &Settings,
    output: &mut Output,
) -> Result<(), CliError> {
    let window = Window::new(&arguments.window, clock::now_ns())?;
    query::warn(&arguments.query);
    let request = ServiceMapRequest {
        since_ns: window.since_ns,
        until_ns: window.until_ns,
        query: arguments.query,
    };
    let hub = Hub::connect(settings).await?;
    let call = hub.call("service_map", |client| client.service_map(request));
    let map = call.await?;
    query::remark_cut(&map.cut, output)?;
    if output.format != Format::Table {
        return output.json(&MapJson::from(&map));
    }
    if map.nodes.is_empty() {
        return output.remark("no stored span matches");
    }
    output.table(query_table::calls(&map))
}
