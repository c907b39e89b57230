//! The segment that is being filled: its chunks, one of which takes the rows of small batches.
//!
//! In: large batches, kept as they came; rows of small ones, copied together. Out: chunks for
//! readers, and everything at once when the segment is sealed. Bounded by the caller, who seals.

use std::sync::Arc;

use hindsight_protocol::batch::RowCopier;
use hindsight_protocol::{CheckedBatch, SpanBatch, SpanState, TraceId};

use crate::chunk::{FrozenChunk, RowRef, SkippedRows, batch_bytes};
use crate::current::CurrentChunk;

#[derive(Debug)]
enum Slot {
    /// Rows of small batches are appended here.
    Current,
    /// A large batch whose rows are being looked at.
    Filling(Arc<CheckedBatch>),
    Frozen(Arc<FrozenChunk>),
}

#[derive(Debug)]
pub(crate) struct Unsealed {
    /// Number of the first chunk; the others follow.
    first_chunk: u32,
    slots: Vec<Slot>,
    current: CurrentChunk,
    current_slot: Option<usize>,
    frozen_bytes: u64,
    rows: u64,
    /// Rows of this segment of which newer reports were stored since.
    superseded: Vec<(TraceId, RowRef)>,
    /// When its first and its newest row were stored.
    first_ns: u64,
    newest_ns: u64,
}

/// How far rows have been appended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tip {
    /// Chunks from this number on are not begun yet.
    pub(crate) chunk: u32,
    /// The first row of a chunk before that is yet to come.
    pub(crate) partial: Option<RowRef>,
}

/// What becomes a segment.
#[derive(Debug)]
pub(crate) struct Sealing {
    /// Number of the first chunk; the others follow.
    pub(crate) first_chunk: u32,
    pub(crate) chunks: Vec<Arc<FrozenChunk>>,
    /// Rows that are superseded already.
    pub(crate) superseded: Vec<(TraceId, RowRef)>,
    /// When the newest row was stored.
    pub(crate) newest_ns: u64,
    /// Bytes of the chunks.
    frozen_bytes: u64,
}

impl Sealing {
    /// About the bytes held, with the columns that readers have had made.
    pub(crate) fn bytes(&self) -> u64 {
        let placed = self.chunks.iter().map(|chunk| chunk.placed_bytes());
        self.frozen_bytes + placed.sum::<u64>()
    }
}

impl Unsealed {
    /// An empty segment whose chunks of small batches have at most `rows_max` rows and about
    /// `bytes_max` bytes.
    pub(crate) fn new(rows_max: usize, bytes_max: usize) -> Self {
        Self {
            first_chunk: 0,
            slots: Vec::new(),
            current: CurrentChunk::new(rows_max, bytes_max),
            current_slot: None,
            frozen_bytes: 0,
            rows: 0,
            superseded: Vec::new(),
            first_ns: 0,
            newest_ns: 0,
        }
    }

    /// Makes `chunk` the number of the next chunk; there must be none yet.
    pub(crate) fn begin_at(&mut self, chunk: u32) {
        debug_assert!(self.slots.is_empty());
        self.first_chunk = chunk;
    }

    /// Rows that count.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// About the bytes held, with the columns that readers have had made.
    pub(crate) fn bytes(&self) -> u64 {
        let placed = self.slots.iter().map(|slot| match slot {
            Slot::Frozen(chunk) => chunk.placed_bytes(),
            Slot::Current | Slot::Filling(_) => 0,
        });
        self.frozen_bytes + self.current.bytes() + placed.sum::<u64>()
    }

    /// Bytes of the chunks that are frozen: what decides whether the segment is full.
    pub(crate) fn frozen_bytes(&self) -> u64 {
        self.frozen_bytes
    }

    /// When the first row was stored.
    pub(crate) fn since_ns(&self) -> Option<u64> {
        (self.rows > 0).then_some(self.first_ns)
    }

    /// Number of the first chunk, also when there is none yet.
    pub(crate) fn first_chunk(&self) -> u32 {
        self.first_chunk
    }

    fn number(&self, slot: usize) -> u32 {
        self.first_chunk.wrapping_add(slot as u32)
    }

    /// A newer report of the row at this place in this segment was stored.
    pub(crate) fn supersede(&mut self, trace: TraceId, at: RowRef) {
        self.superseded.push((trace, at));
    }

    /// The columns and the row at a place in this segment.
    pub(crate) fn columns_at(&self, at: RowRef) -> Option<(&SpanBatch, usize)> {
        let slot = at.chunk.wrapping_sub(self.first_chunk) as usize;
        let columns = match self.slots.get(slot)? {
            Slot::Current => self.current.builder().columns(),
            Slot::Filling(rows) => rows.columns(),
            Slot::Frozen(chunk) => chunk.batch.columns(),
        };
        Some((columns, at.row as usize))
    }

    fn stored(&mut self, rows: u64, now_ns: u64) {
        if rows == 0 {
            return;
        }
        if self.rows == 0 {
            self.first_ns = now_ns;
        }
        self.rows += rows;
        self.newest_ns = now_ns;
    }

    /// Where the next rows will be, for readers that ask what is new: in chunks from this number
    /// on; and in the chunk of small batches, if there is one, behind as many rows.
    pub(crate) fn tip(&self) -> Tip {
        Tip {
            chunk: self.number(self.slots.len()),
            partial: self.current_slot.map(|slot| RowRef {
                chunk: self.number(slot),
                row: self.current.builder().len() as u32,
            }),
        }
    }

    /// Appends a row of a small batch.
    pub(crate) fn push(
        &mut self,
        copier: &mut RowCopier<'_>,
        row: usize,
        state: SpanState,
        now_ns: u64,
    ) -> RowRef {
        let slot = *self.current_slot.get_or_insert_with(|| {
            self.slots.push(Slot::Current);
            self.slots.len() - 1
        });
        let row = self.current.push(copier, row, state as u8);
        self.stored(1, now_ns);
        if self.current.is_full() {
            self.freeze_current();
            copier.restart();
        }
        RowRef {
            chunk: self.number(slot),
            row,
        }
    }

    fn freeze_current(&mut self) {
        let Some(slot) = self.current_slot.take() else {
            return;
        };
        let chunk = self.current.freeze(self.number(slot));
        self.frozen_bytes += batch_bytes(&chunk.batch);
        self.slots[slot] = Slot::Frozen(chunk);
    }

    /// Makes a large batch a chunk; gives its number. Nothing counts before
    /// [`Unsealed::finish_batch`].
    pub(crate) fn begin_batch(&mut self, rows: &Arc<CheckedBatch>) -> u32 {
        self.slots.push(Slot::Filling(Arc::clone(rows)));
        self.number(self.slots.len() - 1)
    }

    /// Says which rows of the chunk that was begun do not count. If none does, the batch is not kept.
    pub(crate) fn finish_batch(&mut self, number: u32, skipped: SkippedRows, now_ns: u64) {
        let slot = number.wrapping_sub(self.first_chunk) as usize;
        let Some(Slot::Filling(rows)) = self.slots.get(slot) else {
            debug_assert!(false, "chunk {number} is not being filled");
            return;
        };
        let rows = Arc::clone(rows);
        let kept = rows.len() - skipped.len();
        if kept == 0 && slot + 1 == self.slots.len() {
            // Its rows are elsewhere or nowhere, so nobody knows the number: the next one has it.
            self.slots.pop();
            return;
        }
        self.frozen_bytes += batch_bytes(&rows);
        self.slots[slot] = Slot::Frozen(Arc::new(FrozenChunk::new(number, rows, skipped)));
        self.stored(kept as u64, now_ns);
    }

    /// The chunks, for readers. Costs a copy of the current one, at most once per change of it.
    pub(crate) fn chunks(&mut self) -> Vec<Arc<FrozenChunk>> {
        let first = self.first_chunk;
        let chunk = |(index, slot): (usize, &Slot)| match slot {
            Slot::Frozen(chunk) => Some(Arc::clone(chunk)),
            Slot::Current => {
                let number = first.wrapping_add(index as u32);
                Some(self.current.copy_for_readers(number))
            }
            Slot::Filling(_) => None,
        };
        self.slots.iter().enumerate().filter_map(chunk).collect()
    }

    /// Takes everything out, to be sealed; none when no row counts. The next chunk has the next
    /// number.
    pub(crate) fn take(&mut self) -> Option<Sealing> {
        self.freeze_current();
        let next_chunk = self.number(self.slots.len());
        let first_chunk = std::mem::replace(&mut self.first_chunk, next_chunk);
        let frozen_bytes = std::mem::take(&mut self.frozen_bytes);
        let rows = std::mem::take(&mut self.rows);
        let superseded = std::mem::take(&mut self.superseded);
        let frozen = |slot| match slot {
            Slot::Frozen(chunk) => Some(chunk),
            Slot::Current | Slot::Filling(_) => None,
        };
        let slots = std::mem::take(&mut self.slots);
        let chunks: Vec<_> = slots.into_iter().filter_map(frozen).collect();
        (rows > 0).then_some(Sealing {
            first_chunk,
            chunks,
            superseded,
            newest_ns: self.newest_ns,
            frozen_bytes,
        })
    }
}
