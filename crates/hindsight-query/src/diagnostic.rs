//! What is wrong with a query, where, and what to write instead.

mod nearest;
mod render;

pub(crate) use nearest::nearest;

use std::ops::Range;

/// One thing wrong with a query, or doubtful in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether there is a query in spite of it.
    pub severity: Severity,
    /// Bytes of the text it is about; may be empty, at most the text's length.
    pub range: Range<usize>,
    /// A sentence without capital and full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<Help>,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Severity {
    /// There is no query.
    Error,
    /// There is one, but perhaps not the one that was meant.
    Warning,
}

/// A way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Help {
    /// A sentence without capital and full stop.
    pub message: String,
    /// A change of the text that does it.
    pub fix: Option<Fix>,
}

/// A change of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// The bytes to replace.
    pub range: Range<usize>,
    /// What to put there.
    pub replacement: String,
}

impl Diagnostic {
    pub(crate) fn error(range: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            range,
            message: message.into(),
            help: None,
        }
    }

    pub(crate) fn warning(range: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(range, message)
        }
    }

    pub(crate) fn help(mut self, message: impl Into<String>) -> Self {
        self.help = Some(Help {
            message: message.into(),
            fix: None,
        });
        self
    }

    /// "did you mean": replaces the diagnostic's own range.
    pub(crate) fn or_rather(self, replacement: impl Into<String>) -> Self {
        let range = self.range.clone();
        self.or_rather_at(range, replacement)
    }

    pub(crate) fn or_rather_at(
        mut self,
        range: Range<usize>,
        replacement: impl Into<String>,
    ) -> Self {
        let replacement = replacement.into();
        self.help = Some(Help {
            message: format!("did you mean `{replacement}`?"),
            fix: Some(Fix { range, replacement }),
        });
        self
    }

    pub(crate) fn with_fix(mut self, range: Range<usize>, replacement: impl Into<String>) -> Self {
        if let Some(help) = &mut self.help {
            help.fix = Some(Fix {
                range,
                replacement: replacement.into(),
            });
        }
        self
    }

    /// Line and column of the beginning in `text`, both from 1, columns in characters.
    pub fn position(&self, text: &str) -> (usize, usize) {
        let before = text.get(..self.range.start).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (line, before[line_start..].chars().count() + 1)
    }
}

/// Text that is not a query. The author of the query is at fault.
///
/// Its `Display` is every error with the line it is in and a mark below the place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryError {
    /// The text.
    pub text: String,
    /// At least one error.
    pub diagnostics: Vec<Diagnostic>,
}

impl std::fmt::Display for QueryError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, diagnostic) in self.diagnostics.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            f.write_str(&diagnostic.render(&self.text))?;
        }
        Ok(())
    }
}

impl std::error::Error for QueryError {}
