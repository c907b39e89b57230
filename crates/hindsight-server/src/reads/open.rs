//! The oldest open spans.
//!
//! In: a snapshot. Out: a batch of those that began first. Bounded: by spans and by bytes, of
//! which several times as many may be copied meanwhile; 40 bytes for each open span of the store.

use hindsight_protocol::batch::{BatchBuilder, RowCopier, SpanRow};
use hindsight_protocol::{CheckedBatch, SpanBatch, TraceId};
use hindsight_store::Snapshot;

/// So many times fewer spans are tried where those chosen are too large.
const FEWER: usize = 4;

type Order = (u64, TraceId, u64);

/// Where a span stands among the open ones.
fn order(row: SpanRow<'_>) -> Order {
    (row.start_ns(), row.trace_id(), row.span_id().bits)
}

/// Up to `spans_max` open spans of `trace`, or of all traces for the invalid id, of about
/// `bytes_max` (at least one), earliest start first; and how many there are in all.
pub(crate) fn oldest(
    snapshot: &Snapshot,
    trace: TraceId,
    spans_max: usize,
    bytes_max: usize,
) -> (SpanBatch, u64) {
    let is_wanted = |row: SpanRow<'_>| !trace.is_valid() || row.trace_id() == trace;
    let mut all: Vec<Order> = Vec::new();
    snapshot.for_each_open(|row| {
        if is_wanted(row) {
            all.push(order(row));
        }
    });
    let total = all.len() as u64;
    let mut wanted = spans_max.min(all.len());
    while wanted > 0 {
        let (_, last, _) = all.select_nth_unstable(wanted - 1);
        let last = *last;
        let is_chosen = |row: SpanRow<'_>| is_wanted(row) && order(row) <= last;
        match chosen(snapshot, is_chosen, wanted, bytes_max) {
            Some(batch) => return (in_order(&batch, bytes_max), total),
            // Large spans: fewer of them fill the answer.
            None => wanted = wanted.div_ceil(FEWER),
        }
    }
    (SpanBatch::default(), total)
}

/// The `wanted` open spans that are chosen; none where they are more than one and exceed the bytes
/// by far.
fn chosen(
    snapshot: &Snapshot,
    is_chosen: impl Fn(SpanRow<'_>) -> bool,
    wanted: usize,
    bytes_max: usize,
) -> Option<CheckedBatch> {
    let mut builder = BatchBuilder::new();
    let bytes_max = bytes_max.saturating_mul(FEWER);
    let is_full = |builder: &BatchBuilder| wanted > 1 && builder.byte_len() > bytes_max;
    snapshot.for_each_open(|row| {
        if !is_full(&builder) && is_chosen(row) {
            builder.push_row(row);
        }
    });
    (!is_full(&builder)).then(|| builder.finish())
}

fn in_order(chosen: &CheckedBatch, bytes_max: usize) -> SpanBatch {
    let mut rows: Vec<SpanRow<'_>> = chosen.rows().collect();
    rows.sort_unstable_by_key(|row| order(*row));
    let mut copier = RowCopier::new(chosen);
    let mut builder = BatchBuilder::new();
    for row in rows {
        copier.copy(row.index(), &mut builder);
        if builder.byte_len() >= bytes_max {
            break;
        }
    }
    builder.finish().into_batch()
}
