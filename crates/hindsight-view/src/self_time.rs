//! Self time: what of a span's time none of its children covers.
//!
//! In: a tree and its times. Out: nanoseconds a node. Holds: a span's self time is its duration
//! minus the union of its children's intervals, each cut to the span; children that run at the same
//! time count once, those that outlive the span count until its end. Cost: one pass.

use crate::timeline::Timeline;
use crate::tree::{NONE, TraceTree};

#[cfg(test)]
mod tests;

/// The self time of every node, in nanoseconds.
pub fn self_times_ns(tree: &TraceTree, timeline: &Timeline) -> Vec<u64> {
    let duration = |index| timeline.duration_ns(tree, index);
    let mut own: Vec<u64> = (0..tree.len()).map(duration).collect();
    // Up to where the children met so far cover their parent. Siblings come by start, so that what
    // a child adds to the union is what it has beyond this.
    let mut covered_until = tree.starts_ns.clone();
    for (index, parent) in tree.parents().iter().enumerate() {
        if *parent == NONE {
            continue;
        }
        let parent = *parent as usize;
        let from = tree.start_ns(index).max(covered_until[parent]);
        let to = timeline.end_ns(index).min(timeline.end_ns(parent));
        if to > from {
            own[parent] -= to - from;
            covered_until[parent] = to;
        }
    }
    own
}
