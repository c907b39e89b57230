//! From the map to what it counts: searches for the spans of a service or a call.

use crate::format;
use crate::query_text::service_term;

/// Which spans a map counts: those that started in the last so long, or all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MapWindow {
    /// How long, nanoseconds; none for all that is stored.
    pub length_ns: Option<u64>,
}

impl MapWindow {
    /// The windows to choose from, and what they are called.
    pub const CHOICES: [(Self, &'static str); 5] = [
        (Self::minutes(1), "1 min"),
        (Self::minutes(5), "5 min"),
        (Self::minutes(15), "15 min"),
        (Self::minutes(60), "1 h"),
        (Self { length_ns: None }, "all"),
    ];

    /// The last minutes.
    pub const fn minutes(minutes: u64) -> Self {
        Self {
            length_ns: Some(minutes * 60_000_000_000),
        }
    }

    /// Where the window begins at `now_ns`, 0 for everything.
    pub fn since_ns(&self, now_ns: u64) -> u64 {
        self.length_ns
            .map_or(0, |length| now_ns.saturating_sub(length).max(1))
    }
}

/// The search for traces with a span of `service` that `filter` lets through.
pub fn service_query(filter: &str, service: &str, window: MapWindow) -> String {
    within(filter, service_term(service), window)
}

/// The search for traces in which `from` calls `to`.
pub fn call_query(filter: &str, from: &str, to: &str, window: MapWindow) -> String {
    let call = format!("{} parent({})", service_term(to), service_term(from));
    within(filter, call, window)
}

/// `filter` may have a pipeline, which says nothing about which spans match.
fn within(filter: &str, term: String, window: MapWindow) -> String {
    let filter = filter.split('|').next().unwrap_or_default().trim();
    let filter = match filter {
        "" => String::new(),
        filter => format!("({filter}) "),
    };
    let window = window.length_ns.map_or_else(String::new, |length| {
        format!(" start>now-{}", format::compact_duration(length))
    });
    format!("{filter}{term}{window}")
}
