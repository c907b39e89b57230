//! What one subscriber wants to see.

use hindsight_protocol::TraceId;
use hindsight_protocol::batch::SpanRow;
use hindsight_protocol::hub::{ListTracesRequest, LiveRequest, TraceSummary};
use hindsight_query::Reach;
use hindsight_store::Prepared;

#[derive(Debug)]
pub(super) struct Filter {
    pub(super) traces: bool,
    pub(super) spans: bool,
    trace_id: Option<TraceId>,
    service: String,
    query: Option<Prepared>,
    columns: Vec<String>,
    sort: String,
}

impl Filter {
    /// `query` is the request's, made ready.
    pub(super) fn new(request: &LiveRequest, query: Option<Prepared>) -> Self {
        Self {
            traces: request.traces,
            spans: request.spans,
            trace_id: Some(request.trace_id).filter(|id| id.is_valid()),
            service: request.service.clone(),
            query,
            columns: request.columns.clone(),
            sort: request.sort.clone(),
        }
    }

    pub(super) fn trace_id(&self) -> Option<TraceId> {
        self.trace_id
    }

    /// The request for the snapshot of summaries, but for the query.
    pub(super) fn list(&self, limit: usize) -> ListTracesRequest {
        ListTracesRequest {
            limit: u32::try_from(limit).unwrap_or(u32::MAX),
            service: self.service.clone(),
            columns: self.columns.clone(),
            sort: self.sort.clone(),
            ..ListTracesRequest::default()
        }
    }

    /// Attributes that are told of each trace.
    pub(super) fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Whether all spans pass, so that batches need not be looked into.
    pub(super) fn passes_all(&self) -> bool {
        self.trace_id.is_none() && self.service.is_empty() && self.query.is_none()
    }

    pub(super) fn query(&self) -> Option<&Prepared> {
        self.query.as_ref()
    }

    /// Whether a span alone does not tell whether it passes.
    pub(super) fn needs_trace(&self) -> bool {
        let query = self.query.as_ref();
        query.is_some_and(|query| query.query().filter.reach() != Reach::Span)
    }

    /// Apart from the query.
    pub(super) fn passes_row(&self, row: SpanRow<'_>) -> bool {
        self.passes_trace(row.trace_id())
            && (self.service.is_empty() || row.service() == self.service)
    }

    pub(super) fn passes_trace(&self, trace_id: TraceId) -> bool {
        self.trace_id.is_none_or(|wanted| wanted == trace_id)
    }

    /// Apart from the query.
    pub(super) fn passes_summary(&self, summary: &TraceSummary) -> bool {
        let mut services = summary.services.iter();
        self.passes_trace(summary.trace_id)
            && (self.service.is_empty() || services.any(|s| s.service == self.service))
    }
}
