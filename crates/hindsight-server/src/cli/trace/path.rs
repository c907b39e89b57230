//! `trace --critical-path`.

use hindsight_view::Line;
use hindsight_view::critical_path::{path_shares_table, path_table};

use super::{Analysed, remark_more};
use crate::cli::error::CliError;
use crate::cli::json::PathSegmentJson;
use crate::cli::output::Output;
use crate::cli::settings::Format;

/// Stretches that are listed where nobody says how many.
const STRETCHES_DEFAULT: usize = 50;

pub(super) fn print(
    analysed: &Analysed,
    limit: usize,
    output: &mut Output,
) -> Result<(), CliError> {
    let path = &analysed.path;
    if output.format != Format::Table {
        let shown = limit.min(path.len());
        let shape =
            |segment| PathSegmentJson::new(analysed.trace.tree(), segment, analysed.path_ns());
        let shapes: Vec<_> = path[..shown].iter().map(shape).collect();
        output.json_list(&shapes)?;
        return remark_more(path.len() - shown, "more part", output);
    }
    if path.is_empty() {
        return output.remark("the trace's root took no time");
    }
    let limit = if limit == usize::MAX {
        STRETCHES_DEFAULT
    } else {
        limit
    };
    for line in lines(analysed, limit, output.width) {
        output.line(&line)?;
    }
    let more = path.len().saturating_sub(limit);
    remark_more(more, "more part", output)
}

/// What each operation contributes, then the first `limit` stretches in order of time.
pub(crate) fn lines(analysed: &Analysed, limit: usize, width: Option<usize>) -> Vec<Line> {
    let tree = analysed.trace.tree();
    let mut lines = analysed.clocks.clone();
    lines.extend(path_shares_table(tree, &analysed.path, limit).lines(width));
    lines.push(Line::new());
    lines.extend(path_table(tree, &analysed.path, limit).lines(width));
    lines
}
