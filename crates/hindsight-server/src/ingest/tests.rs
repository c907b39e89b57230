use hindsight_protocol::{BatchBuilder, Span, SpanId, TraceId};

use super::*;

fn batch(spans: u64) -> SpanBatch {
    let mut builder = BatchBuilder::new();
    for span in 1..=spans {
        builder.push(&Span {
            trace_id: TraceId::from_u128(1),
            span_id: SpanId::from_u64(span),
            ..Span::default()
        });
    }
    builder.finish().into_batch()
}

fn limits(spans: usize, bytes: usize) -> IngestLimits {
    IngestLimits {
        batch_spans_max: spans,
        batch_bytes_max: bytes,
        ..IngestLimits::default()
    }
}

#[test]
fn batches_are_admitted_up_to_the_limits() {
    let bytes = batch(3).byte_len();
    assert_eq!(admit(batch(3), &limits(3, bytes)).map(|b| b.len()), Ok(3));
    let refused = admit(batch(3), &limits(2, bytes)).unwrap_err();
    assert_eq!(refused.reason(), Reason::BatchSpansMax);
    let refused = admit(batch(3), &limits(3, bytes - 1)).unwrap_err();
    assert_eq!(refused.reason(), Reason::BatchBytesMax);
}

#[test]
fn a_malformed_batch_is_refused_with_the_column_that_is_wrong() {
    let mut malformed = batch(2);
    malformed.names.push(7);
    let refused = admit(malformed, &IngestLimits::default()).unwrap_err();
    assert_eq!(refused.reason(), Reason::BatchMalformed);
    assert!(refused.to_string().contains("names"), "{refused}");
}
