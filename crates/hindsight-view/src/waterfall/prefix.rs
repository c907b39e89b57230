//! What stands in front of a row's name to show its place in the tree.
//!
//! Bounded: at most `levels` levels are drawn; deeper rows tell their depth instead.

use super::glyphs::Glyphs;
use super::rows::Rows;

/// Guides and branch of row `number`.
pub(super) fn prefix(rows: &Rows<'_>, number: usize, levels: usize, glyphs: &Glyphs) -> String {
    let level = rows.level(number);
    if level == 0 {
        return String::new();
    }
    let branch = match rows.is_last(number) {
        true => glyphs.last_branch,
        false => glyphs.branch,
    };
    if level > levels {
        return format!("{}{level} {branch}", glyphs.folded);
    }
    guides(rows, number, glyphs) + branch
}

/// What stands in front of further lines about row `number`, below it.
pub(super) fn continuation(
    rows: &Rows<'_>,
    number: usize,
    levels: usize,
    glyphs: &Glyphs,
) -> String {
    let below = match rows.has_children(number) {
        false => glyphs.blank,
        true => glyphs.guide,
    };
    match rows.level(number) {
        0 => below.into(),
        level if level > levels => glyphs.blank.repeat(3),
        _ => guides(rows, number, glyphs) + guide(rows, number, glyphs) + below,
    }
}

/// The guides of the levels above row `number`, without its own.
fn guides(rows: &Rows<'_>, number: usize, glyphs: &Glyphs) -> String {
    let above = std::iter::successors(rows.parent(number), |parent| rows.parent(*parent));
    // Level 0 has no guides: its siblings are other trees.
    let mut parts: Vec<_> = above
        .take_while(|row| rows.level(*row) > 0)
        .map(|row| guide(rows, row, glyphs))
        .collect();
    parts.reverse();
    parts.concat()
}

fn guide(rows: &Rows<'_>, number: usize, glyphs: &Glyphs) -> &'static str {
    match rows.is_last(number) {
        true => glyphs.blank,
        false => glyphs.guide,
    }
}
