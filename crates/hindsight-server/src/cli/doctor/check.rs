//! The result of one check.

use hindsight_view::{Line, Role};
use serde::Serialize;

/// How a check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    /// As it should be.
    Ok,
    /// May be the reason.
    Warn,
    /// Must be the reason.
    Fail,
    /// Could not be looked at.
    Skip,
}

/// What was looked at, what was found, what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Check {
    pub(super) name: &'static str,
    pub(crate) outcome: Outcome,
    pub(super) found: String,
    pub(super) advice: Option<String>,
}

impl Check {
    pub(super) fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self::new(name, Outcome::Ok, found, None)
    }

    pub(super) fn skip(name: &'static str, why: impl Into<String>) -> Self {
        Self::new(name, Outcome::Skip, why, None)
    }

    pub(super) fn warn(
        name: &'static str,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self::new(name, Outcome::Warn, found, Some(advice.into()))
    }

    pub(super) fn fail(
        name: &'static str,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self::new(name, Outcome::Fail, found, Some(advice.into()))
    }

    fn new(
        name: &'static str,
        outcome: Outcome,
        found: impl Into<String>,
        advice: Option<String>,
    ) -> Self {
        Self {
            name,
            outcome,
            found: found.into(),
            advice,
        }
    }
}

/// The checks for people: a line each, and one for the advice.
pub(crate) fn lines(checks: &[Check]) -> Vec<Line> {
    let mut lines = Vec::new();
    for check in checks {
        let (role, word) = match check.outcome {
            Outcome::Ok => (Role::Good, "ok   "),
            Outcome::Warn => (Role::Warning, "warn "),
            Outcome::Fail => (Role::Error, "FAIL "),
            Outcome::Skip => (Role::Dim, "skip "),
        };
        lines.push(
            Line::new()
                .with(role, word)
                .with(Role::Strong, format!("{:<12} ", check.name))
                .with(Role::Plain, check.found.as_str()),
        );
        if let Some(advice) = &check.advice {
            let mut line = Line::new();
            line.pad(18);
            lines.push(line.with(Role::Plain, format!("-> {advice}")));
        }
    }
    lines
}
