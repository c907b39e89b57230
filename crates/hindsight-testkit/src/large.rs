//! One trace of any size, the same each time: a nightly job with as many steps as are asked for.
//!
//! The root holds pages of 1,000 spans one after the other, a page holds 10 items, an item calls a
//! cache, a database and a renderer in turn. One call in 997 fails, one in 1,009 has an event. Spans
//! come in batches of one service each way through, in order of their starts.

use hindsight_protocol::batch::{SpanHead, ValueRef};
use hindsight_protocol::{
    BatchBuilder, CheckedBatch, KeyValue, Resource, SpanId, SpanKind, SpanState, StatusCode,
    TraceId,
};

/// Spans of a batch.
pub const BATCH_SPANS: u64 = 8_192;
/// Name of the root.
pub const ROOT_NAME: &str = "nightly import";
/// Name of the last span by start, which no other has.
pub const LAST_NAME: &str = "the very last";

const PAGE_SPANS: u64 = 1_000;
const ITEM_SPANS: u64 = 100;
/// From the start of one call to that of the next.
const CALL_NS: u64 = 10_000;
const CALLS: [(&str, &str, SpanKind); 3] = [
    ("cache", "cache.get", SpanKind::Client),
    ("database", "SELECT item", SpanKind::Client),
    ("import", "render", SpanKind::Internal),
];
const SERVICES: [&str; 3] = ["import", "cache", "database"];

/// The spans of `trace`, `spans` of them, the root starting at `start_ns`.
pub fn batches(trace: TraceId, spans: u64, start_ns: u64) -> impl Iterator<Item = CheckedBatch> {
    let batches = spans.div_ceil(BATCH_SPANS);
    (0..batches).map(move |number| {
        let mut builder = BatchBuilder::new();
        let resources = SERVICES.map(|name| builder.resource(&resource(name)));
        let numbers = number * BATCH_SPANS..((number + 1) * BATCH_SPANS).min(spans);
        for span in numbers {
            add(&mut builder, &resources, (trace, spans, start_ns), span);
        }
        builder.finish()
    })
}

fn resource(name: &str) -> Resource {
    Resource {
        attributes: vec![KeyValue::new("service.name", name)],
        dropped_attributes: 0,
    }
}

fn add(
    builder: &mut BatchBuilder,
    resources: &[u32],
    (trace, spans, start_ns): (TraceId, u64, u64),
    span: u64,
) {
    let (in_page, in_item) = (span % PAGE_SPANS, span % ITEM_SPANS);
    // Numbers of those that it holds, itself included; and the number of what holds it.
    let (holds, parent) = match (span, in_page, in_item) {
        (0, _, _) => (spans, None),
        (_, 0, _) => (PAGE_SPANS, Some(0)),
        (_, _, 0) => (ITEM_SPANS, Some(span - in_page)),
        // The first item of a page is the page's own head.
        _ => (1, Some(span - in_item)),
    };
    let (service, name, kind) = match (span, holds) {
        (0, _) => ("import", ROOT_NAME, SpanKind::Internal),
        (_, PAGE_SPANS) => ("import", "import page", SpanKind::Internal),
        (_, ITEM_SPANS) => ("import", "import item", SpanKind::Internal),
        (span, _) if span + 1 == spans => ("import", LAST_NAME, SpanKind::Internal),
        _ => CALLS[(span % 3) as usize],
    };
    let begins = start_ns + span * CALL_NS;
    let last = (span + holds).min(spans);
    let ends = start_ns + last * CALL_NS - CALL_NS / 5;
    let fails = span % 997 == 996;
    let place = SERVICES.iter().position(|known| *known == service);
    builder.begin_span(&SpanHead {
        trace_id: trace,
        span_id: SpanId::from_u64(span + 1),
        parent_id: parent.map_or(SpanId::INVALID, |parent| SpanId::from_u64(parent + 1)),
        name,
        start_ns: begins,
        end_ns: Some(ends),
        kind: kind as u8,
        status: if fails {
            StatusCode::Error as u8
        } else {
            StatusCode::Unset as u8
        },
        state: SpanState::Ended as u8,
        version: 1,
        flags: 1,
        resource: resources[place.unwrap_or_default()],
        ..SpanHead::default()
    });
    builder.attribute("item.number", ValueRef::I64((span / ITEM_SPANS) as i64));
    if span % 1_009 == 1_008 {
        let slow = ValueRef::String("warn");
        builder.event(begins + 1, "slow", [("level", slow)], 0);
    }
    builder.end_span();
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_span_has_a_parent_that_holds_it_in_time() {
        let trace = TraceId::from_u128(7);
        let all: Vec<_> = batches(trace, 20_500, 1_000).collect();
        assert_eq!(all.len(), 3);
        let rows = || all.iter().flat_map(CheckedBatch::rows);
        let ids: HashSet<u64> = rows().map(|row| row.span_id().bits).collect();
        assert_eq!(ids.len(), 20_500);
        let times: Vec<_> = rows().map(|row| (row.start_ns(), row.end_ns())).collect();
        for row in rows() {
            let Some(parent) = row.parent_id() else {
                assert_eq!(row.name(), ROOT_NAME);
                continue;
            };
            let (start, end) = times[parent.bits as usize - 1];
            assert!(
                start <= row.start_ns() && row.end_ns() <= end,
                "{}",
                row.span_id()
            );
        }
        assert_eq!(rows().last().map(|row| row.name()), Some(LAST_NAME));
    }
}
