//! The critical path against its definition and a recursive model.

use hindsight_protocol::{Span, SpanKind};
use proptest::prelude::*;

use super::*;
use crate::fixture::{any_family, family, service, span, tree};

/// Who has the path from when to when.
fn path(spans: &[Span]) -> Vec<(u64, u64, u64)> {
    let tree = tree(spans);
    let timeline = Timeline::new(&tree, 1_000);
    critical_path(&tree, &timeline, 0)
        .iter()
        .map(|s| (tree.span_id(s.index).bits, s.from_ns, s.to_ns))
        .collect()
}

#[test]
fn the_path_goes_through_the_child_that_finished_last() {
    let spans = family(&[
        (0, 0, 100),
        (1, 10, 40),
        (1, 20, 70),
        (3, 30, 60),
        (1, 75, 90),
    ]);
    let expected = [
        (1, 0, 20),
        (3, 20, 30),
        (4, 30, 60),
        (3, 60, 70),
        (1, 70, 75),
        (5, 75, 90),
        (1, 90, 100),
    ];
    assert_eq!(path(&spans), expected);
}

#[test]
fn of_children_that_end_together_the_longest_is_on_the_path() {
    let spans = family(&[(0, 0, 100), (1, 50, 80), (1, 10, 80), (1, 80, 80)]);
    assert_eq!(path(&spans), [(1, 0, 10), (3, 10, 80), (1, 80, 100)]);
}

#[test]
fn a_child_of_the_same_process_that_outlives_its_parent_was_not_waited_for() {
    let spans = family(&[(0, 0, 100), (1, 10, 200), (1, 20, 30)]);
    assert_eq!(path(&spans), [(1, 0, 20), (3, 20, 30), (1, 30, 100)]);
}

#[test]
fn a_child_of_another_process_that_outlives_its_parent_is_cut_unless_it_consumes() {
    let mut spans = family(&[(0, 50, 100), (1, 40, 120)]);
    spans[1].resource = service("other");
    spans[1].start_ns = 60;
    assert_eq!(path(&spans), [(1, 50, 60), (2, 60, 100)]);
    spans[1].kind = SpanKind::Consumer as u8;
    assert_eq!(path(&spans), [(1, 50, 100)]);
}

#[test]
fn running_spans_take_the_time_of_asking() {
    let open = hindsight_protocol::OPEN_END_NS;
    let spans = family(&[(0, 0, open), (1, 300, open)]);
    assert_eq!(path(&spans), [(1, 0, 300), (2, 300, 1_000)]);
}

#[test]
fn a_root_without_length_has_no_path() {
    assert_eq!(path(&family(&[(0, 7, 7), (1, 7, 7)])), []);
}

/// Who has the path at the nanosecond before `at_ns`, found from the top for each of them anew.
fn naive(tree: &TraceTree, timeline: &Timeline, root: usize) -> Vec<usize> {
    let mut owners = Vec::new();
    naive_below(
        tree,
        timeline,
        root,
        (tree.start_ns(root), timeline.end_ns(root)),
        &mut owners,
    );
    owners.reverse();
    owners
}

fn naive_below(
    tree: &TraceTree,
    timeline: &Timeline,
    index: usize,
    (low, high): (u64, u64),
    owners: &mut Vec<usize>,
) {
    let mut at = high;
    while at > low {
        let last = tree
            .children(index)
            .filter(|child| {
                let outlives = timeline.end_ns(*child) > timeline.end_ns(index);
                !outlives || tree.process_row(*child) != tree.process_row(index)
            })
            .map(|child| (child, timeline.end_ns(child).min(timeline.end_ns(index))))
            .filter(|(child, end)| *end <= at && *end > low && tree.start_ns(*child) < *end)
            .max_by_key(|(child, end)| (*end, std::cmp::Reverse((tree.start_ns(*child), *child))));
        let Some((child, end)) = last else {
            owners.extend((low..at).map(|_| index));
            return;
        };
        owners.extend((end..at).map(|_| index));
        let child_low = tree.start_ns(child).max(low);
        naive_below(tree, timeline, child, (child_low, end), owners);
        at = child_low;
    }
}

proptest! {
    #[test]
    fn segments_partition_the_root_and_are_those_of_the_model(members in any_family(24, 60)) {
        let mut spans = family(&members);
        for span in spans.iter_mut().filter(|span| span.span_id.bits % 3 == 0) {
            span.resource = service("other");
        }
        let tree = tree(&spans);
        let timeline = Timeline::new(&tree, 50);
        for root in tree.roots() {
            let path = critical_path(&tree, &timeline, root);
            let mut at_ns = tree.start_ns(root);
            for segment in &path {
                prop_assert_eq!(segment.from_ns, at_ns);
                prop_assert!(segment.to_ns > segment.from_ns);
                prop_assert!(tree.subtree(root).contains(&segment.index));
                at_ns = segment.to_ns;
            }
            prop_assert_eq!(at_ns, timeline.end_ns(root));
            let owner = |s: &PathSegment| (0..s.duration_ns()).map(|_| s.index).collect::<Vec<_>>();
            let owners: Vec<usize> = path.iter().flat_map(owner).collect();
            prop_assert_eq!(owners, naive(&tree, &timeline, root));
        }
    }
}

#[test]
fn the_path_reads_in_time_and_by_share() {
    let spans = [
        span(1, 0, "GET /\u{1b}[2J", 0, 100),
        span(2, 1, "query", 10, 40),
        span(3, 1, "query", 40, 70),
        Span {
            resource: service(""),
            ..span(4, 1, "", 75, 90)
        },
    ];
    let tree = tree(&spans);
    let path = critical_path(&tree, &Timeline::new(&tree, 0), 0);
    let text = |table: crate::Table| {
        let lines = table.lines(Some(80));
        let plain: Vec<_> = lines.iter().map(crate::Line::to_plain).collect();
        plain.join("\n")
    };
    insta::assert_snapshot!("in_time", text(path_table(&tree, &path, 4)));
    insta::assert_snapshot!("by_share", text(path_shares_table(&tree, &path, 10)));
}
