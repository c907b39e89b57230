//! Batches as no sane program sends them, one kind a function.
//!
//! All but [`malformed`] are of sound structure. `number` makes the ids of a batch its own: batches
//! with different numbers share no span.

use hindsight_protocol::batch::{SpanHead, ValueRef};
use hindsight_protocol::{BatchBuilder, KeyValue, Resource, SpanBatch, SpanId, TraceId};

/// 2025-06-15, nanoseconds since the Unix epoch.
const START_NS: u64 = 1_750_000_000_000_000_000;

/// Keys of one span of [`distinct_keys`].
const KEYS_PER_SPAN: usize = 64;

fn trace(number: u64, low: u64) -> TraceId {
    TraceId {
        high: 0xbad0_0000_0000 + number,
        low: low + 1,
    }
}

fn head(number: u64, span: u64) -> SpanHead<'static> {
    SpanHead {
        trace_id: trace(number, span / 8),
        span_id: SpanId::from_u64(span + 1),
        name: "hostile",
        start_ns: START_NS,
        end_ns: Some(START_NS + 1),
        ..SpanHead::default()
    }
}

fn builder() -> BatchBuilder {
    let mut builder = BatchBuilder::new();
    builder.resource(&Resource {
        attributes: vec![KeyValue::new("service.name", "hostile")],
        dropped_attributes: 0,
    });
    builder
}

fn batch(spans: u64, mut span: impl FnMut(u64, &mut BatchBuilder)) -> SpanBatch {
    let mut builder = builder();
    for number in 0..spans {
        span(number, &mut builder);
        builder.end_span();
    }
    builder.finish().into_batch()
}

/// One span with a value of so many bytes.
pub fn oversize(bytes: usize) -> SpanBatch {
    let text = "o".repeat(bytes);
    batch(1, |span, builder| {
        builder.begin_span(&head(0, span));
        builder.attribute("text", ValueRef::String(&text));
    })
}

/// Columns that do not fit each other.
pub fn malformed() -> SpanBatch {
    let mut batch = batch(100, |span, builder| builder.begin_span(&head(0, span)));
    batch.names.push(u32::MAX);
    batch
}

/// Of each five spans: a start at 0, a start at the end of time, an end at the end of time but
/// one, an end before the start, and a length of centuries.
pub fn absurd_times(number: u64, spans: u64) -> SpanBatch {
    batch(spans, |span, builder| {
        let (start_ns, end_ns) = match span % 5 {
            0 => (0, START_NS),
            1 => (u64::MAX, u64::MAX - 1),
            2 => (START_NS, u64::MAX - 1),
            3 => (START_NS, 1),
            _ => (1, i64::MAX as u64),
        };
        builder.begin_span(&SpanHead {
            start_ns,
            end_ns: Some(end_ns),
            ..head(number, span)
        });
    })
}

/// Spans that all belong to one trace, whatever the number.
pub fn one_trace(number: u64, spans: u64) -> SpanBatch {
    batch(spans, |span, builder| {
        builder.begin_span(&SpanHead {
            trace_id: trace(0, 0),
            span_id: SpanId::from_u64(number * spans + span + 1),
            parent_id: SpanId::from_u64(number * spans + span),
            ..head(number, span)
        });
    })
}

/// Four spans with so many attributes each.
pub fn many_attributes(number: u64, attributes: u64) -> SpanBatch {
    let keys: Vec<String> = (0..attributes).map(|key| format!("key.{key}")).collect();
    batch(4, |span, builder| {
        builder.begin_span(&head(number, span));
        for (value, key) in keys.iter().enumerate() {
            builder.attribute(key, ValueRef::I64(value as i64));
        }
    })
}

/// Four spans with a text of so many bytes each.
pub fn long_values(number: u64, bytes: usize) -> SpanBatch {
    batch(4, |span, builder| {
        let text = format!("{number}.{span}").repeat(bytes / 3 + 1);
        builder.begin_span(&head(number, span));
        builder.attribute("text", ValueRef::String(&text[..bytes]));
    })
}

/// So many keys that are in no other batch, 64 a span.
pub fn distinct_keys(number: u64, keys: usize) -> SpanBatch {
    batch((keys / KEYS_PER_SPAN) as u64, |span, builder| {
        builder.begin_span(&head(number, span));
        for key in 0..KEYS_PER_SPAN {
            builder.attribute(&format!("key.{number}.{span}.{key}"), ValueRef::I64(1));
        }
    })
}

/// Spans that do not end.
pub fn never_ending(number: u64, spans: u64) -> SpanBatch {
    batch(spans, |span, builder| {
        builder.begin_span(&SpanHead {
            end_ns: None,
            version: 1,
            ..head(number, span)
        });
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_but_the_malformed_are_sound() {
        let sound = [
            (oversize(5_000), 1),
            (absurd_times(1, 10), 10),
            (one_trace(1, 10), 10),
            (many_attributes(1, 2_000), 4),
            (long_values(1, 1 << 20), 4),
            (distinct_keys(1, 640), 10),
            (never_ending(1, 10), 10),
        ];
        for (batch, spans) in sound {
            assert_eq!(batch.check().map(|checked| checked.len()), Ok(spans));
        }
        assert!(malformed().check().is_err());
    }
}
