//! What is wrong with a query, as a caller is told.

use hindsight_protocol::hub::{HubError, QueryProblem};
use hindsight_query::{Diagnostic, QueryError};

/// The errors as text with marks below the places, and one by one.
pub(super) fn of(error: &QueryError) -> HubError {
    HubError {
        problems: error.diagnostics.iter().map(problem).collect(),
        ..HubError::new(HubError::QUERY, error.to_string().trim_end())
    }
}

/// Help that cannot be written in place of the fault is part of the message.
fn problem(diagnostic: &Diagnostic) -> QueryProblem {
    let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let help = diagnostic.help.as_ref();
    let fix = help.and_then(|help| help.fix.as_ref());
    let in_place = fix.filter(|fix| fix.range == diagnostic.range);
    let message = match (help, in_place) {
        (Some(help), None) => format!("{}; {}", diagnostic.message, help.message),
        _ => diagnostic.message.clone(),
    };
    QueryProblem {
        start: byte(diagnostic.range.start),
        end: byte(diagnostic.range.end),
        message,
        suggestion: in_place.map_or_else(String::new, |fix| fix.replacement.clone()),
    }
}
