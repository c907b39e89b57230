//! Events over spans, in one clock or several.

use hindsight_protocol::{Event, KeyValue, Span, SpanKind};

use super::*;
use crate::fixture::{START_NS, TRACE, page, service, span};
use crate::skew::{ClockOverlay, estimate};

const MS: u64 = 1_000_000;

fn event(name: &str, at_ms: u64) -> Event {
    Event {
        name: name.into(),
        time_ns: START_NS + at_ms * MS,
        attributes: vec![
            KeyValue::new("level", "INFO"),
            KeyValue::new("message", "a\u{1b}[2Jb"),
        ],
        dropped_attributes: 0,
    }
}

/// A call of a process whose clock is 100 ms ahead.
fn trace() -> Trace {
    let caller = Span {
        events: vec![event("sent", 1), event("received", 9)],
        kind: SpanKind::Client as u8,
        ..span(1, 0, "call", 0, 10)
    };
    let callee = Span {
        events: vec![event("handled", 105)],
        kind: SpanKind::Server as u8,
        resource: service("calc"),
        ..span(2, 1, "handle", 102, 108)
    };
    Trace::new(TRACE, vec![page(&[caller, callee])])
}

fn text(trace: &Trace) -> String {
    let events = events_in_time(trace);
    let lines = events_table(trace, &events, START_NS, 10).lines(None);
    let plain: Vec<_> = lines.iter().map(Line::to_plain).collect();
    plain.join("\n")
}

#[test]
fn events_of_all_spans_stand_by_time() {
    insta::assert_snapshot!(text(&trace()));
}

#[test]
fn events_move_with_their_spans_when_clocks_are_aligned() {
    let trace = trace();
    let tree = trace.tree();
    let overlay = ClockOverlay::new(tree.processes.len(), &estimate(tree), 0);
    let aligned = trace.aligned(&overlay);
    assert_eq!(
        (aligned.shift_ns(0), aligned.shift_ns(1)),
        (0, -100 * MS as i64)
    );
    assert_eq!(aligned.span(1).name(), "handle");
    insta::assert_snapshot!(text(&aligned));
}

#[test]
fn a_log_of_pages_is_in_time_and_tells_levels() {
    use crate::explore::Explorer;
    use hindsight_protocol::{Event, KeyValue};
    let event = |name: &str, at_ms: u64, key: &str, value: &str| Event {
        name: name.into(),
        time_ns: crate::fixture::START_NS + at_ms * 1_000_000,
        attributes: vec![KeyValue::new(key, value)],
        ..Event::default()
    };
    let first = Span {
        events: vec![
            event("late", 40, "level", "WARN"),
            event("early", 1, "k", "v"),
        ],
        ..span(1, 0, "root", 0, 50)
    };
    let second = Span {
        events: vec![event("exception", 20, "message", "no\nluck")],
        ..span(2, 1, "child", 5, 25)
    };
    let explorer = Explorer::new(crate::fixture::tree(&[first.clone(), second.clone()]), 0);
    let mut log = EventLog::default();
    log.add(page(&[first]));
    log.add(page(&[second]));
    let rows = (0..log.len()).filter_map(|number| log.row(&explorer, number));
    let rows: Vec<_> = rows
        .map(|row| {
            row.cells
                .iter()
                .map(Line::to_plain)
                .collect::<Vec<_>>()
                .join(" | ")
        })
        .collect();
    insta::assert_snapshot!(rows.join("\n"), @r#"
    1.000 ms |  | web | root | early | k=v
    20.000 ms | ERROR | web | child | exception | message="no\nluck"
    40.000 ms | WARN | web | root | late | level=WARN
    "#);
    assert_eq!(
        log.position(hindsight_protocol::SpanId::from_u64(2)),
        Some(1)
    );
    assert_eq!(log.row(&explorer, 3), None);
}
