//! One row an operation of a service.

use super::list::errors;
use super::traffic::{Traffic, failing, slow};
use crate::format;
use crate::name::NO_NAME;
use crate::query_table::value;
use crate::query_text::{name_term, service_term};

/// Longest name that is shown, in terminal cells.
const NAME_CELLS_MAX: usize = 160;

/// What a row says, escaped but for its queries.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationRow {
    /// The name as it came; what tells the row from others.
    pub operation: String,
    /// The same for people.
    pub name: String,
    /// `1,234`.
    pub spans: String,
    /// `12.3/s`.
    pub rate: String,
    /// `3 (1.2 %)`, or nothing.
    pub errors: String,
    /// `1.23 ms`, `-` where nothing ended.
    pub p50: String,
    /// See `p50`.
    pub p99: String,
    /// A query for its traces.
    pub query: String,
    /// One for those that failed, where any did.
    pub failing: Option<String>,
    /// One for those that took as long as the slowest hundredth, where any ended.
    pub slow: Option<String>,
}

/// The operations of `service`, most spans first.
pub fn operations(service: &str, traffic: &Traffic) -> Vec<OperationRow> {
    let rows = traffic.rows();
    let rows = rows.iter().filter_map(|row| {
        let name = row.keys.first()?;
        let query = format!("{} {}", service_term(service), name_term(name));
        let duration = |ns: Option<f64>| value(ns.unwrap_or(f64::NAN), "ns");
        Some(OperationRow {
            name: match name.as_str() {
                "" => NO_NAME.into(),
                name => format::truncate(&format::escape(name), NAME_CELLS_MAX).into(),
            },
            spans: format::count(row.spans),
            rate: value(row.rate, "1/s"),
            errors: errors(row.errors, row.spans),
            p50: duration(row.p50_ns),
            p99: duration(row.p99_ns),
            failing: failing(&query, row),
            slow: slow(&query, row),
            operation: name.clone(),
            query,
        })
    });
    rows.collect()
}
