//! Fields and attribute keys as they stand in a query.

use super::{Expect, Parser};
use crate::diagnostic::{Diagnostic, nearest};
use crate::field::NAMED;
use crate::highlight::Class;
use crate::lexer::{Kind, Mode, Token};
use crate::literal::Literal;
use crate::{AttributeScope, Expr, Field, Test};

/// What stands before an operator.
pub(super) struct Key {
    pub(super) field: Field,
    /// The token, for `lens` and for warnings; both tokens for `span."a key"`.
    pub(super) range: std::ops::Range<usize>,
    pub(super) is_word: bool,
}

impl<'t> Parser<'t> {
    /// The key that `token` is, perhaps with the quoted one that touches it.
    pub(super) fn key(&mut self, token: &Token, literal: &Literal<'t>) -> Key {
        let word = literal.text();
        let range = token.range.clone();
        if literal.quoted {
            let field = Field::Attribute(AttributeScope::Any, word);
            return Key {
                field,
                range,
                is_word: false,
            };
        }
        let behind = crate::lexer::token(self.text, range.end, Mode::Term);
        let touches = behind.range.start == range.end;
        let (scope, rest) = AttributeScope::split(&word);
        if let Kind::Quoted { .. } = behind.kind
            && touches
            && rest.is_empty()
            && scope != AttributeScope::Any
        {
            let key = self.literal(&behind).text();
            return Key {
                field: Field::Attribute(scope, key),
                range: range.start..behind.range.end,
                is_word: false,
            };
        }
        Key {
            field: Field::from_word(&word),
            range,
            is_word: true,
        }
    }

    pub(super) fn mark_key(&mut self, key: &Key) {
        let class = match key.field {
            Field::Attribute(..) if !self.is_lens(key) => Class::Key,
            _ => Class::Field,
        };
        self.mark(key.range.clone(), class);
    }

    pub(super) fn is_lens(&self, key: &Key) -> bool {
        key.is_word && &self.text[key.range.clone()] == "lens"
    }

    /// The inside of `exists(...)`.
    pub(super) fn exists_argument(&mut self) -> Option<Expr> {
        let token = self.peek(Mode::Term);
        self.expect(&token, || Expect::Key);
        if !matches!(token.kind, Kind::Word | Kind::Quoted { .. }) {
            let error =
                Diagnostic::error(token.range, "`exists` needs a field or an attribute key");
            self.report(error.help("write `exists(http.route)`"));
            return None;
        }
        let literal = self.literal(&token);
        let key = self.key(&token, &literal);
        self.at = key.range.end;
        self.mark_key(&key);
        self.exists(&key)
    }

    pub(super) fn exists(&mut self, key: &Key) -> Option<Expr> {
        if !self.is_usable(key) {
            return None;
        }
        self.warn_of_slip(key);
        Some(Expr::field(key.field.clone(), Test::Exists))
    }

    /// Whether the key is one that can be tested.
    pub(super) fn is_usable(&mut self, key: &Key) -> bool {
        let problem = match &key.field {
            _ if self.is_lens(key) => "`lens` is written `lens:picante`",
            Field::Attribute(_, name) if name.is_empty() => "the attribute key is empty",
            _ => return true,
        };
        self.report(Diagnostic::error(key.range.clone(), problem));
        false
    }

    /// A key that is one slip away from a field is an attribute all the same.
    pub(super) fn warn_of_slip(&mut self, key: &Key) {
        let word = &self.text[key.range.clone()];
        let Field::Attribute(AttributeScope::Any, _) = key.field else {
            return;
        };
        if !key.is_word {
            return;
        }
        if let Some(field) = nearest(word, NAMED.iter().map(|(name, ..)| *name)) {
            let message = format!("`{word}` is no field and is looked for as an attribute");
            self.report(Diagnostic::warning(key.range.clone(), message).or_rather(field));
        }
    }

    /// A field of the pipeline.
    pub(super) fn pipeline_field(
        &mut self,
        expect: Expect,
    ) -> Option<(Field, std::ops::Range<usize>)> {
        let token = self.peek(Mode::Term);
        self.expect(&token, || expect);
        if !matches!(token.kind, Kind::Word | Kind::Quoted { .. }) {
            self.report(Diagnostic::error(
                token.range,
                "expected a field or an attribute key",
            ));
            return None;
        }
        let literal = self.literal(&token);
        let key = self.key(&token, &literal);
        self.at = key.range.end;
        self.mark_key(&key);
        if !self.is_usable(&key) {
            return None;
        }
        self.warn_of_slip(&key);
        Some((key.field, key.range))
    }
}
