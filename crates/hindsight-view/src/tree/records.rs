//! Ordering the rows, choosing one report of each span, finding parents.
//!
//! A *record* is a row's place in the order of (start, span id, row). Joins sort ids instead of
//! hashing them: ids come from outside and may be chosen to collide.

use crate::columns::TraceColumns;

use super::PlacementCode;
use super::cycle::{NONE, break_cycles};

/// The rows in order, with their parents.
#[derive(Debug)]
pub(super) struct Records {
    /// Row of each record.
    pub(super) rows: Vec<u32>,
    /// Parent of each record, [`NONE`] for roots and for records that are left out.
    pub(super) parents: Vec<u32>,
    pub(super) placements: Vec<PlacementCode>,
    /// Records of roots in drawing order.
    pub(super) roots: Vec<u32>,
    /// Record and number of other reports it replaces.
    pub(super) duplicates: Vec<(u32, u32)>,
    /// Records left out.
    pub(super) superseded: usize,
}

/// Ids with their records, or starts with their rows, in order.
type Keyed = Vec<(u64, u32)>;

/// The rows in order, and which of them count.
#[derive(Debug)]
pub(super) struct Ordered {
    rows: Vec<u32>,
    ids: Keyed,
    left_out: Vec<bool>,
    duplicates: Vec<(u32, u32)>,
}

impl Ordered {
    /// Of columns of sound structure.
    pub(super) fn of(columns: &TraceColumns) -> Self {
        let rows = in_order(columns);
        let mut ids: Keyed = Vec::with_capacity(rows.len());
        ids.extend((0..).zip(&rows).map(|(record, row)| {
            let id = columns.span_ids[*row as usize];
            (id, record)
        }));
        ids.sort_unstable();
        let mut left_out = vec![false; rows.len()];
        let duplicates = choose_reports(columns, &rows, &mut ids, &mut left_out);
        Self {
            rows,
            ids,
            left_out,
            duplicates,
        }
    }

    /// With their parents; `columns` are those it was made of.
    pub(super) fn placed(self, columns: &TraceColumns) -> Records {
        let placed = place(columns, &self.rows, &self.ids, &self.left_out);
        let (mut parents, mut placements, mut roots) = placed;
        break_cycles(&mut parents, |record| {
            placements[record] = PlacementCode::Cycle;
            roots.push((record as u32, record as u32));
        });
        roots.sort_unstable();
        Records {
            superseded: self.left_out.iter().filter(|left_out| **left_out).count(),
            roots: roots.into_iter().map(|(_, record)| record).collect(),
            rows: self.rows,
            parents,
            placements,
            duplicates: self.duplicates,
        }
    }
}

/// Row numbers by (start, span id, row).
fn in_order(columns: &TraceColumns) -> Vec<u32> {
    let key = |row: usize| (columns.starts_ns[row], columns.span_ids[row]);
    let mut rows: Vec<u32> = (0..columns.len() as u32).collect();
    if rows.is_sorted_by_key(|row| key(*row as usize)) {
        return rows;
    }
    let start = |row: &u32| (columns.starts_ns[*row as usize], *row);
    let mut keyed: Keyed = rows.iter().map(start).collect();
    keyed.sort_unstable();
    // Few spans start together: their ids are looked at only here.
    for together in keyed.chunk_by_mut(|a, b| a.0 == b.0) {
        if together.len() > 1 {
            together.sort_unstable_by_key(|(_, row)| (columns.span_ids[*row as usize], *row));
        }
    }
    rows.clear();
    rows.extend(keyed.iter().map(|(_, row)| *row));
    rows
}

/// Leaves one report of each valid id in `ids`, marks the others, and counts them.
fn choose_reports(
    columns: &TraceColumns,
    rows: &[u32],
    ids: &mut Keyed,
    left_out: &mut [bool],
) -> Vec<(u32, u32)> {
    let rank = |record: u32| {
        let row = rows[record as usize] as usize;
        (columns.end_ns(row).is_some(), columns.version(row), row)
    };
    let mut duplicates = Vec::new();
    let mut last: Option<(u64, u32)> = None;
    ids.retain_mut(|(id, record)| {
        let Some((_, winner)) = last.filter(|(known, _)| known == id && *id != 0) else {
            last = Some((*id, *record));
            return true;
        };
        let (better, worse) = match rank(*record) > rank(winner) {
            true => (*record, winner),
            false => (winner, *record),
        };
        left_out[worse as usize] = true;
        last = Some((*id, better));
        duplicates.push((better, *id));
        false
    });
    // The element that was kept is the first of its run, which need not be the winner.
    settle(ids, &duplicates);
    count(duplicates)
}

/// Puts the winners in the place of the first of their run. `winners`, by id, the last one final.
fn settle(ids: &mut Keyed, winners: &[(u32, u64)]) {
    for (winner, id) in winners {
        if let Ok(at) = ids.binary_search_by_key(id, |(id, _)| *id) {
            ids[at].1 = *winner;
        }
    }
}

/// Winner and number of the reports it replaces, by winner.
fn count(winners: Vec<(u32, u64)>) -> Vec<(u32, u32)> {
    let mut counted: Vec<(u32, u32)> = Vec::new();
    let mut last_id = 0;
    for (winner, id) in winners {
        match counted.last_mut().filter(|_| last_id == id) {
            Some((last, count)) => {
                *last = winner;
                *count += 1;
            }
            None => counted.push((winner, 1)),
        }
        last_id = id;
    }
    counted
}

type Placed = (Vec<u32>, Vec<PlacementCode>, Vec<(u32, u32)>);

/// Parents, how each came there, and the roots with the record that stands for their group.
fn place(columns: &TraceColumns, rows: &[u32], ids: &Keyed, left_out: &[bool]) -> Placed {
    let mut parents = vec![NONE; rows.len()];
    let mut placements = vec![PlacementCode::Root; rows.len()];
    let mut roots = Vec::new();
    let mut wanted: Keyed = Vec::with_capacity(rows.len());
    for (record, row) in (0..).zip(rows) {
        if left_out[record as usize] {
            continue;
        }
        let row = *row as usize;
        match columns.parent_ids[row] {
            0 => roots.push((record, record)),
            parent if parent == columns.span_ids[row] => {
                placements[record as usize] = PlacementCode::SelfParent;
                roots.push((record, record));
            }
            parent => wanted.push((parent, record)),
        }
    }
    wanted.sort_unstable();
    let mut found = ids.iter().peekable();
    // The first orphan of the run of a missing parent; records ascend within a run.
    let mut leader = (0, NONE);
    for (parent, record) in wanted {
        while found.next_if(|(id, _)| *id < parent).is_some() {}
        let index = record as usize;
        match found.peek() {
            Some((id, parent_record)) if *id == parent => {
                parents[index] = *parent_record;
                placements[index] = PlacementCode::Child;
            }
            _ => {
                if leader.0 != parent {
                    leader = (parent, record);
                }
                placements[index] = PlacementCode::Orphan;
                roots.push((leader.1, record));
            }
        }
    }
    (parents, placements, roots)
}
