use hindsight_protocol::{BatchBuilder, Resource, Scope, Span, Value};

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
    record.head.span_id = SpanId::from_u64(id);
    record.attributes_max = 3;
    record.is_wanted = true;
    record
}

/// A span in a buffer: its place and id.
type Opened = (u32, SpanId);

fn open(buffer: &Buffer, id: u64) -> Option<Opened> {
    open_record(buffer, record(id))
}

fn open_record(buffer: &Buffer, record: Box<SpanRecord>) -> Option<Opened> {
    let span = record.head.span_id;
    buffer.open(record).map(|place| (place, span))
}

fn end(buffer: &Buffer, (place, span): Opened) -> bool {
    let ending = Ending {
        state: SpanState::Ended,
        end_ns: None,
    };
    buffer.end(place, span, ending)
}

/// What the exporter would send.
fn take(buffer: &Buffer) -> Vec<Span> {
    let mut ended = Ended::default();
    buffer.exchange_ended(&mut ended);
    let mut batch = BatchBuilder::new();
    batch.resource(&Resource::default());
    batch.scope(&Scope::default());
    ended.for_each(|row| row.write(&mut batch));
    let checked = batch.finish().into_batch().check().expect("sound");
    checked.to_spans()
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
    assert_eq!(take(&buffer).len(), 3);
    assert!(take(&buffer).is_empty());
    let woken: Vec<bool> = (6..=8)
        .map(|id| end(&buffer, open(&buffer, id).expect("room")))
        .collect();
    assert_eq!(
        woken,
        [false, true, false],
        "once more after they were taken"
    );
}

#[test]
fn spans_whose_texts_find_no_room_are_dropped() {
    let buffer = buffer_with(BufferLimits {
        ended_bytes_max: 10_000,
        ..limits()
    });
    let mut large = record(1);
    large.set_attribute("text".into(), "x".repeat(20_000).into());
    let key = open_record(&buffer, large).expect("room");
    end(&buffer, key);
    end(&buffer, open(&buffer, 2).expect("room"));
    assert_eq!(buffer.counters(), counters(2, 1));
    assert_eq!(take(&buffer)[0].span_id, SpanId::from_u64(2));
}

#[test]
fn a_span_ends_once_and_a_stale_key_changes_nothing() {
    let buffer = buffer();
    let key = open(&buffer, 1).expect("room");
    end(&buffer, key);
    end(&buffer, key);
    assert_eq!(buffer.counters(), counters(1, 0), "it ended once");
    let reused = open(&buffer, 2).expect("room");
    assert_eq!(reused.0, key.0, "the place is used again");
    buffer.change(key.0, key.1, |_| panic!("changed by a stale key"));
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
    assert_eq!(take(&buffer).len(), 1);
}

#[test]
fn a_record_given_back_is_empty_when_it_is_used_again() {
    let mut used = record(1);
    used.set_name("name".to_owned().into());
    used.set_attribute("a".into(), 1.into());
    used.set_status(hindsight_protocol::StatusCode::Error, "bad".into());
    used.head.start_ns = 5;
    used.reports.changed = true;
    used.extra().dropped_events = 1;
    used.clear();
    used.attributes_max = 0;
    let empty = SpanRecord::default();
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
        seen.push(record.head.span_id.bits);
        record.head.span_id.bits % 2 == 0
    });
    assert!(seen.into_iter().eq(1..=600));
    assert_eq!(buffer.counters(), counters(300, 0));
}

#[test]
fn attributes_beyond_the_limit_are_counted_and_a_key_is_replaced() {
    let mut record = record(1);
    record.attributes_max = 2;
    record.set_attribute("a".into(), 1.into());
    record.set_attribute("a".into(), 2.into());
    record.set_attribute("b".to_owned().into(), 2.into());
    record.set_attribute("a".into(), 3.into());
    record.set_attribute("c".into(), 4.into());
    assert_eq!(record.head.dropped_attributes, 1);
    let buffer = buffer();
    let key = open_record(&buffer, record).expect("room");
    end(&buffer, key);
    let span = take(&buffer).remove(0);
    let attributes: Vec<_> = span
        .attributes
        .iter()
        .map(|a| (a.key.as_str(), a.value.clone()))
        .collect();
    assert_eq!(attributes, [("a", Value::from(3)), ("b", Value::from(2))]);
    assert_eq!(span.dropped_attributes, 1);
}

#[test]
fn a_name_or_attribute_set_again_and_again_takes_bounded_memory() {
    let mut record = record(1);
    record.attributes_max = 4;
    for number in 0..10_000_i64 {
        record.set_attribute("text".into(), format!("step {number}").into());
        record.set_attribute("list".into(), vec![Value::from(number)].into());
        record.set_attribute(format!("odd {}", number % 2).into(), number.into());
    }
    assert!(record.attributes.text.len() < 500);
    for number in 0..10_000 {
        record.set_name(format!("name {number}").into());
    }
    assert!(record.attributes.text.len() < 2000);
    assert!(record.extra().values.len() < 20);
    let buffer = buffer();
    let key = open_record(&buffer, record).expect("room");
    end(&buffer, key);
    let span = take(&buffer).remove(0);
    assert_eq!(span.name, "name 9999");
    assert_eq!(span.attribute("text"), Some(&Value::from("step 9999")));
    let list = Value::from(vec![Value::from(9999)]);
    assert_eq!(span.attribute("list"), Some(&list));
    assert_eq!(span.attribute("odd 0"), Some(&Value::from(9998)));
    assert_eq!(span.dropped_attributes, 0);
}

#[test]
fn records_come_back_to_the_thread_that_made_them_and_go_when_they_are_not_needed() {
    let buffer = Arc::new(buffer_with(BufferLimits {
        ended_spans_max: 1000,
        open_spans_max: 1000,
        ..limits()
    }));
    let opened: Vec<Opened> = (1..=600)
        .map(|id| open(&buffer, id).expect("room"))
        .collect();
    let ending = {
        let buffer = buffer.clone();
        std::thread::spawn(move || {
            for key in opened {
                end(&buffer, key);
            }
        })
    };
    ending.join().expect("no panic");
    let mut kept = Vec::new();
    buffer.take_spare(&mut kept, 50);
    assert_eq!(kept.len(), 50);
    buffer.take_spare(&mut kept, 50);
    assert_eq!(kept.len(), 50, "no more than asked for");
    let left = 600 - 64 - 50;
    assert_eq!(
        buffer.inner.lock().spare.len(),
        left,
        "its own 64 the other thread kept"
    );
    buffer.free_spare();
    assert_eq!(
        buffer.inner.lock().spare.len(),
        left,
        "they were just needed"
    );
    buffer.free_spare();
    assert_eq!(
        buffer.inner.lock().spare.len(),
        left - SPARE_FREED_AT_A_TIME
    );
    buffer.free_spare();
    assert!(buffer.inner.lock().spare.is_empty());
}

#[test]
fn a_text_that_is_displayed_is_an_attribute_like_another() {
    struct Refuses;
    impl std::fmt::Display for Refuses {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("half")?;
            Err(std::fmt::Error)
        }
    }
    let mut record = record(1);
    record.attributes_max = 2;
    record.set_display("route".into(), &format_args!("/items/{}", 7));
    record.set_display("broken".into(), &Refuses);
    record.set_display("route".to_owned().into(), &"later");
    record.set_display("other".into(), &1.5);
    record.set_display("route".into(), &"last");
    record.set_display("one too many".into(), &"");
    assert_eq!(record.head.dropped_attributes, 2);
    let buffer = buffer();
    let key = open_record(&buffer, record).expect("room");
    end(&buffer, key);
    let span = take(&buffer).remove(0);
    assert_eq!(span.attribute("route"), Some(&Value::from("last")));
    assert_eq!(span.attribute("other"), Some(&Value::from("1.5")));
    assert_eq!(span.attributes.len(), 2);
}

#[test]
fn a_text_that_is_displayed_is_cut_and_counted_where_it_is_too_long() {
    struct Endless;
    impl std::fmt::Display for Endless {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            loop {
                f.write_str("x\u{e4}\u{e4}")?;
            }
        }
    }
    let mut record = record(1);
    record.set_display("endless".into(), &Endless);
    record.set_display("short".into(), &"short");
    assert_eq!(record.extra().cut_values, 1);
    let buffer = buffer();
    let key = open_record(&buffer, record).expect("room");
    end(&buffer, key);
    let span = take(&buffer).remove(0);
    let Some(Value::String(endless)) = span.attribute("endless") else {
        panic!("{span:?}");
    };
    assert_eq!(endless.len(), VALUE_BYTES_MAX);
    assert_eq!(span.attribute("short"), Some(&Value::from("short")));
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
