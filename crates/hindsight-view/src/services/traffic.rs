//! What is asked of the hub about rates, errors and durations, and its answers.

use std::collections::HashMap;

use hindsight_protocol::hub::QueryTable;

use super::GROUPS_MAX;
use crate::format;
use crate::query_table::{RedRow, red_rows, rows};
use crate::query_text::service_term;

/// Answers to [`queries`] and [`left_open_query`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Traffic {
    /// All spans.
    pub all: QueryTable,
    /// Those that failed.
    pub failed: QueryTable,
    /// Spans that were open when their process went.
    pub left_open: QueryTable,
}

impl Traffic {
    /// The groups, most spans first.
    pub(super) fn rows(&self) -> Vec<RedRow<'_>> {
        red_rows(&self.all, &self.failed)
    }

    /// How many spans each process left open, by service and process id.
    pub(super) fn left_open(&self) -> HashMap<(&str, u32), u64> {
        let found = rows(&self.left_open).filter_map(|row| {
            let [service, pid] = row.keys else {
                return None;
            };
            let count = row.values.first().copied().unwrap_or_default();
            Some(((service.as_str(), pid.parse().ok()?), count as u64))
        });
        found.collect()
    }
}

/// The queries over all spans and over those that failed: of all services, or of the operations of
/// one.
pub fn queries(service: Option<&str>) -> [String; 2] {
    let (filter, by) = match service {
        Some(service) => (service_term(service), "name"),
        None => (String::new(), "service"),
    };
    [
        format!(
            "{filter} | count(), rate(), p50(duration), p90(duration), p99(duration) by {by} \
             | sort count() | limit {GROUPS_MAX}"
        ),
        // Groups that failed may be others than those with most spans.
        format!(
            "{filter} status:error | count() by {by} | sort count() | limit {}",
            4 * GROUPS_MAX
        ),
    ]
}

/// The query for spans that were open when their process went.
pub fn left_open_query() -> String {
    format!(
        "(state:aborted or state:disconnected) | count() by service, process.pid | limit {}",
        4 * GROUPS_MAX
    )
}

/// The query for spans of `query` that failed, where any did.
pub(super) fn failing(query: &str, row: &RedRow<'_>) -> Option<String> {
    (row.errors > 0).then(|| format!("{query} status:error"))
}

/// The query for spans of `query` that took as long as the slowest hundredth. The threshold is in
/// whole units that a person reads, rounded down so that its own span is found.
pub(super) fn slow(query: &str, row: &RedRow<'_>) -> Option<String> {
    // Saturates; durations are not negative.
    let ns = row.p99_ns? as u64;
    let units = [1_000_000_000, 1_000_000, 1_000];
    let unit = units.into_iter().find(|unit| ns >= 100 * unit).unwrap_or(1);
    let rounded = format::compact_duration(ns - ns % unit);
    Some(format!("{query} duration>={rounded}"))
}
