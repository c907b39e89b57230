//! Rate, errors and durations of groups of spans.

use std::collections::HashMap;

use hindsight_protocol::hub::QueryTable;

use crate::format;
use crate::table::{Cell, Column, Table};
use crate::text::Role;

/// One group.
#[derive(Clone, Debug, PartialEq)]
pub struct RedRow<'a> {
    /// Its values of what groups are made by.
    pub keys: &'a [String],
    /// Spans.
    pub spans: u64,
    /// Spans a second.
    pub rate: f64,
    /// Spans whose status is error.
    pub errors: u64,
    /// Percentiles of the durations of ended spans, nanoseconds; none where nothing has ended.
    pub p50_ns: Option<f64>,
    /// See `p50_ns`.
    pub p90_ns: Option<f64>,
    /// See `p50_ns`.
    pub p99_ns: Option<f64>,
}

/// The rows of `all`, an answer to `count(), rate(), p50(duration), p90(duration), p99(duration)`,
/// with the errors from `failed`, an answer to `count()` over the same groups.
pub fn red_rows<'a>(all: &'a QueryTable, failed: &QueryTable) -> Vec<RedRow<'a>> {
    let failed: HashMap<&[String], f64> = super::rows(failed)
        .filter_map(|row| Some((row.keys, *row.values.first()?)))
        .collect();
    let row = |row: super::Row<'a>| {
        let value = |at: usize| row.values.get(at).copied().filter(|v| v.is_finite());
        RedRow {
            keys: row.keys,
            spans: value(0).unwrap_or_default() as u64,
            rate: value(1).unwrap_or_default(),
            errors: failed.get(row.keys).copied().unwrap_or_default() as u64,
            p50_ns: value(2),
            p90_ns: value(3),
            p99_ns: value(4),
        }
    };
    super::rows(all).map(row).collect()
}

/// The rows for people, groups made by `by`.
pub fn red_table(by: &[String], rows: &[RedRow<'_>]) -> Table {
    let keys = by
        .iter()
        .map(|key| Column::left(key.as_str()).shrinking_to(8));
    let columns = ["SPANS", "RATE", "ERRORS", "P50", "P90", "P99"];
    let mut table = Table::new(keys.chain(columns.map(Column::right)).collect());
    for row in rows {
        let plain = |text: String| Cell::new().with(Role::Plain, text);
        let duration = |ns: Option<f64>| plain(super::value(ns.unwrap_or(f64::NAN), "ns"));
        let keys = by.iter().zip(row.keys).map(|(by, key)| super::key(by, key));
        let values = [
            plain(format::count(row.spans)),
            plain(super::value(row.rate, "1/s")),
            errors(row.errors, row.spans),
            duration(row.p50_ns),
            duration(row.p90_ns),
            duration(row.p99_ns),
        ];
        table.push(keys.chain(values).collect());
    }
    table
}

/// `12 (3.4 %)`, `0`.
pub(super) fn errors(errors: u64, of: u64) -> Cell {
    match errors {
        0 => Cell::new().with(Role::Dim, "0"),
        some => {
            let text = format!("{} ({})", format::count(some), format::percent(some, of));
            Cell::new().with(Role::Error, text)
        }
    }
}
