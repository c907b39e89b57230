//! From text to tokens, one at a time.
//!
//! In: the text, a position, and whether a value is expected there: a value may contain the
//! characters of operators (`start>2026-11-22T14:32`), any other word may not. Out: the token and its
//! byte range. Every text has tokens; what is wrong with them is for the parser to say.

use std::ops::Range;

use crate::syntax::{begins_operator, ends_any_word};

/// What the parser expects to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// A key, free text, an operator, ...
    Term,
    /// A literal.
    Value,
}

/// A token and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) range: Range<usize>,
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Characters without quotes.
    Word,
    /// Text in quotes, the quotes included in the range.
    Quoted {
        /// Whether the closing quote is there.
        closed: bool,
    },
    /// Characters of operators, known to be one or not.
    Operator(Option<Operator>),
    /// `-` before a term.
    Minus,
    /// `!` before a term.
    Bang,
    /// `(`
    Open,
    /// `)`
    Close,
    /// `,`
    Comma,
    /// `|`
    Pipe,
    /// `&&`
    And,
    /// `||`
    Or,
    /// Nothing is left.
    End,
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    /// `:`
    Friendly,
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<` and the like.
    Order(crate::Order),
    /// `~`
    Matches,
    /// `!~`
    NotMatches,
}

impl Operator {
    /// How it is written.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Friendly => ":",
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Order(order) => order.as_str(),
            Self::Matches => "~",
            Self::NotMatches => "!~",
        }
    }

    /// Also takes what people write from habit: `==`, `=~`, `:>=`.
    fn read(text: &str) -> Option<Self> {
        use crate::Order::{Greater, GreaterEqual, Less, LessEqual};
        let text = match text.strip_prefix(':') {
            Some("") => return Some(Self::Friendly),
            Some(rest) => rest,
            None => text,
        };
        Some(match text {
            "=" | "==" => Self::Equal,
            "!=" => Self::NotEqual,
            "<" => Self::Order(Less),
            "<=" => Self::Order(LessEqual),
            ">" => Self::Order(Greater),
            ">=" => Self::Order(GreaterEqual),
            "~" | "=~" => Self::Matches,
            "!~" => Self::NotMatches,
            _ => return None,
        })
    }
}

/// The token at or behind `from`, white space left out.
pub(crate) fn token(text: &str, from: usize, mode: Mode) -> Token {
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
    match first {
        '(' => (Kind::Open, 1),
        ')' => (Kind::Close, 1),
        ',' => (Kind::Comma, 1),
        '|' if rest.starts_with("||") && mode == Mode::Term => (Kind::Or, 2),
        '|' => (Kind::Pipe, 1),
        '"' | '\'' => quoted(rest, first),
        _ if mode == Mode::Value => (Kind::Word, word_length(rest, mode)),
        '&' if rest.starts_with("&&") => (Kind::And, 2),
        '-' => (Kind::Minus, 1),
        '!' if !is_operator(rest) => (Kind::Bang, 1),
        c if c == '!' || begins_operator(c) => operator(rest),
        _ => (Kind::Word, word_length(rest, mode)),
    }
}

/// Whether `rest` begins with `!=` or `!~`.
fn is_operator(rest: &str) -> bool {
    rest.starts_with("!=") || rest.starts_with("!~") || rest.starts_with("!:")
}

fn quoted(rest: &str, quote: char) -> (Kind, usize) {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return (Kind::Quoted { closed: true }, at + 1),
            _ => {}
        }
    }
    (Kind::Quoted { closed: false }, rest.len())
}

fn operator(rest: &str) -> (Kind, usize) {
    let length = rest
        .find(|c| !begins_operator(c) && c != '!')
        .unwrap_or(rest.len());
    (Kind::Operator(Operator::read(&rest[..length])), length)
}

fn word_length(rest: &str, mode: Mode) -> usize {
    for (at, c) in rest.char_indices() {
        let behind = &rest[at..];
        let ends = ends_any_word(c)
            || mode == Mode::Term
                && (begins_operator(c) || is_operator(behind) || behind.starts_with("&&"));
        if ends && at > 0 {
            return at;
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests;
