//! What a query needs, and what is left of it when some of it is known.
//!
//! For executors that look at summaries, statistics or indexes before they look at spans. Nothing
//! here looks at data; all of it is linear in the query.

mod fold;

pub use fold::Place;

use crate::{Expr, Field, FieldLevel, Query, SortKey, Test, TimeValue, Value};

/// What must be at hand to tell whether a span matches, the least first; each includes those before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reach {
    /// The span.
    Span,
    /// The facts and attribute families of its trace.
    Facts,
    /// The other spans of its trace, in any order.
    Spans,
    /// The tree of its trace.
    Tree,
}

/// The members of a top-level conjunction, by what they need, each list in the query's order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Split<'e> {
    /// Need the span alone.
    pub span: Vec<&'e Expr>,
    /// Need facts of the trace too.
    pub facts: Vec<&'e Expr>,
    /// Need the other spans of the trace: [`Expr::Has`].
    pub spans: Vec<&'e Expr>,
    /// Need the tree: [`Expr::Related`].
    pub tree: Vec<&'e Expr>,
}

/// What a query looks at.
#[derive(Clone, Debug, PartialEq)]
pub struct Usage {
    /// Each field of filter and pipeline once, in order of appearance.
    pub fields: Vec<Field>,
    /// Whether free text is searched for.
    pub free_text: bool,
    /// The most that any part of the filter needs.
    pub reach: Reach,
    /// Whether the answer depends on when it is asked.
    pub relative_times: bool,
}

impl Query {
    /// What filter and pipeline look at.
    pub fn usage(&self) -> Usage {
        let mut usage = Usage {
            fields: Vec::new(),
            free_text: false,
            reach: self.filter.reach(),
            relative_times: false,
        };
        self.filter.visit(&mut |expr| match expr {
            Expr::Text(_) => usage.free_text = true,
            Expr::Field(predicate) => {
                usage.field(&predicate.field);
                usage.relative_times |= predicate.test.values().iter().any(is_relative);
            }
            _ => {}
        });
        let Some(pipeline) = &self.pipeline else {
            return usage;
        };
        let sort = pipeline.sort.as_ref().and_then(|sort| match &sort.key {
            SortKey::Aggregate(aggregate) => aggregate.field.as_ref(),
            SortKey::Field(field) => Some(field),
        });
        let aggregated = pipeline.aggregates.iter().filter_map(|a| a.field.as_ref());
        for field in aggregated.chain(&pipeline.by).chain(sort) {
            usage.field(field);
        }
        usage
    }

    /// The same query with every relative time made absolute.
    #[must_use]
    pub fn resolved(mut self, now_ns: u64) -> Self {
        self.filter.resolve_times(now_ns);
        self
    }
}

impl Usage {
    fn field(&mut self, field: &Field) {
        if !self.fields.contains(field) {
            self.fields.push(field.clone());
        }
    }
}

fn is_relative(value: &Value) -> bool {
    matches!(value, Value::Time(TimeValue::FromNow(_)))
}

impl Test {
    /// The literals of the test, none for patterns and regular expressions.
    pub fn values(&self) -> &[Value] {
        match self {
            Self::Equal(value) | Self::Order(_, value) => std::slice::from_ref(value),
            Self::In(values) => values,
            Self::Exists | Self::Like(_) | Self::Matches(_) => &[],
        }
    }

    fn values_mut(&mut self) -> &mut [Value] {
        match self {
            Self::Equal(value) | Self::Order(_, value) => std::slice::from_mut(value),
            Self::In(values) => values,
            Self::Exists | Self::Like(_) | Self::Matches(_) => &mut [],
        }
    }
}

impl Expr {
    /// The most that any part needs.
    pub fn reach(&self) -> Reach {
        match self {
            Self::Const(_) | Self::Text(_) => Reach::Span,
            Self::Field(predicate) => match predicate.field.level() {
                FieldLevel::Span => Reach::Span,
                FieldLevel::Trace => Reach::Facts,
            },
            Self::Lens(_) => Reach::Facts,
            Self::And(members) | Self::Or(members) => {
                let most = members.iter().map(Self::reach).max();
                most.unwrap_or(Reach::Span)
            }
            Self::Not(inner) => inner.reach(),
            Self::Has(inner) => inner.reach().max(Reach::Spans),
            Self::Related(..) => Reach::Tree,
        }
    }

    /// The members of the conjunction that this is; itself if it is none.
    pub fn conjuncts(&self) -> &[Self] {
        match self {
            Self::And(members) => members,
            other => std::slice::from_ref(other),
        }
    }

    /// The conjuncts by what they need. A span matches exactly if it matches all of them.
    pub fn split(&self) -> Split<'_> {
        let mut split = Split::default();
        for member in self.conjuncts() {
            let list = match member.reach() {
                Reach::Span => &mut split.span,
                Reach::Facts => &mut split.facts,
                Reach::Spans => &mut split.spans,
                Reach::Tree => &mut split.tree,
            };
            list.push(member);
        }
        split
    }

    /// Calls `look` with this and everything within, outer parts first.
    pub fn visit<'e>(&'e self, look: &mut impl FnMut(&'e Self)) {
        look(self);
        match self {
            Self::And(members) | Self::Or(members) => {
                for member in members {
                    member.visit(look);
                }
            }
            Self::Not(inner) | Self::Has(inner) | Self::Related(_, inner) => inner.visit(look),
            Self::Const(_) | Self::Text(_) | Self::Field(_) | Self::Lens(_) => {}
        }
    }

    /// Makes every relative time absolute.
    pub fn resolve_times(&mut self, now_ns: u64) {
        match self {
            Self::And(members) | Self::Or(members) => {
                for member in members {
                    member.resolve_times(now_ns);
                }
            }
            Self::Not(inner) | Self::Has(inner) | Self::Related(_, inner) => {
                inner.resolve_times(now_ns);
            }
            Self::Field(predicate) => {
                for value in predicate.test.values_mut() {
                    if let Value::Time(time) = value {
                        *time = TimeValue::At(time.resolve(now_ns));
                    }
                }
            }
            Self::Const(_) | Self::Text(_) | Self::Lens(_) => {}
        }
    }
}

#[cfg(test)]
mod tests;
