//! Rates from two readings of the hub's counters.

use hindsight_protocol::hub::StatsReply;

#[cfg(test)]
mod tests;

/// What happened in a second, on average, between two readings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// Records received, a second.
    pub received: u64,
    /// Spans removed by age or by the byte budget, a second.
    pub removed: u64,
}

impl Rates {
    /// Nothing, where there was no reading before, or it was another hub's, or no time has passed.
    pub fn between(before: Option<&StatsReply>, after: &StatsReply) -> Self {
        let Some(before) = before.filter(|before| before.hub_id == after.hub_id) else {
            return Self::default();
        };
        let elapsed_ns = after.now_ns.saturating_sub(before.now_ns);
        let rate = |before: u64, after: u64| {
            let more = u128::from(after.saturating_sub(before)) * 1_000_000_000;
            let rounded = (more + u128::from(elapsed_ns / 2)).checked_div(elapsed_ns.into());
            u64::try_from(rounded.unwrap_or_default()).unwrap_or(u64::MAX)
        };
        let removed = |stats: &StatsReply| stats.store.expired.saturating_add(stats.store.evicted);
        Self {
            received: rate(before.ingest.received, after.ingest.received),
            removed: rate(removed(before), removed(after)),
        }
    }
}
