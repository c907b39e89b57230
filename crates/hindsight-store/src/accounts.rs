//! The store's counters: records, spans, reasons.

use hindsight_protocol::hub::{IngestCounters, ReasonCount, StoreCounters};

use crate::reason;

/// How often each named reason occurred.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reasons([u64; reason::ALL.len()]);

impl Reasons {
    /// Counts `count` more of `name`, which must be one of [`reason::ALL`].
    pub(crate) fn add(&mut self, name: &'static str, count: u64) {
        let at = reason::ALL.iter().position(|known| *known == name);
        debug_assert!(at.is_some(), "{name} is not in reason::ALL");
        if let Some(total) = at.and_then(|at| self.0.get_mut(at)) {
            *total += count;
        }
    }

    /// Counts everything in `other` too.
    pub(crate) fn add_all(&mut self, other: &Self) {
        for (total, more) in self.0.iter_mut().zip(other.0) {
            *total += more;
        }
    }

    /// Those that occurred.
    pub(crate) fn to_counts(self) -> Vec<ReasonCount> {
        let occurred = reason::ALL.iter().zip(self.0).filter(|(_, n)| *n > 0);
        occurred
            .map(|(name, count)| ReasonCount {
                reason: (*name).to_owned(),
                count,
            })
            .collect()
    }
}

/// All counters of a store.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Accounts {
    pub(crate) ingest: IngestCounters,
    pub(crate) store: StoreCounters,
    pub(crate) reasons: Reasons,
}

impl Accounts {
    /// The two sums of the product's principle "nothing silent".
    pub(crate) fn balance(&self) -> bool {
        let (i, s) = (&self.ingest, &self.store);
        i.received == i.inserted + i.updated + i.duplicate + i.rejected
            && i.inserted == s.live + s.sampled_out + s.expired + s.evicted + s.cleared
    }
}
