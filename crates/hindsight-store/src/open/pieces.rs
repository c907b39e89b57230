//! Where the reports of open spans are: a log of rows in pieces.
//!
//! In: rows of batches, and which of them count no more. Out: their places; pieces for readers.
//! Rows are appended to the piece that is being filled, which ends when it has [`ROWS_MAX`] rows or
//! [`BYTES_MAX`] bytes, so that only its last row can be large. Holds: a piece of which no row counts
//! is gone. Bounded: by the rows that count, because the caller moves those of a sparse piece to the
//! end of the log ([`Pieces::pop_sparse`]); so it costs a copy of at most one row for three that go,
//! and there are at most four times as many rows as count.

use std::sync::Arc;

use hindsight_protocol::batch::RowCopier;
use hindsight_protocol::{BatchBuilder, SpanBatch};

use super::spans::{EndedPieces, OpenPiece};
use crate::chunk::batch_bytes;

/// Most rows of a piece.
pub(super) const ROWS_MAX: usize = 256;

/// Bytes at which a piece ends though it has fewer rows.
pub(super) const BYTES_MAX: usize = 64 << 10;

/// A piece with fewer live rows than one in so many is sparse.
const SPARSE: usize = 4;

/// About the bytes of a row in a piece besides its columns: its entry in what lists are made of.
const ROW_OVERHEAD_BYTES: u64 = 32;

/// About the bytes of a piece besides its rows.
const PIECE_OVERHEAD_BYTES: u64 = 1024;

/// Where a report is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PieceRow {
    pub(super) piece: u32,
    pub(super) row: u32,
}

/// Copies rows of a batch into pieces, each into that which is being filled.
#[derive(Debug)]
pub(crate) struct OpenCopier<'a> {
    copier: RowCopier<'a>,
    /// Of the piece copied to last.
    began: u64,
}

impl<'a> OpenCopier<'a> {
    pub(crate) fn new(copier: RowCopier<'a>) -> Self {
        Self { copier, began: 0 }
    }
}

#[derive(Debug, Default)]
pub(super) struct Pieces {
    ended: EndedPieces,
    /// Rows that count, by number.
    live: Vec<u32>,
    free: Vec<u32>,
    filling: BatchBuilder,
    filling_number: Option<u32>,
    /// Pieces begun so far.
    begun: u64,
    copy: Option<Arc<OpenPiece>>,
    /// Numbers of pieces that may be sparse.
    sparse: Vec<u32>,
    ended_bytes: u64,
}

impl Pieces {
    /// Appends a row of the copier's batch with this state.
    pub(super) fn push(&mut self, copier: &mut OpenCopier<'_>, row: usize, state: u8) -> PieceRow {
        let piece = match self.filling_number {
            Some(number) => number,
            None => self.begin(),
        };
        // What the copier knows of another piece does not hold of this one.
        if copier.began != self.begun {
            copier.copier.restart();
            copier.began = self.begun;
        }
        self.copy = None;
        let at = PieceRow {
            piece,
            row: self.filling.len() as u32,
        };
        copier.copier.copy_as(row, state, &mut self.filling);
        self.live[piece as usize] += 1;
        if self.filling.len() >= ROWS_MAX || self.filling.byte_len() >= BYTES_MAX {
            self.end();
        }
        at
    }

    fn begin(&mut self) -> u32 {
        self.begun += 1;
        let number = self.free.pop().unwrap_or_else(|| {
            Arc::make_mut(&mut self.ended).push(None);
            self.live.push(0);
            self.live.len() as u32 - 1
        });
        self.filling_number = Some(number);
        number
    }

    /// Ends the piece that is being filled.
    fn end(&mut self) {
        let Some(number) = self.filling_number.take() else {
            return;
        };
        self.copy = None;
        let live = self.live[number as usize] as usize;
        if live == 0 {
            self.free.push(number);
        } else {
            let piece = OpenPiece::new(self.filling.to_batch());
            self.ended_bytes += piece_bytes(&piece);
            if live * SPARSE < piece.batch().len() {
                self.sparse.push(number);
            }
            Arc::make_mut(&mut self.ended)[number as usize] = Some(Arc::new(piece));
        }
        if self.filling.byte_len() > 2 * BYTES_MAX {
            // One that had a large row would keep its memory.
            self.filling = BatchBuilder::new();
        } else {
            self.filling.clear();
        }
    }

    /// Says that a row, which must be there, does not count any more.
    pub(super) fn remove(&mut self, at: PieceRow) {
        let number = at.piece as usize;
        self.live[number] -= 1;
        let live = self.live[number] as usize;
        if self.filling_number == Some(at.piece) {
            if live == 0 {
                self.end();
            }
            return;
        }
        let Some(piece) = &self.ended[number] else {
            return;
        };
        let rows = piece.batch();
        if live == 0 {
            self.ended_bytes -= piece_bytes(piece);
            Arc::make_mut(&mut self.ended)[number] = None;
            self.free.push(at.piece);
            return;
        }
        // Only the last row can be large; without it the others take little.
        let is_last = at.row as usize + 1 == rows.len();
        if live * SPARSE < rows.len() || (is_last && rows.byte_len() > 2 * BYTES_MAX) {
            self.sparse.push(at.piece);
        }
    }

    /// A piece of which few rows count, and its number: the caller is to push those anew, and to
    /// say of each that it does not count here any more.
    pub(super) fn pop_sparse(&mut self) -> Option<(u32, Arc<OpenPiece>)> {
        loop {
            let number = self.sparse.pop()?;
            // It may be gone since.
            if let Some(Some(piece)) = self.ended.get(number as usize) {
                return Some((number, Arc::clone(piece)));
            }
        }
    }

    /// The columns that have the row, for the writer.
    pub(super) fn columns(&self, piece: u32) -> Option<&SpanBatch> {
        if self.filling_number == Some(piece) {
            return Some(self.filling.columns());
        }
        let piece = self.ended.get(piece as usize)?.as_ref()?;
        Some(piece.batch().columns())
    }

    /// A piece; of the one that is being filled, a copy, made at most once per change.
    pub(super) fn piece(&mut self, number: u32) -> Option<Arc<OpenPiece>> {
        match self.filling() {
            Some((filling, piece)) if filling == number => Some(piece),
            _ => self.ended.get(number as usize)?.clone(),
        }
    }

    /// Number and copy of the piece that is being filled.
    pub(super) fn filling(&mut self) -> Option<(u32, Arc<OpenPiece>)> {
        let number = self.filling_number?;
        let copy = self.copy.get_or_insert_with(|| {
            let rows = self.filling.to_batch();
            Arc::new(OpenPiece::new(rows))
        });
        Some((number, Arc::clone(copy)))
    }

    /// Those that have ended, by number.
    pub(super) fn ended(&self) -> &EndedPieces {
        &self.ended
    }

    /// About the bytes held: those that have ended, that which is being filled at twice its
    /// content, the interner, the readers' copy.
    pub(super) fn bytes(&self) -> u64 {
        let copy = self.copy.as_ref().map_or(0, |copy| piece_bytes(copy));
        let filling = match self.filling_number {
            Some(_) => 3 * self.filling.byte_len() as u64,
            None => 0,
        };
        self.ended_bytes + filling + copy
    }
}

fn piece_bytes(piece: &OpenPiece) -> u64 {
    let rows = piece.batch();
    batch_bytes(rows) + ROW_OVERHEAD_BYTES * rows.len() as u64 + PIECE_OVERHEAD_BYTES
}
