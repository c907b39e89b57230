//! Folds in words.

use super::{Chain, Group};
use crate::format;
use crate::name::name_cell;
use crate::text::{Line, Role};
use crate::tree::TraceTree;

/// `x312 SELECT user  p50 400 µs, p99 9.00 ms, total 210 ms, 3 errors`.
pub fn group_line(tree: &TraceTree, group: &Group) -> Line {
    let mut line = group_title(tree, group);
    line.pad(2);
    line.extend(group_notes(group));
    line
}

/// `x312 SELECT user`.
pub(crate) fn group_title(tree: &TraceTree, group: &Group) -> Line {
    let times = format!("x{} ", format::count(group.len() as u64));
    let mut line = Line::new().with(Role::Plain, times);
    line.extend(name_cell(tree.name(group.first)));
    line
}

/// Spread of the durations, errors, open spans.
pub(crate) fn group_notes(group: &Group) -> Line {
    let durations = &group.durations;
    let spread = format!(
        "p50 {}, p99 {}, total {}",
        format::duration(durations.p50_ns),
        format::duration(durations.p99_ns),
        format::duration(durations.total_ns),
    );
    let known = match durations.count {
        0 => Line::new(),
        _ => Line::new().with(Role::Plain, spread),
    };
    with_counts(known, group.errors, group.open)
}

/// `998 levels, one child each, 3 errors`.
pub fn chain_line(chain: &Chain) -> Line {
    let mut line = chain_title(chain);
    let notes = with_counts(Line::new(), chain.errors, chain.open);
    if !notes.segments().is_empty() {
        line = line.with(Role::Dim, ", ");
    }
    line.extend(notes);
    line
}

/// `998 levels, one child each`.
pub(crate) fn chain_title(chain: &Chain) -> Line {
    let levels = format::plural(chain.spans as u64, "level");
    Line::new().with(Role::Dim, format!("{levels}, one child each"))
}

/// Errors and open spans of a chain.
pub(crate) fn chain_notes(chain: &Chain) -> Line {
    with_counts(Line::new(), chain.errors, chain.open)
}

/// `9,000 more`.
pub fn more_line(hidden: usize) -> Line {
    Line::new().with(Role::Dim, format!("{} more", format::count(hidden as u64)))
}

fn with_counts(mut line: Line, errors: usize, open: usize) -> Line {
    let errors_text = format::plural(errors as u64, "error");
    let open_text = format!("{} open", format::count(open as u64));
    let counts = [
        (errors, Role::Error, errors_text),
        (open, Role::Good, open_text),
    ];
    for (_, role, text) in counts.into_iter().filter(|(count, ..)| *count > 0) {
        if !line.segments().is_empty() {
            line = line.with(Role::Dim, ", ");
        }
        line = line.with(role, text);
    }
    line
}
