//! From a filter to its ready form.

use super::MatcherError;
use super::test::{FieldTest, ValueTest};
use crate::check::is_well_typed;
use crate::{Expr, Field, FieldLevel, FieldType, Limits, PatternMatcher, Predicate, Relation};

/// A part of a filter, made ready. Members of connectives are in the order of their cost.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Const(bool),
    And(Box<[Node]>),
    Or(Box<[Node]>),
    Not(Box<Node>),
    Leaf(Leaf),
    Has(Box<Node>),
    Related(Relation, Box<Node>),
}

/// A part that is put to one span and the facts of its trace.
#[derive(Clone, Debug)]
pub(super) enum Leaf {
    Text(PatternMatcher),
    Lens(Box<str>),
    Field(FieldTest),
}

struct Compiler<'l> {
    now_ns: u64,
    limits: &'l Limits,
    terms: usize,
    regexes: usize,
}

pub(super) fn compile(filter: &Expr, now_ns: u64, limits: &Limits) -> Result<Node, MatcherError> {
    let mut compiler = Compiler {
        now_ns,
        limits,
        terms: 0,
        regexes: 0,
    };
    compiler.node(filter, 0)
}

impl Compiler<'_> {
    fn node(&mut self, expr: &Expr, depth: usize) -> Result<Node, MatcherError> {
        // Each level of parentheses is up to three of the tree: group, negation, function.
        if depth > self.limits.depth_max.saturating_mul(3).saturating_add(3) {
            return Err(MatcherError::TooLarge("depth_max"));
        }
        let inner = depth + 1;
        Ok(match expr {
            Expr::Const(value) => Node::Const(*value),
            Expr::And(members) => Node::And(self.members(members, inner)?),
            Expr::Or(members) => Node::Or(self.members(members, inner)?),
            Expr::Not(expr) => Node::Not(self.boxed(expr, inner)?),
            Expr::Has(expr) => Node::Has(self.boxed(expr, inner)?),
            Expr::Related(relation, expr) => Node::Related(*relation, self.boxed(expr, inner)?),
            Expr::Text(pattern) => Node::Leaf(Leaf::Text(pattern.matcher())),
            Expr::Lens(family) => Node::Leaf(Leaf::Lens(family.as_str().into())),
            Expr::Field(predicate) => Node::Leaf(Leaf::Field(self.field(predicate)?)),
        })
    }

    fn boxed(&mut self, expr: &Expr, depth: usize) -> Result<Box<Node>, MatcherError> {
        self.node(expr, depth).map(Box::new)
    }

    fn members(&mut self, members: &[Expr], depth: usize) -> Result<Box<[Node]>, MatcherError> {
        // A day of `start:` is two terms, so there can be twice as many as were written.
        self.terms += members.len();
        if self.terms > self.limits.terms_max.saturating_mul(3) {
            return Err(MatcherError::TooLarge("terms_max"));
        }
        let nodes = members.iter().map(|member| self.node(member, depth));
        let mut nodes = nodes.collect::<Result<Vec<_>, _>>()?;
        nodes.sort_by_key(Node::cost);
        Ok(nodes.into())
    }

    fn field(&mut self, predicate: &Predicate) -> Result<FieldTest, MatcherError> {
        if !is_well_typed(predicate) {
            return Err(MatcherError::IllTyped(predicate.to_string()));
        }
        if matches!(predicate.test, crate::Test::Matches(_)) {
            self.regexes += 1;
            if self.regexes > self.limits.regexes_max {
                return Err(MatcherError::TooLarge("regexes_max"));
            }
        }
        let test = ValueTest::new(&predicate.test, self.now_ns, self.limits)?;
        Ok(FieldTest {
            field: predicate.field.clone(),
            negated: predicate.negated,
            test,
        })
    }
}

impl Node {
    /// Roughly how much one look costs, in orders of magnitude.
    fn cost(&self) -> u32 {
        match self {
            Self::Const(_) => 0,
            Self::Not(inner) => inner.cost(),
            Self::And(members) | Self::Or(members) => {
                members.iter().map(Self::cost).max().unwrap_or(0)
            }
            Self::Leaf(Leaf::Field(test)) => field_cost(&test.field),
            Self::Leaf(Leaf::Text(_)) => 5,
            Self::Leaf(Leaf::Lens(_)) => 6,
            Self::Related(Relation::Parent, inner) => 6 + inner.cost(),
            Self::Related(_, inner) => 7 + inner.cost(),
            Self::Has(inner) => 8 + inner.cost(),
        }
    }
}

fn field_cost(field: &Field) -> u32 {
    match field {
        _ if field.has_many_values() => 4,
        Field::Attribute(..) | Field::Service => 3,
        _ if field.level() == FieldLevel::Trace => 1,
        _ if field.field_type() == FieldType::Text => 2,
        _ => 1,
    }
}
