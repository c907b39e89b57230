//! The spans as a table.

use hindsight_protocol::StatusCode;

use super::sort::{SortBy, ranks};
use super::{Head, ListRow, dim, duration, number, offset, text};
use crate::canvas::rows::calm;
use crate::explore::Explorer;
use crate::name::{name_cell, service_cell};
use crate::self_time::self_times_ns;
use crate::text::{Line, Role};
use crate::timeline::is_lost;
use crate::waterfall;

pub(super) const HEADS: &[Head] = &[
    number("start", "start"),
    number("duration", "duration"),
    number("self", "self time"),
    text("service", "service"),
    text("name", "name"),
    text("status", "status"),
];

/// Nodes in an order, with their self times.
#[derive(Debug)]
pub struct SpanList {
    order: Vec<u32>,
    self_times_ns: Vec<u64>,
}

impl SpanList {
    /// All spans of `explorer`, or those that a search has found, sorted by `sort` (a word of a
    /// link; by start where it is none).
    pub fn new(explorer: &Explorer, only_found: bool, sort: &str) -> Self {
        let (tree, timeline) = (explorer.tree(), explorer.timeline());
        let self_times_ns = self_times_ns(tree, timeline);
        let rows = match only_found {
            true => explorer.matches().to_vec(),
            false => (0..tree.len() as u32).collect(),
        };
        let sort = SortBy::of_word(HEADS, sort, "start");
        let order = match HEADS[sort.column].key {
            "duration" => sort.order(rows, |node| !timeline.duration_ns(tree, node)),
            "self" => sort.order(rows, |node| !self_times_ns[node]),
            "service" => {
                let ranks = ranks(&tree.strings);
                sort.order(rows, |node| {
                    ranks[tree.process(node).service as usize].into()
                })
            }
            "name" => {
                let ranks = ranks(&tree.strings);
                sort.order(rows, |node| ranks[tree.name_code(node) as usize].into())
            }
            "status" => sort.order(rows, |node| status_rank(explorer, node)),
            _ => sort.order(rows, |node| tree.start_ns(node)),
        };
        Self {
            order,
            self_times_ns,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    pub(super) fn node(&self, number: usize) -> Option<usize> {
        self.order.get(number).map(|node| *node as usize)
    }

    pub(super) fn row(&self, explorer: &Explorer, number: usize) -> Option<ListRow> {
        let node = self.node(number)?;
        let (tree, timeline) = (explorer.tree(), explorer.timeline());
        let (start_ns, end_ns) = timeline.bounds_ns();
        let long = match is_lost(tree, node) {
            true => dim("?"),
            false => duration(timeline.duration_ns(tree, node)),
        };
        let mut name = name_cell(tree.name(node));
        if let Some(outcome) = explorer.outcome(node) {
            name = name.with(calm(outcome.role()), format!("  {}", outcome.label()));
        }
        let own = self.self_times_ns.get(node).copied().unwrap_or_default();
        Some(ListRow {
            span: tree.span_id(node),
            cells: vec![
                offset(tree.start_ns(node) - start_ns, end_ns - start_ns),
                long,
                duration(own),
                service_cell(tree.service(node)),
                name,
                status(explorer, node),
            ],
        })
    }
}

/// What is special about the span, else how it ended.
fn status(explorer: &Explorer, node: usize) -> Line {
    let notes = waterfall::notes(explorer.tree(), node);
    match (notes.segments(), explorer.tree().status(node)) {
        ([], StatusCode::Ok) => Line::new().with(Role::Good, "ok"),
        ([], _) => Line::new(),
        _ => notes,
    }
}

/// Errors, then what has no end, then what is said to be well, then the rest.
fn status_rank(explorer: &Explorer, node: usize) -> u64 {
    let tree = explorer.tree();
    match (tree.status(node), tree.end_ns(node)) {
        (StatusCode::Error, _) => 0,
        (_, None) => 1,
        (StatusCode::Ok, _) => 2,
        (_, Some(_)) => 3,
    }
}
