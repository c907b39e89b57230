//! Skew in words.

use super::{ClockOverlay, SkewEstimate};
use crate::format;
use crate::name::service_cell;
use crate::text::{Line, Role};
use crate::tree::TraceTree;

/// One line for each significant estimate, the first `lines_max`, and what was done about it:
/// nothing.
pub fn skew_lines(tree: &TraceTree, estimates: &[SkewEstimate], lines_max: usize) -> Vec<Line> {
    let significant = estimates.iter().filter(|e| e.is_significant());
    let mut lines: Vec<_> = significant
        .take(lines_max)
        .map(|estimate| skew_line(tree, estimate))
        .collect();
    if !lines.is_empty() {
        lines.push(Line::new().with(Role::Dim, "times are shown as recorded"));
    }
    lines
}

/// One line for each process of `tree` that `overlay` moves or cannot move, or one that says that
/// nothing is moved.
pub fn aligned_lines(tree: &TraceTree, overlay: &ClockOverlay) -> Vec<Line> {
    let mut lines = Vec::new();
    for row in 0..tree.processes.len() as u32 {
        let moved = match overlay.offset_ns(row) {
            Some((0, _)) => continue,
            None => "stays as recorded: no calls tie its clock to the others".into(),
            Some((offset, error)) => {
                let direction = if offset > 0 { "earlier" } else { "later" };
                let by = format::duration(offset.unsigned_abs());
                let error = format::duration(error);
                format!("is shown {by} {direction} (± {error})")
            }
        };
        let line = Line::new()
            .with(Role::Warning, "aligned: ")
            .followed_by(process(tree, row));
        lines.push(line.with(Role::Plain, format!(" {moved}")));
    }
    if lines.is_empty() {
        let text = "aligned: no clock differs by more than the times can tell";
        lines.push(Line::new().with(Role::Dim, text));
    }
    lines
}

/// `the clock of calc is 12.0 ms ahead of that of web (± 1.00 ms, from 3 calls)`.
pub fn skew_line(tree: &TraceTree, estimate: &SkewEstimate) -> Line {
    let direction = match estimate.offset_ns {
        0.. => "ahead of",
        _ => "behind",
    };
    let offset = format::duration(estimate.offset_ns.unsigned_abs());
    let error = format::duration(estimate.error_ns);
    let calls = format::plural(estimate.pairs as u64, "call");
    let mut line = Line::new().with(Role::Warning, "the clock of ");
    line.extend(process(tree, estimate.to));
    line = line.with(Role::Plain, format!(" is {offset} {direction} that of "));
    line.extend(process(tree, estimate.from));
    line = line.with(Role::Dim, format!(" (± {error}, from {calls}"));
    if estimate.contradicting > 0 {
        let number = format::count(estimate.contradicting as u64);
        line = line.with(Role::Dim, format!(", {number} of which disagree"));
    }
    line.with(Role::Dim, ")")
}

fn process(tree: &TraceTree, row: u32) -> Line {
    let process = tree.processes.get(row as usize).copied();
    let process = process.unwrap_or_default();
    let line = service_cell(tree.strings.get(process.service));
    match tree.strings.get(process.instance) {
        "" => line,
        instance => line.with(Role::Dim, format!(" {instance}")),
    }
}
