//! Spans for tests.

use hindsight_protocol::{
    BatchBuilder, CheckedBatch, KeyValue, OPEN_END_NS, Resource, Span, SpanId, SpanState, TraceId,
};

/// The trace of all test spans.
pub(crate) const TRACE: TraceId = TraceId {
    high: 0x4bf9_2f35_77b3_4da6,
    low: 0xa3ce_929d_0e0e_4736,
};

/// When the test trace begins: 2026-11-22T14:32:10Z.
pub(crate) const START_NS: u64 = 1_795_357_930_000_000_000;

const MS: u64 = 1_000_000;

/// An ended span of service `web`, times in milliseconds after [`START_NS`].
pub(crate) fn span(id: u64, parent: u64, name: &str, start_ms: u64, end_ms: u64) -> Span {
    Span {
        trace_id: TRACE,
        span_id: SpanId::from_u64(id),
        parent_id: SpanId::from_u64(parent),
        name: name.into(),
        start_ns: START_NS + start_ms * MS,
        end_ns: START_NS + end_ms * MS,
        resource: service("web"),
        ..Span::default()
    }
}

/// The same span, open in `state`.
pub(crate) fn open(span: Span, state: SpanState) -> Span {
    Span {
        end_ns: OPEN_END_NS,
        state: state as u8,
        ..span
    }
}

/// A resource of that name.
pub(crate) fn service(name: &str) -> Resource {
    Resource {
        attributes: vec![KeyValue::new("service.name", name)],
        dropped_attributes: 0,
    }
}

/// One page of spans.
pub(crate) fn page(spans: &[Span]) -> CheckedBatch {
    let mut builder = BatchBuilder::new();
    for span in spans {
        builder.push(span);
    }
    builder.finish()
}
