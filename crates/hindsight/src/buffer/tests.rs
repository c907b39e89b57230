use hindsight_protocol::SpanId;

use super::*;
use crate::tracer::test_shared;

fn limits() -> BufferLimits {
    BufferLimits {
        ended_spans_max: 3,
        ended_bytes_max: 1 << 20,
        open_spans_max: 2,
        attributes_max: 2,
        events_max: 2,
        links_max: 2,
        wake_at_spans: 2,
    }
}

fn buffer() -> Buffer {
    Buffer::new(test_shared(limits()))
}

fn open(buffer: &Buffer, id: u64) -> Option<OpenKey> {
    buffer.open(SpanId::from_u64(id), |_| {})
}

#[test]
fn spans_beyond_the_open_limit_are_counted_as_dropped() {
    let buffer = buffer();
    let first = open(&buffer, 1).expect("room");
    assert!(open(&buffer, 2).is_some());
    assert_eq!(open(&buffer, 3), None);
    let counters = BufferCounters {
        offered: 1,
        dropped: 1,
    };
    assert_eq!(buffer.counters(), counters);
    buffer.end(first, |_| {});
    assert!(open(&buffer, 4).is_some(), "an ended span makes room");
}

#[test]
fn ended_spans_beyond_the_limit_are_counted_and_the_exporter_is_woken_once() {
    let buffer = buffer();
    let woken: Vec<bool> = (1..=5)
        .map(|id| {
            let key = open(&buffer, id).expect("room");
            buffer.end(key, |_| {})
        })
        .collect();
    assert_eq!(woken, [false, true, false, false, false]);
    let counters = BufferCounters {
        offered: 5,
        dropped: 2,
    };
    assert_eq!(buffer.counters(), counters);
    let mut taken = Vec::new();
    buffer.take_ended(&mut taken);
    assert_eq!(taken.len(), 3);
}

#[test]
fn a_span_ends_once_and_a_stale_key_changes_nothing() {
    let buffer = buffer();
    let key = open(&buffer, 1).expect("room");
    buffer.end(key, |_| {});
    assert!(!buffer.end(key, |_| panic!("ended twice")));
    let reused = open(&buffer, 2).expect("room");
    assert_eq!(reused.index, key.index, "the place is used again");
    buffer.change(key, |_| panic!("changed by a stale key"));
}

#[test]
fn a_record_given_back_is_empty_when_it_is_used_again() {
    let buffer = buffer();
    let key = open(&buffer, 1).expect("room");
    buffer.end(key, |record| {
        record.set_attribute(("a".into(), 1.into()), 2);
        record.version = 9;
    });
    let mut taken = Vec::new();
    buffer.take_ended(&mut taken);
    buffer.give_back(&mut taken);
    buffer.open(SpanId::from_u64(2), |record| {
        assert!(record.attributes.is_empty());
        assert_eq!(record.version, 0);
    });
}

#[test]
fn attributes_beyond_the_limit_are_counted_and_a_key_is_replaced() {
    let mut record = SpanRecord::default();
    record.set_attribute(("a".into(), 1.into()), 2);
    record.set_attribute(("b".into(), 2.into()), 2);
    record.set_attribute(("a".into(), 3.into()), 2);
    record.set_attribute(("c".into(), 4.into()), 2);
    let expected: Vec<Attribute> = vec![("a".into(), 3.into()), ("b".into(), 2.into())];
    assert_eq!(record.attributes, expected);
    assert_eq!(record.dropped.0, 1);
}

#[test]
fn a_buffer_is_done_when_its_thread_is_and_nothing_is_left() {
    let buffer = buffer();
    let key = open(&buffer, 1).expect("room");
    buffer.orphan();
    assert!(!buffer.is_done(), "a span is open");
    buffer.end(key, |_| {});
    assert!(!buffer.is_done(), "a span waits");
    buffer.take_ended(&mut Vec::new());
    assert!(buffer.is_done());
}
