//! How queries were answered, for the rows of their spans.

use hindsight_protocol::SpanId;

use crate::lens::picante::Outcome;

use super::Explorer;

impl Explorer {
    /// Tells how the queries of spans were answered, instead of what was told before. Ids that are
    /// not stored yet are remembered; of two for one span the first counts.
    pub fn set_outcomes(&mut self, mut outcomes: Vec<(SpanId, Outcome)>) {
        outcomes.sort_by_key(|(id, _)| id.bits);
        outcomes.dedup_by_key(|(id, _)| id.bits);
        self.outcomes = outcomes
            .into_iter()
            .map(|(id, outcome)| (id.bits, outcome))
            .collect();
    }

    /// How the query of node `index` was answered, if it is one and that is known. Looked up by
    /// its id: only rows in sight are asked for.
    pub fn outcome(&self, index: usize) -> Option<Outcome> {
        let id = self.tree.span_id(index).bits;
        let at = self.outcomes.binary_search_by_key(&id, |(id, _)| *id);
        Some(self.outcomes[at.ok()?].1)
    }
}
