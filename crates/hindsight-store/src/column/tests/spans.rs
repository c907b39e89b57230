//! Spans of all sorts for tests: few shapes, many rows, hostile values among ordinary ones.

use hindsight_protocol::{
    BatchBuilder, CheckedBatch, Event, KeyValue, Link, OPEN_END_NS, Resource, Scope, Span, SpanId,
    TraceId, Value,
};
use proptest::prelude::*;

use super::super::build::{Built, SegmentBuilder};

/// A few batches of spans.
pub(crate) fn batches() -> impl Strategy<Value = Vec<Vec<Span>>> {
    let rows = prop::collection::vec((0_usize..5, any::<u64>()), 0..120);
    let shapes = prop::collection::vec(shape(), 5);
    (shapes, prop::collection::vec(rows, 1..4)).prop_map(|(shapes, batches)| {
        let batch = |rows: Vec<(usize, u64)>| {
            let spans = rows.into_iter();
            spans.map(|(at, seed)| span(&shapes[at], seed)).collect()
        };
        batches.into_iter().map(batch).collect()
    })
}

/// Keys and kinds of values; `varied` spans differ in everything else too.
#[derive(Clone, Debug)]
struct Shape {
    attributes: Vec<(u8, u8)>,
    varied: bool,
}

fn shape() -> impl Strategy<Value = Shape> {
    let attributes = prop::collection::vec((0_u8..5, 0_u8..12), 0..7);
    (attributes, any::<bool>()).prop_map(|(attributes, varied)| Shape { attributes, varied })
}

/// Numbers without end from a seed.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^ (mixed >> 27)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }
}

fn value(kind: u8, numbers: &mut Numbers) -> Value {
    match kind {
        0 => Value::String(format!("{:016x}", numbers.next())),
        1 => Value::from(numbers.pick(&["", "a", "größer", "a", "true", "7"])),
        2 => Value::String(format!("route {}", numbers.below(40))),
        3 => Value::from(numbers.next() as i64),
        4 => Value::from(numbers.below(9) as i64 - 4),
        5 => Value::from(numbers.pick(&[i64::MIN, i64::MAX, 0, -1])),
        6 => Value::from(numbers.below(2) == 0),
        7 => Value::from(numbers.below(100) as f64 / 4.0),
        8 => Value::from(numbers.pick(&[0.1, f64::INFINITY, f64::MIN, -0.0, 1e300])),
        9 => Value::Bytes(numbers.next().to_le_bytes()[..numbers.below(8) as usize].to_vec()),
        10 => Value::Array(vec![Value::from(numbers.below(3) as i64), Value::from("a")]),
        _ => Value::Map(vec![KeyValue::new("a", numbers.below(2) as i64)]),
    }
}

fn attributes(of: &[(u8, u8)], numbers: &mut Numbers) -> Vec<KeyValue> {
    let attribute = |(key, kind): &(u8, u8)| KeyValue::new(key_text(*key), value(*kind, numbers));
    of.iter().map(attribute).collect()
}

pub(crate) fn key_text(key: u8) -> &'static str {
    ["key", "other.key", "", "service.name", "k"][usize::from(key)]
}

fn span(shape: &Shape, seed: u64) -> Span {
    let mut numbers = Numbers(seed);
    let numbers = &mut numbers;
    let start_ns = 1_000_000 + numbers.below(5000);
    let plain = Span {
        trace_id: TraceId {
            high: numbers.below(2),
            low: numbers.below(4),
        },
        span_id: SpanId::from_u64(numbers.below(50)),
        parent_id: SpanId::from_u64(numbers.below(3)),
        name: format!("name {}", numbers.below(5)),
        start_ns,
        end_ns: start_ns + numbers.below(300),
        version: 1,
        attributes: attributes(&shape.attributes, numbers),
        resource: Resource {
            attributes: vec![KeyValue::new("service.name", numbers.pick(&["web", "db"]))],
            dropped_attributes: 0,
        },
        ..Span::default()
    };
    match shape.varied {
        true => varied(plain, &shape.attributes, numbers),
        false => plain,
    }
}

fn varied(plain: Span, keys: &[(u8, u8)], numbers: &mut Numbers) -> Span {
    let event = |numbers: &mut Numbers| Event {
        time_ns: numbers.pick(&[0, 5, 1_000_100, u64::MAX]),
        name: numbers.pick(&["", "retry", "log"]).to_owned(),
        attributes: attributes(keys, numbers),
        dropped_attributes: numbers.below(2) as u32,
    };
    let link = |numbers: &mut Numbers| Link {
        trace_id: TraceId::from_u128(u128::from(numbers.below(3))),
        span_id: SpanId::from_u64(numbers.next()),
        trace_state: numbers.pick(&["", "a=b"]).to_owned(),
        flags: numbers.below(3) as u8,
        attributes: attributes(keys, numbers),
        dropped_attributes: numbers.below(2) as u32,
    };
    let some = numbers.pick(&[0, 0, 1, 3]);
    Span {
        start_ns: numbers.pick(&[0, plain.start_ns, plain.start_ns, u64::MAX]),
        end_ns: numbers.pick(&[0, plain.end_ns, plain.end_ns, OPEN_END_NS, u64::MAX - 1]),
        trace_state: numbers.pick(&["", "a=b,c=d"]).to_owned(),
        flags: numbers.pick(&[0, 1, 255]),
        kind: numbers.below(5) as u8,
        state: numbers.below(5) as u8,
        status: numbers.below(3) as u8,
        status_message: numbers.pick(&["", "", "no", "a"]).to_owned(),
        version: numbers.pick(&[0, 1, u32::MAX]),
        events: (0..some).map(|_| event(numbers)).collect(),
        links: (0..some / 2).map(|_| link(numbers)).collect(),
        resource: Resource {
            attributes: attributes(&keys[..keys.len().min(2)], numbers),
            dropped_attributes: numbers.below(2) as u32,
        },
        scope: Scope {
            name: numbers.pick(&["", "library"]).to_owned(),
            version: numbers.pick(&["", "1.0"]).to_owned(),
            attributes: attributes(&keys[..keys.len().min(1)], numbers),
            dropped_attributes: numbers.below(2) as u32,
        },
        dropped_attributes: numbers.pick(&[0, 0, 7]),
        dropped_events: numbers.pick(&[0, 0, u32::MAX]),
        dropped_links: numbers.pick(&[0, 0, 1]),
        ..plain
    }
}

pub(crate) fn batch(spans: &[Span]) -> CheckedBatch {
    let mut builder = BatchBuilder::new();
    spans.iter().for_each(|span| builder.push(span));
    builder.finish()
}

/// The segment of all spans of these batches, and the spans in the order of its rows.
pub(crate) fn segment(batches: &[Vec<Span>]) -> (Built, Vec<Span>) {
    let mut builder = SegmentBuilder::new(0);
    for spans in batches {
        builder.push(&batch(spans), (0..spans.len()).map(|row| (row, None)));
    }
    let built = builder.finish();
    let arrived: Vec<&Span> = batches.iter().flatten().collect();
    let mut spans = vec![Span::default(); arrived.len()];
    for (at, span) in arrived.into_iter().enumerate() {
        let row = built
            .placed
            .as_ref()
            .map_or(at, |placed| placed[at] as usize);
        spans[row] = span.clone();
    }
    (built, spans)
}
