//! Queries that stand in one box, in numbers.

use super::super::filter::Outcomes;
use super::super::graph::Queries;
use super::super::outcome::Outcome;

/// Queries that stand in one box.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KindCounts {
    /// The kind; empty for several.
    pub kind: String,
    /// How many.
    pub queries: u64,
    /// How many with each outcome, the weightiest first.
    pub outcomes: Vec<(Outcome, u64)>,
    /// Nanoseconds of their last computations, in sum.
    pub compute_ns: u64,
    /// Whether they are inputs.
    pub is_input: bool,
    /// Whether others of the kind are drawn one by one.
    pub is_rest: bool,
}

impl KindCounts {
    /// How many ran, or were set.
    pub fn recomputed(&self) -> u64 {
        let wanted = |(outcome, _): &&(Outcome, u64)| Outcomes::Recomputed.lets(*outcome);
        self.outcomes
            .iter()
            .filter(wanted)
            .map(|(_, count)| count)
            .sum()
    }

    /// Counts one more.
    pub(super) fn add(&mut self, graph: &Queries, index: u32) {
        let node = graph.node(index);
        let outcome = graph.outcome(index);
        self.queries += 1;
        self.compute_ns = self.compute_ns.saturating_add(node.compute_ns);
        self.is_input |= node.is_input;
        match self
            .outcomes
            .iter_mut()
            .find(|(known, _)| *known == outcome)
        {
            Some((_, count)) => *count += 1,
            None => self.outcomes.push((outcome, 1)),
        }
    }
}
