//! The chunk that rows of small batches are copied to.
//!
//! In: rows of batches. Out: frozen chunks, when full and on demand; copies for readers, made at
//! most once per change.

use std::sync::Arc;

use hindsight_protocol::batch::RowCopier;
use hindsight_protocol::{BatchBuilder, CheckedBatch};

use crate::chunk::{CHUNK_ROWS_MAX, FrozenChunk, SkippedRows, batch_bytes};

#[derive(Debug)]
pub(crate) struct CurrentChunk {
    rows_max: usize,
    bytes_max: usize,
    builder: BatchBuilder,
    copy: Option<Arc<FrozenChunk>>,
}

impl CurrentChunk {
    /// An empty chunk of at most `rows_max` rows ([`CHUNK_ROWS_MAX`] or less) and about
    /// `bytes_max` bytes.
    pub(crate) fn new(rows_max: usize, bytes_max: usize) -> Self {
        debug_assert!(rows_max <= CHUNK_ROWS_MAX);
        Self {
            rows_max,
            bytes_max,
            builder: BatchBuilder::new(),
            copy: None,
        }
    }

    /// Appends a row and gives its number; the chunk must not be full.
    pub(crate) fn push(&mut self, copier: &mut RowCopier<'_>, row: usize, state: u8) -> u32 {
        debug_assert!(!self.is_full());
        self.copy = None;
        let at = self.builder.len() as u32;
        copier.copy_as(row, state, &mut self.builder);
        at
    }

    /// Whether the chunk must be frozen before the next row; an empty chunk never is.
    pub(crate) fn is_full(&self) -> bool {
        let is_large =
            self.builder.len() >= self.rows_max || self.builder.byte_len() >= self.bytes_max;
        is_large && !self.builder.is_empty()
    }

    /// Ends this chunk, which has this number, and begins the next.
    pub(crate) fn freeze(&mut self, number: u32) -> Arc<FrozenChunk> {
        let frozen = self.copy_for_readers(number);
        self.copy = None;
        self.builder.clear();
        frozen
    }

    /// The rows so far of this chunk, which has this number.
    pub(crate) fn copy_for_readers(&mut self, number: u32) -> Arc<FrozenChunk> {
        let copy = self.copy.get_or_insert_with(|| {
            let rows: Arc<CheckedBatch> = Arc::new(self.builder.to_batch());
            Arc::new(FrozenChunk::new(number, rows, SkippedRows::default()))
        });
        Arc::clone(copy)
    }

    /// The rows so far, for the writer.
    pub(crate) fn builder(&self) -> &BatchBuilder {
        &self.builder
    }

    /// About the bytes held: the columns at twice their content, the interner, the readers' copy.
    pub(crate) fn bytes(&self) -> u64 {
        let copy = self
            .copy
            .as_ref()
            .map_or(0, |copy| batch_bytes(&copy.batch));
        3 * self.builder.byte_len() as u64 + copy
    }
}
