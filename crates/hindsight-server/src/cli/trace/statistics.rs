//! `trace --stats`.

use hindsight_view::statistics::{statistics, statistics_table};

use super::{Analysed, remark_more};
use crate::cli::error::CliError;
use crate::cli::json::StatisticJson;
use crate::cli::output::Output;
use crate::cli::settings::Format;

pub(super) fn print(
    analysed: &Analysed,
    limit: usize,
    output: &mut Output,
) -> Result<(), CliError> {
    let tree = analysed.trace.tree();
    let all = statistics(tree, &analysed.timeline, &analysed.self_times_ns);
    let shown = limit.min(all.len());
    match output.format {
        Format::Table => output.table(statistics_table(tree, &all, limit))?,
        _ => {
            let shape = |statistic| StatisticJson::new(tree, statistic);
            let shapes: Vec<_> = all[..shown].iter().map(shape).collect();
            output.json_list(&shapes)?;
        }
    }
    remark_more(all.len() - shown, "more operation", output)
}
