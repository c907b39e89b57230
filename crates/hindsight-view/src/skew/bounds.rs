//! Bounds on the offset between two clocks, and what most of them agree on.

use hindsight_protocol::SpanKind;

use crate::tree::TraceTree;

/// Offsets beyond this are not told apart: half the range, so that sums stay within it.
const FAR_NS: i64 = i64::MAX / 4;

/// The offset is from `low_ns` to `high_ns`; [`FAR_NS`] or more is no bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) low_ns: i64,
    pub(super) high_ns: i64,
}

impl Bounds {
    /// What the times of `child`, of another process than `parent`, say of clock(child) minus
    /// clock(parent).
    pub(super) fn of_call(tree: &TraceTree, parent: usize, child: usize) -> Self {
        // Nothing begins before what causes it.
        let high_ns = difference(tree.start_ns(child), tree.start_ns(parent));
        let is_call = tree.kind(parent) == SpanKind::Client && tree.kind(child) == SpanKind::Server;
        let low_ns = match (tree.end_ns(child), tree.end_ns(parent)) {
            // The client waits for the server's answer.
            (Some(end), Some(parent_end)) if is_call => difference(end, parent_end),
            _ => -FAR_NS,
        };
        Self { low_ns, high_ns }
    }

    /// The same seen from the other process.
    pub(super) fn negated(self) -> Self {
        Self {
            low_ns: -self.high_ns,
            high_ns: -self.low_ns,
        }
    }

    /// The middle and the distance to either bound; none without both.
    pub(super) fn middle(self) -> Option<(i64, u64)> {
        let bounded = self.low_ns > -FAR_NS && self.high_ns < FAR_NS;
        let middle = self.low_ns + (self.high_ns - self.low_ns) / 2;
        bounded.then_some((middle, self.high_ns.abs_diff(middle)))
    }
}

fn difference(a: u64, b: u64) -> i64 {
    let difference = i128::from(a) - i128::from(b);
    let far = i128::from(FAR_NS);
    difference.clamp(-far, far) as i64
}

/// The offsets that agree with the most of `bounds`, the narrowest stretch of them if there are
/// several, and with how many they agree. A call that was longer at the server than at the client
/// (its bounds cross) agrees with nothing.
pub(super) fn most_agreed(bounds: &[Bounds]) -> Option<(Bounds, usize)> {
    // Where bounds begin and, behind those of the same offset, where they end.
    let mut edges: Vec<(i64, bool)> = Vec::with_capacity(bounds.len() * 2);
    for bounds in bounds.iter().filter(|b| b.low_ns <= b.high_ns) {
        edges.push((bounds.low_ns, false));
        edges.push((bounds.high_ns, true));
    }
    edges.sort_unstable();
    let mut agreeing = 0;
    let mut best: Option<(Bounds, usize)> = None;
    for pair in edges.windows(2) {
        let ((low_ns, ends), (high_ns, next_ends)) = (pair[0], pair[1]);
        match ends {
            false => agreeing += 1,
            true => agreeing -= 1,
        }
        if ends || !next_ends {
            // Not a place of most agreement: it has just ended, or more is about to begin.
            continue;
        }
        let here = Bounds { low_ns, high_ns };
        let width = |b: &Bounds| b.high_ns - b.low_ns;
        let better = best.is_none_or(|(known, count)| {
            agreeing > count || (agreeing == count && width(&here) < width(&known))
        });
        if better {
            best = Some((here, agreeing));
        }
    }
    best
}
