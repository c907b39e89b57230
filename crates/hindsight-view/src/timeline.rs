//! When the spans of a tree lie, running and lost ones included.
//!
//! In: a tree, the time. Out: a [`Timeline`]: an end for every span. Holds: no end is before its
//! start. Bounded: 8 bytes a span.

use hindsight_protocol::SpanState;

use crate::tree::TraceTree;

/// The time axis of a trace at one time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    ends_ns: Vec<u64>,
    start_ns: u64,
    end_ns: u64,
}

impl Timeline {
    /// `tree` at the time `now_ns`: ended spans end where they ended (or start, if they claim to
    /// have ended before), running ones now, lost ones with the latest that is known of the trace.
    pub fn new(tree: &TraceTree, now_ns: u64) -> Self {
        let mut ends_ns = Vec::with_capacity(tree.len());
        let mut lost = Vec::new();
        for index in 0..tree.len() {
            let start = tree.start_ns(index);
            let known = match (tree.end_ns(index), is_lost(tree, index)) {
                (Some(end), _) => end,
                (None, false) => now_ns,
                (None, true) => {
                    lost.push(index);
                    start
                }
            };
            ends_ns.push(known.max(start));
        }
        let end_ns = ends_ns.iter().copied().max().unwrap_or_default();
        for index in lost {
            ends_ns[index] = end_ns;
        }
        Self {
            start_ns: tree.starts_ns.iter().copied().min().unwrap_or_default(),
            ends_ns,
            end_ns,
        }
    }

    /// Earliest start and latest end of the trace.
    pub fn bounds_ns(&self) -> (u64, u64) {
        (self.start_ns, self.end_ns)
    }

    /// Where node `index` ends; panics when there is no such node, as slices do.
    pub fn end_ns(&self, index: usize) -> u64 {
        self.ends_ns[index]
    }

    /// How long node `index` of `tree` lasts.
    pub fn duration_ns(&self, tree: &TraceTree, index: usize) -> u64 {
        self.ends_ns[index].saturating_sub(tree.start_ns(index))
    }
}

/// Whether nobody knows how long the span lasted: it has no end and its process is gone.
pub fn is_lost(tree: &TraceTree, index: usize) -> bool {
    let gone = matches!(
        tree.state(index),
        SpanState::Disconnected | SpanState::Aborted
    );
    gone && tree.end_ns(index).is_none()
}
