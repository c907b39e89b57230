//! Runs: the immutable pieces a snapshot consists of, each with a directory of its traces.

use std::collections::BTreeSet;
use std::sync::Arc;

use hindsight_protocol::batch::SpanRow;
use hindsight_protocol::{CheckedBatch, TraceId};

use super::Snapshot;
use crate::chunk::{RowRef, Slot, slot_parts};
use crate::directory::{TraceEntry, TraceTable};
use crate::open;

/// A segment, or a chunk of the one that is not sealed.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    first_chunk: u32,
    chunks: &'a [Arc<CheckedBatch>],
    pub(super) traces: &'a TraceTable,
}

impl<'a> Run<'a> {
    pub(super) fn row(self, slot: Slot) -> SpanRow<'a> {
        let (chunk, row) = slot_parts(slot);
        self.chunks[chunk].row(row)
    }

    fn place(self, slot: Slot) -> RowRef {
        let (chunk, row) = slot_parts(slot);
        RowRef {
            chunk: self.first_chunk.wrapping_add(chunk as u32),
            row: row as u32,
        }
    }
}

/// All runs of a snapshot, oldest first.
pub(super) fn runs(snapshot: &Snapshot) -> impl Iterator<Item = Run<'_>> {
    let segments = snapshot.segments.iter().map(|segment| Run {
        first_chunk: segment.first_chunk,
        chunks: &segment.chunks,
        traces: &segment.traces,
    });
    let chunks = snapshot.chunks.iter().map(|chunk| Run {
        first_chunk: chunk.number,
        chunks: std::slice::from_ref(&chunk.rows),
        traces: chunk.traces(),
    });
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
            Self::Stored { run, entry, .. } => run.row(run.traces.rows_of(entry)[at]),
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
                let place = run.place(run.traces.rows_of(entry)[at]);
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
        let entry = run.traces.find(trace)?;
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
