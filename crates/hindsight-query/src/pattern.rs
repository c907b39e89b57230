//! Text with wildcards, compared without regard to case.
//!
//! In: pieces of text between `*`s. Out: whether a text is that, or contains it. Characters are
//! compared by what [`char::to_lowercase`] makes of them, one by one. Matching allocates nothing and
//! is linear in the text for each piece (quadratic at worst in pieces that almost repeat).

mod matcher;

pub use matcher::PatternMatcher;

/// Pieces of text with a wildcard (any text, also none) between each two.
///
/// Inner pieces are not empty; the first and the last may be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pattern {
    pieces: Vec<String>,
}

impl Pattern {
    /// No wildcards: this text.
    pub fn exact(text: impl Into<String>) -> Self {
        Self {
            pieces: vec![text.into()],
        }
    }

    /// The pieces in order; repeated wildcards become one.
    pub fn from_pieces<S: Into<String>>(pieces: impl IntoIterator<Item = S>) -> Self {
        let mut kept: Vec<String> = Vec::new();
        for piece in pieces {
            if kept.len() > 1 && kept.last().is_some_and(String::is_empty) {
                kept.pop();
            }
            kept.push(piece.into());
        }
        if kept.is_empty() {
            kept.push(String::new());
        }
        Self { pieces: kept }
    }

    /// The pieces in order, at least one.
    pub fn pieces(&self) -> &[String] {
        &self.pieces
    }

    /// The text, if there is no wildcard.
    pub fn as_exact(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// Whether it is `*` alone.
    pub fn is_any(&self) -> bool {
        matches!(self.pieces.as_slice(), [first, last] if first.is_empty() && last.is_empty())
    }

    /// Without wildcards at either end, which mean nothing in free text.
    pub fn trimmed(mut self) -> Self {
        if self.pieces.len() > 1 && self.pieces.first().is_some_and(String::is_empty) {
            self.pieces.remove(0);
        }
        if self.pieces.len() > 1 && self.pieces.last().is_some_and(String::is_empty) {
            self.pieces.pop();
        }
        self
    }

    /// The form that is compared with texts.
    pub fn matcher(&self) -> PatternMatcher {
        PatternMatcher::new(self)
    }
}

#[cfg(test)]
mod tests;
