//! One span at a time, looking at others only as far as needed.

use super::compile::{Leaf, Node};
use super::leaf;
use crate::view::TraceView;
use crate::{Budget, Relation, Verdict};

pub(super) struct Evaluation<'t, 'b, T> {
    pub(super) trace: &'t T,
    pub(super) budget: &'b mut Budget,
}

impl<T: TraceView> Evaluation<'_, '_, T> {
    /// Recursion is as deep as the filter.
    pub(super) fn verdict(&mut self, node: &Node, span: usize) -> Verdict {
        match node {
            Node::Const(value) => (*value).into(),
            Node::And(members) => self.all(members, span),
            Node::Or(members) => self.any(members, span),
            Node::Not(inner) => self.verdict(inner, span).negate(),
            Node::Leaf(leaf) => self.leaf(leaf, span),
            Node::Has(inner) => {
                // The span at hand is likely to be in the cache, and often the one.
                let here = self.verdict(inner, span);
                match here {
                    Verdict::Yes => Verdict::Yes,
                    _ => here.or(self.one_of(inner, 0..self.trace.len(), |_| true)),
                }
            }
            Node::Related(relation, inner) => self.related(*relation, inner, span),
        }
    }

    fn leaf(&mut self, leaf: &Leaf, span: usize) -> Verdict {
        let steps = match leaf {
            // Views may look at every span for it.
            Leaf::Lens(_) => self.trace.len() as u64,
            Leaf::Text(_) | Leaf::Field(_) => 1,
        };
        match self.budget.take(steps) {
            true => leaf::verdict(leaf, self.trace, span),
            false => Verdict::Unknown,
        }
    }

    fn all(&mut self, members: &[Node], span: usize) -> Verdict {
        let mut verdict = Verdict::Yes;
        for member in members {
            verdict = verdict.and(self.verdict(member, span));
            if verdict == Verdict::No {
                break;
            }
        }
        verdict
    }

    fn any(&mut self, members: &[Node], span: usize) -> Verdict {
        let mut verdict = Verdict::No;
        for member in members {
            verdict = verdict.or(self.verdict(member, span));
            if verdict == Verdict::Yes {
                break;
            }
        }
        verdict
    }

    fn related(&mut self, relation: Relation, inner: &Node, span: usize) -> Verdict {
        let trace = self.trace;
        match relation {
            Relation::Parent => self.one_of(inner, trace.parent(span).into_iter(), |_| true),
            Relation::Ancestor => {
                let up = std::iter::successors(trace.parent(span), |node| trace.parent(*node));
                self.one_of(inner, up, |_| true)
            }
            Relation::Descendant => self.one_of(inner, span + 1..trace.subtree_end(span), |_| true),
            Relation::Child => self.one_of(inner, children(trace, span), |_| true),
            Relation::Sibling => {
                let parent = trace.parent(span);
                let all = parent.into_iter().flat_map(|node| children(trace, node));
                self.one_of(inner, all, |node| node != span)
            }
        }
    }

    /// Whether one of the spans that pass `counts` matches.
    fn one_of(
        &mut self,
        inner: &Node,
        spans: impl Iterator<Item = usize>,
        counts: impl Fn(usize) -> bool,
    ) -> Verdict {
        let mut verdict = match self.trace.is_complete() {
            true => Verdict::No,
            false => Verdict::Unknown,
        };
        for span in spans {
            if !self.budget.take(1) {
                return Verdict::Unknown;
            }
            if counts(span) {
                verdict = verdict.or(self.verdict(inner, span));
            }
            if verdict == Verdict::Yes {
                break;
            }
        }
        verdict
    }
}

/// Direct children: each begins where the subtree of the one before ends.
fn children<T: TraceView>(trace: &T, node: usize) -> impl Iterator<Item = usize> {
    let end = trace.subtree_end(node);
    let first = Some(node + 1).filter(|first| *first < end);
    std::iter::successors(first, move |child| {
        // A view whose subtree ended before its root would never come to an end here.
        Some(trace.subtree_end(*child).max(child + 1)).filter(|next| *next < end)
    })
}
