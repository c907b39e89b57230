//! What is wrong with a query, below the place.
//!
//! In: the text that was sent and the hub's problem with it. Out: three texts of one width each:
//! the line, the mark, the sentence. Bounded: [`SHOWN_MAX`] characters of the line.

use hindsight_protocol::hub::QueryProblem;

#[cfg(test)]
mod tests;

/// Characters of the line that are shown.
pub const SHOWN_MAX: usize = 100;

/// A problem as a person sees it, in a font of fixed width.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The part of the query around the place, one character a column.
    pub line: String,
    /// Blanks up to the place, then `^`.
    pub mark: String,
    /// `column 9: unknown field`.
    pub message: String,
    /// What to write instead; may be empty.
    pub suggestion: String,
}

impl Problem {
    /// `problem` with the query `text`. Positions outside of it mean its end.
    pub fn new(text: &str, problem: &QueryProblem) -> Self {
        let column_of = |byte: u32| {
            let byte = text.floor_char_boundary((byte as usize).min(text.len()));
            text[..byte].chars().count()
        };
        let (start, end) = (column_of(problem.start), column_of(problem.end));
        let width = end.saturating_sub(start).clamp(1, SHOWN_MAX);
        let skipped = (start + width).saturating_sub(SHOWN_MAX).min(start);
        let shown = text.chars().skip(skipped).take(SHOWN_MAX);
        Self {
            line: shown.map(printable).collect(),
            mark: " ".repeat(start - skipped) + &"^".repeat(width),
            message: format!("column {}: {}", start + 1, problem.message),
            suggestion: problem.suggestion.clone(),
        }
    }
}

fn printable(c: char) -> char {
    match c {
        '\t' | '\n' => ' ',
        c if c.is_control() => '·',
        c => c,
    }
}
