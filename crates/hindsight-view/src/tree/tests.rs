//! Trees from spans in every order and state.

use std::collections::HashSet;

use hindsight_protocol::{Span, SpanId, SpanState};
use proptest::prelude::*;

use super::*;
use crate::fixture::{TRACE, open, page, span};

fn tree(spans: &[Span]) -> TraceTree {
    TraceTree::new(TRACE, vec![page(spans)])
}

/// One line a node: indented name and what is special about it.
fn outline(tree: &TraceTree) -> String {
    let line = |(index, node): (usize, &Node)| {
        let indent = "  ".repeat(node.depth as usize);
        let label = match node.placement {
            Placement::Root | Placement::Child => String::new(),
            other => format!(" {other:?}"),
        };
        format!("{indent}{}{label}\n", tree.span(index).name())
    };
    tree.nodes().iter().enumerate().map(line).collect()
}

#[track_caller]
fn check(spans: &[Span], expected: &str) {
    let reversed: Vec<Span> = spans.iter().rev().cloned().collect();
    assert_eq!(outline(&tree(spans)), expected);
    assert_eq!(outline(&tree(&reversed)), expected);
}

#[test]
fn children_stand_under_their_parent_by_start_and_then_id() {
    check(
        &[
            span(1, 0, "root", 0, 50),
            span(9, 1, "second", 5, 9),
            span(8, 1, "first of equal start", 2, 9),
            span(10, 1, "next of equal start", 2, 9),
            span(3, 9, "grandchild", 6, 7),
        ],
        "root\n  first of equal start\n  next of equal start\n  second\n    grandchild\n",
    );
}

#[test]
fn a_span_whose_parent_is_missing_is_an_orphan() {
    check(
        &[span(1, 7, "orphan", 0, 5), span(2, 1, "its child", 1, 2)],
        "orphan Orphan(SpanId { bits: 7 })\n  its child\n",
    );
}

#[test]
fn a_cycle_is_cut_at_its_earliest_span() {
    check(
        &[
            span(1, 3, "late", 5, 9),
            span(2, 1, "early", 1, 9),
            span(3, 2, "middle", 3, 9),
            span(4, 3, "hangs on it", 4, 5),
            span(5, 5, "its own parent", 7, 8),
        ],
        "early Cycle(SpanId { bits: 1 })\n  middle\n    hangs on it\n    late\n\
         its own parent SelfParent\n",
    );
}

#[test]
fn a_final_report_replaces_an_open_one_and_a_higher_version_a_lower() {
    let versioned = |name, version| Span {
        version,
        ..span(1, 0, name, 0, 5)
    };
    let running = Span {
        version: 9,
        ..open(span(1, 0, "running", 0, 0), SpanState::Running)
    };
    let reports = [versioned("newer", 2), running, versioned("older", 1)];
    let tree = TraceTree::new(
        TRACE,
        reports
            .iter()
            .map(|s| page(std::slice::from_ref(s)))
            .collect(),
    );
    assert_eq!(outline(&tree), "newer\n");
    assert_eq!((tree.superseded(), tree.nodes()[0].duplicates), (2, 2));
}

#[test]
fn spans_of_other_traces_are_counted_and_left_out() {
    let other = Span {
        trace_id: TraceId::from_u128(1),
        ..span(2, 1, "elsewhere", 0, 1)
    };
    let tree = tree(&[span(1, 0, "here", 0, 1), other]);
    assert_eq!((outline(&tree), tree.foreign()), ("here\n".into(), 1));
}

#[test]
fn children_and_roots_are_found_without_the_nodes_below() {
    let tree = tree(&[
        span(1, 0, "a", 0, 9),
        span(2, 1, "b", 1, 9),
        span(3, 2, "c", 2, 9),
        span(4, 1, "d", 3, 9),
        span(5, 0, "e", 4, 9),
    ]);
    assert_eq!(tree.roots().collect::<Vec<_>>(), [0, 4]);
    assert_eq!(tree.children(0).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(tree.children(4).count(), 0);
    let below: Vec<_> = tree.nodes().iter().map(|n| n.descendants).collect();
    assert_eq!(below, [3, 1, 0, 0, 0]);
}

#[test]
fn no_spans_make_an_empty_tree() {
    let tree = TraceTree::new(TRACE, Vec::new());
    assert!(tree.is_empty());
    assert_eq!(tree.roots().count(), 0);
}

#[test]
fn a_chain_of_a_million_spans_neither_overflows_nor_takes_quadratic_time() {
    let mut builder = hindsight_protocol::BatchBuilder::new();
    for id in 1..=1_000_000u64 {
        builder.begin_span(&hindsight_protocol::batch::SpanHead {
            trace_id: TRACE,
            span_id: SpanId::from_u64(id),
            parent_id: SpanId::from_u64(id - 1),
            start_ns: id,
            end_ns: Some(id),
            ..Default::default()
        });
        builder.end_span();
    }
    let tree = TraceTree::new(TRACE, vec![builder.finish()]);
    assert_eq!(tree.nodes()[999_999].depth, 999_999);
    assert_eq!(tree.nodes()[0].descendants, 999_999);
}

/// Few ids, so that duplicates, cycles, orphans and self-parents are common.
fn any_spans() -> impl Strategy<Value = Vec<Span>> {
    let any_span = (0..12u64, 0..14u64, 0..5u64, any::<bool>(), 0..3u32);
    let to_span = |(id, parent, start, running, version)| {
        let ended = span(id, parent, "any", start, start + 1);
        let kept = if running {
            open(ended, SpanState::Running)
        } else {
            ended
        };
        Span { version, ..kept }
    };
    prop::collection::vec(any_span.prop_map(to_span), 0..40)
}

proptest! {
    #[test]
    fn every_span_id_is_in_the_tree_exactly_once(spans in any_spans()) {
        let tree = tree(&spans);
        let valid = |id: &SpanId| id.is_valid();
        let given: HashSet<_> = spans.iter().map(|s| s.span_id).filter(valid).collect();
        let found: Vec<_> = (0..tree.len()).map(|i| tree.span(i).span_id()).filter(valid).collect();
        prop_assert_eq!(found.iter().copied().collect::<HashSet<_>>(), given);
        prop_assert_eq!(found.iter().collect::<HashSet<_>>().len(), found.len());
        prop_assert_eq!(tree.len() + tree.superseded(), spans.len());
    }

    #[test]
    fn a_parent_stands_before_its_children_and_a_root_says_why(spans in any_spans()) {
        let tree = tree(&spans);
        for (index, node) in tree.nodes().iter().enumerate() {
            let span = tree.span(index);
            match tree.parent(index) {
                Some(parent) => {
                    prop_assert!(parent < index);
                    prop_assert_eq!(Some(tree.span(parent).span_id()), span.parent_id());
                    prop_assert_eq!(node.depth, tree.nodes()[parent].depth + 1);
                    prop_assert_eq!(node.placement, Placement::Child);
                }
                None => prop_assert_eq!(node.placement == Placement::Root, span.parent_id().is_none()),
            }
        }
    }

    #[test]
    fn siblings_are_sorted_and_the_order_of_arrival_does_not_matter(spans in any_spans()) {
        let tree = tree(&spans);
        let key = |index: usize| (tree.span(index).start_ns(), tree.span(index).span_id());
        prop_assert!(tree.roots().map(key).is_sorted());
        for index in 0..tree.len() {
            let children: Vec<_> = tree.children(index).collect();
            prop_assert!(children.iter().copied().map(key).is_sorted());
            prop_assert_eq!(children.len(), tree.nodes()[index].children as usize);
        }
    }
}
