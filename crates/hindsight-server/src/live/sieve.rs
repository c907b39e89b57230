//! Which rows and traces a subscriber gets, by all that it asked for.
//!
//! In: rows of changes, ids of traces that changed; the store as it is, where the query looks at
//! other spans of the trace. Out: verdicts. Holds: what cannot be told does not pass, and is
//! counted where the reason is a limit. Bounded: by the limits of a query; made for one event or
//! one round of summaries.

use std::collections::{HashMap, HashSet};

use hindsight_protocol::TraceId;
use hindsight_protocol::batch::SpanRow;
use hindsight_protocol::hub::{FindSpansRequest, TraceSummary};
use hindsight_query::{Reach, Verdict};
use hindsight_store::{Prepared, Snapshot};

use super::filter::Filter;
use crate::queries::Run;
use crate::reads;

/// A filter with what it needs at the moment.
pub(super) struct Sieve<'a> {
    filter: &'a Filter,
    stored: Option<(&'a Snapshot, &'a Run<'a>)>,
    /// Spans that match, of traces that were looked at, and whether all of the trace was.
    found: HashMap<TraceId, Found>,
    unjudged: u64,
}

#[derive(Default)]
struct Found {
    span_ids: HashSet<u64>,
    is_cut: bool,
}

impl<'a> Sieve<'a> {
    /// For filters that judge spans alone.
    pub(super) fn new(filter: &'a Filter) -> Self {
        Self {
            filter,
            stored: None,
            found: HashMap::new(),
            unjudged: 0,
        }
    }

    /// For all filters.
    pub(super) fn over(filter: &'a Filter, snapshot: &'a Snapshot, run: &'a Run<'a>) -> Self {
        Self {
            stored: Some((snapshot, run)),
            ..Self::new(filter)
        }
    }

    pub(super) fn filter(&self) -> &'a Filter {
        self.filter
    }

    /// Rows and traces about which the limits allowed no verdict.
    pub(super) fn unjudged(&self) -> u64 {
        self.unjudged
    }

    /// Whether the subscriber gets this row.
    pub(super) fn passes(&mut self, row: SpanRow<'_>) -> bool {
        if !self.filter.passes_row(row) {
            return false;
        }
        let Some(query) = self.filter.query() else {
            return true;
        };
        match query.matcher().matches_alone(row) {
            Verdict::Yes => true,
            Verdict::No => false,
            Verdict::Unknown => self.passes_in_trace(query, row),
        }
    }

    fn passes_in_trace(&mut self, query: &Prepared, row: SpanRow<'_>) -> bool {
        let Some((snapshot, run)) = self.stored else {
            return false;
        };
        let trace_id = row.trace_id();
        let found = self.found.entry(trace_id);
        let found = found.or_insert_with(|| matches_of(snapshot, query, run, trace_id));
        let passes = found.span_ids.contains(&row.span_id().bits);
        self.unjudged += u64::from(!passes && found.is_cut);
        passes
    }

    /// Summaries of the first traces that the subscriber gets.
    pub(super) fn first(&mut self, snapshot: &Snapshot, limit: usize) -> Vec<TraceSummary> {
        if let Some(trace_id) = self.filter.trace_id() {
            let summary = snapshot.summary(trace_id);
            let passed = summary.filter(|s| self.passes_summary(s)).into_iter();
            return passed.map(|s| self.with_columns(snapshot, s)).collect();
        }
        let request = self.filter.list(limit);
        let (Some(query), Some((_, run))) = (self.filter.query(), self.stored) else {
            return snapshot.list_traces(&request).traces;
        };
        let reply = snapshot.list_matching(&request, query, run.limits, run.interrupted);
        self.unjudged += u64::from(!reply.cut.is_empty());
        reply.traces
    }

    /// The summary with the attributes that the subscriber asked for.
    pub(super) fn with_columns(&self, snapshot: &Snapshot, summary: TraceSummary) -> TraceSummary {
        let columns = self.filter.columns();
        if columns.is_empty() || summary.spans == 0 {
            return summary;
        }
        TraceSummary {
            attributes: snapshot.root_attributes(summary.trace_id, columns),
            ..summary
        }
    }

    /// Whether the subscriber gets the trace.
    pub(super) fn passes_summary(&mut self, summary: &TraceSummary) -> bool {
        if !self.filter.passes_summary(summary) {
            return false;
        }
        let Some(query) = self.filter.query() else {
            return true;
        };
        self.has_match(query, summary.trace_id, summary.spans)
    }

    fn has_match(&mut self, query: &Prepared, trace_id: TraceId, spans: u64) -> bool {
        let Some((snapshot, run)) = self.stored else {
            return false;
        };
        if spans > run.limits.trace_spans_max || (run.interrupted)() {
            self.unjudged += 1;
            return false;
        }
        if query.query().filter.reach() == Reach::Span {
            return any_row_matches(snapshot, query, run, trace_id);
        }
        let found = matches_of(snapshot, query, run, trace_id);
        self.unjudged += u64::from(found.span_ids.is_empty() && found.is_cut);
        !found.span_ids.is_empty()
    }
}

fn matches_of(snapshot: &Snapshot, query: &Prepared, run: &Run<'_>, trace_id: TraceId) -> Found {
    let request = FindSpansRequest {
        trace_id,
        limit: u32::MAX,
        ..FindSpansRequest::default()
    };
    let reply = snapshot.find_spans(&request, query, run.limits, run.interrupted);
    Found {
        span_ids: reply.span_ids.into_iter().collect(),
        is_cut: !reply.cut.is_empty(),
    }
}

/// Reads the trace itself: cheaper than all columns for the few spans of most traces.
fn any_row_matches(
    snapshot: &Snapshot,
    query: &Prepared,
    run: &Run<'_>,
    trace_id: TraceId,
) -> bool {
    let mut page = 0;
    loop {
        let reply = reads::page(snapshot, trace_id, page);
        // The store's batches are sound.
        if let Ok(rows) = reply.batch.check()
            && (rows.rows()).any(|row| query.matcher().matches_alone(row).is_yes())
        {
            return true;
        }
        page = reply.next_page;
        if page == 0 || (run.interrupted)() {
            return false;
        }
    }
}
