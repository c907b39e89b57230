//! All spans of a trace at once: each part of the filter becomes a column of verdicts.
//!
//! Structure is propagated along the tree in one pass a part, so the cost does not depend on its
//! depth or width.

use super::compile::{Leaf, Node};
use super::leaf;
use crate::view::TraceView;
use crate::{Budget, Relation, Verdict};

/// The verdicts for all spans of a trace, by number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    verdicts: Vec<Verdict>,
}

impl Found {
    /// The verdict for a span; no outside the trace.
    pub fn verdict(&self, node: usize) -> Verdict {
        self.verdicts.get(node).copied().unwrap_or(Verdict::No)
    }

    /// The spans that certainly match, in order.
    pub fn matches(&self) -> impl Iterator<Item = usize> {
        self.with(Verdict::Yes)
    }

    /// The spans of which it is not known, in order.
    pub fn unknown(&self) -> impl Iterator<Item = usize> {
        self.with(Verdict::Unknown)
    }

    /// Whether any span matches.
    pub fn any(&self) -> Verdict {
        self.verdicts.iter().fold(Verdict::No, |any, v| any.or(*v))
    }

    fn with(&self, wanted: Verdict) -> impl Iterator<Item = usize> {
        let numbered = self.verdicts.iter().enumerate();
        numbered.filter_map(move |(node, verdict)| (*verdict == wanted).then_some(node))
    }
}

pub(super) fn search<T: TraceView>(root: &Node, trace: &T, budget: &mut Budget) -> Found {
    let mut search = Search { trace, budget };
    Found {
        verdicts: search.column(root, None),
    }
}

struct Search<'t, 'b, T> {
    trace: &'t T,
    budget: &'b mut Budget,
}

/// Verdicts of the connective so far, and the one that no further member changes.
type Settled<'c> = (&'c [Verdict], Verdict);

impl<T: TraceView> Search<'_, '_, T> {
    /// The verdicts of `node`; where they are settled anything may stand.
    fn column(&mut self, node: &Node, settled: Option<Settled<'_>>) -> Vec<Verdict> {
        match node {
            Node::Const(value) => self.filled((*value).into()),
            Node::And(members) => self.joined(members, Verdict::Yes, Verdict::and),
            Node::Or(members) => self.joined(members, Verdict::No, Verdict::or),
            Node::Not(inner) => {
                let mut column = self.column(inner, settled);
                for verdict in &mut column {
                    *verdict = verdict.negate();
                }
                column
            }
            Node::Leaf(leaf) => self.leaf(leaf, settled),
            Node::Has(inner) => {
                let column = self.column(inner, None);
                let none = self.not_found();
                self.filled(column.iter().fold(none, |any, v| any.or(*v)))
            }
            Node::Related(relation, inner) => {
                let column = self.column(inner, None);
                self.related(*relation, &column)
            }
        }
    }

    fn filled(&self, verdict: Verdict) -> Vec<Verdict> {
        vec![verdict; self.trace.len()]
    }

    /// What holds where nothing was found.
    fn not_found(&self) -> Verdict {
        match self.trace.is_complete() {
            true => Verdict::No,
            false => Verdict::Unknown,
        }
    }

    fn joined(
        &mut self,
        members: &[Node],
        neutral: Verdict,
        join: fn(Verdict, Verdict) -> Verdict,
    ) -> Vec<Verdict> {
        let mut joined = self.filled(neutral);
        for member in members {
            let column = self.column(member, Some((&joined, neutral.negate())));
            for (verdict, member) in joined.iter_mut().zip(column) {
                *verdict = join(*verdict, member);
            }
        }
        joined
    }

    fn leaf(&mut self, leaf: &Leaf, settled: Option<Settled<'_>>) -> Vec<Verdict> {
        if let Leaf::Lens(family) = leaf {
            let paid = self.budget.take(self.trace.len() as u64);
            let known = paid.then(|| self.trace.has_family(family)).flatten();
            return self.filled(known.into());
        }
        let mut column = self.filled(Verdict::Unknown);
        for (node, verdict) in column.iter_mut().enumerate() {
            let is_settled = settled.is_some_and(|(so_far, by)| so_far.get(node) == Some(&by));
            if is_settled {
                continue;
            }
            if !self.budget.take(1) {
                break;
            }
            *verdict = leaf::verdict(leaf, self.trace, node);
        }
        column
    }

    fn related(&mut self, relation: Relation, column: &[Verdict]) -> Vec<Verdict> {
        if !self.budget.take(self.trace.len() as u64) {
            return self.filled(Verdict::Unknown);
        }
        let none = self.not_found();
        let mut found = self.filled(none);
        match relation {
            Relation::Parent => self.downward(|node, parent| found[node] = none.or(column[parent])),
            Relation::Ancestor => self.downward(|node, parent| {
                found[node] = found[parent].or(column[parent]);
            }),
            Relation::Child => self.downward(|node, parent| {
                found[parent] = found[parent].or(column[node]);
            }),
            Relation::Descendant => {
                for node in (0..self.trace.len()).rev() {
                    if let Some(parent) = self.trace.parent(node) {
                        found[parent] = found[parent].or(column[node]).or(found[node]);
                    }
                }
            }
            Relation::Sibling => self.siblings(column, &mut found),
        }
        found
    }

    /// Calls `look` with every span that has a parent, parents' own calls first.
    fn downward(&self, mut look: impl FnMut(usize, usize)) {
        for node in 0..self.trace.len() {
            if let Some(parent) = self.trace.parent(node) {
                look(node, parent);
            }
        }
    }

    fn siblings(&self, column: &[Verdict], found: &mut [Verdict]) {
        let mut counts = vec![[0u32; 2]; self.trace.len()];
        let slot = |verdict: Verdict| match verdict {
            Verdict::Yes => Some(0),
            Verdict::Unknown => Some(1),
            Verdict::No => None,
        };
        self.downward(|node, parent| {
            if let Some(slot) = slot(column[node]) {
                counts[parent][slot] += 1;
            }
        });
        self.downward(|node, parent| {
            let mut others = counts[parent];
            if let Some(slot) = slot(column[node]) {
                others[slot] -= 1;
            }
            found[node] = match (others[0], others[1]) {
                (1.., _) => Verdict::Yes,
                (0, 1..) => Verdict::Unknown,
                (0, 0) => found[node],
            };
        });
    }
}
