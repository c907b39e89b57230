//! Classes of tokens, for colours.

use std::ops::Range;

/// A token and its class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Highlight {
    /// Bytes of the text; not empty, and not overlapping the others.
    pub range: Range<usize>,
    /// What it is.
    pub class: Class,
}

/// What a token is. A theme gives each a colour; what is wrong is marked by the diagnostics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// A named field.
    Field,
    /// The key of an attribute.
    Key,
    /// `:`, `=`, `<`, ...
    Operator,
    /// A text or word that something is compared with.
    Value,
    /// A number, quantity or time that something is compared with.
    Number,
    /// A regular expression.
    Regex,
    /// Free text.
    Text,
    /// `and`, `or`, `not`, `-`, `in`, `*`, `by`, ...
    Keyword,
    /// `has`, `parent`, `count`, ...
    Function,
    /// Parentheses, commas, `|`.
    Punctuation,
}

/// The classes of a text's tokens in order, with errors or without.
pub fn highlight(text: &str) -> Vec<Highlight> {
    crate::parse(text).highlights
}
