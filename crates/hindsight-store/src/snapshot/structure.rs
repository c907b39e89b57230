//! The structure of a trace, page by page: its rows in all runs, merged in order of (start, id).
//!
//! In: a cursor. Out: columns of at most [`STRUCTURE_ROWS_MAX`] rows. Holds: nothing is kept for a
//! reader but the order of large traces within immutable runs, so a page costs what it has, and a
//! row that was stored when a round began is told in that round or, if a newer report took its
//! place, in the next one.

mod columns;

use std::sync::Arc;

use hindsight_protocol::TraceId;
use hindsight_protocol::batch::SpanRow;
use hindsight_protocol::hub::{
    STRUCTURE_ROWS_MAX, StructureCursor, StructureMark, TraceStructure, TraceStructureRequest,
};

use self::columns::Columns;
use super::Snapshot;
use super::run::{RowView, runs};
use crate::chunk::RowRef;
use crate::column::{Bitmap, SegmentRows};
use crate::unsealed::Tip;

/// Place in the order.
type Place = (u64, u64);

pub(super) fn page(snapshot: &Snapshot, request: &TraceStructureRequest) -> TraceStructure {
    let trace = request.trace_id;
    let now = mark(snapshot, trace);
    let mut cursor = request.cursor;
    let known = match cursor.is_under_way {
        true => cursor.coming,
        false => cursor.told,
    };
    let is_lost = !known.is_set || !is_same_past(&known, &now);
    if is_lost {
        cursor = StructureCursor::default();
    }
    if !cursor.is_under_way {
        cursor.coming = now;
    }
    let after = cursor
        .is_under_way
        .then_some((cursor.start_ns, cursor.span_id));
    let rows_max = match request.limit as usize {
        0 => STRUCTURE_ROWS_MAX,
        limit => limit.min(STRUCTURE_ROWS_MAX),
    };
    let mut columns = Columns::new(snapshot.page_bytes_max);
    let mut sources = sources(snapshot, trace, &cursor.told, after);
    let has_more = !merge(&mut sources, &mut columns, rows_max);
    cursor = match (has_more, columns.last()) {
        (true, Some((start_ns, span_id))) => StructureCursor {
            is_under_way: true,
            start_ns,
            span_id,
            ..cursor
        },
        _ => StructureCursor {
            hub_id: cursor.hub_id,
            told: cursor.coming,
            ..StructureCursor::default()
        },
    };
    let summary = match has_more {
        true => None,
        false => snapshot.summary(trace),
    };
    TraceStructure {
        revision: snapshot.revision,
        summary: summary.into_iter().collect(),
        begins: is_lost,
        has_more,
        next: cursor,
        ..columns.finish()
    }
}

/// This moment.
fn mark(snapshot: &Snapshot, trace: TraceId) -> StructureMark {
    let partial = snapshot.tip.partial;
    let removals = snapshot.removals.of_trace(trace, false);
    StructureMark {
        is_set: true,
        chunk: snapshot.tip.chunk,
        partial_chunk: partial.map_or(snapshot.tip.chunk, |at| at.chunk),
        partial_rows: partial.map_or(0, |at| at.row),
        open_stamp: snapshot.open_stamp,
        removed_spans: removals.iter().map(|removal| removal.spans).sum(),
        removed_ns: removals.iter().map(|r| r.at_ns).max().unwrap_or(0),
    }
}

/// Whether no span that was there before has been removed since.
fn is_same_past(before: &StructureMark, now: &StructureMark) -> bool {
    let removed = |mark: &StructureMark| (mark.removed_spans, mark.removed_ns);
    removed(before) == removed(now)
}

/// The rows of one run, or the open spans, from some place on.
enum Source<'a> {
    Stored {
        rows: &'a SegmentRows,
        order: Arc<[u32]>,
        at: usize,
        /// Rows to tell; none for all.
        only: Option<Bitmap>,
        /// Ascending.
        superseded: Vec<usize>,
    },
    Open(std::vec::IntoIter<SpanRow<'a>>),
}

fn sources<'a>(
    snapshot: &'a Snapshot,
    trace: TraceId,
    told: &StructureMark,
    after: Option<Place>,
) -> Vec<Source<'a>> {
    let tip = told.is_set.then_some(Tip {
        chunk: told.chunk,
        partial: Some(RowRef {
            chunk: told.partial_chunk,
            row: told.partial_rows,
        }),
    });
    let superseded = snapshot.superseded.of(trace);
    let stored = runs(snapshot).filter_map(|run| {
        let ordinal = run.rows.traces().find(trace)?;
        let only = tip.as_ref().and_then(|tip| run.rows_since(tip));
        let is_told = |only: &Bitmap| {
            !run.rows
                .traces()
                .rows_of(ordinal)
                .any(|row| only.contains(row as usize))
        };
        if only.as_ref().is_some_and(is_told) {
            return None;
        }
        let rows = &run.rows;
        let order = run.order_of(ordinal);
        let is_before = |row: &u32| {
            let row = RowView::Stored(rows, *row as usize);
            after.is_some_and(|after| row.order() <= after)
        };
        let superseded = superseded.into_iter().flatten();
        let mut superseded: Vec<usize> = superseded.filter_map(|at| run.row_of(*at)).collect();
        superseded.sort_unstable();
        Some(Source::Stored {
            rows,
            at: order.partition_point(is_before),
            order,
            only,
            superseded,
        })
    });
    let mut sources: Vec<Source<'a>> = stored.collect();
    let stamp = told.open_stamp;
    let open = snapshot.open.of_trace(trace);
    let open = open.filter(|span| span.stamp > stamp).map(|span| span.row);
    let is_after =
        |row: &SpanRow<'_>| after.is_none_or(|after| RowView::Open(*row).order() > after);
    let mut open: Vec<SpanRow<'a>> = open.filter(is_after).collect();
    open.sort_unstable_by_key(|row| RowView::Open(*row).order());
    sources.push(Source::Open(open.into_iter()));
    sources
}

impl<'a> Source<'a> {
    fn next(&mut self) -> Option<RowView<'a>> {
        match self {
            Self::Open(rows) => rows.next().map(RowView::Open),
            Self::Stored {
                rows,
                order,
                at,
                only,
                superseded,
            } => loop {
                let row = *order.get(*at)? as usize;
                *at += 1;
                let is_new = only.as_ref().is_none_or(|only| only.contains(row));
                if is_new && superseded.binary_search(&row).is_err() {
                    return Some(RowView::Stored(rows, row));
                }
            },
        }
    }
}

/// Adds rows in order until there is none left (then true), or the page is full.
fn merge<'a>(sources: &mut [Source<'a>], columns: &mut Columns<'a>, rows_max: usize) -> bool {
    let mut heads: Vec<(Place, RowView<'a>, usize)> = Vec::new();
    for (at, source) in sources.iter_mut().enumerate() {
        heads.extend(source.next().map(|row| (row.order(), row, at)));
    }
    // Last is next.
    heads.sort_unstable_by_key(|(place, ..)| std::cmp::Reverse(*place));
    while let Some((place, row, at)) = heads.pop() {
        if columns.len() == rows_max || !columns.push(place, row) {
            return false;
        }
        // Rows of a run mostly follow each other.
        let limit = heads.last().map(|(place, ..)| *place);
        while let Some(row) = sources[at].next() {
            let place = row.order();
            let is_next = limit.is_none_or(|limit| place < limit);
            if is_next && columns.len() < rows_max && columns.push(place, row) {
                continue;
            }
            if is_next {
                return false;
            }
            let index = heads.partition_point(|(other, ..)| *other > place);
            heads.insert(index, (place, row, at));
            break;
        }
    }
    true
}
