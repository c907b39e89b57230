//! What one subscriber wants to see.

use hindsight_protocol::batch::SpanRow;
use hindsight_protocol::hub::{LiveRequest, TraceSummary};
use hindsight_protocol::{CheckedBatch, TraceId};

#[derive(Clone, Debug)]
pub(super) struct Filter {
    pub(super) traces: bool,
    pub(super) spans: bool,
    trace_id: Option<TraceId>,
    service: String,
}

impl Filter {
    pub(super) fn new(request: &LiveRequest) -> Self {
        Self {
            traces: request.traces,
            spans: request.spans,
            trace_id: Some(request.trace_id).filter(|id| id.is_valid()),
            service: request.service.clone(),
        }
    }

    pub(super) fn trace_id(&self) -> Option<TraceId> {
        self.trace_id
    }

    pub(super) fn service(&self) -> &str {
        &self.service
    }

    /// Whether all spans pass, so that batches need not be looked into.
    pub(super) fn passes_all(&self) -> bool {
        self.trace_id.is_none() && self.service.is_empty()
    }

    pub(super) fn rows<'a>(
        &'a self,
        batch: &'a CheckedBatch,
    ) -> impl Iterator<Item = SpanRow<'a>> + 'a {
        batch.rows().filter(|row| self.passes_row(*row))
    }

    fn passes_row(&self, row: SpanRow<'_>) -> bool {
        self.passes_trace(row.trace_id())
            && (self.service.is_empty() || row.service() == self.service)
    }

    pub(super) fn passes_trace(&self, trace_id: TraceId) -> bool {
        self.trace_id.is_none_or(|wanted| wanted == trace_id)
    }

    pub(super) fn passes_summary(&self, summary: &TraceSummary) -> bool {
        let mut services = summary.services.iter();
        self.passes_trace(summary.trace_id)
            && (self.service.is_empty() || services.any(|s| s.service == self.service))
    }
}
