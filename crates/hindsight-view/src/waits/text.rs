//! Waits as lines.

use super::{Stuck, WaitReason, Waits};
use crate::format;
use crate::name::{name_cell, service_cell};
use crate::text::{Line, Role};
use crate::waterfall::{Glyphs, span_notes};

/// Levels that are drawn; deeper nodes tell their depth.
const LEVELS_MAX: usize = 20;

/// Cells of a name in a sentence.
pub(super) const NAME_CELLS_MAX: usize = 60;

/// `└─ calls calc render  11.8 s  running`.
pub fn wait_line(waits: &Waits<'_>, index: usize, now_ns: u64, glyphs: &Glyphs) -> Line {
    let node = &waits.nodes()[index];
    let mut line = Line::new()
        .with(Role::Dim, tree_prefix(waits, index, glyphs))
        .with(Role::Dim, reason_word(node.reason));
    line.extend(title(waits, index));
    line = line.with(Role::Plain, format!("  {}", age(waits, index, now_ns)));
    let notes = span_notes(waits.span(index));
    if !notes.segments().is_empty() {
        line.pad(2);
        line.extend(notes);
    }
    for oddity in oddities(waits, index) {
        line = line.with(Role::Dim, ", ").followed_by(oddity);
    }
    line
}

/// Between a node above and one of this reason.
pub(crate) fn reason_word(reason: WaitReason) -> &'static str {
    match reason {
        WaitReason::Root => "",
        WaitReason::Child => "in ",
        WaitReason::Call => "calls ",
        WaitReason::Link => "waits for ",
    }
}

/// That it waits for itself, or for more than stands below it.
pub(super) fn oddities(waits: &Waits<'_>, index: usize) -> Vec<Line> {
    let until = |from: usize| waits.also().partition_point(|(node, _)| *node < from);
    let also = (until(index + 1) - until(index)) as u64;
    let mut found = Vec::new();
    if waits.nodes()[index].in_cycle && waits.stuck(index) != Some(&Stuck::Cycle) {
        found.push(Line::new().with(Role::Error, "in a cycle"));
    }
    if also > 0 {
        let others = format!("also waits for {}", format::plural(also, "other"));
        found.push(Line::new().with(Role::Warning, others));
    }
    found
}

/// `oldest that waits for nothing: calc render, open for 11.8 s`; none when nothing is open or all
/// that is waits in cycles.
pub fn oldest_leaf_line(waits: &Waits<'_>, now_ns: u64) -> Option<Line> {
    let leaf = waits.oldest_leaf()?;
    let mut line = Line::new().with(Role::Plain, "oldest that waits for nothing: ");
    line.extend(title(waits, leaf));
    let age = age(waits, leaf, now_ns);
    Some(line.with(Role::Plain, format!(", open for {age}")))
}

/// `cycle: web lock, calc render`, of at most `names_max` of the spans in it.
pub fn cycle_line(waits: &Waits<'_>, cycle: &[usize], names_max: usize) -> Line {
    let mut line = Line::new().with(Role::Error, "cycle: ");
    for (number, index) in cycle.iter().take(names_max).enumerate() {
        if number > 0 {
            line = line.with(Role::Dim, ", ");
        }
        line.extend(title(waits, *index));
    }
    match cycle.len().saturating_sub(names_max) {
        0 => line,
        more => line.with(
            Role::Dim,
            format!(" and {} more", format::count(more as u64)),
        ),
    }
}

/// Service and name.
fn title(waits: &Waits<'_>, index: usize) -> Line {
    let span = waits.span(index);
    let mut line = service_cell(span.service());
    line.pad(1);
    line.extend(name_cell(waits.name(index)).truncated(NAME_CELLS_MAX));
    line
}

pub(super) fn age(waits: &Waits<'_>, index: usize, now_ns: u64) -> String {
    format::duration(now_ns.saturating_sub(waits.span(index).start_ns()))
}

/// Guides and branch of a node.
pub(crate) fn tree_prefix(waits: &Waits<'_>, index: usize, glyphs: &Glyphs) -> String {
    let node = &waits.nodes()[index];
    let branch = match (node.depth, node.is_last) {
        (0, _) => return String::new(),
        (_, true) => glyphs.last_branch,
        (_, false) => glyphs.branch,
    };
    if node.depth as usize > LEVELS_MAX {
        return format!("{}{} {branch}", glyphs.folded, node.depth);
    }
    let above = std::iter::successors(node.parent, |parent| waits.nodes()[*parent].parent);
    let guides = above.map(|parent| &waits.nodes()[parent]);
    let guides = guides.take_while(|node| node.depth > 0);
    let mut parts: Vec<_> = guides
        .map(|node| match node.is_last {
            true => glyphs.blank,
            false => glyphs.guide,
        })
        .collect();
    parts.reverse();
    parts.concat() + branch
}
