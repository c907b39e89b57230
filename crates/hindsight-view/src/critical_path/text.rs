//! The critical path as text: in order of time, or added up by what it went to.

use std::collections::HashMap;

use super::PathSegment;
use crate::format;
use crate::name::{name_cell, service_cell};
use crate::table::{Cell, Column, Table, cell};
use crate::text::Role;
use crate::tree::TraceTree;

/// What the path spent on the spans of one service and name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathShare {
    /// One of the spans: the first on the path.
    pub index: usize,
    /// Nanoseconds on the path.
    pub total_ns: u64,
    /// Stretches of the path.
    pub segments: usize,
}

/// The path added up by service and name, the largest first.
pub fn path_shares(tree: &TraceTree, path: &[PathSegment]) -> Vec<PathShare> {
    let mut places: HashMap<(u32, u32), usize> = HashMap::new();
    let mut shares: Vec<PathShare> = Vec::new();
    for segment in path {
        let index = segment.index;
        let key = (tree.process(index).service, tree.name_code(index));
        let place = *places.entry(key).or_insert(shares.len());
        if place == shares.len() {
            shares.push(PathShare {
                index,
                total_ns: 0,
                segments: 0,
            });
        }
        shares[place].total_ns += segment.duration_ns();
        shares[place].segments += 1;
    }
    shares.sort_by_key(|share| std::cmp::Reverse(share.total_ns));
    shares
}

/// The first `rows_max` stretches in order of time: since the start, how long, share, who.
pub fn path_table(tree: &TraceTree, path: &[PathSegment], rows_max: usize) -> Table {
    let mut table = Table::new(vec![
        Column::right("AT"),
        Column::right("TIME"),
        Column::right("SHARE"),
        Column::left("SERVICE").shrinking_to(6),
        Column::left("NAME").shrinking_to(12),
    ]);
    let start_ns = path.first().map_or(0, |first| first.from_ns);
    let total_ns = length_ns(path);
    for segment in path.iter().take(rows_max) {
        table.push(vec![
            duration_cell(Role::Dim, segment.from_ns - start_ns),
            duration_cell(Role::Plain, segment.duration_ns()),
            share_cell(segment.duration_ns(), total_ns),
            service_cell(tree.service(segment.index)),
            name_cell(tree.name(segment.index)),
        ]);
    }
    table
}

/// The `rows_max` largest shares.
pub fn path_shares_table(tree: &TraceTree, path: &[PathSegment], rows_max: usize) -> Table {
    let mut table = Table::new(vec![
        Column::right("TIME"),
        Column::right("SHARE"),
        Column::right("PARTS"),
        Column::left("SERVICE").shrinking_to(6),
        Column::left("NAME").shrinking_to(12),
    ]);
    let total_ns = length_ns(path);
    for share in path_shares(tree, path).into_iter().take(rows_max) {
        table.push(vec![
            duration_cell(Role::Plain, share.total_ns),
            share_cell(share.total_ns, total_ns),
            cell(Role::Dim, &format::count(share.segments as u64), 20),
            service_cell(tree.service(share.index)),
            name_cell(tree.name(share.index)),
        ]);
    }
    table
}

/// The segments are contiguous.
fn length_ns(path: &[PathSegment]) -> u64 {
    match (path.first(), path.last()) {
        (Some(first), Some(last)) => last.to_ns - first.from_ns,
        _ => 0,
    }
}

fn duration_cell(role: Role, ns: u64) -> Cell {
    Cell::new().with(role, format::duration(ns))
}

fn share_cell(part: u64, whole: u64) -> Cell {
    Cell::new().with(Role::Dim, format::percent(part, whole))
}
