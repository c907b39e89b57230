//! Statistics by service and operation.

use std::cmp::Reverse;

use super::sort::SortBy;
use super::{Head, ListRow, dim, duration, number, text};
use crate::explore::Explorer;
use crate::format;
use crate::name::{name_cell, service_cell};
use crate::self_time::self_times_ns;
use crate::statistics::{Operation, Statistic, statistics};
use crate::text::{Line, Role};

pub(super) const HEADS: &[Head] = &[
    text("service", "service"),
    text("name", "name"),
    number("count", "count"),
    number("errors", "errors"),
    number("total", "total"),
    number("self", "self time"),
    number("share", "share"),
    number("p50", "p50"),
    number("p99", "p99"),
    number("max", "max"),
];

/// One row an operation.
#[derive(Debug)]
pub struct OperationList {
    statistics: Vec<Statistic<Operation>>,
    self_total_ns: u64,
}

impl OperationList {
    /// Of all spans of `explorer`, sorted by `sort` (a word of a link; by self time where it is
    /// none).
    pub fn new(explorer: &Explorer, sort: &str) -> Self {
        let (tree, timeline) = (explorer.tree(), explorer.timeline());
        let own = self_times_ns(tree, timeline);
        let mut found = statistics(tree, timeline, &own);
        let sort = SortBy::of_word(HEADS, sort, "self");
        let name = |statistic: &Statistic<Operation>| tree.strings.get(statistic.key.name);
        let service = |statistic: &Statistic<Operation>| tree.strings.get(statistic.key.service);
        match HEADS[sort.column].key {
            "service" => found.sort_by(|a, b| service(a).cmp(service(b))),
            "name" => found.sort_by(|a, b| name(a).cmp(name(b))),
            "count" => found.sort_by_key(|statistic| Reverse(statistic.spans)),
            "errors" => found.sort_by_key(|statistic| Reverse(statistic.errors)),
            "total" => found.sort_by_key(|statistic| Reverse(statistic.durations.total_ns)),
            "p50" => found.sort_by_key(|statistic| Reverse(statistic.durations.p50_ns)),
            "p99" => found.sort_by_key(|statistic| Reverse(statistic.durations.p99_ns)),
            "max" => found.sort_by_key(|statistic| Reverse(statistic.durations.max_ns)),
            // That is how they come.
            _ => {}
        }
        if sort.is_reversed {
            found.reverse();
        }
        let sum = |sum: u64, statistic: &Statistic<_>| sum.saturating_add(statistic.self_total_ns);
        Self {
            self_total_ns: found.iter().fold(0, sum),
            statistics: found,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.statistics.len()
    }

    pub(super) fn node(&self, number: usize) -> Option<usize> {
        self.statistics.get(number).map(|statistic| statistic.first)
    }

    pub(super) fn row(&self, explorer: &Explorer, number: usize) -> Option<ListRow> {
        let statistic = self.statistics.get(number)?;
        let tree = explorer.tree();
        let durations = &statistic.durations;
        let known = |ns: u64| match durations.count {
            0 => dim("-"),
            _ => duration(ns),
        };
        let errors = match statistic.errors {
            0 => dim("-"),
            errors => Line::new().with(Role::Error, format::count(errors)),
        };
        let mut count = Line::new().with(Role::Plain, format::count(statistic.spans));
        if statistic.open > 0 {
            count = count.with(
                Role::Good,
                format!(", {} open", format::count(statistic.open)),
            );
        }
        Some(ListRow {
            span: tree.span_id(statistic.first),
            cells: vec![
                service_cell(tree.strings.get(statistic.key.service)),
                name_cell(tree.strings.get(statistic.key.name)),
                count,
                errors,
                known(durations.total_ns),
                duration(statistic.self_total_ns),
                dim(format::percent(
                    statistic.self_total_ns,
                    self.self_total_ns.max(1),
                )),
                known(durations.p50_ns),
                known(durations.p99_ns),
                known(durations.max_ns),
            ],
        })
    }
}
