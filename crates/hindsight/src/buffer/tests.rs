use hindsight_protocol::{CheckedBatch, SpanId, Value};

use super::*;
use crate::tracer::test_shared;

mod property;

fn limits() -> BufferLimits {
    BufferLimits {
        ended_spans_max: 3,
        ended_bytes_max: 1 << 20,
        open_spans_max: 2,
        attributes_max: 2,
        events_max: 2,
        links_max: 2,
        wake_at_spans: 2,
        batch_spans_max: 100,
        batch_bytes_max: 1 << 20,
    }
}

fn buffer_with(limits: BufferLimits) -> Buffer {
    Buffer::new(test_shared(limits))
}

fn buffer() -> Buffer {
    buffer_with(limits())
}

fn record(id: u64) -> Box<SpanRecord> {
    let mut record = Box::<SpanRecord>::default();
    record.span_id = SpanId::from_u64(id);
    record
}

fn open(buffer: &Buffer, id: u64) -> Option<OpenKey> {
    buffer.open(record(id))
}

fn end(buffer: &Buffer, key: OpenKey) -> bool {
    let ending = Ending {
        state: SpanState::Ended,
        end_ns: None,
    };
    buffer.end(key, ending)
}

fn take(buffer: &Buffer) -> Vec<CheckedBatch> {
    let mut next = BatchBuilder::new();
    prepare(&mut next, &buffer.tracer);
    let mut taken = Vec::new();
    buffer.take_ended(&mut taken, &mut Some(next));
    taken.into_iter().map(BatchBuilder::finish).collect()
}

fn counters(offered: u64, dropped: u64) -> BufferCounters {
    BufferCounters { offered, dropped }
}

#[test]
fn spans_beyond_the_open_limit_are_counted_as_dropped() {
    let buffer = buffer();
    let first = open(&buffer, 1).expect("room");
    assert!(open(&buffer, 2).is_some());
    assert_eq!(open(&buffer, 3), None);
    assert_eq!(buffer.counters(), counters(1, 1));
    end(&buffer, first);
    assert!(open(&buffer, 4).is_some(), "an ended span makes room");
}

#[test]
fn ended_spans_beyond_the_limit_are_counted_and_the_exporter_is_woken_once() {
    let buffer = buffer();
    let woken: Vec<bool> = (1..=5)
        .map(|id| end(&buffer, open(&buffer, id).expect("room")))
        .collect();
    assert_eq!(woken, [false, true, false, false, false]);
    assert_eq!(buffer.counters(), counters(5, 2));
    let taken: usize = take(&buffer).iter().map(CheckedBatch::len).sum();
    assert_eq!(taken, 3);
    assert!(take(&buffer).is_empty());
    let woken: Vec<bool> = (6..=8)
        .map(|id| end(&buffer, open(&buffer, id).expect("room")))
        .collect();
    assert_eq!(woken, [false, true, false], "once more after they were taken");
}

#[test]
fn spans_whose_texts_find_no_room_are_dropped() {
    let buffer = buffer_with(BufferLimits {
        ended_bytes_max: 10_000,
        ..limits()
    });
    let mut large = record(1);
    large.set_attribute("text".into(), "x".repeat(20_000).into(), 2);
    let key = buffer.open(large).expect("room");
    end(&buffer, key);
    end(&buffer, open(&buffer, 2).expect("room"));
    assert_eq!(buffer.counters(), counters(2, 1));
    assert_eq!(take(&buffer)[0].to_spans()[0].span_id, SpanId::from_u64(2));
}

#[test]
fn a_batch_is_no_larger_than_its_limit() {
    let buffer = buffer_with(BufferLimits {
        ended_spans_max: 1000,
        batch_spans_max: 100,
        ..limits()
    });
    for id in 1..=250 {
        end(&buffer, open(&buffer, id).expect("room"));
    }
    let taken = take(&buffer);
    let sizes: Vec<usize> = taken.iter().map(CheckedBatch::len).collect();
    assert_eq!(sizes, [100, 100, 50]);
    let ids = taken.iter().flat_map(CheckedBatch::to_spans);
    assert!(ids.map(|span| span.span_id.bits).eq(1..=250));
}

#[test]
fn a_span_ends_once_and_a_stale_key_changes_nothing() {
    let buffer = buffer();
    let key = open(&buffer, 1).expect("room");
    end(&buffer, key);
    end(&buffer, key);
    assert_eq!(buffer.counters(), counters(1, 0), "it ended once");
    let reused = open(&buffer, 2).expect("room");
    assert_eq!(reused.index, key.index, "the place is used again");
    buffer.change(key, |_| panic!("changed by a stale key"));
}

#[test]
fn a_span_may_end_on_another_thread() {
    let buffer = Arc::new(buffer());
    let key = open(&buffer, 1).expect("room");
    let ending = {
        let buffer = buffer.clone();
        std::thread::spawn(move || end(&buffer, key))
    };
    ending.join().expect("no panic");
    assert_eq!(take(&buffer)[0].len(), 1);
}

#[test]
fn a_record_given_back_is_empty_when_it_is_used_again() {
    let mut used = record(1);
    used.name = "name".into();
    used.set_attribute("a".into(), 1.into(), 2);
    used.set_status(hindsight_protocol::StatusCode::Error, "bad".into());
    used.start_ns = Some(5);
    used.kind = 3;
    used.dropped_attributes = 2;
    used.reports.version = 9;
    used.extra().dropped_events = 1;
    used.clear();
    // What is written anew at each start may stay.
    let empty = record(1);
    assert_eq!(format!("{used:?}"), format!("{empty:?}"));
}

#[test]
fn every_open_span_is_visited_and_reports_are_counted() {
    let buffer = buffer_with(BufferLimits {
        open_spans_max: 1000,
        ..limits()
    });
    for id in 1..=600 {
        open(&buffer, id).expect("room");
    }
    let mut seen = Vec::new();
    buffer.visit_open(|record| {
        seen.push(record.span_id.bits);
        record.span_id.bits % 2 == 0
    });
    assert!(seen.into_iter().eq(1..=600));
    assert_eq!(buffer.counters(), counters(300, 0));
}

#[test]
fn attributes_beyond_the_limit_are_counted_and_a_key_is_replaced() {
    let mut record = record(1);
    record.set_attribute("a".into(), 1.into(), 2);
    record.set_attribute("a".into(), 2.into(), 2);
    record.set_attribute("b".to_owned().into(), 2.into(), 2);
    record.set_attribute("a".into(), 3.into(), 2);
    record.set_attribute("c".into(), 4.into(), 2);
    assert_eq!(record.dropped_attributes, 1);
    let buffer = buffer();
    let key = buffer.open(record).expect("room");
    end(&buffer, key);
    let span = take(&buffer)[0].to_spans().remove(0);
    let attributes: Vec<_> = span
        .attributes
        .iter()
        .map(|a| (a.key.as_str(), a.value.clone()))
        .collect();
    assert_eq!(attributes, [("a", Value::from(3)), ("b", Value::from(2))]);
    assert_eq!(span.dropped_attributes, 1);
}

#[test]
fn a_buffer_is_done_when_its_thread_is_and_nothing_is_left() {
    let buffer = buffer();
    let key = open(&buffer, 1).expect("room");
    buffer.orphan();
    assert!(!buffer.is_done(), "a span is open");
    end(&buffer, key);
    assert!(!buffer.is_done(), "a span waits");
    take(&buffer);
    assert!(buffer.is_done());
}
