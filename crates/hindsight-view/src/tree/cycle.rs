//! Breaking the cycles of a graph in which every element has at most one parent.
//!
//! In: parents by index, [`NONE`] for roots. Out: the elements whose parent was taken away, one a
//! cycle, the lowest index of each. Cost: linear, no recursion.

/// No parent.
pub(crate) const NONE: u32 = u32::MAX;

/// Cuts every cycle of `parents` at its lowest index and calls `cut` with it.
pub(super) fn break_cycles(parents: &mut [u32], mut cut: impl FnMut(usize)) {
    let mut walks = vec![NONE; parents.len()];
    for start in 0..parents.len() {
        let Some(met) = walk_up(parents, &mut walks, start) else {
            continue;
        };
        let lowest = lowest_of_cycle(parents, met);
        parents[lowest] = NONE;
        cut(lowest);
    }
}

/// Marks the way up from `start`; the element at which it met itself, if it did.
fn walk_up(parents: &[u32], walks: &mut [u32], start: usize) -> Option<usize> {
    let walk = start as u32;
    let mut at = start;
    while walks[at] == NONE {
        walks[at] = walk;
        match parents[at] {
            NONE => return None,
            parent => at = parent as usize,
        }
    }
    (walks[at] == walk).then_some(at)
}

fn lowest_of_cycle(parents: &[u32], member: usize) -> usize {
    let mut lowest = member;
    let mut at = parents[member] as usize;
    while at != member {
        lowest = lowest.min(at);
        at = parents[at] as usize;
    }
    lowest
}
