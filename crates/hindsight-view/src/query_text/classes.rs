//! Classes of the parts of a query while it is typed, for its look.
//!
//! In: any text. Out: its tokens with their classes, where its terms are, and where its pipeline
//! begins. Holds: parts are in order, do not overlap, and lie on characters; for a text that the
//! query language takes, they are those that its parser gives (numbers count as values). The
//! language itself stays with the hub: a parser for all of it is as large as the rest of the page.
//! Bounded: linear in the text.

use std::ops::Range;

use super::lexer::{Kind, Mode, Token, token};

#[cfg(test)]
mod tests;

/// What a part of a query is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// A named field.
    Field,
    /// The key of an attribute.
    Key,
    /// `:`, `=`, `<`, ...
    Operator,
    /// What something is compared with.
    Value,
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

/// A token of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Bytes of the text; not empty.
    pub range: Range<usize>,
    /// What it is.
    pub class: Class,
}

/// A query as far as its look goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Its tokens, in order.
    pub parts: Vec<Part>,
    /// What must all hold, outermost, with the signs before it; one range of everything where an
    /// `or` stands outside of parentheses.
    pub terms: Vec<Range<usize>>,
    /// Whether an `or` stands outside of parentheses.
    pub is_choice: bool,
    /// Byte at which the filter ends: that of the first `|`, or the end.
    pub filter_end: usize,
}

impl Reading {
    /// Reads a text.
    pub fn new(text: &str) -> Self {
        let mut reader = Reader {
            text,
            at: 0,
            depth: 0,
            term: None,
            is_signed: false,
            found: Self::default(),
        };
        reader.filter();
        reader.found.filter_end = reader.at;
        reader.pipeline();
        let mut found = reader.found;
        found.parts.sort_by_key(|part| part.range.start);
        if found.is_choice {
            let (first, last) = (found.terms.first(), found.terms.last());
            let whole = first.zip(last).map(|(first, last)| first.start..last.end);
            found.terms = whole.into_iter().collect();
        }
        found
    }
}

const FUNCTIONS: [&str; 8] = [
    "has",
    "parent",
    "child",
    "ancestor",
    "descendant",
    "sibling",
    "exists",
    "not",
];

/// Named fields of the language and their other names.
const FIELDS: [&str; 33] = [
    "name",
    "service",
    "duration",
    "status",
    "status.message",
    "kind",
    "state",
    "start",
    "end",
    "id",
    "parent",
    "trace",
    "links",
    "link.trace",
    "link.span",
    "events",
    "scope.name",
    "scope.version",
    "event.name",
    "spans",
    "errors",
    "services",
    "running",
    "trace.duration",
    "trace.start",
    "root.name",
    "root.service",
    "scope",
    "trace.id",
    "trace.spans",
    "trace.errors",
    "trace.services",
    "lens",
];

struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
    /// Where the outermost term began that is being read.
    term: Option<usize>,
    /// Whether `-`, `!` or `not` was read last: what follows is a term, whatever it looks like.
    is_signed: bool,
    found: Reading,
}

impl Reader<'_> {
    fn peek(&self, mode: Mode) -> Token {
        token(self.text, self.at, mode)
    }

    fn behind(&self, before: &Token) -> Token {
        token(self.text, before.range.end, Mode::Term)
    }

    fn is_word(&self, token: &Token, word: &str) -> bool {
        token.kind == Kind::Word && self.text[token.range.clone()].eq_ignore_ascii_case(word)
    }

    /// Goes past a token that is of this class.
    fn take(&mut self, token: &Token, class: Class) {
        self.at = token.range.end;
        self.mark(token.range.clone(), class);
    }

    fn mark(&mut self, range: Range<usize>, class: Class) {
        if !range.is_empty() {
            self.found.parts.push(Part { range, class });
        }
    }

    /// Everything before the first `|`.
    fn filter(&mut self) {
        loop {
            let token = self.peek(Mode::Term);
            if matches!(token.kind, Kind::End | Kind::Pipe) {
                self.at = token.range.start;
                break;
            }
            self.filter_token(&token);
        }
        // A parenthesis may be open still, while the text is typed.
        self.depth = 0;
        self.close_term();
    }

    fn filter_token(&mut self, token: &Token) {
        let is_signed = std::mem::take(&mut self.is_signed);
        let is_connective = |word| !is_signed && self.is_word(token, word);
        let is_or = token.kind == Kind::Or || is_connective("or");
        if is_or || token.kind == Kind::And || is_connective("and") {
            self.found.is_choice |= is_or && self.depth == 0;
            let is_sign = matches!(token.kind, Kind::Or | Kind::And);
            let class = if is_sign {
                Class::Punctuation
            } else {
                Class::Keyword
            };
            return self.take(token, class);
        }
        if self.depth == 0 && token.kind != Kind::Close {
            self.term.get_or_insert(token.range.start);
        }
        let is_not = self.is_word(token, "not") && !self.behind(token).is_operator();
        match token.kind {
            Kind::Minus | Kind::Bang => return self.sign(token),
            Kind::Word if is_not => return self.sign(token),
            Kind::Open => {
                self.depth += 1;
                return self.take(token, Class::Punctuation);
            }
            Kind::Close => {
                self.depth = self.depth.saturating_sub(1);
                self.take(token, Class::Punctuation);
            }
            Kind::Operator => {
                self.take(token, Class::Operator);
                self.value(Class::Value);
            }
            Kind::Word | Kind::Quoted => {
                if self.word(token) {
                    return;
                }
            }
            _ => self.take(token, Class::Punctuation),
        }
        self.close_term();
    }

    fn sign(&mut self, token: &Token) {
        self.is_signed = true;
        self.take(token, Class::Keyword);
    }

    /// The outermost term ends with what was read last.
    fn close_term(&mut self) {
        if self.depth == 0
            && let Some(start) = self.term.take()
        {
            let end = self.found.parts.last().map_or(start, |part| part.range.end);
            self.found.terms.push(start..end.max(start));
        }
    }

    /// A word or quoted text in the filter; whether its term goes on.
    fn word(&mut self, token: &Token) -> bool {
        let behind = self.behind(token);
        if token.kind == Kind::Word && behind.kind == Kind::Open {
            let word = self.text[token.range.clone()].to_ascii_lowercase();
            let touches = behind.range.start == token.range.end;
            if FUNCTIONS.contains(&word.as_str()) || touches && word != "in" {
                self.take(token, Class::Function);
                if word == "exists" {
                    self.depth += 1;
                    self.take(&behind, Class::Punctuation);
                    self.field();
                }
                return true;
            }
        }
        self.test_or_text(token);
        false
    }

    fn test_or_text(&mut self, token: &Token) {
        let (range, class) = self.key(token);
        let next = super::lexer::token(self.text, range.end, Mode::Term);
        let behind = self.behind(&next);
        if next.is_operator() {
            self.mark(range, class);
            self.take(&next, Class::Operator);
            let is_regex = next.is_regex(self.text);
            return match self.peek(Mode::Value).kind {
                Kind::Open => self.list(),
                _ => self.value(if is_regex { Class::Regex } else { Class::Value }),
            };
        }
        let is_exists = self.is_word(&next, "exists") && behind.kind != Kind::Open;
        if is_exists && !behind.is_operator() {
            self.mark(range, class);
            return self.take(&next, Class::Keyword);
        }
        if self.is_word(&next, "in") && behind.kind == Kind::Open {
            self.mark(range, class);
            self.take(&next, Class::Keyword);
            return self.list();
        }
        let is_not_in = self.is_word(&next, "not") && self.is_word(&behind, "in");
        if is_not_in && self.behind(&behind).kind == Kind::Open {
            self.mark(range, class);
            self.take(&next, Class::Keyword);
            self.take(&behind, Class::Keyword);
            return self.list();
        }
        let text = &self.text[token.range.clone()];
        let is_all = token.kind == Kind::Word && text.chars().all(|c| c == '*');
        self.take(token, if is_all { Class::Keyword } else { Class::Text });
    }

    /// The range and class that a word or quoted text has as a key; `span."a key"` is one.
    fn key(&self, token: &Token) -> (Range<usize>, Class) {
        if token.kind == Kind::Quoted {
            return (token.range.clone(), Class::Key);
        }
        let word = &self.text[token.range.clone()];
        let behind = self.behind(token);
        let touches = behind.kind == Kind::Quoted && behind.range.start == token.range.end;
        if touches && matches!(word, "span." | "resource." | "scope." | "event.") {
            return (token.range.start..behind.range.end, Class::Key);
        }
        match FIELDS.contains(&word) {
            true => (token.range.clone(), Class::Field),
            false => (token.range.clone(), Class::Key),
        }
    }

    /// A field where nothing else may stand.
    fn field(&mut self) -> bool {
        let token = self.peek(Mode::Term);
        let is_field = matches!(token.kind, Kind::Word | Kind::Quoted);
        if is_field {
            let (range, class) = self.key(&token);
            self.at = range.end;
            self.mark(range, class);
        }
        is_field
    }

    fn value(&mut self, class: Class) {
        let token = self.peek(Mode::Value);
        if matches!(token.kind, Kind::Word | Kind::Quoted) {
            self.take(&token, class);
        }
    }

    /// `(a, b)`.
    fn list(&mut self) {
        let open = self.peek(Mode::Value);
        self.take(&open, Class::Punctuation);
        loop {
            let token = self.peek(Mode::Value);
            match token.kind {
                Kind::Word | Kind::Quoted => self.take(&token, Class::Value),
                Kind::Comma => self.take(&token, Class::Punctuation),
                Kind::Close => return self.take(&token, Class::Punctuation),
                _ => return,
            }
        }
    }

    fn pipeline(&mut self) {
        loop {
            let token = self.peek(Mode::Term);
            match token.kind {
                Kind::End => return,
                Kind::Word => self.stage(&token),
                _ => self.take(&token, Class::Punctuation),
            }
        }
    }

    fn stage(&mut self, token: &Token) {
        let word = self.text[token.range.clone()].to_ascii_lowercase();
        match word.as_str() {
            "by" => {
                self.take(token, Class::Keyword);
                while self.field() && self.comma() {}
            }
            "over" | "limit" => {
                self.take(token, Class::Keyword);
                let value = self.peek(Mode::Value);
                if value.kind == Kind::Word {
                    self.take(&value, Class::Value);
                }
            }
            "sort" => self.sort(token),
            _ => while self.aggregate() && self.comma() {},
        }
    }

    fn comma(&mut self) -> bool {
        let token = self.peek(Mode::Term);
        let is_comma = token.kind == Kind::Comma;
        if is_comma {
            self.take(&token, Class::Punctuation);
        }
        is_comma
    }

    fn sort(&mut self, token: &Token) {
        self.take(token, Class::Keyword);
        self.keyword("by");
        let key = self.peek(Mode::Term);
        match key.kind == Kind::Word && self.behind(&key).kind == Kind::Open {
            true => drop(self.aggregate()),
            false => drop(self.field()),
        }
        if !self.keyword("asc") {
            self.keyword("desc");
        }
    }

    fn keyword(&mut self, word: &str) -> bool {
        let token = self.peek(Mode::Term);
        let is_there = self.is_word(&token, word);
        if is_there {
            self.take(&token, Class::Keyword);
        }
        is_there
    }

    /// `p99(duration)`.
    fn aggregate(&mut self) -> bool {
        let token = self.peek(Mode::Term);
        if token.kind != Kind::Word {
            return false;
        }
        self.take(&token, Class::Function);
        let open = self.peek(Mode::Term);
        if open.kind == Kind::Open {
            self.take(&open, Class::Punctuation);
            self.field();
            let close = self.peek(Mode::Term);
            if close.kind == Kind::Close {
                self.take(&close, Class::Punctuation);
            }
        }
        true
    }
}
