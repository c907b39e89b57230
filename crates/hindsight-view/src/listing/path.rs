//! The critical path, stretch by stretch.

use super::sort::{SortBy, ranks};
use super::{Head, ListRow, dim, duration, number, offset, text};
use crate::critical_path::{PathSegment, critical_path};
use crate::explore::Explorer;
use crate::format;
use crate::name::{name_cell, service_cell};

pub(super) const HEADS: &[Head] = &[
    number("at", "at"),
    number("time", "time"),
    number("share", "share"),
    text("service", "service"),
    text("name", "name"),
];

/// Stretches of the path through the main root.
#[derive(Debug)]
pub struct PathList {
    segments: Vec<PathSegment>,
    order: Vec<u32>,
    start_ns: u64,
    length_ns: u64,
}

impl PathList {
    /// The path of `explorer`'s main root, sorted by `sort` (a word of a link; by time where it is
    /// none).
    pub fn new(explorer: &Explorer, sort: &str) -> Self {
        let (tree, timeline) = (explorer.tree(), explorer.timeline());
        let root = tree.main_root();
        let path = root.map(|root| critical_path(tree, timeline, root));
        let segments = path.unwrap_or_default();
        let rows = (0..segments.len() as u32).collect();
        let sort = SortBy::of_word(HEADS, sort, "at");
        let node = |row: usize| segments[row].index;
        let order = match HEADS[sort.column].key {
            "time" | "share" => sort.order(rows, |row| !segments[row].duration_ns()),
            "service" => {
                let ranks = ranks(&tree.strings);
                let service = |row| tree.process(node(row)).service;
                sort.order(rows, |row| ranks[service(row) as usize].into())
            }
            "name" => {
                let ranks = ranks(&tree.strings);
                sort.order(rows, |row| ranks[tree.name_code(node(row)) as usize].into())
            }
            _ => sort.order(rows, |row| segments[row].from_ns),
        };
        let (first, last) = (segments.first(), segments.last());
        let start_ns = first.map_or(0, |first| first.from_ns);
        Self {
            length_ns: last.map_or(0, |last| last.to_ns - start_ns),
            start_ns,
            segments,
            order,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    fn segment(&self, number: usize) -> Option<&PathSegment> {
        self.segments.get(*self.order.get(number)? as usize)
    }

    pub(super) fn node(&self, number: usize) -> Option<usize> {
        self.segment(number).map(|segment| segment.index)
    }

    pub(super) fn row(&self, explorer: &Explorer, number: usize) -> Option<ListRow> {
        let segment = self.segment(number)?;
        let tree = explorer.tree();
        Some(ListRow {
            span: tree.span_id(segment.index),
            cells: vec![
                offset(segment.from_ns - self.start_ns, self.length_ns),
                duration(segment.duration_ns()),
                dim(format::percent(
                    segment.duration_ns(),
                    self.length_ns.max(1),
                )),
                service_cell(tree.service(segment.index)),
                name_cell(tree.name(segment.index)),
            ],
        })
    }
}
