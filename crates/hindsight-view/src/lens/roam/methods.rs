//! How calls went, by method, from histograms.

use hindsight_protocol::TracerId;
use hindsight_protocol::introspection::roam::{MethodMetrics, direction};

use super::{AppTold, Process, Rows, method};
use crate::format;

/// How calls of one method went, at one end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MethodRow {
    /// Tells rows apart, and stays the same from answer to answer.
    pub key: String,
    /// Who tells.
    pub process: Process,
    /// `calls` or `answers`.
    pub does: &'static str,
    /// `Catalog.list`, escaped.
    pub name: String,
    /// Calls that ended.
    pub ended: u64,
    /// Of them, those that failed.
    pub failed: u64,
    /// `1.20 ms`.
    pub mean: String,
    /// About that long, or shorter: half of the calls.
    pub p50: String,
    /// About that long, or shorter: 99 of 100 calls.
    pub p99: String,
    /// The longest.
    pub max: String,
}

/// The methods of all apps, or of one, most calls first.
pub fn methods(apps: &[AppTold], of: Option<TracerId>) -> Rows<MethodRow> {
    let wanted = || super::of(apps, of);
    let rows = wanted().flat_map(|app| {
        let methods = app.metrics.methods.iter();
        methods.map(|metrics| row(app, metrics))
    });
    let mut rows: Vec<MethodRow> = rows.collect();
    rows.sort_by(|a, b| b.ended.cmp(&a.ended).then_with(|| a.key.cmp(&b.key)));
    let cut = wanted().map(|app| app.metrics.methods_cut);
    Rows::new(rows, cut.fold(0, u64::saturating_add))
}

fn row(app: &AppTold, metrics: &MethodMetrics) -> MethodRow {
    let percentile = |part: f64| {
        let ns = percentile(&metrics.histogram, part);
        ns.map_or_else(String::new, |ns| format::duration(ns.min(metrics.max_ns)))
    };
    let mean = metrics.total_ns.checked_div(metrics.ended);
    MethodRow {
        key: format!(
            "{} {} {}.{}",
            app.tracer, metrics.direction, metrics.service, metrics.method
        ),
        process: Process::named(&app.service),
        does: match metrics.direction.as_str() {
            direction::INCOMING => "answers",
            _ => "calls",
        },
        name: method(&metrics.service, &metrics.method),
        ended: metrics.ended,
        failed: metrics.failed,
        mean: mean.map_or_else(String::new, format::duration),
        p50: percentile(0.5),
        p99: percentile(0.99),
        max: format::duration(metrics.max_ns),
    }
}

/// The duration below which this part of all lies: within the power of two where it falls, as if that had
/// its calls at even distances. None where nothing was counted.
pub(super) fn percentile(histogram: &[u64], part: f64) -> Option<u64> {
    let total: u64 = histogram
        .iter()
        .fold(0, |sum, count| sum.saturating_add(*count));
    let wanted = part * total as f64;
    let mut below = 0.0;
    for (bucket, count) in histogram.iter().enumerate().take(64) {
        let here = *count as f64;
        if here > 0.0 && below + here >= wanted {
            let least = 2_f64.powi(bucket as i32);
            return Some((least + least * (wanted - below) / here) as u64);
        }
        below += here;
    }
    None
}
