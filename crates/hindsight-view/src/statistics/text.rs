//! Statistics as a table.

use super::{Operation, Statistic};
use crate::format;
use crate::name::{name_cell, service_cell};
use crate::table::{Cell, Column, Table};
use crate::text::Role;
use crate::tree::TraceTree;

/// Of the durations; the last are left out first where there is no room.
const SPREAD: [&str; 4] = ["MAX", "P90", "AVG", "MIN"];

/// The first `rows_max` of `statistics`, one row each.
pub fn statistics_table(
    tree: &TraceTree,
    statistics: &[Statistic<Operation>],
    rows_max: usize,
) -> Table {
    let mut columns = vec![
        Column::left("SERVICE").shrinking_to(6),
        Column::left("NAME").shrinking_to(12),
        Column::right("COUNT"),
        Column::right("ERRORS"),
        Column::right("OPEN").yielding(),
        Column::right("TOTAL"),
        Column::right("SELF"),
        Column::right("P50"),
        Column::right("P99"),
    ];
    columns.extend(SPREAD.map(|title| Column::right(title).yielding()));
    let mut table = Table::new(columns);
    for statistic in statistics.iter().take(rows_max) {
        table.push(row(tree, statistic));
    }
    table
}

fn row(tree: &TraceTree, statistic: &Statistic<Operation>) -> Vec<Cell> {
    let mut cells = vec![
        service_cell(tree.strings.get(statistic.key.service)),
        name_cell(tree.strings.get(statistic.key.name)),
        Cell::new().with(Role::Plain, format::count(statistic.spans)),
        some(Role::Error, statistic.errors),
        some(Role::Good, statistic.open),
    ];
    let durations = &statistic.durations;
    let known = |ns: u64| match durations.count {
        0 => Cell::new().with(Role::Dim, "-"),
        _ => duration(ns),
    };
    cells.push(known(durations.total_ns));
    cells.push(duration(statistic.self_total_ns));
    let spread = [
        durations.p50_ns,
        durations.p99_ns,
        durations.max_ns,
        durations.p90_ns,
        durations.mean_ns(),
        durations.min_ns,
    ];
    cells.extend(spread.map(known));
    cells
}

fn duration(ns: u64) -> Cell {
    Cell::new().with(Role::Plain, format::duration(ns))
}

/// A count that matters when it is not zero.
fn some(role: Role, number: u64) -> Cell {
    match number {
        0 => Cell::new().with(Role::Dim, "-"),
        _ => Cell::new().with(role, format::count(number)),
    }
}
