//! `trace --events`.

use hindsight_view::events::{events_in_time, events_table};

use super::{Analysed, remark_more};
use crate::cli::error::CliError;
use crate::cli::json::TraceEventJson;
use crate::cli::output::Output;
use crate::cli::settings::Format;

pub(super) fn print(
    analysed: &Analysed,
    limit: usize,
    output: &mut Output,
) -> Result<(), CliError> {
    let trace = &analysed.trace;
    let all = events_in_time(trace);
    let shown = limit.min(all.len());
    match output.format {
        Format::Table if all.is_empty() => output.remark("no span of the trace has events")?,
        Format::Table => {
            let (start_ns, _) = analysed.timeline.bounds_ns();
            output.table(events_table(trace, &all, start_ns, limit))?;
        }
        _ => {
            let shape = |event| TraceEventJson::new(trace, event);
            let shapes: Vec<_> = all[..shown].iter().filter_map(shape).collect();
            output.json_list(&shapes)?;
        }
    }
    remark_more(all.len() - shown, "more event", output)
}
