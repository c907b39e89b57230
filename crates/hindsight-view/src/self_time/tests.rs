//! Self time against counting every nanosecond.

use proptest::prelude::*;

use super::*;
use crate::fixture::{any_family, family, tree};

/// Nanoseconds of the span in which no child runs, one by one.
fn naive(tree: &TraceTree, timeline: &Timeline, index: usize) -> u64 {
    let covers = |child: usize, at: u64| tree.start_ns(child) <= at && at < timeline.end_ns(child);
    let free = |at: &u64| !tree.children(index).any(|child| covers(child, *at));
    (tree.start_ns(index)..timeline.end_ns(index))
        .filter(free)
        .count() as u64
}

#[test]
fn overlapping_children_are_counted_once_and_cut_to_their_parent() {
    let tree = tree(&family(&[
        (0, 10, 100),
        (1, 5, 30),
        (1, 20, 40),
        (1, 60, 70),
        (1, 65, 68),
        (1, 90, 200),
    ]));
    let timeline = Timeline::new(&tree, 0);
    // Covered: 10-40, 60-70, 90-100.
    assert_eq!(self_times_ns(&tree, &timeline)[0], 90 - 30 - 10 - 10);
}

proptest! {
    #[test]
    fn self_time_is_what_no_child_covers(spans in any_family(24, 60)) {
        let tree = tree(&family(&spans));
        let timeline = Timeline::new(&tree, 50);
        let found = self_times_ns(&tree, &timeline);
        for (index, own) in found.iter().enumerate() {
            prop_assert_eq!(*own, naive(&tree, &timeline, index));
        }
    }
}
