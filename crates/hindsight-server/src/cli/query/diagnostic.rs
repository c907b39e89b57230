//! What is wrong with a query, or doubtful in it, on stderr.

use std::io::{self, IsTerminal, Write};

use hindsight_query::{Query, Severity};
use hindsight_view::{Line, Role};

use crate::cli::error::CliError;
use crate::cli::output::{ansi, wants_color};

/// The query, read here, for commands that build another one of it.
pub(crate) fn parsed(text: &str) -> Result<Query, CliError> {
    let query = text.parse();
    query.map_err(|error: hindsight_query::QueryError| {
        CliError::Query(error.to_string().trim_end().to_owned())
    })
}

/// Prints what is doubtful. Errors are left to whoever runs the query.
pub(crate) fn warn(text: &str) {
    let parsed = hindsight_query::parse(text);
    let doubts = parsed.diagnostics.iter();
    for doubt in doubts.filter(|d| d.severity == Severity::Warning) {
        let text = highlighted(doubt.render(text).trim_end());
        // A warning may get lost where nobody reads stderr.
        io::stderr().write_all(text.as_bytes()).ok();
    }
}

/// A rendered diagnostic, harmless to look at, with colours where stderr is a terminal.
pub(crate) fn highlighted(rendered: &str) -> String {
    let color = io::stderr().is_terminal() && wants_color(&|name| std::env::var(name).ok());
    let lines = rendered.lines().map(line);
    let print = |line: Line| match color {
        true => ansi::colored(&line),
        false => line.to_plain(),
    };
    lines.map(|line| print(line) + "\n").collect()
}

fn line(text: &str) -> Line {
    let plain = Line::new();
    if let Some(message) = text.strip_prefix("error:") {
        let line = plain.with(Role::Error, "error:");
        return line.with(Role::Strong, message);
    }
    if let Some(message) = text.strip_prefix("warning:") {
        let line = plain.with(Role::Warning, "warning:");
        return line.with(Role::Strong, message);
    }
    match text.split_once(" | ") {
        Some((margin, mark)) if mark.trim_start().starts_with('^') => plain
            .with(Role::Dim, format!("{margin} | "))
            .with(Role::Error, mark),
        Some((margin, query)) if margin.trim().parse::<u32>().is_ok() => plain
            .with(Role::Dim, format!("{margin} | "))
            .with(Role::Plain, query),
        _ => plain.with(Role::Dim, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_stays_below_its_place_and_nothing_acts_on_the_terminal() {
        let error = parsed("a\u{1b}[2J status:eror").unwrap_err();
        assert_eq!(error.code(), 2);
        let CliError::Query(rendered) = error else {
            panic!("{error}")
        };
        insta::assert_snapshot!(highlighted(&rendered));
        let colored: Vec<_> = rendered.lines().map(|l| ansi::colored(&line(l))).collect();
        assert!(colored[0].starts_with("\u{1b}[31;1merror:"), "{colored:?}");
        assert!(colored[3].contains("\u{1b}[31;1m"), "{colored:?}");
    }
}
