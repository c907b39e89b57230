//! Runs: the immutable pieces a snapshot consists of, each with a directory of its traces.

use std::collections::BTreeSet;

use hindsight_protocol::batch::SpanRow;
use hindsight_protocol::TraceId;

use super::Snapshot;
use crate::chunk::{FrozenChunk, RowRef, Slot};
use crate::directory::{TraceEntry, TraceTable};
use crate::open;
use crate::segment::Segment;

/// A segment, or a chunk of the one that is not sealed.
#[derive(Clone, Copy)]
pub(super) enum Run<'a> {
    Segment(&'a Segment),
    Chunk(&'a FrozenChunk),
}

impl<'a> Run<'a> {
    pub(super) fn traces(self) -> &'a TraceTable {
        match self {
            Self::Segment(segment) => &segment.traces,
            Self::Chunk(chunk) => chunk.traces(),
        }
    }

    pub(super) fn row(self, slot: Slot) -> SpanRow<'a> {
        match self {
            Self::Segment(segment) => segment.row(slot),
            Self::Chunk(chunk) => chunk.rows.row(slot as usize),
        }
    }

    fn place(self, slot: Slot) -> RowRef {
        match self {
            Self::Segment(segment) => segment.place(slot),
            Self::Chunk(chunk) => RowRef {
                chunk: chunk.number,
                row: slot,
            },
        }
    }
}

/// All runs of a snapshot, oldest first.
pub(super) fn runs(snapshot: &Snapshot) -> impl Iterator<Item = Run<'_>> {
    let segments = snapshot.segments.iter().map(|s| Run::Segment(s));
    let chunks = snapshot.chunks.iter().map(|c| Run::Chunk(c));
    segments.chain(chunks)
}

/// The rows of one trace in one run (or in the open table), in order of (start, span id).
pub(super) enum Part<'a> {
    Stored {
        run: Run<'a>,
        entry: &'a TraceEntry,
        superseded: Option<&'a BTreeSet<RowRef>>,
    },
    Open(Vec<SpanRow<'a>>),
}

impl<'a> Part<'a> {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Stored { entry, .. } => entry.spans as usize,
            Self::Open(rows) => rows.len(),
        }
    }

    /// The row at `at`, superseded or not.
    pub(super) fn row(&self, at: usize) -> SpanRow<'a> {
        match self {
            Self::Stored { run, entry, .. } => run.row(run.traces().rows_of(entry)[at]),
            Self::Open(rows) => rows[at],
        }
    }

    /// The row at `at`, unless it is superseded.
    pub(super) fn live_row(&self, at: usize) -> Option<SpanRow<'a>> {
        let row = self.row(at);
        match self {
            Self::Stored {
                run,
                entry,
                superseded: Some(superseded),
            } => {
                let place = run.place(run.traces().rows_of(entry)[at]);
                (!superseded.contains(&place)).then_some(row)
            }
            _ => Some(row),
        }
    }
}

/// Where the rows of a trace are.
pub(super) fn parts(snapshot: &Snapshot, trace: TraceId) -> Vec<Part<'_>> {
    let superseded = snapshot.superseded.of(trace);
    let stored = runs(snapshot).filter_map(|run| {
        let entry = run.traces().find(trace)?;
        Some(Part::Stored {
            run,
            entry,
            superseded,
        })
    });
    let mut parts: Vec<Part<'_>> = stored.collect();
    let open = open::of_trace(&snapshot.open, trace);
    let mut open: Vec<SpanRow<'_>> = open.map(|span| span.row()).collect();
    if !open.is_empty() {
        open.sort_unstable_by_key(|row| order(*row));
        parts.push(Part::Open(open));
    }
    parts
}

/// The order of spans within a trace.
pub(super) fn order(row: SpanRow<'_>) -> (u64, u64) {
    (row.start_ns(), row.span_id().bits)
}
