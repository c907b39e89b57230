//! Spans for tests.

use proptest::prelude::*;

use hindsight_protocol::{
    BatchBuilder, CheckedBatch, KeyValue, OPEN_END_NS, Resource, Span, SpanId, SpanState, TraceId,
};

use crate::{Trace, TraceTree};

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

/// The tree of these spans.
pub(crate) fn tree(spans: &[Span]) -> TraceTree {
    Trace::new(TRACE, vec![page(spans)]).tree().clone()
}

/// Spans with ids from 1, one process, given by parent, start and end in nanoseconds after the
/// epoch.
pub(crate) fn family(members: &[(u64, u64, u64)]) -> Vec<Span> {
    let to_span = |(id, (parent, start_ns, end_ns)): (u64, &(u64, u64, u64))| Span {
        start_ns: *start_ns,
        end_ns: *end_ns,
        ..span(id, *parent, "any", 0, 0)
    };
    (1..).zip(members).map(to_span).collect()
}

/// Up to `members` spans within `length_ns`, open ones, orphans, cycles and reversed times among
/// them.
pub(crate) fn any_family(
    members: u64,
    length_ns: u64,
) -> impl Strategy<Value = Vec<(u64, u64, u64)>> {
    let end = prop_oneof![9 => 0..length_ns, 1 => Just(OPEN_END_NS)];
    prop::collection::vec((0..members, 0..length_ns, end), 1..members as usize)
}

/// One page of spans.
pub(crate) fn page(spans: &[Span]) -> CheckedBatch {
    let mut builder = BatchBuilder::new();
    for span in spans {
        builder.push(span);
    }
    builder.finish()
}
