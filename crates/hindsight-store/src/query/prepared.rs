//! A filter made ready for columns and for whole traces.

use hindsight_query::{
    Expr, FieldLevel, Matcher, MatcherError, PatternMatcher, Predicate, PredicateMatcher, Query,
    Reach, Relation,
};

/// A query made ready: regular expressions compiled, relative times resolved. Used for any number
/// of snapshots.
#[derive(Clone, Debug)]
pub struct Prepared {
    query: Query,
    matcher: Matcher,
    pub(super) root: Node,
    /// Parts that are true of all spans of a trace or of none, inner ones first.
    pub(super) sets: Vec<TraceSet>,
    /// The parts of the filter that are about facts of the trace, if nothing else of it is about
    /// more than the span.
    facts: Option<Matcher>,
    is_exact: bool,
}

/// Which traces a part of the filter is true of.
#[derive(Clone, Debug)]
pub(super) enum TraceSet {
    /// Those with an attribute whose key begins with this and a dot.
    Lens(String),
    /// Those with a span that matches, or of which that is not ruled out if it is not exact.
    Some(Node),
}

/// The filter, its parts apart by what they look at.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Const(bool),
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Text(Box<Text>),
    Field(Box<Leaf>),
    /// Whether the trace is in this one of [`Prepared::sets`].
    InSet(usize),
    /// About facts of the trace.
    Facts(Box<Matcher>),
    Kin(Box<KinOf>),
}

/// Whether another span of the trace matches.
#[derive(Clone, Debug)]
pub(super) struct KinOf {
    /// How it is related; none for any span of the trace.
    pub(super) relation: Option<Relation>,
    pub(super) inner: Node,
    /// The one of [`Prepared::sets`] that all traces with such a span are in.
    pub(super) candidates: usize,
}

/// Free text.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) pattern: PatternMatcher,
    /// The same for one span.
    pub(super) alone: Matcher,
}

/// A test of a field of the span.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    pub(super) predicate: Predicate,
    pub(super) matcher: PredicateMatcher,
    /// The same for one span.
    pub(super) alone: Matcher,
}

impl Prepared {
    /// Makes a query ready, with `now_ns` for its relative times. The error is that of
    /// [`Matcher::new`].
    pub fn new(query: &Query, now_ns: u64) -> Result<Self, MatcherError> {
        let query = query.clone().resolved(now_ns);
        let mut sets = Vec::new();
        let root = Node::new(&query.filter, now_ns, &mut sets)?;
        Ok(Self {
            matcher: Matcher::new(&query.filter, now_ns)?,
            facts: facts(&query.filter, now_ns)?,
            is_exact: root.is_exact(),
            root,
            sets,
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

    /// Whether columns and sets of traces tell of each span whether it matches.
    pub(crate) fn is_exact(&self) -> bool {
        self.is_exact
    }

    /// See [`Prepared::facts`].
    pub(super) fn facts(&self) -> Option<&Matcher> {
        self.facts.as_ref()
    }
}

/// The members of a conjunction that are about facts, if all others are about spans or sets.
fn facts(filter: &Expr, now_ns: u64) -> Result<Option<Matcher>, MatcherError> {
    let mut sets = Vec::new();
    let mut of_facts = Vec::new();
    for member in filter.conjuncts() {
        if Node::new(member, now_ns, &mut sets)?.is_exact() {
            continue;
        }
        if member.reach() > Reach::Facts || !is_constant_in_trace(member) {
            return Ok(None);
        }
        of_facts.push(member.clone());
    }
    match of_facts.is_empty() {
        true => Ok(None),
        false => Ok(Some(Matcher::new(&Expr::and(of_facts), now_ns)?)),
    }
}

/// Whether it is true of all spans of a trace or of none.
fn is_constant_in_trace(expr: &Expr) -> bool {
    match expr {
        Expr::And(members) | Expr::Or(members) => members.iter().all(is_constant_in_trace),
        Expr::Not(inner) => is_constant_in_trace(inner),
        Expr::Field(predicate) => predicate.field.level() == FieldLevel::Trace,
        Expr::Const(_) => true,
        Expr::Text(_) | Expr::Lens(_) | Expr::Has(_) | Expr::Related(..) => false,
    }
}

impl Node {
    fn new(expr: &Expr, now_ns: u64, sets: &mut Vec<TraceSet>) -> Result<Self, MatcherError> {
        let mut all = |members: &[Expr]| -> Result<Vec<Self>, MatcherError> {
            let mut nodes = members
                .iter()
                .map(|member| Self::new(member, now_ns, sets))
                .collect::<Result<Vec<_>, _>>()?;
            nodes.sort_by_key(Self::cost);
            Ok(nodes)
        };
        Ok(match expr {
            Expr::Const(value) => Self::Const(*value),
            Expr::And(members) => Self::And(all(members)?),
            Expr::Or(members) => Self::Or(all(members)?),
            Expr::Not(inner) => Self::Not(Box::new(Self::new(inner, now_ns, sets)?)),
            Expr::Lens(family) => {
                sets.push(TraceSet::Lens(family.clone()));
                Self::InSet(sets.len() - 1)
            }
            Expr::Has(filter) => Self::kin(None, filter, now_ns, sets)?,
            Expr::Related(relation, filter) => Self::kin(Some(*relation), filter, now_ns, sets)?,
            Expr::Text(pattern) => Self::Text(Box::new(Text {
                pattern: pattern.matcher(),
                alone: Matcher::new(expr, now_ns)?,
            })),
            Expr::Field(predicate) if expr.reach() == Reach::Span => Self::Field(Box::new(Leaf {
                matcher: PredicateMatcher::new(predicate, now_ns)?,
                alone: Matcher::new(expr, now_ns)?,
                predicate: predicate.clone(),
            })),
            Expr::Field(_) => Self::Facts(Box::new(Matcher::new(expr, now_ns)?)),
        })
    }

    fn kin(
        relation: Option<Relation>,
        filter: &Expr,
        now_ns: u64,
        sets: &mut Vec<TraceSet>,
    ) -> Result<Self, MatcherError> {
        let inner = Self::new(filter, now_ns, sets)?;
        sets.push(TraceSet::Some(inner.clone()));
        let candidates = sets.len() - 1;
        Ok(match relation {
            None if inner.is_exact() => Self::InSet(candidates),
            relation => Self::Kin(Box::new(KinOf {
                relation,
                inner,
                candidates,
            })),
        })
    }

    /// Whether columns and sets of traces tell of each span whether it matches.
    pub(super) fn is_exact(&self) -> bool {
        match self {
            Self::Facts(_) | Self::Kin(_) => false,
            Self::And(members) | Self::Or(members) => members.iter().all(Self::is_exact),
            Self::Not(inner) => inner.is_exact(),
            Self::Const(_) | Self::Text(_) | Self::Field(_) | Self::InSet(_) => true,
        }
    }

    /// Cheap parts first, so that dear ones look at fewer rows.
    fn cost(&self) -> u8 {
        match self {
            Self::Const(_) | Self::Facts(_) => 0,
            Self::Field(_) => 1,
            Self::InSet(_) | Self::Kin(_) => 2,
            Self::And(members) | Self::Or(members) => {
                let most = members.iter().map(Self::cost).max();
                most.unwrap_or(0)
            }
            Self::Not(inner) => inner.cost(),
            Self::Text(_) => 9,
        }
    }

    /// How many looks at each span of a trace it takes to judge them all.
    pub(super) fn steps(&self) -> u64 {
        match self {
            Self::And(members) | Self::Or(members) => members.iter().map(Self::steps).sum(),
            Self::Not(inner) => inner.steps(),
            Self::Kin(kin) => kin.inner.steps().saturating_add(2),
            _ => 1,
        }
    }
}
