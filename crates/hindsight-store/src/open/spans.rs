//! The open spans as readers see them: an index by identity, over pieces of rows.
//!
//! Cloning costs a reference for each shard of the index and one for all pieces, whatever is open.
//! A piece may have rows that count no more; the index tells which do.

use std::sync::{Arc, OnceLock};

use hindsight_protocol::batch::SpanRow;
use hindsight_protocol::{CheckedBatch, SpanId, TraceId};

use super::SpanKey;
use super::pieces::PieceRow;
use crate::directory::OpenTraces;
use crate::sharded::ShardedMap;

/// Where the newest report of an open span is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OpenAt {
    pub(super) piece: u32,
    pub(super) row: u32,
    /// See [`OpenSpan::stamp`].
    pub(super) stamp: u64,
}

impl OpenAt {
    pub(super) fn place(self) -> PieceRow {
        let Self { piece, row, .. } = self;
        PieceRow { piece, row }
    }
}

/// Where each open span is.
pub(super) type OpenIndex = ShardedMap<SpanKey, OpenAt>;

/// Pieces by number; none where a number is free, or that of the piece that is being filled.
pub(super) type EndedPieces = Arc<Vec<Option<Arc<OpenPiece>>>>;

/// Reports that were stored one after the other.
#[derive(Debug)]
pub(crate) struct OpenPiece {
    rows: CheckedBatch,
    /// Made by the first list, at no cost to the writer.
    traces: OnceLock<OpenTraces>,
}

impl OpenPiece {
    pub(super) fn new(rows: CheckedBatch) -> Self {
        Self {
            rows,
            traces: OnceLock::new(),
        }
    }

    /// The reports, with those that count no more.
    pub(crate) fn batch(&self) -> &CheckedBatch {
        &self.rows
    }

    /// The trace of each report, with those that count no more.
    pub(crate) fn traces(&self) -> &OpenTraces {
        self.traces.get_or_init(|| OpenTraces::new(&self.rows))
    }
}

/// The newest report of a span that has not ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenSpan<'a> {
    pub(crate) row: SpanRow<'a>,
    /// Grows with each change of any open span.
    pub(crate) stamp: u64,
}

/// All open spans.
#[derive(Clone, Debug)]
pub(crate) struct OpenSpans {
    index: OpenIndex,
    pieces: EndedPieces,
    /// Number and copy of the piece that is being filled.
    filling: Option<(u32, Arc<OpenPiece>)>,
}

impl OpenSpans {
    pub(super) fn new(
        index: &OpenIndex,
        pieces: &EndedPieces,
        filling: Option<(u32, Arc<OpenPiece>)>,
    ) -> Self {
        Self {
            index: index.clone(),
            pieces: Arc::clone(pieces),
            filling,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.index.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    fn span(&self, at: OpenAt) -> Option<OpenSpan<'_>> {
        let piece = match &self.filling {
            Some((number, piece)) if *number == at.piece => piece,
            _ => self.pieces.get(at.piece as usize)?.as_ref()?,
        };
        let row = at.row as usize;
        debug_assert!(row < piece.rows.len(), "no row at {at:?}");
        (row < piece.rows.len()).then(|| OpenSpan {
            row: piece.rows.row(row),
            stamp: at.stamp,
        })
    }

    /// The open spans of one trace, by span id.
    pub(crate) fn of_trace(&self, trace: TraceId) -> impl Iterator<Item = OpenSpan<'_>> {
        let of_trace = self.index.range(trace, keys_of(trace));
        of_trace.filter_map(|(_, at)| self.span(*at))
    }

    /// Whether a span of the trace is open.
    pub(crate) fn has_trace(&self, trace: TraceId) -> bool {
        self.index.range(trace, keys_of(trace)).next().is_some()
    }

    /// The reports of all open spans, in no particular order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = SpanRow<'_>> {
        let spans = self.index.iter().filter_map(|(_, at)| self.span(*at));
        spans.map(|span| span.row)
    }

    /// All pieces, in no particular order.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = &OpenPiece> {
        let filling = self.filling.iter().map(|(_, piece)| &**piece);
        let pieces = self.pieces.iter().flatten().map(|piece| &**piece);
        pieces.chain(filling)
    }
}

fn keys_of(trace: TraceId) -> std::ops::RangeInclusive<SpanKey> {
    (trace, SpanId::from_u64(0))..=(trace, SpanId::from_u64(u64::MAX))
}
