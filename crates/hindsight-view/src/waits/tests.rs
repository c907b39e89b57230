//! Waits between apps, in circles, and against a model.

use std::collections::HashSet;

use hindsight_protocol::{KeyValue, Link, Span, SpanId, SpanKind, SpanState, TraceId};
use proptest::prelude::*;

use super::*;
use crate::fixture::{START_NS, TRACE, open, page, service, span};
use crate::waterfall::Glyphs;

const SECOND_NS: u64 = 1_000_000_000;

fn running(id: u64, parent: u64, name: &str, start_ms: u64, of: &str) -> Span {
    Span {
        resource: service(of),
        ..open(span(id, parent, name, start_ms, 0), SpanState::Running)
    }
}

fn waits_for(span: Span, to: u64) -> Span {
    Span {
        links: vec![Link {
            trace_id: TRACE,
            span_id: SpanId::from_u64(to),
            attributes: vec![KeyValue::new("link.kind", "waits_for")],
            ..Link::default()
        }],
        ..span
    }
}

fn draw(spans: &[Span]) -> String {
    let pages = [page(spans)];
    let waits = Waits::new(&pages, 100);
    let now_ns = START_NS + 12 * SECOND_NS;
    let mut lines: Vec<_> = (0..waits.nodes().len())
        .map(|index| wait_line(&waits, index, now_ns, &Glyphs::UNICODE))
        .collect();
    lines.extend(oldest_leaf_line(&waits, now_ns));
    let cycles = waits.cycles().iter();
    lines.extend(cycles.map(|cycle| cycle_line(&waits, cycle, 2)));
    let plain: Vec<_> = lines.iter().map(crate::Line::to_plain).collect();
    plain.join("\n")
}

#[test]
fn a_call_is_followed_into_the_other_process_to_what_it_is_stuck_on() {
    let consumer = Span {
        kind: SpanKind::Consumer as u8,
        ..running(6, 1, "consume", 40, "worker")
    };
    insta::assert_snapshot!(draw(&[
        running(1, 0, "GET /", 0, "web"),
        running(2, 1, "RPC: render\u{1b}[2J", 100, "web"),
        running(3, 2, "render", 110, "calc"),
        running(4, 3, "query", 200, "calc"),
        running(5, 1, "log", 300, "web"),
        consumer,
        open(running(7, 0, "lost", 5, "web"), SpanState::Disconnected),
        span(8, 1, "has ended", 1, 2),
    ]));
}

#[test]
fn the_table_says_of_each_root_what_it_comes_down_to() {
    let dead = open(running(9, 0, "batch", 50, "cron"), SpanState::Aborted);
    let pages = [page(&[
        running(1, 0, "GET /", 0, "web"),
        running(2, 1, "RPC: render\u{1b}[2J", 100, "web"),
        running(3, 2, "render", 110, "calc"),
        running(4, 3, "query", 200, "calc"),
        running(5, 1, "log", 300, "web"),
        running(6, 0, "poll", 400, "web"),
        dead,
    ])];
    let waits = Waits::new(&pages, 100);
    let now_ns = START_NS + 12 * SECOND_NS;
    let table = waits_table(&waits, 0..waits.nodes().len(), now_ns, &Glyphs::UNICODE);
    let text = |width| {
        let lines = table.clone().lines(width);
        let plain: Vec<_> = lines.iter().map(crate::Line::to_plain).collect();
        plain.join("\n")
    };
    insta::assert_snapshot!(format!("{}\n\n{}", text(None), text(Some(80))));
    assert_eq!(waits.trees(), [0..5, 5..6, 6..7]);
    assert_eq!(waits.deepest(), [3, 3, 3, 3, 4, 5, 6]);
}

#[test]
fn those_that_wait_for_each_other_are_a_cycle() {
    insta::assert_snapshot!(draw(&[
        running(1, 0, "a", 0, "web"),
        waits_for(running(2, 1, "lock x", 10, "web"), 4),
        running(3, 0, "b", 20, "calc"),
        waits_for(running(4, 3, "lock y", 30, "calc"), 5),
        waits_for(running(5, 0, "c", 40, "calc"), 2),
    ]));
}

#[test]
fn a_later_report_that_ended_takes_the_span_out() {
    let ended = Span {
        version: 1,
        ..span(2, 1, "late", 1, 2)
    };
    let pages = [
        page(&[
            running(1, 0, "a", 0, "web"),
            running(2, 1, "late", 1, "web"),
        ]),
        page(&[ended]),
    ];
    let waits = Waits::new(&pages, 100);
    assert_eq!(waits.nodes().len(), 1);
    assert!(waits.nodes()[0].is_leaf);
    assert_eq!(waits.oldest_leaf(), Some(0));
}

#[test]
fn the_oldest_are_kept_and_the_rest_is_counted() {
    let spans: Vec<_> = (1..=5).map(|id| running(id, 0, "x", id, "web")).collect();
    let pages = [page(&spans)];
    let waits = Waits::new(&pages, 2);
    assert_eq!((waits.nodes().len(), waits.left_out()), (2, 3));
    assert_eq!(waits.span(0).span_id(), SpanId::from_u64(1));
}

#[test]
fn equal_ids_of_different_traces_are_different_spans() {
    let other = Span {
        trace_id: TraceId::from_u128(1),
        ..running(2, 1, "elsewhere", 1, "web")
    };
    let pages = [page(&[running(1, 0, "a", 0, "web"), other])];
    let waits = Waits::new(&pages, 100);
    assert!(waits.nodes().iter().all(|node| node.depth == 0));
}

/// Spans, their parents, and to whom each links.
fn any_waits() -> impl Strategy<Value = Vec<Span>> {
    let any_span = (0..9u64, prop::option::weighted(0.3, 1..9u64));
    prop::collection::vec(any_span, 1..9).prop_map(|all| {
        let to_span = |(id, (parent, link)): (u64, (u64, Option<u64>))| {
            let span = running(id, parent, "any", 9 - id, "web");
            match link {
                Some(to) => waits_for(span, to),
                None => span,
            }
        };
        (1..).zip(all).map(to_span).collect()
    })
}

/// Whether a span waits, over any number of steps, for another.
fn reaches(spans: &[Span]) -> impl Fn(u64, u64) -> bool + use<> {
    let mut edges: HashSet<(u64, u64)> = HashSet::new();
    let ids: HashSet<u64> = spans.iter().map(|s| s.span_id.bits).collect();
    for span in spans {
        edges.insert((span.parent_id.bits, span.span_id.bits));
        edges.extend(
            span.links
                .iter()
                .map(|link| (span.span_id.bits, link.span_id.bits)),
        );
    }
    edges.retain(|(from, to)| ids.contains(from) && ids.contains(to));
    for _ in 0..ids.len() {
        let next: Vec<_> = edges
            .iter()
            .flat_map(|(a, b)| {
                edges
                    .iter()
                    .filter(move |(c, _)| b == c)
                    .map(move |(_, d)| (*a, *d))
            })
            .collect();
        edges.extend(next);
    }
    move |from, to| edges.contains(&(from, to))
}

proptest! {
    #[test]
    fn every_open_span_is_placed_once_and_cycles_are_those_of_the_model(spans in any_waits()) {
        let pages = [page(&spans)];
        let waits = Waits::new(&pages, 100);
        let id = |index: usize| waits.span(index).span_id().bits;
        let ids: HashSet<_> = (0..waits.nodes().len()).map(id).collect();
        prop_assert_eq!(ids.len(), spans.len());
        prop_assert_eq!(waits.nodes().len(), spans.len());
        let reaches = reaches(&spans);
        for (index, node) in waits.nodes().iter().enumerate() {
            prop_assert_eq!(node.in_cycle, reaches(id(index), id(index)));
            prop_assert_eq!(node.is_leaf, ids.iter().all(|to| !reaches(id(index), *to)));
            if let Some(parent) = node.parent {
                prop_assert!(parent < index && reaches(id(parent), id(index)));
                prop_assert_eq!(node.depth, waits.nodes()[parent].depth + 1);
            }
        }
        for cycle in waits.cycles() {
            for pair in cycle.windows(2) {
                prop_assert!(reaches(id(pair[0]), id(pair[1])) && reaches(id(pair[1]), id(pair[0])));
            }
        }
        let in_cycles: usize = waits.cycles().iter().map(Vec::len).sum();
        prop_assert_eq!(in_cycles, waits.nodes().iter().filter(|node| node.in_cycle).count());
    }
}

mod told;
