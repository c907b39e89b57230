//! Tests of fields, and free text.

use super::key::Key;
use super::{Expect, Parser};
use crate::check;
use crate::diagnostic::Diagnostic;
use crate::highlight::Class;
use crate::lexer::{Kind, Mode, Operator, Token};
use crate::literal::Literal;
use crate::{Expr, Field, Test, Value};

impl<'t> Parser<'t> {
    /// A test if an operator, `in` or `exists` follows, free text otherwise.
    pub(super) fn key_or_text(&mut self, token: &Token) -> Option<Expr> {
        let literal = self.literal(token);
        let key = self.key(token, &literal);
        self.at = key.range.end;
        let next = self.peek(Mode::Term);
        if next.kind == Kind::End {
            let field = key.field.clone();
            self.expect(&next, || Expect::Operator(field));
        }
        match next.kind {
            Kind::Operator(_) => {
                self.mark_key(&key);
                self.test(&key, &next)
            }
            Kind::Word => self.word_test(&key, &next, &literal),
            _ => self.free_text(&key, &literal),
        }
    }

    /// `key exists`, `key in (...)`, `key not in (...)`, or free text.
    fn word_test(&mut self, key: &Key, next: &Token, literal: &Literal<'t>) -> Option<Expr> {
        let after = |token: &Token| crate::lexer::token(self.text, token.range.end, Mode::Term);
        let behind = after(next);
        if self.is_word(next, "exists") && behind.kind != Kind::Open {
            if matches!(behind.kind, Kind::Operator(_)) {
                return self.free_text(key, literal);
            }
            self.mark_key(key);
            self.bump(next, Class::Keyword);
            return self.exists(key);
        }
        if self.is_word(next, "in") && behind.kind == Kind::Open {
            self.mark_key(key);
            self.bump(next, Class::Keyword);
            return self.membership(key, false);
        }
        let is_not_in = self.is_word(next, "not")
            && self.is_word(&behind, "in")
            && after(&behind).kind == Kind::Open;
        if is_not_in {
            self.mark_key(key);
            self.bump(next, Class::Keyword);
            self.bump(&behind, Class::Keyword);
            return self.membership(key, true);
        }
        self.free_text(key, literal)
    }

    fn free_text(&mut self, key: &Key, literal: &Literal<'t>) -> Option<Expr> {
        // With `span."text"` the second part would be lost.
        self.at = literal.range.end;
        let is_all = !literal.quoted && literal.body().chars().all(|c| c == '*');
        let class = if is_all { Class::Keyword } else { Class::Text };
        self.mark(literal.range.clone(), class);
        if is_all {
            return Some(Expr::Const(true));
        }
        let body = literal.body();
        if key.is_word && body.starts_with(['{', '}']) {
            let error = Diagnostic::error(literal.range.clone(), "a query has no braces");
            self.report(error.help("leave them out, or put text with braces in quotes"));
            return None;
        }
        if key.is_word && matches!(body, "in" | "exists" | "IN" | "EXISTS") {
            let error = Diagnostic::error(
                literal.range.clone(),
                format!("expected a term, found `{body}`"),
            );
            self.report(
                error.help("write `key in (a, b)`, `exists(key)`, or put the word in quotes"),
            );
            return None;
        }
        let pattern = literal.pattern().trimmed();
        self.checked_pattern(&pattern, literal)
            .then_some(Expr::Text(pattern))
    }

    fn checked_pattern(&mut self, pattern: &crate::Pattern, literal: &Literal<'t>) -> bool {
        let fits = pattern.pieces().len() <= self.limits.pattern_pieces_max;
        if !fits {
            let message = format!(
                "a pattern has at most {} wildcards",
                self.limits.pattern_pieces_max - 1
            );
            self.report(Diagnostic::error(literal.range.clone(), message));
        }
        fits
    }

    /// Behind a key: an operator and its literal.
    fn test(&mut self, key: &Key, token: &Token) -> Option<Expr> {
        let range = self.bump(token, Class::Operator);
        let known = match token.kind {
            Kind::Operator(operator) => operator,
            _ => None,
        };
        if known.is_none() {
            self.report(unknown_operator(self.slice(token), range, key, self.text));
        }
        let operator = known.unwrap_or(Operator::Equal);
        let value = self.peek(Mode::Value);
        self.expect(&value, || Expect::Value(key.field.clone(), operator));
        match value.kind {
            Kind::Word | Kind::Quoted { .. } => {}
            Kind::Open => return self.list_without_in(key, operator),
            _ => {
                let operator = self.slice(token);
                let error =
                    Diagnostic::error(value.range, format!("expected a value behind `{operator}`"));
                self.report(error.help("an empty text is written `\"\"`"));
                return None;
            }
        }
        let literal = self.literal(&value);
        let class = value_class(&key.field, operator, &literal);
        self.bump(&value, class);
        known?;
        if self.is_lens(key) {
            return self.lens(key, operator, &literal);
        }
        if !self.is_usable(key) {
            return None;
        }
        self.warn_of_slip(key);
        self.compared(&key.field, operator, &literal)
    }

    fn compared(
        &mut self,
        field: &Field,
        operator: Operator,
        literal: &Literal<'t>,
    ) -> Option<Expr> {
        let expr = match check::comparison(field, operator, literal) {
            Ok(expr) => expr,
            Err(error) => {
                self.report(error);
                return None;
            }
        };
        let Expr::Field(predicate) = &expr else {
            return Some(expr);
        };
        let right = match &predicate.test {
            Test::Like(pattern) => self.checked_pattern(pattern, literal),
            Test::Matches(_) => self.checked_regex(literal),
            _ => true,
        };
        right.then_some(expr)
    }

    fn checked_regex(&mut self, literal: &Literal<'t>) -> bool {
        self.regexes += 1;
        let checked = match self.regexes > self.limits.regexes_max {
            true => Err(Diagnostic::error(
                literal.range.clone(),
                format!(
                    "a query has at most {} regular expressions",
                    self.limits.regexes_max
                ),
            )),
            false => check::check_regex(literal, self.limits),
        };
        checked.map_err(|error| self.report(error)).is_ok()
    }

    fn lens(&mut self, key: &Key, operator: Operator, literal: &Literal<'t>) -> Option<Expr> {
        let family = literal.text();
        let problem = match operator {
            Operator::Friendly | Operator::Equal if family.is_empty() => "the family is empty",
            Operator::Friendly | Operator::Equal => return Some(Expr::Lens(family)),
            _ => "a lens is there or not: write `lens:picante` or `-lens:picante`",
        };
        self.report(Diagnostic::error(
            key.range.start..literal.range.end,
            problem,
        ));
        None
    }

    /// `key:(a, b)`: read as a list, and refused.
    fn list_without_in(&mut self, key: &Key, operator: Operator) -> Option<Expr> {
        let start = self.peek(Mode::Value).range.start;
        let errors = self.diagnostics.len();
        self.list(&key.field);
        if self.diagnostics.len() > errors {
            return None;
        }
        let range = start..self.at;
        let operator_text = operator.as_str();
        let error = Diagnostic::error(
            range.clone(),
            format!("expected one value behind `{operator_text}`"),
        );
        let list = &self.text[range];
        let field = &self.text[key.range.clone()];
        let whole = key.range.start..self.at;
        self.report(
            match matches!(operator, Operator::Friendly | Operator::Equal) {
                true => error.or_rather_at(whole, format!("{field} in {list}")),
                false => error.help("text with parentheses needs quotes"),
            },
        );
        None
    }

    /// Behind `in`.
    fn membership(&mut self, key: &Key, negated: bool) -> Option<Expr> {
        let open = self.peek(Mode::Value).range;
        let literals = self.list(&key.field)?;
        if !self.is_usable(key) {
            return None;
        }
        if literals.is_empty() {
            self.report(Diagnostic::error(open, "the list is empty"));
            return None;
        }
        self.warn_of_slip(key);
        match check::membership(&key.field, negated, &literals) {
            Ok(expr) => Some(expr),
            Err(error) => {
                self.report(error);
                None
            }
        }
    }

    /// `(a, b)`; none if it is not closed or has something else in it.
    fn list(&mut self, field: &Field) -> Option<Vec<Literal<'t>>> {
        let open = self.eat(Kind::Open)?;
        let mut literals = Vec::new();
        loop {
            let token = self.peek(Mode::Value);
            self.expect(&token, || Expect::Value(field.clone(), Operator::Equal));
            match token.kind {
                Kind::Word | Kind::Quoted { .. } => {
                    let literal = self.literal(&token);
                    let class = value_class(field, Operator::Equal, &literal);
                    self.bump(&token, class);
                    literals.push(literal);
                }
                Kind::Comma => {
                    self.bump(&token, Class::Punctuation);
                }
                Kind::Close => {
                    self.bump(&token, Class::Punctuation);
                    break;
                }
                _ => {
                    self.close(open);
                    return None;
                }
            }
        }
        if literals.len() > self.limits.list_values_max {
            let message = format!("a list has at most {} values", self.limits.list_values_max);
            self.report(Diagnostic::error(open, message));
            return None;
        }
        Some(literals)
    }
}

fn value_class(field: &Field, operator: Operator, literal: &Literal<'_>) -> Class {
    match operator {
        Operator::Matches | Operator::NotMatches => return Class::Regex,
        Operator::Friendly if field.field_type() == crate::FieldType::Text => return Class::Value,
        _ => {}
    }
    match check::value(field, literal) {
        Ok(
            Value::Int(_) | Value::Float(_) | Value::Duration(_) | Value::Size(_) | Value::Time(_),
        ) => Class::Number,
        _ => Class::Value,
    }
}

fn unknown_operator(
    operator: &str,
    range: std::ops::Range<usize>,
    key: &Key,
    text: &str,
) -> Diagnostic {
    let error = Diagnostic::error(range, format!("there is no operator `{operator}`"));
    let field = &text[key.range.clone()];
    match operator {
        "=>" => error.help("it is written `>=`"),
        "=<" => error.help("it is written `<=`"),
        "<>" | "=!" | "!==" | "!" => error.help("it is written `!=`"),
        "===" => error.help("it is written `=`"),
        "!:" => return error.help(format!("what does not match is written `-{field}:...`")),
        "~~" | "=~~" | "~=" => error.help("a regular expression is written behind `~`"),
        ">>" => return error.help("spans below are written `descendant(...)`, children `child(...)`"),
        _ => return error.help("there are `:`, `=`, `!=`, `<`, `<=`, `>`, `>=`, `~`, `!~`; values with these characters need quotes"),
    }
    .with_operator_fix(operator)
}

impl Diagnostic {
    fn with_operator_fix(self, operator: &str) -> Self {
        let replacement = match operator {
            "=>" => ">=",
            "=<" => "<=",
            "===" => "=",
            "~~" | "=~~" | "~=" => "~",
            _ => "!=",
        };
        let range = self.range.clone();
        self.with_fix(range, replacement)
    }
}
