//! A filter made ready for columns and for whole traces.

use hindsight_query::{
    Expr, Matcher, MatcherError, PatternMatcher, Predicate, PredicateMatcher, Query, Reach,
};

/// A query made ready: regular expressions compiled, relative times resolved. Used for any number
/// of snapshots.
#[derive(Clone, Debug)]
pub struct Prepared {
    query: Query,
    matcher: Matcher,
    pub(super) root: Node,
    reach: Reach,
}

/// The filter as far as it is about a span alone.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Const(bool),
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Text(PatternMatcher),
    Field(Leaf),
    /// Needs other spans of the trace, or facts of it.
    Trace,
}

/// A test of a field of the span.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    pub(super) predicate: Predicate,
    pub(super) matcher: PredicateMatcher,
}

impl Prepared {
    /// Makes a query ready, with `now_ns` for its relative times. The error is that of
    /// [`Matcher::new`].
    pub fn new(query: &Query, now_ns: u64) -> Result<Self, MatcherError> {
        let query = query.clone().resolved(now_ns);
        Ok(Self {
            matcher: Matcher::new(&query.filter, now_ns)?,
            root: Node::new(&query.filter, now_ns)?,
            reach: query.filter.reach(),
            query,
        })
    }

    /// Every span.
    pub(super) fn everything() -> Self {
        let nothing_to_compile = Self::new(&Query::ALL, 0);
        nothing_to_compile.expect("a query without tests has nothing that could be wrong")
    }

    /// The query, its times made absolute.
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// For single spans and whole traces.
    pub fn matcher(&self) -> &Matcher {
        &self.matcher
    }

    /// Whether a span's own columns tell whether it matches.
    pub(crate) fn is_of_span(&self) -> bool {
        self.reach == Reach::Span
    }

    /// Whether every span matches.
    pub(crate) fn is_everything(&self) -> bool {
        matches!(self.root, Node::Const(true))
    }
}

impl Node {
    fn new(expr: &Expr, now_ns: u64) -> Result<Self, MatcherError> {
        let all = |members: &[Expr]| -> Result<Vec<Self>, MatcherError> {
            let mut nodes = members
                .iter()
                .map(|member| Self::new(member, now_ns))
                .collect::<Result<Vec<_>, _>>()?;
            nodes.sort_by_key(Self::cost);
            Ok(nodes)
        };
        Ok(match expr {
            Expr::Const(value) => Self::Const(*value),
            Expr::And(members) => Self::And(all(members)?),
            Expr::Or(members) => Self::Or(all(members)?),
            Expr::Not(inner) => Self::Not(Box::new(Self::new(inner, now_ns)?)),
            Expr::Text(pattern) => Self::Text(pattern.matcher()),
            Expr::Field(predicate) if expr.reach() == Reach::Span => Self::Field(Leaf {
                matcher: PredicateMatcher::new(predicate, now_ns)?,
                predicate: predicate.clone(),
            }),
            Expr::Field(_) | Expr::Lens(_) | Expr::Has(_) | Expr::Related(..) => Self::Trace,
        })
    }

    /// Cheap parts first, so that dear ones look at fewer rows.
    fn cost(&self) -> u8 {
        match self {
            Self::Const(_) | Self::Trace => 0,
            Self::Field(_) => 1,
            Self::And(members) | Self::Or(members) => {
                let most = members.iter().map(Self::cost).max();
                most.unwrap_or(0)
            }
            Self::Not(inner) => inner.cost(),
            Self::Text(_) => 9,
        }
    }
}
