//! `hindsight pin ID` and `hindsight unpin ID`.

use hindsight_protocol::TraceId;
use hindsight_protocol::hub::{PinTraceRequest, UnpinTraceRequest};
use hindsight_view::{Line, Role};

use super::arguments::PinArguments;
use super::error::CliError;
use super::hub::Hub;
use super::json::PinJson;
use super::output::Output;
use super::settings::{Format, Settings};
use super::trace::pasted_trace_id;

/// Pins the trace.
pub(crate) async fn pin(
    arguments: &PinArguments,
    settings: &Settings,
    output: &mut Output,
) -> Result<(), CliError> {
    let trace_id = pasted_trace_id(&arguments.id)?;
    let hub = Hub::connect(settings).await?;
    let request = PinTraceRequest { trace_id };
    let call = hub.call("pin_trace", |client| client.pin_trace(request));
    tell(trace_id, true, call.await?.changed, output)
}

/// Unpins the trace.
pub(crate) async fn unpin(
    arguments: &PinArguments,
    settings: &Settings,
    output: &mut Output,
) -> Result<(), CliError> {
    let trace_id = pasted_trace_id(&arguments.id)?;
    let hub = Hub::connect(settings).await?;
    let request = UnpinTraceRequest { trace_id };
    let call = hub.call("unpin_trace", |client| client.unpin_trace(request));
    tell(trace_id, false, call.await?.changed, output)
}

fn tell(
    trace_id: TraceId,
    pinned: bool,
    changed: bool,
    output: &mut Output,
) -> Result<(), CliError> {
    if output.format != Format::Table {
        return output.json(&PinJson::new(trace_id, pinned, changed));
    }
    output.line(&Line::new().with(Role::Plain, sentence(trace_id, pinned, changed)))
}

/// What came of it.
pub(super) fn sentence(trace_id: TraceId, pinned: bool, changed: bool) -> String {
    match (pinned, changed) {
        (true, true) => format!("pinned trace {trace_id}: it stays until it is unpinned"),
        (true, false) => format!("trace {trace_id} was pinned already"),
        (false, true) => format!("unpinned trace {trace_id}"),
        (false, false) => format!("trace {trace_id} was not pinned"),
    }
}
