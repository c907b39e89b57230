//! What is special about a span, in words.

use hindsight_protocol::batch::SpanRow;
use hindsight_protocol::{SpanState, StatusCode};

use crate::format;
use crate::skew;
use crate::text::{Line, Role};
use crate::tree::{Placement, TraceTree};

/// Characters of an error message that a note shows.
const MESSAGE_CELLS_MAX: usize = 200;

/// State, error, then oddities of the place and the times; empty for most spans.
pub(crate) fn notes(tree: &TraceTree, index: usize) -> Line {
    let times = (tree.start_ns(index), tree.end_ns(index));
    joined([
        state(tree.state(index), times.1),
        error(tree.status(index), tree.status_message(index)),
        placement(tree.placement(index)),
        reversed(times),
        skew::label(tree, index).map(|label| (Role::Warning, label.to_string())),
        duplicates(tree.duplicates(index)),
    ])
}

/// The notes on a span that is shown by itself: state and error.
pub fn span_notes(span: SpanRow<'_>) -> Line {
    joined([
        state(span.state(), span.end_ns()),
        error(span.status(), span.status_message()),
        reversed((span.start_ns(), span.end_ns())),
    ])
}

fn joined<const N: usize>(notes: [Option<(Role, String)>; N]) -> Line {
    let mut line = Line::new();
    for (role, note) in notes.into_iter().flatten() {
        if !line.segments().is_empty() {
            line = line.with(Role::Dim, ", ");
        }
        line = line.with(role, note);
    }
    line
}

fn state(state: SpanState, end_ns: Option<u64>) -> Option<(Role, String)> {
    match (state, end_ns) {
        // A sender that forgot the state: without an end it runs.
        (SpanState::Ended, None) => Some((Role::Good, SpanState::Running.as_str().into())),
        (SpanState::Ended, Some(_)) => None,
        (state @ SpanState::Running, _) => Some((Role::Good, state.as_str().into())),
        (state, _) => Some((Role::Warning, state.as_str().into())),
    }
}

fn error(status: StatusCode, message: &str) -> Option<(Role, String)> {
    let note = match (status, message) {
        (StatusCode::Error, "") => "error".into(),
        (StatusCode::Error, message) => {
            let shown = format::escape(message);
            format!("error: {}", format::truncate(&shown, MESSAGE_CELLS_MAX))
        }
        _ => return None,
    };
    Some((Role::Error, note))
}

fn placement(placement: Placement) -> Option<(Role, String)> {
    let note = match placement {
        Placement::Root | Placement::Child => return None,
        Placement::Orphan(parent) => format!("orphan: parent {parent} is not stored"),
        Placement::SelfParent => "is its own parent".into(),
        Placement::Cycle(parent) => format!("cycle: parent {parent} is below it"),
    };
    Some((Role::Warning, note))
}

fn reversed((start_ns, end_ns): (u64, Option<u64>)) -> Option<(Role, String)> {
    let before = start_ns.checked_sub(end_ns?)?;
    let note = || format!("ends {} before it starts", format::duration(before));
    (before > 0).then(|| (Role::Warning, note()))
}

fn duplicates(duplicates: u32) -> Option<(Role, String)> {
    let note = || format::plural(duplicates.into(), "duplicate");
    (duplicates > 0).then(|| (Role::Dim, note()))
}
