//! What never goes on, and who waits for it, in a sentence.

use super::text::{NAME_CELLS_MAX, age};
use super::{Stuck, WaitReason, Waits};
use crate::format;
use crate::name::{name_cell, service_cell};
use crate::text::{Line, Role};

/// Steps that a sentence names between its ends.
const STEPS_MAX: usize = 6;

/// Cells of what an app says of itself.
const WORDS_CELLS_MAX: usize = 80;

/// `nobody computes it (orphaned)`.
pub fn stuck_word(stuck: &Stuck) -> String {
    match stuck {
        Stuck::Orphaned => "nobody computes it (orphaned)".into(),
        Stuck::Cycle => "waits for itself (cycle)".into(),
        Stuck::Other(words) => format::truncate(&format::escape(words), WORDS_CELLS_MAX).into(),
    }
}

/// `web waits 12 s on build.render, which waits on query outline[b.md], which nobody computes
/// (orphaned)`: one line for each node that never goes on, one for each cycle, the oldest first, at most
/// `lines_max`, and how many there are beyond.
pub fn stuck_lines(waits: &Waits<'_>, now_ns: u64, lines_max: usize) -> (Vec<Line>, usize) {
    let mut told_of = vec![false; waits.cycles().len()];
    let mut is_first = |index: usize| {
        let cycle = waits
            .cycles()
            .iter()
            .position(|cycle| cycle.contains(&index));
        cycle.is_none_or(|cycle| !std::mem::replace(&mut told_of[cycle], true))
    };
    let mut stuck: Vec<usize> = (0..waits.nodes().len())
        .filter(|index| waits.stuck(*index).is_some() && !has_stuck_below(waits, *index))
        .filter(|index| is_first(*index))
        .collect();
    stuck.sort_by_key(|index| (waits.span(*index).start_ns(), *index));
    let more = stuck.len().saturating_sub(lines_max);
    stuck.truncate(lines_max);
    let lines = stuck.iter().map(|index| story(waits, *index, now_ns));
    (lines.collect(), more)
}

/// Whether what it waits for never goes on either: then that is what is told.
fn has_stuck_below(waits: &Waits<'_>, index: usize) -> bool {
    let depth = waits.nodes()[index].depth;
    let below = waits.nodes().iter().enumerate().skip(index + 1);
    let mut below = below.take_while(|(_, node)| node.depth > depth);
    below.any(|(below, _)| waits.stuck(below).is_some_and(|s| *s != Stuck::Cycle))
}

/// From the one that nobody waits for down to node `index`.
fn story(waits: &Waits<'_>, index: usize, now_ns: u64) -> Line {
    let above = |index: &usize| waits.nodes()[*index].parent;
    let mut path: Vec<usize> = std::iter::successors(Some(index), above).collect();
    path.reverse();
    let root = path[0];
    let mut line = service_cell(waits.span(root).service());
    line = line.with(
        Role::Plain,
        format!(" waits {} on ", age(waits, root, now_ns)),
    );
    let named = named(waits, &path);
    let left_out = named.len().saturating_sub(STEPS_MAX);
    for (number, index) in named.iter().enumerate() {
        if number > 0 && number <= left_out {
            continue;
        }
        if number > 0 {
            line = line.with(Role::Plain, ", which waits on ");
        }
        if number == left_out + 1 && left_out > 0 {
            let steps = format::plural(left_out as u64, "step");
            line = line.with(Role::Dim, format!("{steps} further "));
        }
        if waits.is_query(*index) {
            line = line.with(Role::Plain, "query ");
        }
        line.extend(name_cell(waits.name(*index)).truncated(NAME_CELLS_MAX));
    }
    let end = match waits.stuck(index) {
        Some(Stuck::Orphaned) => ", which nobody computes (orphaned)".into(),
        Some(Stuck::Cycle) => ", which waits for itself (cycle)".into(),
        Some(stuck @ Stuck::Other(_)) => format!(": {}", stuck_word(stuck)),
        None => String::new(),
    };
    line.with(Role::Error, end)
}

/// What of a path is worth naming: where it enters another process, where a link leads, and its end.
/// The two ends of a call have one name, which is told once.
fn named(waits: &Waits<'_>, path: &[usize]) -> Vec<usize> {
    let is_worth = |index: &usize| {
        let node = &waits.nodes()[*index];
        Some(index) == path.last() || matches!(node.reason, WaitReason::Call | WaitReason::Link)
    };
    path.iter().copied().filter(is_worth).collect()
}
