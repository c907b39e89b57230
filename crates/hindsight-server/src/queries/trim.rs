//! Answers cut to what a frame may hold.

use hindsight_protocol::SpanBatch;
use hindsight_protocol::batch::{BatchBuilder, RowCopier};
use hindsight_protocol::hub::{QueryReply, QueryTable};

/// Keeps the first spans or groups of about `bytes_max` together, at least one; true if any were
/// left out.
pub(crate) fn trim(reply: &mut QueryReply, bytes_max: usize) -> bool {
    let batch = trimmed_batch(&reply.batch, bytes_max);
    let is_cut = batch.is_some();
    if let Some(batch) = batch {
        reply.batch = batch;
    }
    trim_table(&mut reply.table, bytes_max) || is_cut
}

/// None when all of it fits.
fn trimmed_batch(batch: &SpanBatch, bytes_max: usize) -> Option<SpanBatch> {
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

fn trim_table(table: &mut QueryTable, bytes_max: usize) -> bool {
    let keys = table.by.len();
    let values = table.columns.len() * table.starts_ns.len();
    let groups = match keys {
        0 => return false,
        keys => table.keys.len() / keys,
    };
    let mut bytes = 0;
    let fits = |group: &usize| {
        let texts = &table.keys[group * keys..(group + 1) * keys];
        bytes += texts.iter().map(String::len).sum::<usize>() + values * size_of::<f64>();
        *group == 0 || bytes <= bytes_max
    };
    let kept = (0..groups).take_while(fits).count();
    table.keys.truncate(kept * keys);
    table.values.truncate(kept * values);
    kept < groups
}
