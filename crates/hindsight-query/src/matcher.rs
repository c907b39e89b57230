//! Putting a filter to spans.
//!
//! In: an [`Expr`], made ready once; then spans of a [`TraceView`]. Out: verdicts. Regular
//! expressions and patterns are compiled when the matcher is made, relative times resolved. Looking
//! at a span allocates nothing, except for attributes that are arrays. Work is bounded by a
//! [`Budget`]; what it does not pay for is unknown.

mod compile;
mod eval;
mod leaf;
mod number;
mod predicate;
mod search;
mod spelling;
mod test;

pub use predicate::PredicateMatcher;
pub use search::Found;

use crate::view::{Alone, SpanView, TraceView};
use crate::{Budget, Expr, Limits, Verdict};

use compile::Node;

/// A filter made ready.
#[derive(Clone, Debug)]
pub struct Matcher {
    root: Node,
}

/// A filter that cannot be put to spans. The parser makes none; whoever built it by hand did.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MatcherError {
    /// The field does not take this test, or not with this literal.
    #[error("`{0}` is not a test the field takes")]
    IllTyped(String),
    /// Not a regular expression, or too large a one.
    #[error("regular expression: {0}")]
    Regex(String),
    /// Larger than the named limit allows.
    #[error("the filter exceeds {0}")]
    TooLarge(&'static str),
}

impl Matcher {
    /// Makes `filter` ready, with `now_ns` for its relative times and [`Limits::DEFAULT`].
    pub fn new(filter: &Expr, now_ns: u64) -> Result<Self, MatcherError> {
        Self::with_limits(filter, now_ns, &Limits::DEFAULT)
    }

    /// Makes `filter` ready within `limits`.
    pub fn with_limits(filter: &Expr, now_ns: u64, limits: &Limits) -> Result<Self, MatcherError> {
        let root = compile::compile(filter, now_ns, limits)?;
        Ok(Self { root })
    }

    /// Whether a span matches of whose trace nothing else is known: tests of the trace and of
    /// structure are mostly unknown. Cost: at most the leaves of the filter.
    pub fn matches_alone(&self, span: impl SpanView + Copy) -> Verdict {
        let budget = &mut Budget::unlimited();
        self.matches(&Alone(span), 0, budget)
    }

    /// Whether span `node` of the trace matches. Looks at other spans only as far as the answer
    /// needs; to ask for all spans of a trace, [`Self::search`] is cheaper.
    ///
    /// A `node` outside the trace does not match.
    pub fn matches<T: TraceView>(&self, trace: &T, node: usize, budget: &mut Budget) -> Verdict {
        if node >= trace.len() {
            return Verdict::No;
        }
        eval::Evaluation { trace, budget }.verdict(&self.root, node)
    }

    /// Whether any span of the trace matches: whether the trace is in a list.
    pub fn matches_any<T: TraceView>(&self, trace: &T, budget: &mut Budget) -> Verdict {
        self.search(trace, budget).any()
    }

    /// The verdicts for all spans of the trace. Cost: at most the parts of the filter times the
    /// spans, whatever the structure; a byte a span for each level of the filter.
    pub fn search<T: TraceView>(&self, trace: &T, budget: &mut Budget) -> Found {
        search::search(&self.root, trace, budget)
    }
}

#[cfg(test)]
mod tests;
