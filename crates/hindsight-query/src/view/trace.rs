//! Rows of one trace, in tree order.
//!
//! In: rows of one trace in any order, with duplicates, orphans and cycles. Out: a [`TraceView`] over
//! them. Holds what the top of this crate says of the tree. Cost: one sort, the rest linear; about 80
//! bytes a row; no recursion.

use std::collections::{HashMap, HashSet};

use hindsight_protocol::batch::SpanRow;
use hindsight_protocol::{SpanId, SpanState, StatusCode};

use super::{TraceFacts, TraceView, has_family};

const NONE: u32 = u32::MAX;

/// The newest report of each span of one trace.
#[derive(Clone, Debug, Default)]
pub struct RowsOfTrace<'b> {
    rows: Vec<SpanRow<'b>>,
    parents: Vec<u32>,
    ends: Vec<u32>,
    facts: TraceFacts<'b>,
}

impl<'b> RowsOfTrace<'b> {
    /// Arranges rows that all belong to one trace; at most [`u32::MAX`] − 1 are taken.
    pub fn new(rows: impl IntoIterator<Item = SpanRow<'b>>) -> Self {
        let mut rows = newest_reports(rows.into_iter().take(NONE as usize - 1));
        rows.sort_by_key(|row| (row.start_ns(), row.span_id()));
        let parents = acyclic_parents(&rows);
        let facts = facts(&rows);
        let mut arranged = Self {
            facts,
            ..Self::default()
        };
        arranged.lay_out(&rows, &parents);
        arranged
    }

    /// The row of span `node`.
    pub fn row(&self, node: usize) -> Option<SpanRow<'b>> {
        self.rows.get(node).copied()
    }

    /// The node of the span with this id.
    pub fn find(&self, id: SpanId) -> Option<usize> {
        self.rows.iter().position(|row| row.span_id() == id)
    }

    /// Preorder with siblings in the order of `rows`.
    fn lay_out(&mut self, rows: &[SpanRow<'b>], parents: &[u32]) {
        let (mut first_child, mut next_sibling) = (vec![NONE; rows.len()], vec![NONE; rows.len()]);
        let mut waiting = Vec::new();
        for (index, parent) in parents.iter().enumerate().rev() {
            match first_child.get_mut(*parent as usize) {
                Some(first) => next_sibling[index] = std::mem::replace(first, index as u32),
                None => waiting.push((index as u32, NONE)),
            }
        }
        while let Some((index, parent)) = waiting.pop() {
            let node = self.rows.len() as u32;
            self.rows.push(rows[index as usize]);
            self.parents.push(parent);
            let below = waiting.len();
            let mut child = first_child[index as usize];
            while child != NONE {
                waiting.push((child, node));
                child = next_sibling[child as usize];
            }
            waiting[below..].reverse();
        }
        self.ends = (1..).take(self.rows.len()).collect();
        for node in (0..self.rows.len()).rev() {
            let end = self.ends[node];
            if let Some(above) = self.ends.get_mut(self.parents[node] as usize) {
                *above = end.max(*above);
            }
        }
    }
}

/// Of several reports of a span the final one, then the higher version, then the later row.
fn newest_reports<'b>(rows: impl Iterator<Item = SpanRow<'b>>) -> Vec<SpanRow<'b>> {
    let rank = |row: &SpanRow<'_>| (row.end_ns().is_some(), row.version());
    let mut kept: Vec<SpanRow<'b>> = Vec::new();
    let mut by_id: HashMap<SpanId, usize> = HashMap::new();
    for row in rows {
        let slot = *by_id.entry(row.span_id()).or_insert(kept.len());
        match kept.get_mut(slot) {
            Some(known) if rank(&row) >= rank(known) => *known = row,
            Some(_) => {}
            None => kept.push(row),
        }
    }
    kept
}

/// Parents by index, [`NONE`] for roots; `rows` is ordered by start and id, so the member of a cycle
/// with the lowest index is its earliest.
fn acyclic_parents(rows: &[SpanRow<'_>]) -> Vec<u32> {
    let by_id: HashMap<SpanId, u32> = rows.iter().map(|row| row.span_id()).zip(0..).collect();
    let parent_of = |row: &SpanRow<'_>| {
        let parent = row.parent_id().filter(|parent| *parent != row.span_id());
        parent.and_then(|parent| by_id.get(&parent)).copied()
    };
    let mut parents: Vec<u32> = rows
        .iter()
        .map(|row| parent_of(row).unwrap_or(NONE))
        .collect();
    let mut walks = vec![NONE; rows.len()];
    for start in 0..rows.len() {
        if let Some(met) = walk_up(&parents, &mut walks, start) {
            let lowest = lowest_of_cycle(&parents, met);
            parents[lowest] = NONE;
        }
    }
    parents
}

/// Marks the way up from `start`; where it met itself, if it did.
fn walk_up(parents: &[u32], walks: &mut [u32], start: usize) -> Option<usize> {
    let mut at = start;
    while walks[at] == NONE {
        walks[at] = start as u32;
        match parents[at] {
            NONE => return None,
            parent => at = parent as usize,
        }
    }
    (walks[at] == start as u32).then_some(at)
}

fn lowest_of_cycle(parents: &[u32], member: usize) -> usize {
    let (mut lowest, mut at) = (member, parents[member] as usize);
    while at != member {
        lowest = lowest.min(at);
        at = parents[at] as usize;
    }
    lowest
}

/// `rows` ordered by start.
fn facts<'b>(rows: &[SpanRow<'b>]) -> TraceFacts<'b> {
    let Some(earliest) = rows.first() else {
        return TraceFacts::default();
    };
    let root = rows.iter().find(|row| row.parent_id().is_none());
    let root = root.unwrap_or(earliest);
    let services: HashSet<&str> = rows.iter().map(|row| row.service()).collect();
    let latest_end = rows.iter().filter_map(|row| row.end_ns()).max();
    let latest_start = rows.iter().map(|row| row.start_ns()).max();
    let end = latest_end.or(latest_start).unwrap_or_default();
    let count = |keep: fn(&SpanRow<'_>) -> bool| rows.iter().filter(|row| keep(row)).count() as u64;
    TraceFacts {
        spans: rows.len() as u64,
        errors: count(|row| row.status() == StatusCode::Error),
        services: services.iter().filter(|name| !name.is_empty()).count() as u64,
        running: count(|row| row.state() == SpanState::Running),
        start_ns: earliest.start_ns(),
        duration_ns: end.saturating_sub(earliest.start_ns()),
        root_name: root.name(),
        root_service: root.service(),
    }
}

impl<'b> TraceView for RowsOfTrace<'b> {
    type Span<'a>
        = SpanRow<'b>
    where
        Self: 'a;

    fn len(&self) -> usize {
        self.rows.len()
    }

    fn span(&self, node: usize) -> SpanRow<'b> {
        self.rows[node]
    }

    fn parent(&self, node: usize) -> Option<usize> {
        let parent = *self.parents.get(node)?;
        (parent != NONE).then_some(parent as usize)
    }

    fn subtree_end(&self, node: usize) -> usize {
        self.ends.get(node).map_or(node + 1, |end| *end as usize)
    }

    fn facts(&self) -> Option<TraceFacts<'_>> {
        Some(self.facts)
    }

    fn has_family(&self, family: &str) -> Option<bool> {
        Some(self.rows.iter().any(|row| has_family(row, family)))
    }
}
