//! Spans of an answer cut to what a frame may hold.

use hindsight_protocol::SpanBatch;
use hindsight_protocol::batch::{BatchBuilder, RowCopier};

/// The first spans of `batch` of about `bytes_max` together, at least one; none when all of it fits.
pub(crate) fn trimmed(batch: &SpanBatch, bytes_max: usize) -> Option<SpanBatch> {
    let rows = batch.clone().check().ok()?;
    if rows.byte_len() <= bytes_max {
        return None;
    }
    let mut copier = RowCopier::new(&rows);
    let mut builder = BatchBuilder::new();
    for row in rows.rows() {
        copier.copy(row.index(), &mut builder);
        if builder.byte_len() >= bytes_max {
            break;
        }
    }
    Some(builder.finish().into_batch())
}
