//! The matching spans themselves.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use hindsight_protocol::hub::FindSpansRequest;
use hindsight_protocol::{BatchBuilder, SpanBatch, TraceId};
use hindsight_query::{Direction, Pipeline, SortKey};

use super::groups::{Values, open_value, values_of};
use super::search::Search;
use crate::snapshot::page::Copiers;
use crate::snapshot::run::{RowView, parts, runs};

const LIMIT_DEFAULT: u32 = 100;
const LIMIT_MAX: u32 = 100_000;
const FOUND_DEFAULT: u32 = 10_000;

/// What spans are ordered by, greatest first; a missing value is least.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Rank {
    Missing,
    Number(f64),
    Text(String),
}

/// A matching span with its place in the answer.
struct Ranked<'a> {
    rank: Rank,
    is_ascending: bool,
    row: RowView<'a>,
}

impl Ranked<'_> {
    /// Which of two comes first in the answer: less comes first.
    fn compare(&self, other: &Self) -> Ordering {
        let by_rank = match (&self.rank, &other.rank) {
            (Rank::Missing, Rank::Missing) => Ordering::Equal,
            // Missing values come last, whichever way.
            (Rank::Missing, _) => return Ordering::Greater,
            (_, Rank::Missing) => return Ordering::Less,
            (Rank::Number(a), Rank::Number(b)) => b.total_cmp(a),
            (Rank::Text(a), Rank::Text(b)) => b.cmp(a),
            (Rank::Number(_), Rank::Text(_)) => Ordering::Less,
            (Rank::Text(_), Rank::Number(_)) => Ordering::Greater,
        };
        let by_rank = match self.is_ascending {
            true => by_rank.reverse(),
            false => by_rank,
        };
        let start = |ranked: &Self| (Reverse(ranked.row.start_ns()), ranked.row.span_id());
        by_rank.then_with(|| start(self).cmp(&start(other)))
    }
}

impl PartialEq for Ranked<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.compare(other).is_eq()
    }
}

impl Eq for Ranked<'_> {}

impl PartialOrd for Ranked<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ranked<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.compare(other)
    }
}

/// The first of the ranked spans; the last of them is at hand to be pushed out.
struct First<'a> {
    heap: BinaryHeap<Ranked<'a>>,
    limit: usize,
}

impl<'a> First<'a> {
    fn add(&mut self, ranked: Ranked<'a>) {
        if self.heap.len() < self.limit {
            self.heap.push(ranked);
        } else if let Some(mut last) = self.heap.peek_mut()
            && ranked < *last
        {
            *last = ranked;
        }
    }
}

/// The first matching spans in the pipeline's order (latest start first if it has none), and how
/// many match in all.
pub(super) fn spans(search: &mut Search<'_>, pipeline: &Pipeline, limit: u32) -> (SpanBatch, u64) {
    let asked = match limit {
        0 => LIMIT_DEFAULT,
        limit => limit,
    };
    let limit = pipeline.limit.unwrap_or(asked).min(LIMIT_MAX);
    let sort = pipeline.sort.as_ref();
    let field = sort.and_then(|sort| match &sort.key {
        SortKey::Field(field) => Some(field),
        SortKey::Aggregate(_) => None,
    });
    let is_ascending = sort.is_some_and(|sort| sort.direction == Direction::Ascending);
    let mut first = First {
        heap: BinaryHeap::new(),
        limit: limit as usize,
    };
    let mut matched = 0;
    let snapshot = search.snapshot;
    for run in runs(snapshot).rev() {
        let found = search.rows_of(run);
        matched += found.count() as u64;
        let values = match field {
            Some(field) if !found.is_empty() => Some(values_of(field, &run.rows)),
            _ => None,
        };
        for row in found.iter() {
            first.add(Ranked {
                rank: values.as_ref().map_or(Rank::Missing, |v| rank(v, row)),
                is_ascending,
                row: RowView::Stored(&run.rows, row),
            });
        }
    }
    for row in search.open_rows() {
        matched += 1;
        let rank = field.map_or(Rank::Missing, |field| match open_value(field, row) {
            Some(value) => value.into(),
            None => Rank::Missing,
        });
        first.add(Ranked {
            rank,
            is_ascending,
            row: RowView::Open(row),
        });
    }
    let mut copiers = Copiers::default();
    let mut builder = BatchBuilder::new();
    for ranked in first.heap.into_sorted_vec() {
        copiers.copy(ranked.row, &mut builder);
    }
    (builder.finish().into_batch(), matched)
}

fn rank(values: &Values<'_>, row: usize) -> Rank {
    values.get(row).map_or(Rank::Missing, Rank::from)
}

/// Ids of the matching spans of a trace, earliest start first, and how many match.
pub(super) fn of_trace(search: &mut Search<'_>, request: &FindSpansRequest) -> (Vec<u64>, u64) {
    let limit = match request.limit {
        0 => FOUND_DEFAULT,
        limit => limit,
    };
    let mut found = match search.prepared.is_exact() {
        true => by_columns(search, request.trace_id),
        false => {
            let matched = search.matches_of(request.trace_id);
            let parts = parts(search.snapshot, request.trace_id);
            let rows = parts.iter().flat_map(|part| part.rows());
            let rows = rows.filter(|row| matched.contains(&row.span_id().bits));
            rows.map(RowView::order).collect()
        }
    };
    found.sort_unstable();
    let matched = found.len() as u64;
    let ids = found.into_iter().take(limit as usize);
    (ids.map(|(_, id)| id).collect(), matched)
}

/// Places of the matching spans of a trace, of which each tells by itself.
fn by_columns(search: &mut Search<'_>, trace: TraceId) -> Vec<(u64, u64)> {
    let snapshot = search.snapshot;
    let mut found = Vec::new();
    for run in runs(snapshot) {
        let Some(ordinal) = run.rows.traces().find(trace) else {
            continue;
        };
        let rows = search.rows_of(run);
        let of_trace = run.rows.traces().rows_of(ordinal).map(|row| row as usize);
        let of_trace = of_trace.filter(|row| rows.contains(*row));
        found.extend(of_trace.map(|row| RowView::Stored(&run.rows, row).order()));
    }
    let open = search.open_rows().into_iter();
    let open = open.filter(|row| row.trace_id() == trace);
    found.extend(open.map(|row| RowView::Open(row).order()));
    found
}
