//! From text to a query, by recursive descent.
//!
//! In: text and [`Limits`]. Out: the query, or what is wrong with the text, all of it as far as can
//! be told; and the class of each token. After an error parsing goes on behind the offending token,
//! so that several are reported at once. Depth, terms and lists are bounded, and every step moves
//! forward, so any text is parsed in linear time.

mod comparison;
mod filter;
mod key;
mod pipeline;
mod site;

pub(crate) use site::{Expect, Site};

use std::ops::Range;
use std::str::FromStr;

use crate::diagnostic::{Diagnostic, QueryError, Severity};
use crate::highlight::{Class, Highlight};
use crate::lexer::{self, Kind, Mode, Token};
use crate::literal::Literal;
use crate::{Limits, Query};

/// What came of parsing a text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parsed {
    /// The query; none if there is an error.
    pub query: Option<Query>,
    /// Errors and warnings in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// The class of each token, in order, also around errors.
    pub highlights: Vec<Highlight>,
}

/// Parses with [`Limits::DEFAULT`].
pub fn parse(text: &str) -> Parsed {
    parse_with(text, &Limits::DEFAULT)
}

/// Parses within `limits`. Cost: linear in the text, apart from compiling its regular expressions.
pub fn parse_with(text: &str, limits: &Limits) -> Parsed {
    let mut parser = Parser::new(text, limits);
    let query = parser.query();
    parser.finish(query)
}

/// Where things could stand at the end of `text`, for completion.
pub(crate) fn sites(text: &str, limits: &Limits) -> Vec<Site> {
    let mut parser = Parser::new(text, limits);
    parser.query();
    parser.sites
}

impl Parsed {
    /// The query, or the errors with their text.
    pub fn into_result(self, text: &str) -> Result<Query, QueryError> {
        let Self {
            query,
            mut diagnostics,
            ..
        } = self;
        diagnostics.retain(|diagnostic| diagnostic.severity == Severity::Error);
        query.ok_or_else(|| QueryError {
            text: text.to_owned(),
            diagnostics,
        })
    }
}

impl FromStr for Query {
    type Err = QueryError;

    fn from_str(text: &str) -> Result<Self, QueryError> {
        parse(text).into_result(text)
    }
}

struct Parser<'t> {
    text: &'t str,
    limits: &'t Limits,
    at: usize,
    depth: usize,
    terms: usize,
    regexes: usize,
    has_errors: bool,
    stopped: bool,
    diagnostics: Vec<Diagnostic>,
    highlights: Vec<Highlight>,
    sites: Vec<Site>,
}

impl<'t> Parser<'t> {
    fn new(text: &'t str, limits: &'t Limits) -> Self {
        Self {
            text,
            limits,
            at: 0,
            depth: 0,
            terms: 0,
            regexes: 0,
            has_errors: false,
            stopped: false,
            diagnostics: Vec::new(),
            highlights: Vec::new(),
            sites: Vec::new(),
        }
    }

    fn query(&mut self) -> Query {
        if self.text.len() > self.limits.input_bytes_max {
            let message = format!(
                "a query has at most {} bytes, this one has {}",
                self.limits.input_bytes_max,
                self.text.len()
            );
            self.report(Diagnostic::error(0..0, message));
            return Query::ALL;
        }
        let filter = self.whole_filter();
        let pipeline = self.pipeline();
        Query { filter, pipeline }
    }

    fn finish(mut self, query: Query) -> Parsed {
        self.diagnostics
            .sort_by_key(|d| (d.range.start, d.range.end));
        self.highlights
            .sort_by_key(|highlight| highlight.range.start);
        Parsed {
            query: (!self.has_errors).then_some(query),
            diagnostics: self.diagnostics,
            highlights: self.highlights,
        }
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        if self.stopped || self.diagnostics.contains(&diagnostic) {
            return;
        }
        self.has_errors |= diagnostic.severity == Severity::Error;
        // An error is never left out for a warning: there is a query, or the reason why not.
        if self.diagnostics.len() >= self.limits.diagnostics_max.max(1) {
            let warning = self
                .diagnostics
                .iter()
                .position(|known| known.severity == Severity::Warning);
            match warning {
                Some(warning) if diagnostic.severity == Severity::Error => {
                    self.diagnostics.remove(warning);
                }
                _ => return,
            }
        }
        self.diagnostics.push(diagnostic);
    }

    fn peek(&self, mode: Mode) -> Token {
        lexer::token(self.text, self.at, mode)
    }

    fn slice(&self, token: &Token) -> &'t str {
        &self.text[token.range.clone()]
    }

    /// The next token if it is `kind`, consumed and highlighted as punctuation.
    fn eat(&mut self, kind: Kind) -> Option<Range<usize>> {
        let token = self.peek(Mode::Term);
        (token.kind == kind).then(|| self.bump(&token, Class::Punctuation))
    }

    /// The next token if it is this word, in any case, consumed as a keyword.
    fn eat_word(&mut self, word: &str) -> Option<Range<usize>> {
        let token = self.peek(Mode::Term);
        self.is_word(&token, word)
            .then(|| self.bump(&token, Class::Keyword))
    }

    fn is_word(&self, token: &Token, word: &str) -> bool {
        token.kind == Kind::Word && self.slice(token).eq_ignore_ascii_case(word)
    }

    /// Consumes a token.
    fn bump(&mut self, token: &Token, class: Class) -> Range<usize> {
        self.at = token.range.end;
        self.mark(token.range.clone(), class);
        token.range.clone()
    }

    fn mark(&mut self, range: Range<usize>, class: Class) {
        if !range.is_empty() {
            self.highlights.push(Highlight { range, class });
        }
    }

    /// The literal a word or quoted text is; reports a quote that is not closed.
    fn literal(&mut self, token: &Token) -> Literal<'t> {
        let Kind::Quoted { closed } = token.kind else {
            return Literal::word(self.text, token.range.clone());
        };
        if !closed {
            let quote = &self.text[token.range.start..token.range.start + 1];
            let error = Diagnostic::error(
                token.range.start..token.range.start + 1,
                format!("this {quote} is not closed"),
            );
            let end = self.text.len();
            self.report(
                error
                    .help(format!("add {quote} at the end of the text"))
                    .with_fix(end..end, quote),
            );
        }
        Literal::quoted(self.text, token.range.clone(), closed)
    }

    /// Nothing more is read or reported.
    fn give_up(&mut self) {
        self.at = self.text.len();
        self.stopped = true;
    }

    /// `)` for the parenthesis at `open`.
    fn close(&mut self, open: Range<usize>) {
        if self.eat(Kind::Close).is_some() {
            return;
        }
        let next = self.peek(Mode::Term);
        let error = Diagnostic::error(open, "this `(` is not closed");
        let help = match next.kind {
            Kind::Pipe => "`|` begins what is made of the spans; within the filter write `or`",
            _ => "add `)`",
        };
        let place = self.text[..next.range.start].trim_end().len();
        self.report(error.help(help).with_fix(place..place, ")"));
    }
}

#[cfg(test)]
mod tests;
