//! What is said of damaged traces.

use hindsight_protocol::{KeyValue, Span, SpanKind, SpanState, StatusCode};

use super::*;
use crate::fixture::{START_NS, TRACE, open, page, service, span};
use crate::format::Zone;

const MS: u64 = 1_000_000;

fn text(spans: &[Span], removals: &[Removal]) -> String {
    let trace = Trace::new(TRACE, vec![page(spans)]);
    let timeline = Timeline::new(trace.tree(), START_NS + 60 * MS);
    let findings = findings(&trace, &timeline, removals);
    let line = |finding: &TraceFinding| {
        let line = trace_finding_line(trace.tree(), finding, Zone::UTC).to_plain();
        let nodes = finding.nodes(&trace);
        format!("{} {} {nodes:?}\n  {line}", finding.code(), finding.count())
    };
    let lines: Vec<_> = findings.found.iter().map(line).collect();
    lines.join("\n")
}

/// A request that asks the database for each of six users, after two failures; the database's clock
/// is ahead.
fn calls() -> Vec<Span> {
    let of_db = |span: Span| Span {
        resource: service("db"),
        kind: SpanKind::Client as u8,
        ..span
    };
    let mut spans = vec![span(1, 0, "GET /users", 0, 60)];
    for number in 0..6 {
        let query = format!("SELECT * FROM users WHERE id = {number}");
        spans.push(Span {
            attributes: vec![KeyValue::new("db.query.text", query)],
            ..of_db(span(
                10 + number,
                1,
                "query",
                10 + 3 * number,
                12 + 3 * number,
            ))
        });
    }
    for number in 0..3 {
        let at = 30 + 5 * number;
        let failed = if number < 2 {
            StatusCode::Error
        } else {
            StatusCode::Unset
        };
        spans.push(Span {
            status: failed as u8,
            ..of_db(span(20 + number, 1, "connect", at, at + 2))
        });
    }
    let call = of_db(span(30, 1, "RPC: sum\u{1b}[2J", 50, 55));
    spans.push(Span {
        resource: service("web"),
        ..call
    });
    spans.push(Span {
        kind: SpanKind::Server as u8,
        resource: service("calc"),
        ..span(31, 30, "sum", 71, 73)
    });
    spans
}

#[test]
fn calls_and_clocks_are_told_first() {
    insta::assert_snapshot!(text(&calls(), &[]));
}

#[test]
fn holes_are_told_with_their_reasons() {
    let removal = Removal {
        reason: "evicted".into(),
        at_ns: START_NS + 1000 * MS,
        spans: 12,
        probably: false,
    };
    let spans = [
        span(1, 99, "orphan", 0, 10),
        span(2, 99, "orphan too", 1, 10),
        span(3, 98, "alone", 5, 10),
        open(span(4, 1, "killed", 2, 0), SpanState::Aborted),
    ];
    let gone = text(&spans, &[removal]);
    let never = text(&spans, &[]);
    insta::assert_snapshot!(format!("{gone}\n\n{never}"));
}

#[test]
fn doubtful_structure_is_told() {
    let spans = [
        span(1, 0, "root", 0, 50),
        span(2, 3, "first of a cycle", 10, 20),
        span(3, 2, "second of a cycle", 15, 20),
        span(4, 4, "itself", 20, 30),
        span(6, 1, "", 40, 50),
        span(6, 1, "", 40, 50),
        span(6, 1, "", 40, 50),
        Span {
            dropped_attributes: 3,
            dropped_links: 1,
            ..span(7, 1, "large", 40, 50)
        },
    ];
    insta::assert_snapshot!(text(&spans, &[]));
}

#[test]
fn nothing_is_said_of_a_sound_trace() {
    assert_eq!(
        text(&[span(1, 0, "root", 0, 50), span(2, 1, "x", 1, 2)], &[]),
        ""
    );
    assert_eq!(text(&[], &[]), "");
}

#[test]
fn findings_of_a_kind_beyond_the_limit_are_counted() {
    let orphans: Vec<_> = (1..=EACH_MAX as u64 + 5)
        .map(|id| span(id, 1000 + id, "orphan", id, id))
        .collect();
    let trace = Trace::new(TRACE, vec![page(&orphans)]);
    let findings = findings(&trace, &Timeline::new(trace.tree(), 0), &[]);
    // The others and that there is no root.
    assert_eq!((findings.found.len(), findings.left_out), (EACH_MAX + 1, 5));
}
