//! What could stand at the end of a text, as the parser finds it.

use std::ops::Range;

use super::Parser;
use crate::lexer::{Kind, Operator, Token};
use crate::{Field, Function};

/// A place that reaches the end of the text, and what could stand there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Site {
    /// What is there already; empty at the end of the text if nothing is.
    pub(crate) range: Range<usize>,
    pub(crate) expect: Expect,
}

/// What could stand somewhere.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expect {
    /// A field, key, function, or `not`; `and`, `or`, `|` too if something stands before.
    Term { first: bool },
    /// A field or key alone.
    Key,
    /// An operator behind this field.
    Operator(Field),
    /// A literal. In lists and behind `=` exact, behind `:` perhaps with wildcards.
    Value(Field, Operator),
    /// A stage of the pipeline.
    Stage,
    /// `by`, `over`, `|` behind aggregates.
    Clause,
    /// What the aggregate is over.
    AggregateField(Function),
    /// What is grouped by.
    GroupField,
    /// What is sorted by.
    SortKey,
    /// Width of time buckets.
    Width,
}

impl Parser<'_> {
    /// Notes `expect` if `token` reaches the end of the text.
    pub(super) fn expect(&mut self, token: &Token, expect: impl FnOnce() -> Expect) {
        let end = self.text.len();
        let open = matches!(
            token.kind,
            Kind::Word | Kind::Quoted { closed: false } | Kind::End
        );
        if token.range.end != end || !open {
            return;
        }
        let expect = expect();
        let needs_space = matches!(expect, Expect::Term { .. } | Expect::Clause);
        if needs_space && token.kind == Kind::End && self.touches_word() {
            return;
        }
        let site = Site {
            range: token.range.start..end,
            expect,
        };
        if !self.sites.contains(&site) {
            self.sites.push(site);
        }
    }

    /// Whether the text ends with something that a word would make longer.
    fn touches_word(&self) -> bool {
        let last = self.text.chars().next_back();
        last.is_some_and(|c| !c.is_whitespace() && !matches!(c, '(' | '-' | '!' | '|' | '&'))
    }
}
