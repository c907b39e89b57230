//! The critical path: which span the root was waiting for at every moment.
//!
//! In: a tree, its times, a root. Out: [`PathSegment`]s. Holds: they partition the root's interval
//! exactly: in order of time, without gap or overlap, none of them empty. Walks back from the
//! root's end: the child that finished last before the point of time is what was waited for; from
//! its start on the walk goes on in the parent (the method of CRISP and of Jaeger). Cost: a sort of
//! the children of the spans on the path; no recursion.
//!
//! Children that outlive their parent: of the same process, or a consumer, it was not waited for,
//! and is not on the path. Of another process whose clock may differ, it is cut to its parent. A
//! child that claims to begin before its parent is cut likewise.

mod text;

#[cfg(test)]
mod tests;

use hindsight_protocol::SpanKind;

use crate::timeline::Timeline;
use crate::tree::TraceTree;

pub use text::{PathShare, path_shares, path_shares_table, path_table};

/// A stretch of time and the span that took it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathSegment {
    /// The node.
    pub index: usize,
    /// Nanoseconds since the Unix epoch.
    pub from_ns: u64,
    /// Nanoseconds since the Unix epoch, later than `from_ns`.
    pub to_ns: u64,
}

impl PathSegment {
    /// How long it is.
    pub fn duration_ns(&self) -> u64 {
        self.to_ns - self.from_ns
    }
}

/// A span on the path whose children are being walked.
struct Frame {
    index: usize,
    /// What is before belongs to a span above.
    low_ns: u64,
    /// What is after has its segment.
    at_ns: u64,
    /// Its children that are still to be looked at, in [`Walk::children`].
    children_from: usize,
}

/// The path through the subtree of `root`, from its start to its end; empty when it has no length.
pub fn critical_path(tree: &TraceTree, timeline: &Timeline, root: usize) -> Vec<PathSegment> {
    let mut walk = Walk {
        tree,
        timeline,
        children: Vec::new(),
        frames: Vec::new(),
        segments: Vec::new(),
    };
    walk.enter(root, tree.start_ns(root), timeline.end_ns(root));
    while walk.step() {}
    walk.segments.reverse();
    walk.segments
}

struct Walk<'a> {
    tree: &'a TraceTree,
    timeline: &'a Timeline,
    /// End and index of the children of all frames, the next one of the last frame at the back.
    children: Vec<Candidate>,
    frames: Vec<Frame>,
    segments: Vec<PathSegment>,
}

/// A child that may be on the path, cut to its parent. Ordered by its end; of those that end
/// together the longest is last, the first of equals behind it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    end_ns: u64,
    start_reversed: std::cmp::Reverse<u64>,
    index_reversed: std::cmp::Reverse<u32>,
}

impl Walk<'_> {
    fn enter(&mut self, index: usize, low_ns: u64, at_ns: u64) {
        let children_from = self.children.len();
        for child in self.tree.children(index) {
            let candidate = self.candidate(index, child, at_ns);
            self.children
                .extend(candidate.filter(|candidate| candidate.end_ns > low_ns));
        }
        self.children[children_from..].sort_unstable();
        self.frames.push(Frame {
            index,
            low_ns,
            at_ns,
            children_from,
        });
    }

    /// `child` as far as its parent may have waited for it until `at_ns`.
    fn candidate(&self, parent: usize, child: usize, at_ns: u64) -> Option<Candidate> {
        let mut end_ns = self.timeline.end_ns(child);
        let parent_end_ns = self.timeline.end_ns(parent);
        if end_ns > parent_end_ns {
            let other_process = self.tree.process_row(child) != self.tree.process_row(parent);
            if !other_process || self.tree.kind(child) == SpanKind::Consumer {
                return None;
            }
            end_ns = parent_end_ns;
        }
        let start_ns = self.tree.start_ns(child);
        (end_ns <= at_ns && start_ns < end_ns).then_some(Candidate {
            end_ns,
            start_reversed: std::cmp::Reverse(start_ns),
            index_reversed: std::cmp::Reverse(child as u32),
        })
    }

    /// Looks at the next child of the last frame; false when the path is complete.
    fn step(&mut self) -> bool {
        let Some(frame) = self.frames.last_mut() else {
            return false;
        };
        let (index, low_ns, at_ns) = (frame.index, frame.low_ns, frame.at_ns);
        if at_ns > low_ns && self.children.len() > frame.children_from {
            let Some(child) = self.children.pop() else {
                return true;
            };
            if child.end_ns <= at_ns {
                let child_low_ns = child.start_reversed.0.max(low_ns);
                frame.at_ns = child_low_ns;
                self.segment(index, child.end_ns, at_ns);
                self.enter(child.index_reversed.0 as usize, child_low_ns, child.end_ns);
            }
            return true;
        }
        self.children.truncate(frame.children_from);
        self.frames.pop();
        self.segment(index, low_ns, at_ns);
        true
    }

    fn segment(&mut self, index: usize, from_ns: u64, to_ns: u64) {
        if from_ns < to_ns {
            self.segments.push(PathSegment {
                index,
                from_ns,
                to_ns,
            });
        }
    }
}
