//! Pages of a trace: the spans of all runs, merged in order of (start, span id).
//!
//! Cost of a page: a search in each run that has the trace, a look at the trace's span ids to find
//! where to go on, and the spans of the page. Memory: the page, and a reference to at most a
//! page's spans in each run.

use hashbrown::HashMap;
use hindsight_protocol::batch::{RowCopier, SpanRow};
use hindsight_protocol::{BatchBuilder, CheckedBatch, SpanBatch, TraceId};

use super::Snapshot;
use super::run::{Part, order, parts};

/// The rows of a page.
pub(super) struct Page {
    builder: BatchBuilder,
    /// Id of the last span if more follow, else 0.
    pub(super) next: u64,
}

/// The columns of a page.
pub(super) fn batch(page: &Page) -> SpanBatch {
    page.builder.to_batch().into_batch()
}

/// The page after the span with id `after` (0: the first page); none when there is no such span.
pub(super) fn after(
    snapshot: &Snapshot,
    trace: TraceId,
    after: u64,
    spans_max: usize,
) -> Option<Page> {
    let parts = parts(snapshot, trace);
    let from = match after {
        0 => None,
        span => Some(find(&parts, span)?),
    };
    let mut rows: Vec<SpanRow<'_>> = Vec::new();
    for part in &parts {
        rows.extend(rows_after(part, from).take(spans_max.saturating_add(1)));
    }
    rows.sort_unstable_by_key(|row| order(*row));
    Some(copy(&rows, spans_max, snapshot.page_bytes_max))
}

/// The position of a live span.
fn find(parts: &[Part<'_>], span: u64) -> Option<(u64, u64)> {
    parts.iter().find_map(|part| {
        (0..part.len())
            .filter(|at| part.row(*at).span_id().bits == span)
            .find_map(|at| part.live_row(at))
            .map(order)
    })
}

/// The live rows of a part after a position.
fn rows_after<'a>(
    part: &'a Part<'a>,
    from: Option<(u64, u64)>,
) -> impl Iterator<Item = SpanRow<'a>> {
    let start = from.map_or(0, |from| {
        partition_point(part.len(), |at| order(part.row(at)) <= from)
    });
    (start..part.len()).filter_map(|at| part.live_row(at))
}

/// The first of `0..len` for which `before` does not hold.
fn partition_point(len: usize, before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, len);
    while low < high {
        let middle = low + (high - low) / 2;
        match before(middle) {
            true => low = middle + 1,
            false => high = middle,
        }
    }
    low
}

fn copy(rows: &[SpanRow<'_>], spans_max: usize, bytes_max: usize) -> Page {
    let mut builder = BatchBuilder::new();
    let mut copiers: HashMap<*const CheckedBatch, RowCopier<'_>> = HashMap::new();
    let mut last = 0;
    for row in rows.iter().take(spans_max) {
        if builder.byte_len() >= bytes_max {
            break;
        }
        let batch = row.batch();
        let copier = copiers
            .entry(std::ptr::from_ref(batch))
            .or_insert_with(|| RowCopier::new(batch));
        copier.copy(row.index(), &mut builder);
        last = row.span_id().bits;
    }
    let next = match builder.len() < rows.len() {
        true => last,
        false => 0,
    };
    Page { builder, next }
}
