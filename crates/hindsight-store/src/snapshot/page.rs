//! Pages of a trace: the spans of all runs, merged in order of (start, span id).
//!
//! Cost of a page: a search in each run, a look at the start of each span of the trace, and a copy
//! of the spans of the page. Memory: the page, and 24 bytes for each span of the trace.

use hashbrown::{HashMap, HashSet};
use hindsight_protocol::batch::RowCopier;
use hindsight_protocol::{BatchBuilder, CheckedBatch, SpanBatch, SpanId, TraceId};

use super::Snapshot;
use super::run::{RowView, parts};
use crate::column::{SegmentCopier, SegmentRows};

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
        span => {
            let found = parts.iter().find_map(|part| part.find(span));
            Some(found?.order())
        }
    };
    let all = parts.iter().flat_map(|part| part.rows());
    let later = all.filter(|row| from.is_none_or(|from| row.order() > from));
    let mut rows: Vec<((u64, u64), RowView<'_>)> = later.map(|row| (row.order(), row)).collect();
    // One more than the page has, to know whether it is the last.
    let wanted = spans_max.saturating_add(1);
    if rows.len() > wanted {
        rows.select_nth_unstable_by_key(wanted, |(order, _)| *order);
        rows.truncate(wanted);
    }
    rows.sort_unstable_by_key(|(order, _)| *order);
    Some(copy(&rows, spans_max, snapshot.page_bytes_max))
}

fn copy(rows: &[((u64, u64), RowView<'_>)], spans_max: usize, bytes_max: usize) -> Page {
    let mut copiers = Copiers::default();
    let mut builder = BatchBuilder::new();
    let mut last = 0;
    for ((_, span), row) in rows.iter().take(spans_max) {
        if builder.byte_len() >= bytes_max {
            break;
        }
        copiers.copy(*row, &mut builder);
        last = *span;
    }
    let next = match builder.len() < rows.len() {
        true => last,
        false => 0,
    };
    Page { builder, next }
}

/// The spans with these ids that are stored, in order; and the ids of those for which there is no
/// room. Cost: a look at the id of each span of the trace.
pub(super) fn by_ids(
    snapshot: &Snapshot,
    trace: TraceId,
    ids: &[SpanId],
) -> (SpanBatch, Vec<SpanId>) {
    let wanted: HashSet<u64> = ids.iter().map(|id| id.bits).collect();
    let parts = parts(snapshot, trace);
    let all = parts.iter().flat_map(|part| part.rows());
    let found = all.filter(|row| wanted.contains(&row.span_id().bits));
    let mut rows: Vec<((u64, u64), RowView<'_>)> = found.map(|row| (row.order(), row)).collect();
    rows.sort_unstable_by_key(|(order, _)| *order);
    let page = copy(&rows, usize::MAX, snapshot.page_bytes_max);
    let left_out = rows.iter().skip(page.builder.len());
    let left_out = left_out.map(|((_, id), _)| SpanId::from_u64(*id));
    (batch(&page), left_out.collect())
}

/// Copies rows from wherever they are to one builder.
#[derive(Default)]
pub(crate) struct Copiers<'a> {
    stored: HashMap<*const SegmentRows, SegmentCopier<'a>>,
    open: HashMap<*const CheckedBatch, RowCopier<'a>>,
}

impl<'a> Copiers<'a> {
    pub(crate) fn copy(&mut self, row: RowView<'a>, to: &mut BatchBuilder) {
        match row {
            RowView::Stored(rows, row) => self
                .stored
                .entry(std::ptr::from_ref(rows))
                .or_insert_with(|| rows.copier())
                .copy(row, to),
            RowView::Open(row) => self
                .open
                .entry(std::ptr::from_ref(row.batch()))
                .or_insert_with(|| RowCopier::new(row.batch()))
                .copy(row.index(), to),
        }
    }
}
