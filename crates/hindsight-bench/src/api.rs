//! A roam service that takes spans and does nothing: the reference for ingest.
#![allow(
    missing_docs,
    reason = "the attribute macro generates descriptor functions without documentation"
)]

use hindsight_protocol::{Span, SpanBatch};

#[vox::service]
pub trait Sink {
    /// Spans as structs.
    async fn typed(&self, spans: Vec<Span>) -> u64;
    /// Spans as columns.
    async fn columns(&self, batch: SpanBatch) -> u64;
}

#[derive(Clone)]
pub(crate) struct EmptySink;

impl Sink for EmptySink {
    async fn typed(&self, spans: Vec<Span>) -> u64 {
        spans.len() as u64
    }

    async fn columns(&self, batch: SpanBatch) -> u64 {
        batch.len() as u64
    }
}
