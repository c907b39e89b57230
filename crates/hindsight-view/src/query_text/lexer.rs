//! Tokens of a query, one at a time; see `hindsight-query`, whose tokens these are.

use std::ops::Range;

/// What is expected to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// A key, free text, an operator, ...
    Term,
    /// What something is compared with: it may contain the characters of operators.
    Value,
}

/// A token and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) range: Range<usize>,
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    Quoted,
    Operator,
    Minus,
    Bang,
    Open,
    Close,
    Comma,
    Pipe,
    And,
    Or,
    End,
}

impl Token {
    pub(super) fn is_operator(&self) -> bool {
        self.kind == Kind::Operator
    }

    /// Whether what stands behind the operator is a regular expression.
    pub(super) fn is_regex(&self, text: &str) -> bool {
        let operator = &text[self.range.clone()];
        matches!(
            operator.strip_prefix(':').unwrap_or(operator),
            "~" | "=~" | "!~"
        )
    }
}

/// The token at or behind `from`, white space left out.
pub(super) fn token(text: &str, from: usize, mode: Mode) -> Token {
    let rest = text.get(from..).unwrap_or_default();
    let start = text.len() - rest.trim_start().len();
    let rest = &text[start..];
    let (kind, length) = scan(rest, mode);
    Token {
        kind,
        range: start..start + length,
    }
}

fn scan(rest: &str, mode: Mode) -> (Kind, usize) {
    let Some(first) = rest.chars().next() else {
        return (Kind::End, 0);
    };
    let is_term = mode == Mode::Term;
    match first {
        '(' => (Kind::Open, 1),
        ')' => (Kind::Close, 1),
        ',' => (Kind::Comma, 1),
        '|' if is_term && rest.starts_with("||") => (Kind::Or, 2),
        '|' => (Kind::Pipe, 1),
        '"' | '\'' => (Kind::Quoted, quoted(rest, first)),
        _ if !is_term => (Kind::Word, word(rest, mode)),
        '&' if rest.starts_with("&&") => (Kind::And, 2),
        '-' => (Kind::Minus, 1),
        '!' if !begins_negated(rest) => (Kind::Bang, 1),
        c if c == '!' || is_sign(c) => {
            let end = rest.find(|c| !is_sign(c) && c != '!');
            (Kind::Operator, end.unwrap_or(rest.len()))
        }
        _ => (Kind::Word, word(rest, mode)),
    }
}

fn is_sign(c: char) -> bool {
    matches!(c, ':' | '=' | '<' | '>' | '~')
}

fn begins_negated(rest: &str) -> bool {
    ["!=", "!~", "!:"].iter().any(|sign| rest.starts_with(sign))
}

/// Length with the quotes; to the end where the second is missing.
fn quoted(rest: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

fn word(rest: &str, mode: Mode) -> usize {
    let ends = |at: usize, c: char| {
        let behind = &rest[at..];
        let ends_key = || is_sign(c) || begins_negated(behind) || behind.starts_with("&&");
        c.is_whitespace()
            || matches!(c, '(' | ')' | ',' | '|' | '"')
            || mode == Mode::Term && ends_key()
    };
    let mut others = rest.char_indices().skip(1);
    let end = others.find(|(at, c)| ends(*at, *c));
    end.map_or(rest.len(), |(at, _)| at)
}
