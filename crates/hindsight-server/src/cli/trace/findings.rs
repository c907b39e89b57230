//! What is odd about a trace: at the end of the tree, or by itself.

use std::collections::HashMap;

use hindsight_view::format;
use hindsight_view::{Line, Role};

use super::{Analysed, remark_more};
use crate::cli::error::CliError;
use crate::cli::json::FindingJson;
use crate::cli::output::Output;
use crate::cli::settings::Format;

/// Findings of a kind that stand at the end of a tree.
const EACH_SHOWN: usize = 4;
/// Blanks in front of the further lines of a finding.
const INDENT: usize = 2;

/// `--findings`.
pub(super) fn print(
    analysed: &Analysed,
    limit: usize,
    output: &mut Output,
) -> Result<(), CliError> {
    let found = &analysed.findings;
    let shown = limit.min(found.len());
    if output.format != Format::Table {
        let shapes: Vec<_> = found[..shown].iter().map(FindingJson::from).collect();
        output.json_list(&shapes)?;
    } else if found.is_empty() {
        return output.remark("nothing odd was found");
    } else {
        let lines = lines(analysed, usize::MAX, output.width);
        let lines = lines.into_iter().take(limit);
        for line in lines.flatten() {
            output.line(&line)?;
        }
    }
    remark_more(found.len() - shown, "more finding", output)?;
    match analysed.findings_left_out {
        0 => Ok(()),
        more => {
            let more = format::plural(more as u64, "finding");
            output.remark(&format!("{more} of the same kinds are not told one by one"))
        }
    }
}

/// The lines of each finding, at most `each_max` of a kind, and how many more there are.
pub(crate) fn lines(analysed: &Analysed, each_max: usize, width: Option<usize>) -> Vec<Vec<Line>> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let mut all = Vec::new();
    let mut left_out = analysed.findings_left_out;
    for told in &analysed.findings {
        let number = seen.entry(told.code).or_default();
        *number += 1;
        match *number <= each_max {
            true => all.push(wrapped(told.line.clone(), width)),
            false => left_out += 1,
        }
    }
    if each_max < usize::MAX && left_out > 0 {
        let more = format!(
            "{} more; --findings lists them",
            format::count(left_out as u64)
        );
        all.push(vec![Line::new().with(Role::Dim, more)]);
    }
    all
}

/// What stands below a tree; nothing for a trace without oddities.
pub(super) fn section(analysed: &Analysed, width: Option<usize>) -> Vec<Line> {
    let lines = lines(analysed, EACH_SHOWN, width);
    if lines.is_empty() {
        return Vec::new();
    }
    let mut section = vec![Line::new(), Line::new().with(Role::Strong, "findings")];
    section.extend(lines.into_iter().flatten());
    let skewed = analysed
        .findings
        .iter()
        .any(|told| told.code == "clock_skew");
    if skewed && analysed.clocks.is_empty() {
        let offer = "times are as recorded; --align-clocks shows them in one clock";
        section.extend(wrapped(Line::new().with(Role::Dim, offer), width));
    }
    section
}

fn wrapped(line: Line, width: Option<usize>) -> Vec<Line> {
    let cells = width.map_or(usize::MAX, |width| width.saturating_sub(INDENT));
    let indented = |(number, line)| match number {
        0 => line,
        _ => Line::new()
            .with(Role::Plain, " ".repeat(INDENT))
            .followed_by(line),
    };
    let lines = line.wrapped(cells).into_iter().enumerate();
    lines.map(indented).collect()
}
