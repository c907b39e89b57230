//! Answers to queries as tables with readable units.
//!
//! In: a [`QueryTable`], spans, services and calls as the hub answers them. Out: [`Table`]s. Holds:
//! an answer that is not as it says (too few values, a missing key) is shown as far as it goes,
//! never a panic. Bounded: a row for each value row of the answer.

mod calls;
mod red;
mod spans;
mod value;

#[cfg(test)]
mod tests;

use hindsight_protocol::hub::{QueryColumn, QueryTable};

use crate::format::{self, Zone};
use crate::table::{Cell, Column, Table};
use crate::text::Role;

pub use calls::calls;
pub use red::{RedRow, red_rows, red_table};
pub use spans::spans;
pub use value::value;

/// One row: a group in a stretch of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Row<'a> {
    /// The group's values, one for each of [`QueryTable::by`]; empty where its spans have none.
    pub keys: &'a [String],
    /// Start of the stretch of time; none when the query does not divide time.
    pub start_ns: Option<u64>,
    /// One for each of [`QueryTable::columns`]; NaN where there is none.
    pub values: &'a [f64],
}

/// Groups in the answer's order, each in the order of time, also in stretches of time without spans
/// of it: charts and sums need them.
pub fn rows(table: &QueryTable) -> impl Iterator<Item = Row<'_>> {
    let (keys, columns) = (table.by.len(), table.columns.len());
    let times = table.starts_ns.len().max(1);
    let divided = is_divided(table);
    let values = table.values.chunks_exact(columns.max(1)).enumerate();
    values.filter_map(move |(index, values)| {
        let (group, time) = (index / times, index % times);
        let keys = table.keys.get(group * keys..(group + 1) * keys)?;
        let start_ns = table.starts_ns.get(time).copied().filter(|_| divided);
        Some(Row {
            keys,
            start_ns,
            values,
        })
    })
}

/// Whether a row is of no span: nothing is counted, and nothing else is known.
fn is_of_no_span(columns: &[QueryColumn], row: &Row<'_>) -> bool {
    let counts = |column: &QueryColumn| matches!(column.name.as_str(), "count()" | "rate()");
    let mut values = columns.iter().zip(row.values);
    values.all(|(column, value)| value.is_nan() || (*value == 0.0 && counts(column)))
}

/// Whether rows have a time: several stretches, or one that begins where the query put it.
fn is_divided(table: &QueryTable) -> bool {
    let one_begins = |start: &u64| table.step_ns > 0 && start.is_multiple_of(table.step_ns);
    table.starts_ns.len() > 1 || table.starts_ns.first().is_some_and(one_begins)
}

/// The answer as a table: groups at the left, aggregates at the right. Stretches of time without
/// spans of a group are left out.
pub fn table(answer: &QueryTable, zone: Zone) -> Table {
    let divided = is_divided(answer);
    let time = divided.then(|| Column::left(format!("START ({zone})")));
    let keys = answer.by.iter();
    let keys = keys.map(|key| Column::left(key.as_str()).shrinking_to(8));
    let values = answer.columns.iter();
    let values = values.map(|column| Column::right(column.name.as_str()));
    let mut table = Table::new(time.into_iter().chain(keys).chain(values).collect());
    let told = rows(answer).filter(|row| !divided || !is_of_no_span(&answer.columns, row));
    for row in told {
        let time = row.start_ns.map(|ns| started(ns, answer.step_ns, zone));
        let time = time.map(|text| Cell::new().with(Role::Dim, text));
        let keys = (answer.by.iter().zip(row.keys)).map(|(by, key)| self::key(by, key));
        let values = answer.columns.iter().zip(row.values);
        let values = values.map(|(column, value)| {
            Cell::new().with(Role::Plain, self::value(*value, &column.unit))
        });
        table.push(time.into_iter().chain(keys).chain(values).collect());
    }
    table
}

/// A value of what groups are made by.
fn key(by: &str, key: &str) -> Cell {
    match (by, key) {
        (_, "") => Cell::new().with(Role::Dim, "(none)"),
        ("service" | "root.service", service) => {
            Cell::new().with(Role::of_service(service), service)
        }
        ("status", "error") => Cell::new().with(Role::Error, key),
        _ => Cell::new().with(Role::Strong, key),
    }
}

/// Milliseconds only where the stretches are that short, the date only where they are that long.
fn started(ns: u64, step_ns: u64, zone: Zone) -> String {
    const SECOND_NS: u64 = 1_000_000_000;
    const HOUR_NS: u64 = 3_600 * SECOND_NS;
    let time = format::time_of_day(ns, zone);
    match step_ns {
        ..SECOND_NS => time,
        SECOND_NS..HOUR_NS => time[.."14:32:10".len()].to_owned(),
        _ => format!("{} {}", format::date(ns, zone), &time[.."14:32".len()]),
    }
}
