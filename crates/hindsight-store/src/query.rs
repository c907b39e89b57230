//! Answering queries from a snapshot.
//!
//! In: a query made ready ([`Prepared`]), a snapshot, limits, and a way to be told to stop. Out:
//! traces, spans, aggregates. A filter is first put to whole columns, run by run, with dictionary
//! codes and ranges; runs whose dictionaries rule it out are skipped. Parts that look at other
//! spans of a trace are then checked trace by trace ([`search`]).
//!
//! Bounded by [`QueryLimits`]; what a limit or the interruption left out is told as `cut`. There is
//! no clock here: whoever asks decides when it has taken too long.

mod aggregate;
mod catalog;
mod facts;
mod groups;
mod heatmap;
mod kin;
mod leaf;
mod map;
mod prepared;
mod scan;
mod search;
mod select;

pub use catalog::StoredValues;
pub use prepared::Prepared;
pub(crate) use search::Search;

use hindsight_protocol::hub::{
    FindSpansReply, FindSpansRequest, ListTracesReply, ListTracesRequest, QueryReply, QueryRequest,
    ServiceMapReply, ServiceMapRequest,
};
use hindsight_query::Function;

use crate::Snapshot;

/// How much one query may look at and keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryLimits {
    /// Spans of a trace that is looked at as a whole; larger ones are left out. Default 1,000,000.
    pub trace_spans_max: u64,
    /// Spans of all traces that are looked at as a whole. Default 4,000,000.
    pub spans_read_max: u64,
    /// Values kept for percentiles, and spans for sorting. Default 16,777,216.
    pub values_max: u64,
    /// Groups of an aggregation; spans of further ones are left out. Default 16,384.
    pub groups_max: usize,
}

impl Default for QueryLimits {
    fn default() -> Self {
        Self {
            trace_spans_max: 1_000_000,
            spans_read_max: 4_000_000,
            values_max: 1 << 24,
            groups_max: 1 << 14,
        }
    }
}

impl Snapshot {
    /// As [`Snapshot::list_traces`], of traces that have a span that matches. Runs are read newest
    /// first and only as far as the list needs.
    pub fn list_matching(
        &self,
        request: &ListTracesRequest,
        prepared: &Prepared,
        limits: &QueryLimits,
        interrupted: &dyn Fn() -> bool,
    ) -> ListTracesReply {
        let mut search = Search::new(self, prepared, limits, interrupted);
        let traces = crate::snapshot::list::traces(self, request, Some(&mut search));
        let (cut, explain) = search.finish();
        ListTracesReply {
            revision: self.revision(),
            traces,
            total: self.traces(),
            cut,
            explain,
        }
    }

    /// The matching spans, or what the query's pipeline makes of them.
    pub fn query(
        &self,
        request: &QueryRequest,
        prepared: &Prepared,
        limits: &QueryLimits,
        interrupted: &dyn Fn() -> bool,
    ) -> QueryReply {
        let mut search = Search::new(self, prepared, limits, interrupted);
        search.between(request.since_ns, request.until_ns);
        let pipeline = prepared.query().pipeline.clone().unwrap_or_default();
        let is_heatmap = |a: &hindsight_query::Aggregate| a.function == Function::Heatmap;
        let mut reply = QueryReply {
            revision: self.revision(),
            ..QueryReply::default()
        };
        if pipeline.aggregates.iter().any(is_heatmap) {
            (reply.heatmap, reply.matched) = heatmap::heatmap(&mut search, pipeline.over_ns);
        } else if pipeline.aggregates.is_empty() {
            (reply.batch, reply.matched) = select::spans(&mut search, &pipeline, request.limit);
        } else {
            (reply.table, reply.matched) = aggregate::table(&mut search, &pipeline);
        }
        (reply.cut, reply.explain) = search.finish();
        reply
    }

    /// The matching spans of one trace.
    pub fn find_spans(
        &self,
        request: &FindSpansRequest,
        prepared: &Prepared,
        limits: &QueryLimits,
        interrupted: &dyn Fn() -> bool,
    ) -> FindSpansReply {
        let mut search = Search::new(self, prepared, limits, interrupted);
        let (span_ids, matched) = select::of_trace(&mut search, request);
        FindSpansReply {
            revision: self.revision(),
            span_ids,
            matched,
            cut: search.finish().0,
        }
    }

    /// Services, and which of them call which: of all spans, or of those that match.
    pub fn service_map(
        &self,
        request: &ServiceMapRequest,
        prepared: Option<&Prepared>,
        limits: &QueryLimits,
        interrupted: &dyn Fn() -> bool,
    ) -> ServiceMapReply {
        let everything = Prepared::everything();
        let prepared = prepared.unwrap_or(&everything);
        let mut search = Search::new(self, prepared, limits, interrupted);
        search.between(request.since_ns, request.until_ns);
        let map = map::service_map(&mut search);
        ServiceMapReply {
            revision: self.revision(),
            cut: search.finish().0,
            ..map
        }
    }

    /// Keys and values that are stored, for completion; `interrupted` says when to stop looking.
    pub fn catalog<'a>(&'a self, interrupted: &'a dyn Fn() -> bool) -> StoredValues<'a> {
        StoredValues::new(self, interrupted)
    }
}

#[cfg(test)]
mod tests;
