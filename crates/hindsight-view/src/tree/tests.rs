//! Trees from spans in every order and state.

use std::collections::HashSet;

use hindsight_protocol::{Span, SpanId, SpanState, TraceId};
use proptest::prelude::*;

use super::*;
use crate::Trace;
use crate::critical_path::critical_path;
use crate::fixture::{TRACE, open, page, span, tree};
use crate::grouping::{Expansion, FoldLimits, Grouping, Outline};
use crate::timeline::Timeline;

/// One line a node: indented name and what is special about it.
fn outline(tree: &TraceTree) -> String {
    let line = |index| {
        let indent = "  ".repeat(tree.depth(index) as usize);
        let label = match tree.placement(index) {
            Placement::Root | Placement::Child => String::new(),
            other => format!(" {other:?}"),
        };
        format!("{indent}{}{label}\n", tree.name(index))
    };
    (0..tree.len()).map(line).collect()
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
fn orphans_of_one_missing_parent_stand_together() {
    let spans = [
        span(1, 70, "first of 70", 0, 5),
        span(2, 80, "only one of 80", 1, 5),
        span(3, 70, "second of 70", 2, 5),
        span(4, 0, "root", 3, 5),
    ];
    let tree = tree(&spans);
    let names: Vec<_> = (0..4).map(|index| tree.name(index)).collect();
    assert_eq!(
        names,
        ["first of 70", "second of 70", "only one of 80", "root"]
    );
    let missing = tree.missing_parents();
    assert_eq!(
        (missing[0].id.bits, missing[0].first, missing[0].children),
        (70, 0, 2)
    );
    assert_eq!(
        (missing[1].id.bits, missing[1].first, missing[1].children),
        (80, 2, 1)
    );
    assert_eq!(tree.main_root(), Some(3));
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
    let trace = Trace::new(
        TRACE,
        reports
            .iter()
            .map(|s| page(std::slice::from_ref(s)))
            .collect(),
    );
    let tree = trace.tree();
    assert_eq!(outline(tree), "newer\n");
    assert_eq!((tree.superseded(), tree.duplicates(0)), (2, 2));
}

#[test]
fn spans_of_other_traces_are_counted_and_left_out() {
    let other = Span {
        trace_id: TraceId::from_u128(1),
        ..span(2, 1, "elsewhere", 0, 1)
    };
    let trace = Trace::new(TRACE, vec![page(&[span(1, 0, "here", 0, 1), other])]);
    assert_eq!(outline(trace.tree()), "here\n");
    assert_eq!((trace.foreign(), trace.span(0).name()), (1, "here"));
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
    let below: Vec<_> = (0..tree.len()).map(|i| tree.descendants(i)).collect();
    assert_eq!(below, [3, 1, 0, 0, 0]);
}

#[test]
fn no_spans_make_an_empty_tree() {
    let tree = tree(&[]);
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
    let trace = Trace::new(TRACE, vec![builder.finish()]);
    let tree = trace.tree();
    assert_eq!((tree.depth(999_999), tree.depth_max()), (999_999, 999_999));
    assert_eq!(tree.descendants(0), 999_999);
    let timeline = Timeline::new(tree, 0);
    assert!(critical_path(tree, &timeline, 0).is_empty());
    let grouping = Grouping::new(tree, &timeline, FoldLimits::default());
    assert_eq!(grouping.chains()[0].spans, 999_998);
    assert_eq!(
        Outline::new(tree, &grouping, &Expansion::default())
            .rows()
            .len(),
        3
    );
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
        let found: Vec<_> = (0..tree.len()).map(|i| tree.span_id(i)).filter(valid).collect();
        prop_assert_eq!(found.iter().copied().collect::<HashSet<_>>(), given);
        prop_assert_eq!(found.iter().collect::<HashSet<_>>().len(), found.len());
        prop_assert_eq!(tree.len() + tree.superseded(), spans.len());
    }

    #[test]
    fn a_parent_stands_before_its_children_and_a_root_says_why(spans in any_spans()) {
        let tree = tree(&spans);
        for index in 0..tree.len() {
            match tree.parent(index) {
                Some(parent) => {
                    prop_assert!(parent < index);
                    prop_assert_eq!(Some(tree.span_id(parent)), tree.parent_id(index));
                    prop_assert_eq!(tree.depth(index), tree.depth(parent) + 1);
                    prop_assert_eq!(tree.placement(index), Placement::Child);
                }
                None => prop_assert_eq!(tree.placement(index) == Placement::Root, tree.parent_id(index).is_none()),
            }
        }
    }

    #[test]
    fn siblings_are_sorted_and_counted_and_their_subtrees_adjoin(spans in any_spans()) {
        let tree = tree(&spans);
        let key = |index: usize| (tree.start_ns(index), tree.span_id(index));
        for index in 0..tree.len() {
            let children: Vec<_> = tree.children(index).collect();
            prop_assert!(children.iter().copied().map(key).is_sorted());
            prop_assert_eq!(children.len(), tree.child_count(index));
            prop_assert_eq!(tree.descendants(index), children.iter().map(|c| tree.subtree(*c).len()).sum::<usize>());
            let last: Vec<_> = children.iter().copied().filter(|c| tree.is_last_sibling(*c)).collect();
            prop_assert_eq!(last.as_slice(), children.last().as_slice().iter().map(|c| **c).collect::<Vec<_>>());
        }
    }

    #[test]
    fn roots_are_sorted_but_for_orphans_that_stand_beside_the_first_of_their_parent(mut spans in any_spans()) {
        // Spans without an id cannot be told apart by it.
        spans.retain(|span| span.span_id.is_valid());
        let tree = tree(&spans);
        let key = |index: usize| (tree.start_ns(index), tree.span_id(index));
        let missing = tree.missing_parents();
        let leader = |root: usize| match tree.placement(root) {
            Placement::Orphan(id) => missing.iter().find(|m| m.id == id).map_or(root, |m| m.first),
            _ => root,
        };
        prop_assert!(tree.roots().map(|root| (key(leader(root)), key(root))).is_sorted());
        prop_assert_eq!(missing.iter().map(|m| m.id).collect::<HashSet<_>>().len(), missing.len());
    }

    #[test]
    fn the_order_of_arrival_does_not_matter(spans in any_spans(), seed in any::<u64>()) {
        // Of equal reports the later row wins: make the reports differ.
        let spans: Vec<_> = (0..).zip(spans).map(|(version, span)| Span { version, ..span }).collect();
        let mut shuffled = spans.clone();
        shuffled.sort_by_key(|span| u64::from(span.version).wrapping_mul(seed | 1));
        let valid = |span: &Span| span.span_id.is_valid();
        let outlines = [spans, shuffled].map(|spans| outline(&tree(&spans.into_iter().filter(valid).collect::<Vec<_>>())));
        prop_assert_eq!(&outlines[0], &outlines[1]);
    }
}
