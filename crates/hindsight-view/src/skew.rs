//! Clocks that differ between processes: seen, estimated, never corrected by itself.
//!
//! In: a tree. Out: a [`SkewLabel`] where a span and its parent of another process contradict each
//! other; a [`SkewEstimate`] for each pair of processes that call each other; on request a copy of
//! the tree in one clock ([`ClockOverlay`]). Holds: raw times stay as they were recorded. Bounded:
//! an interval per span whose parent is of another process.

mod bounds;
mod overlay;
mod text;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use hindsight_protocol::SpanKind;

use crate::format;
use crate::tree::TraceTree;

use bounds::Bounds;

pub use overlay::ClockOverlay;
pub use text::{aligned_lines, skew_line, skew_lines};

/// How far a span reaches out of its parent, which another process made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SkewLabel {
    /// Nanoseconds from its start to its parent's, 0 if it does not begin before.
    pub begins_before_ns: u64,
    /// Nanoseconds from its parent's end to its own, 0 if it does not end after. Always 0 for a
    /// consumer, which nobody waits for.
    pub ends_after_ns: u64,
}

/// How far the clock of one process is ahead of another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SkewEstimate {
    /// Row of [`crate::TraceColumns::processes`].
    pub from: u32,
    /// Row of [`crate::TraceColumns::processes`], greater than `from`.
    pub to: u32,
    /// Clock of `to` minus clock of `from`.
    pub offset_ns: i64,
    /// The true offset is at most this far from `offset_ns`, unless a call outlived its caller.
    pub error_ns: u64,
    /// Calls that the estimate comes from.
    pub pairs: usize,
    /// Calls of these that no common offset explains together with the others.
    pub contradicting: usize,
}

impl SkewEstimate {
    /// Whether equal clocks cannot explain the times.
    pub fn is_significant(&self) -> bool {
        self.offset_ns.unsigned_abs() > self.error_ns
    }
}

impl fmt::Display for SkewLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let before = format::duration(self.begins_before_ns);
        let after = format::duration(self.ends_after_ns);
        match (self.begins_before_ns, self.ends_after_ns) {
            (_, 0) => write!(f, "begins {before} before its parent in another process"),
            (0, _) => write!(f, "ends {after} after its parent in another process"),
            _ => write!(
                f,
                "begins {before} before and ends {after} after its parent in another process"
            ),
        }
    }
}

/// What node `index` contradicts; none for spans of one process, for they share a clock.
pub fn label(tree: &TraceTree, index: usize) -> Option<SkewLabel> {
    let parent = tree.parent(index)?;
    if tree.process_row(index) == tree.process_row(parent) {
        return None;
    }
    let begins_before_ns = tree.start_ns(parent).saturating_sub(tree.start_ns(index));
    let ends_after_ns = match (tree.end_ns(index), tree.end_ns(parent)) {
        (Some(end), Some(parent_end)) if tree.kind(index) != SpanKind::Consumer => {
            end.saturating_sub(parent_end)
        }
        _ => 0,
    };
    (begins_before_ns > 0 || ends_after_ns > 0).then_some(SkewLabel {
        begins_before_ns,
        ends_after_ns,
    })
}

/// An estimate for each pair of processes whose calls bound their offset on both sides.
///
/// A server's span lies within the client's span that is its parent: each such pair bounds the
/// offset from both sides, as the two stamps of either end do in NTP (RFC 5905, section 8). Other
/// spans of another process than their parent bound it from one side. The offset that agrees with
/// the most bounds is the estimate (Marzullo's algorithm), so that a few calls that were not waited
/// for do not spoil it.
pub fn estimate(tree: &TraceTree) -> Vec<SkewEstimate> {
    let mut found: BTreeMap<(u32, u32), Vec<Bounds>> = BTreeMap::new();
    for index in 0..tree.len() {
        let Some(parent) = tree.parent(index) else {
            continue;
        };
        let (from, to) = (tree.process_row(parent), tree.process_row(index));
        if from == to {
            continue;
        }
        let bounds = Bounds::of_call(tree, parent, index);
        match from < to {
            true => found.entry((from, to)).or_default().push(bounds),
            false => found.entry((to, from)).or_default().push(bounds.negated()),
        }
    }
    let estimates = found.into_iter().filter_map(|((from, to), bounds)| {
        let (agreed, agreeing) = bounds::most_agreed(&bounds)?;
        let (offset_ns, error_ns) = agreed.middle()?;
        Some(SkewEstimate {
            from,
            to,
            offset_ns,
            error_ns,
            pairs: bounds.len(),
            contradicting: bounds.len() - agreeing,
        })
    });
    estimates.collect()
}
