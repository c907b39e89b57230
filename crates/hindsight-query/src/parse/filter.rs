//! The filter: connectives, groups, functions.

use std::ops::Range;

use super::{Expect, Parser};
use crate::diagnostic::{Diagnostic, nearest};
use crate::highlight::Class;
use crate::lexer::{Kind, Mode, Token};
use crate::syntax::FUNCTIONS;
use crate::{Expr, Relation};

impl Parser<'_> {
    /// Everything before the first `|`.
    pub(super) fn whole_filter(&mut self) -> Expr {
        let mut parts = Vec::new();
        loop {
            let token = self.peek(Mode::Term);
            match token.kind {
                Kind::End | Kind::Pipe => break,
                Kind::Close => {
                    let range = self.bump(&token, Class::Punctuation);
                    self.report(Diagnostic::error(range, "there is no `(` for this `)`"));
                }
                _ => parts.push(self.disjunction()),
            }
        }
        if parts.is_empty() {
            let token = self.peek(Mode::Term);
            self.expect(&token, || Expect::Term { first: true });
        }
        Expr::and(parts)
    }

    fn disjunction(&mut self) -> Expr {
        let mut members = vec![self.conjunction()];
        while self.eat_or() {
            members.push(self.conjunction());
        }
        Expr::or(members)
    }

    fn eat_or(&mut self) -> bool {
        self.eat_word("or").or_else(|| self.eat(Kind::Or)).is_some()
    }

    fn eat_and(&mut self) -> bool {
        self.eat_word("and")
            .or_else(|| self.eat(Kind::And))
            .is_some()
    }

    /// Terms up to something that ends them; at least one, or an error.
    fn conjunction(&mut self) -> Expr {
        let mut members = Vec::new();
        let mut wanted = true;
        loop {
            let token = self.peek(Mode::Term);
            self.expect(&token, || Expect::Term { first: wanted });
            let ends = matches!(token.kind, Kind::End | Kind::Pipe | Kind::Close | Kind::Or);
            if ends || self.is_word(&token, "or") {
                if wanted {
                    self.report(missing_term(&token));
                }
                return Expr::and(members);
            }
            if self.eat_and() {
                if wanted {
                    self.report(missing_term(&token));
                }
                wanted = true;
                continue;
            }
            members.extend(self.negation());
            wanted = false;
        }
    }

    /// A term with any number of `-`, `!`, `not` before it.
    fn negation(&mut self) -> Option<Expr> {
        let mut negated = false;
        loop {
            let token = self.peek(Mode::Term);
            let is_sign = matches!(token.kind, Kind::Minus | Kind::Bang);
            if !is_sign && !self.is_word(&token, "not") {
                break;
            }
            let is_key = !is_sign && self.is_key_at(token.range.end);
            if is_key {
                break;
            }
            negated = !negated;
            let range = self.bump(&token, Class::Keyword);
            let behind = self.peek(Mode::Term);
            self.expect(&behind, || Expect::Term { first: true });
            if is_sign && behind.range.start > range.end || behind.kind == Kind::End {
                let error = Diagnostic::error(range, "there is nothing to negate here");
                self.report(error.help("write `-` directly before a term, or put it in quotes"));
                return None;
            }
        }
        let term = self.term();
        if negated { term.map(Expr::not) } else { term }
    }

    /// Whether an operator follows, so that the keyword before it is a key.
    fn is_key_at(&self, at: usize) -> bool {
        let next = crate::lexer::token(self.text, at, Mode::Term);
        matches!(next.kind, Kind::Operator(_))
    }

    /// Always consumes something, unless it stands at what ends a conjunction.
    fn term(&mut self) -> Option<Expr> {
        self.terms += 1;
        let token = self.peek(Mode::Term);
        if self.terms > self.limits.terms_max {
            let message = format!("a query has at most {} terms", self.limits.terms_max);
            self.report(Diagnostic::error(token.range, message));
            self.give_up();
            return None;
        }
        match token.kind {
            Kind::Open => self.group(),
            Kind::Word | Kind::Quoted { .. } => self.word_term(&token),
            Kind::Operator(_) => self.operator_without_field(&token),
            Kind::Comma => {
                let range = self.bump(&token, Class::Punctuation);
                let error = Diagnostic::error(range, "a comma stands only within lists");
                self.report(
                    error.help("terms are separated by spaces; text with a comma needs quotes"),
                );
                None
            }
            Kind::Minus | Kind::Bang => {
                self.bump(&token, Class::Keyword);
                None
            }
            Kind::End | Kind::Pipe | Kind::Close | Kind::And | Kind::Or => {
                self.report(missing_term(&token));
                None
            }
        }
    }

    fn group(&mut self) -> Option<Expr> {
        let open = self.eat(Kind::Open)?;
        self.nested(open, |parser| parser.disjunction())
    }

    /// What stands in the parentheses opened at `open`, and the closing one.
    fn nested<T>(&mut self, open: Range<usize>, inner: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= self.limits.depth_max {
            let message = format!("at most {} levels of parentheses", self.limits.depth_max);
            self.report(Diagnostic::error(open, message));
            self.give_up();
            return None;
        }
        self.depth += 1;
        let found = inner(self);
        self.depth -= 1;
        self.close(open);
        Some(found)
    }

    /// A function if a parenthesis follows, else a test or free text.
    fn word_term(&mut self, token: &Token) -> Option<Expr> {
        let behind = crate::lexer::token(self.text, token.range.end, Mode::Term);
        let name = self.slice(token).to_ascii_lowercase();
        if token.kind != Kind::Word || behind.kind != Kind::Open {
            return self.key_or_text(token);
        }
        if FUNCTIONS.contains(&name.as_str()) {
            self.bump(token, Class::Function);
            return self.function(&name);
        }
        let touches = behind.range.start == token.range.end;
        if touches && name != "in" {
            return self.unknown_function(token, &name);
        }
        self.key_or_text(token)
    }

    fn function(&mut self, name: &str) -> Option<Expr> {
        let open = self.eat(Kind::Open)?;
        if name == "exists" {
            return self.nested(open, |parser| parser.exists_argument())?;
        }
        let inner = self.nested(open, |parser| parser.disjunction())?;
        let relation = Relation::ALL
            .into_iter()
            .find(|relation| relation.as_str() == name);
        Some(match relation {
            Some(relation) => Expr::related(relation, inner),
            None => Expr::has(inner),
        })
    }

    fn unknown_function(&mut self, token: &Token, name: &str) -> Option<Expr> {
        let error = Diagnostic::error(
            token.range.clone(),
            format!("there is no function `{name}`"),
        );
        let error = match nearest(name, FUNCTIONS) {
            Some(near) => error.or_rather(near),
            None if crate::Function::named(name).is_some() => {
                error.help(format!("`{name}(...)` stands behind `|`"))
            }
            None => error.help("a parenthesis within text needs quotes"),
        };
        self.report(error);
        self.bump(token, Class::Function);
        self.group();
        None
    }

    fn operator_without_field(&mut self, token: &Token) -> Option<Expr> {
        let range = self.bump(token, Class::Operator);
        let operator = self.slice(token);
        let error = Diagnostic::error(range, format!("there is no field before `{operator}`"));
        self.report(
            error.help("a test is written `field:value`; text with operators needs quotes"),
        );
        let value = self.peek(Mode::Value);
        if matches!(value.kind, Kind::Word | Kind::Quoted { .. }) {
            self.bump(&value, Class::Value);
        }
        None
    }
}

fn missing_term(token: &Token) -> Diagnostic {
    let found = match token.kind {
        Kind::End => "the end of the query",
        Kind::Pipe => "`|`",
        Kind::Close => "`)`",
        _ => "a connective",
    };
    let error = Diagnostic::error(
        token.range.clone(),
        format!("expected a term, found {found}"),
    );
    error.help(
        "a term is `field:value`, text, a function such as `has(...)`, or a group in parentheses",
    )
}
