//! The shapes of JSON output: ids as hex, times as nanoseconds and as ISO 8601 text.
//!
//! Fields are only ever added. Numbers that no double holds (NaN, infinities) are texts, bytes are
//! `{"bytes": "<hex>"}`.

mod analysis;
mod app;
mod diff;
mod query;
mod service;
mod span;
mod stats;
mod trace;
mod wait;

pub(crate) use analysis::{FindingJson, PathSegmentJson, StatisticJson, TraceEventJson};
pub(crate) use app::AppJson;
pub(crate) use diff::DiffJson;
pub(crate) use query::{HeatmapJson, MapJson, QueryRowJson, RedJson};
pub(crate) use service::ServiceJson;
pub(crate) use span::SpanJson;
pub(crate) use stats::{ClearJson, StatsJson};
pub(crate) use trace::{PinJson, TraceJson};
pub(crate) use wait::WaitJson;

use hindsight_view::format;

/// ISO text, none for a time that is not known (0).
fn iso_known(ns: u64) -> Option<String> {
    (ns > 0).then(|| format::iso(ns))
}

/// Lower-case hex digits.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
