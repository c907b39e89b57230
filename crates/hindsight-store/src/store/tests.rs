use std::sync::Arc;

use hindsight_protocol::SpanState::{Aborted, Disconnected, Ended, EndedByDrop, Running};

use hindsight_protocol::{BatchBuilder, Span, SpanId, TraceId};

use super::outcome::replaces;
use super::{BatchSource, Store};
use crate::StoreLimits;
use crate::chunk::RowRef;
use crate::identity::{IdentityIndex, Place};

#[test]
fn a_report_replaces_the_stored_one_by_state_then_by_number() {
    let table = [
        // (stored, report, whether it replaces)
        ((Running, 1), (Running, 2), true),
        ((Running, 2), (Running, 2), false),
        ((Running, 2), (Running, 1), false),
        ((Running, 5), (Ended, 0), true),
        ((Running, 5), (Aborted, 0), true),
        ((Disconnected, 2), (Running, 2), true),
        ((Disconnected, 2), (Running, 1), false),
        ((Disconnected, 2), (Disconnected, 2), false),
        ((Disconnected, 2), (Ended, 1), true),
        ((Aborted, 2), (Running, 2), true),
        ((Aborted, 2), (Running, 1), false),
        ((Aborted, 2), (Aborted, 2), false),
        ((Aborted, 2), (Ended, 0), true),
        ((Ended, 2), (Ended, 2), false),
        ((Ended, 2), (EndedByDrop, 2), false),
        ((Ended, 2), (Ended, 3), true),
        ((Ended, 2), (Running, 9), false),
        ((Ended, 2), (Aborted, 9), false),
    ];
    for (stored, report, expected) in table {
        assert_eq!(
            replaces(report, stored),
            expected,
            "{report:?} after {stored:?}"
        );
    }
}

#[test]
fn a_place_is_found_again_whatever_its_numbers() {
    let mut index = IdentityIndex::default();
    let hash = index.hash(Default::default(), Default::default());
    let row = |chunk, row| Place::Row(RowRef { chunk, row });
    let places = [
        Place::Open(0),
        Place::Open(u64::from(u32::MAX) + 7),
        row(0, 0),
        row(u32::MAX, 4095),
    ];
    for place in places {
        index.insert(hash, place);
        let found = index.find_or_vacant(hash, |found| found == place);
        assert_eq!(found.ok(), Some(place));
        index.replace(hash, place, row(1, 2));
        assert!(!index.remove(hash, |found| found == place));
        assert!(index.remove(hash, |found| found == row(1, 2)));
    }
}

#[test]
fn a_segment_takes_no_entry_of_another_with_it() {
    const TTL_NS: u64 = 1_000;
    let mut store = Store::new(StoreLimits {
        ttl_ns: TTL_NS,
        segment_spans_max: 1,
        ..StoreLimits::default()
    });
    let trace = TraceId::from_u128(1);
    // Two spans that the index cannot tell apart but by their places.
    let mut seen = hashbrown::HashMap::new();
    let pair = (1..2_000_000).find_map(|id| {
        let hash = store.tables.hash((trace, SpanId::from_u64(id)));
        Some((seen.insert(hash, id)?, id))
    });
    let (stays, goes) = pair.expect("a million of 32 bits");
    let append = |store: &mut Store, id, is_running, now_ns| {
        let mut builder = BatchBuilder::new();
        let (state, end_ns) = match is_running {
            true => (Running, hindsight_protocol::OPEN_END_NS),
            false => (Ended, 2),
        };
        builder.push(&Span {
            trace_id: trace,
            span_id: SpanId::from_u64(id),
            start_ns: 1,
            end_ns,
            state: state as u8,
            ..Span::default()
        });
        let batch = Arc::new(builder.finish());
        store.append(&batch, BatchSource::default(), now_ns).reply
    };
    // So that the entry of the one that stays comes first, also when its row is the newer one.
    assert_eq!(append(&mut store, stays, true, 1).inserted, 1);
    assert_eq!(append(&mut store, goes, false, 1).inserted, 1);
    assert_eq!(append(&mut store, stays, false, TTL_NS).updated, 1);
    store.tick(TTL_NS + 1);
    assert_eq!(store.counters().1.expired, 1);
    assert_eq!(append(&mut store, stays, false, TTL_NS + 1).duplicate, 1);
}

#[test]
fn a_note_of_a_superseded_row_leaves_with_the_row() {
    let mut store = Store::new(StoreLimits::default());
    let reports = [1, 2].map(|version| {
        let mut builder = BatchBuilder::new();
        builder.push(&Span {
            trace_id: TraceId::from_u128(1),
            span_id: SpanId::from_u64(1),
            start_ns: 1,
            end_ns: 2,
            version,
            ..Span::default()
        });
        Arc::new(builder.finish())
    });
    for report in &reports {
        store.append(report, BatchSource::default(), 1);
    }
    assert!(store.tables.view().superseded.bytes() > 0);
    store.tick(2 * store.limits().ttl_ns);
    assert_eq!(store.tables.view().superseded.bytes(), 0);
    assert_eq!(store.counters().1.expired, 1);
}
