//! A diagnostic as text: message, line of the query, mark below the place, help.

use super::{Diagnostic, Severity};

/// Characters of the query's line that are shown around the place.
const SHOWN_MAX: usize = 100;

impl Diagnostic {
    /// Several lines, each ended by a newline, without colour. Control characters of the query are
    /// shown as `·`; of a long line the part around the place is shown.
    pub fn render(&self, text: &str) -> String {
        let (line, column) = self.position(text);
        let shown = text.lines().nth(line - 1).unwrap_or_default();
        let on_this_line = shown.chars().count() + 1 - column.min(shown.chars().count() + 1);
        let marked = text.get(self.range.clone()).unwrap_or_default();
        let width = marked.chars().count().min(on_this_line).max(1);
        let skipped = (column + width).saturating_sub(SHOWN_MAX).min(column - 1);
        let part: String = shown
            .chars()
            .skip(skipped)
            .take(SHOWN_MAX)
            .map(printable)
            .collect();
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let number = line.to_string();
        let margin = " ".repeat(number.len());
        let indent = " ".repeat(column - 1 - skipped);
        let mark = "^".repeat(width.min(SHOWN_MAX));
        let mut rendered = format!(
            "{severity}: {}\n{margin} |\n{number} | {part}\n{margin} | {indent}{mark} column {column}\n",
            self.message
        );
        if let Some(help) = &self.help {
            rendered.push_str(&format!("{margin} = help: {}\n", help.message));
        }
        rendered
    }
}

fn printable(c: char) -> char {
    match c {
        '\t' => ' ',
        c if c.is_control() => '·',
        c => c,
    }
}
