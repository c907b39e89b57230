//! What follows from a trace.

use hindsight_view::critical_path::PathSegment;
use hindsight_view::events::TraceEvent;
use hindsight_view::statistics::{Operation, Statistic};
use hindsight_view::{Trace, TraceTree, format};
use serde::Serialize;

use super::span::Attributes;
use crate::cli::trace::Told;

/// One element of `trace --critical-path`.
#[derive(Debug, Serialize)]
pub(crate) struct PathSegmentJson<'a> {
    from_ns: u64,
    to_ns: u64,
    duration_ns: u64,
    share: f64,
    span_id: String,
    service: &'a str,
    name: &'a str,
}

/// One element of `trace --stats`.
#[derive(Debug, Serialize)]
pub(crate) struct StatisticJson<'a> {
    service: &'a str,
    name: &'a str,
    spans: u64,
    errors: u64,
    open: u64,
    self_ns: u64,
    total_ns: Option<u64>,
    min_ns: Option<u64>,
    mean_ns: Option<u64>,
    p50_ns: Option<u64>,
    p90_ns: Option<u64>,
    p99_ns: Option<u64>,
    max_ns: Option<u64>,
}

/// One element of `trace --events`.
#[derive(Debug, Serialize)]
pub(crate) struct TraceEventJson<'a> {
    time_ns: u64,
    time: String,
    span_id: String,
    span: &'a str,
    service: &'a str,
    name: &'a str,
    attributes: Attributes<'a>,
    dropped_attributes: u32,
}

/// One element of `trace --findings`.
#[derive(Debug, Serialize)]
pub(crate) struct FindingJson {
    finding: &'static str,
    count: u64,
    text: String,
    span_ids: Vec<String>,
}

impl<'a> PathSegmentJson<'a> {
    pub(crate) fn new(tree: &'a TraceTree, segment: &PathSegment, path_ns: u64) -> Self {
        Self {
            from_ns: segment.from_ns,
            to_ns: segment.to_ns,
            duration_ns: segment.duration_ns(),
            share: segment.duration_ns() as f64 / path_ns as f64,
            span_id: tree.span_id(segment.index).to_string(),
            service: tree.service(segment.index),
            name: tree.name(segment.index),
        }
    }
}

impl<'a> StatisticJson<'a> {
    pub(crate) fn new(tree: &'a TraceTree, statistic: &Statistic<Operation>) -> Self {
        let durations = &statistic.durations;
        let known = |ns| (durations.count > 0).then_some(ns);
        Self {
            service: tree.strings.get(statistic.key.service),
            name: tree.strings.get(statistic.key.name),
            spans: statistic.spans,
            errors: statistic.errors,
            open: statistic.open,
            self_ns: statistic.self_total_ns,
            total_ns: known(durations.total_ns),
            min_ns: known(durations.min_ns),
            mean_ns: known(durations.mean_ns()),
            p50_ns: known(durations.p50_ns),
            p90_ns: known(durations.p90_ns),
            p99_ns: known(durations.p99_ns),
            max_ns: known(durations.max_ns),
        }
    }
}

impl<'a> TraceEventJson<'a> {
    /// None for an event of another trace.
    pub(crate) fn new(trace: &'a Trace, event: &TraceEvent) -> Option<Self> {
        let row = event.row(trace)?;
        let tree = trace.tree();
        Some(Self {
            time_ns: event.time_ns,
            time: format::iso(event.time_ns),
            span_id: tree.span_id(event.node).to_string(),
            span: tree.name(event.node),
            service: tree.service(event.node),
            name: row.name(),
            attributes: Attributes(row.attributes()),
            dropped_attributes: row.dropped_attributes(),
        })
    }
}

impl From<&Told> for FindingJson {
    fn from(told: &Told) -> Self {
        Self {
            finding: told.code,
            count: told.count,
            text: told.line.to_plain(),
            span_ids: told.span_ids.iter().map(ToString::to_string).collect(),
        }
    }
}
