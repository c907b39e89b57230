//! Words and characters that mean something, for the lexer and the formatter alike.

/// Words of the filter; taken in any case.
pub(crate) const KEYWORDS: [&str; 5] = ["and", "or", "not", "in", "exists"];

/// Functions of the filter; taken in any case.
pub(crate) const FUNCTIONS: [&str; 8] = [
    "has",
    "parent",
    "child",
    "ancestor",
    "descendant",
    "sibling",
    "exists",
    "not",
];

/// Words of the pipeline; taken in any case.
pub(crate) const CLAUSES: [&str; 6] = ["by", "over", "sort", "limit", "asc", "desc"];

/// Whether a word would be read as something else than text or a key.
pub(crate) fn is_reserved(word: &str) -> bool {
    let mut all = KEYWORDS.iter().chain(&FUNCTIONS).chain(&CLAUSES);
    all.any(|reserved| word.eq_ignore_ascii_case(reserved))
}

/// Whether a character ends a word wherever it stands.
pub(crate) fn ends_any_word(c: char) -> bool {
    c.is_whitespace() || matches!(c, '(' | ')' | ',' | '|' | '"')
}

/// Whether a character begins an operator, and so ends a word that is not a value.
pub(crate) fn begins_operator(c: char) -> bool {
    matches!(c, ':' | '=' | '<' | '>' | '~')
}

/// Characters that are written without quotes in canonical form. Fewer than are read.
pub(crate) fn is_plain(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/')
}
