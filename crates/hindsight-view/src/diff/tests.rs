//! What differs, and that the comparison has no favourite side.

use hindsight_protocol::{KeyValue, Span, StatusCode};
use proptest::prelude::*;

use super::*;
use crate::fixture::{START_NS, TRACE, any_family, family, page, service, span};
use crate::text::Line;
use crate::waterfall::Glyphs;

fn trace(spans: &[Span]) -> Trace {
    Trace::new(TRACE, vec![page(spans)])
}

fn with(span: Span, attributes: &[(&str, &str)]) -> Span {
    let attributes = attributes.iter();
    Span {
        attributes: attributes
            .map(|(key, value)| KeyValue::new(*key, *value))
            .collect(),
        ..span
    }
}

fn text(a: &[Span], b: &[Span]) -> String {
    let (a, b) = (trace(a), trace(b));
    let diff = TraceDiff::new(&a, &b, START_NS);
    let mut lines = diff_table(&diff, diff.changed(), &Glyphs::UNICODE).lines(None);
    let changes = diff.nodes.iter().flat_map(|node| &node.attributes);
    lines.extend(changes.map(attribute_line));
    let plain: Vec<_> = lines.iter().map(Line::to_plain).collect();
    plain.join("\n")
}

#[test]
fn what_came_went_grew_and_changed_is_told_below_what_leads_to_it() {
    let of_db = |span: Span| Span {
        resource: service("db"),
        ..span
    };
    let before = [
        with(
            span(1, 0, "GET /", 0, 50),
            &[("route", "/a"), ("old", "1"), ("same", "x")],
        ),
        of_db(span(2, 1, "query", 5, 10)),
        span(3, 1, "render\u{1b}[2J", 20, 40),
        span(4, 1, "unchanged", 41, 42),
    ];
    let mut after = vec![
        with(
            span(11, 0, "GET /", 0, 60),
            &[("route", "/b"), ("same", "x")],
        ),
        span(13, 1 + 10, "unchanged", 41, 42),
        span(14, 11, "cache", 43, 44),
    ];
    for number in 0..3u64 {
        let query = of_db(span(
            20 + number,
            11,
            "query",
            5 + number * 5,
            9 + number * 5,
        ));
        after.push(Span {
            status: StatusCode::Error as u8,
            ..with(query, &[("n", &number.to_string())])
        });
    }
    insta::assert_snapshot!(text(&before, &after));
}

#[test]
fn a_trace_compared_with_nothing_has_come_or_gone() {
    let spans = [span(1, 0, "GET /", 0, 50)];
    let (one, none) = (trace(&spans), trace(&[]));
    let came = TraceDiff::new(&none, &one, START_NS);
    assert_eq!(
        (came.nodes[0].a, came.nodes[0].b.spans),
        (Side::default(), 1)
    );
    assert!(TraceDiff::new(&none, &none, START_NS).is_empty());
}

#[test]
fn attributes_of_single_spans_are_compared_by_key() {
    let one = |attributes: &[(&str, &str)]| trace(&[with(span(1, 0, "a", 0, 1), attributes)]);
    let (a, b) = (
        one(&[("x", "1"), ("old", "1")]),
        one(&[("x", "2"), ("new", "1")]),
    );
    let changes = attribute_changes([a.span(0)].into_iter(), [b.span(0)].into_iter());
    let keys: Vec<&str> = changes.iter().map(|change| change.key).collect();
    assert_eq!(keys, ["new", "old", "x"]);
    assert_eq!(changes[0].a, Seen::Nowhere);
    assert_eq!(changes[1].b, Seen::Nowhere);
}

#[test]
fn times_of_day_and_ids_do_not_matter() {
    let at = |id: u64, later_ns: u64| {
        let mut spans = [
            span(id, 0, "GET /", 0, 50),
            span(id + 1, id, "query", 5, 10),
        ];
        for span in &mut spans {
            span.start_ns += later_ns;
            span.end_ns += later_ns;
        }
        trace(&spans)
    };
    assert!(TraceDiff::new(&at(1, 0), &at(7, 12_345), START_NS).is_empty());
}

fn mirrored(mut diff: TraceDiff<'_>) -> TraceDiff<'_> {
    diff.operations.swap(0, 1);
    for node in &mut diff.nodes {
        std::mem::swap(&mut node.a, &mut node.b);
        for change in &mut node.attributes {
            std::mem::swap(&mut change.a, &mut change.b);
        }
    }
    diff
}

/// Spans of few names and values, open ones, orphans and cycles among them.
fn any_spans() -> impl Strategy<Value = Vec<Span>> {
    let extras = prop::collection::vec((0..3usize, 0..4usize), 12);
    (any_family(12, 1000), extras).prop_map(|(members, extras)| {
        let spans = family(&members).into_iter().zip(extras);
        let named = |(span, (name, value)): (Span, (usize, usize))| {
            let named = Span {
                name: ["a", "b", "c"][name].into(),
                ..span
            };
            match ["", "1", "2", "3"][value] {
                "" => named,
                value => with(named, &[("key", value), (value, "x")]),
            }
        };
        spans.map(named).collect()
    })
}

proptest! {
    #[test]
    fn a_trace_does_not_differ_from_itself(spans in any_spans()) {
        let (a, b) = (trace(&spans), trace(&spans));
        prop_assert!(TraceDiff::new(&a, &b, 2000).is_empty());
    }

    #[test]
    fn the_sides_can_be_swapped(a in any_spans(), b in any_spans()) {
        let (a, b) = (trace(&a), trace(&b));
        let there = TraceDiff::new(&a, &b, 2000);
        let back = TraceDiff::new(&b, &a, 2000);
        prop_assert_eq!(mirrored(back), there);
    }

    #[test]
    fn structure_alone_gives_the_same_operations(a in any_spans(), b in any_spans()) {
        let (a, b) = (trace(&a), trace(&b));
        let whole = TraceDiff::new(&a, &b, 2000);
        let alone = TraceDiff::of_trees(a.tree(), b.tree(), 2000);
        prop_assert_eq!(whole.operations(), alone.operations());
        for (whole, alone) in whole.nodes.iter().zip(&alone.nodes) {
            prop_assert_eq!((whole.name, whole.a, whole.b), (alone.name, alone.a, alone.b));
        }
        for (side, tree) in [a.tree(), b.tree()].into_iter().enumerate() {
            for (node, operation) in alone.operations()[side].iter().enumerate() {
                prop_assert_eq!(alone.nodes[*operation].name, tree.name(node));
            }
        }
    }

    #[test]
    fn every_span_is_counted_once(a in any_spans(), b in any_spans()) {
        let (a, b) = (trace(&a), trace(&b));
        let diff = TraceDiff::new(&a, &b, 2000);
        let sum = |count: fn(&DiffNode<'_>) -> u64| diff.nodes.iter().map(count).sum::<u64>();
        prop_assert_eq!(sum(|node| node.a.spans), a.len() as u64);
        prop_assert_eq!(sum(|node| node.b.spans), b.len() as u64);
    }
}
