//! Spans for this crate's tests.

use hindsight_protocol::{BatchBuilder, CheckedBatch, Span};

/// The spans as columns.
pub(crate) fn batch(spans: &[Span]) -> CheckedBatch {
    let mut builder = BatchBuilder::new();
    for span in spans {
        builder.push(span);
    }
    builder.finish()
}
