//! Random operations on a store: few traces, spans, tracers and times, so that they meet.

use hindsight_protocol::{Event, KeyValue, OPEN_END_NS, Resource, Span, SpanId, TraceId, TracerId};
use proptest::prelude::*;

/// One call.
#[derive(Clone, Debug)]
pub(crate) enum Operation {
    Append {
        spans: Vec<Span>,
        tracer: Option<TracerId>,
        sequence: Option<u64>,
    },
    Disconnect(TracerId),
    Attach(TracerId),
    Pass(u64),
    Tick,
    Clear,
}

pub(crate) const TRACES: u64 = 4;
pub(crate) const SERVICES: [&str; 3] = ["", "web", "database"];

fn tracer() -> impl Strategy<Value = TracerId> {
    (1..=3_u64).prop_map(|low| TracerId { high: 9, low })
}

pub(crate) fn operation() -> impl Strategy<Value = Operation> {
    let append = (
        prop::collection::vec(span(), 1..8),
        prop::option::weighted(0.7, tracer()),
        prop::option::weighted(0.5, prop_oneof![9 => 0..12_u64, 1 => 0..u64::MAX]),
    );
    let append = append.prop_map(|(spans, tracer, sequence)| Operation::Append {
        spans,
        tracer,
        sequence,
    });
    prop_oneof![
        10 => append,
        2 => tracer().prop_map(Operation::Disconnect),
        2 => tracer().prop_map(Operation::Attach),
        2 => prop_oneof![Just(1_u64), Just(5), Just(11), Just(40)].prop_map(Operation::Pass),
        4 => Just(Operation::Tick),
        1 => Just(Operation::Clear),
    ]
}

fn start() -> impl Strategy<Value = u64> {
    prop_oneof![
        20 => 1..30_u64,
        1 => Just(0),
        1 => Just(i64::MAX as u64),
        1 => Just(1 << 63),
        1 => Just(u64::MAX),
    ]
}

fn end() -> impl Strategy<Value = u64> {
    prop_oneof![
        10 => 1..60_u64,
        10 => Just(OPEN_END_NS),
        1 => Just(0),
        1 => Just(OPEN_END_NS - 1),
    ]
}

fn span() -> impl Strategy<Value = Span> {
    let ids = (
        prop_oneof![30 => 1..=TRACES, 1 => Just(0)],
        prop_oneof![30 => 1..8_u64, 1 => Just(0)],
        0..8_u64,
    );
    let report = (start(), end(), 0..7_u8, 0..4_u32, 0..4_u8);
    let texts = (0..3_usize, 0..3_usize, 0..3_u64, any::<bool>());
    (ids, report, texts).prop_map(
        |(ids, report, (name, service, attribute, has_event))| Span {
            trace_id: TraceId {
                high: 0,
                low: ids.0,
            },
            span_id: SpanId::from_u64(ids.1),
            parent_id: SpanId::from_u64(ids.2),
            start_ns: report.0,
            end_ns: report.1,
            state: report.2,
            version: report.3,
            status: report.4 % 3,
            name: ["", "query", "größer"][name].to_owned(),
            resource: Resource {
                attributes: vec![KeyValue::new("service.name", SERVICES[service])],
                dropped_attributes: 0,
            },
            attributes: vec![KeyValue::new("key", attribute)],
            events: match has_event {
                true => vec![Event {
                    name: "event".to_owned(),
                    attributes: vec![KeyValue::new("key", vec![KeyValue::new("nested", 1)])],
                    ..Event::default()
                }],
                false => Vec::new(),
            },
            ..Span::default()
        },
    )
}
