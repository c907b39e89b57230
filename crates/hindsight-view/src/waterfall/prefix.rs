//! What stands in front of a span's name to show its place in the tree.
//!
//! Bounded: at most `levels` levels are drawn; deeper spans tell their depth instead.

use super::glyphs::Glyphs;
use crate::tree::{Node, TraceTree};

/// Guides and branch of node `index`.
pub(super) fn prefix(tree: &TraceTree, index: usize, levels: usize, glyphs: &Glyphs) -> String {
    let node = &tree.nodes()[index];
    if node.depth == 0 {
        return String::new();
    }
    let branch = match node.last_sibling {
        true => glyphs.last_branch,
        false => glyphs.branch,
    };
    if node.depth as usize > levels {
        return format!("{}{} {branch}", glyphs.folded, node.depth);
    }
    guides(tree, index, glyphs) + branch
}

/// What stands in front of further lines about node `index`, below its row.
pub(super) fn continuation(
    tree: &TraceTree,
    index: usize,
    levels: usize,
    glyphs: &Glyphs,
) -> String {
    let node = &tree.nodes()[index];
    let below = match node.children {
        0 => glyphs.blank,
        _ => glyphs.guide,
    };
    match node.depth as usize {
        0 => below.into(),
        depth if depth > levels => glyphs.blank.repeat(3),
        _ => guides(tree, index, glyphs) + guide(node, glyphs) + below,
    }
}

/// The guides of the levels above node `index`, without its own.
fn guides(tree: &TraceTree, index: usize, glyphs: &Glyphs) -> String {
    let mut parts: Vec<_> = ancestors(tree, index)
        .map(|node| guide(node, glyphs))
        .collect();
    parts.reverse();
    parts.concat()
}

fn guide(node: &Node, glyphs: &Glyphs) -> &'static str {
    match node.last_sibling {
        true => glyphs.blank,
        false => glyphs.guide,
    }
}

/// Parent, grandparent and so on, without the root, whose siblings are other trees.
fn ancestors(tree: &TraceTree, index: usize) -> impl Iterator<Item = &Node> {
    let parents = std::iter::successors(tree.parent(index), |parent| tree.parent(*parent));
    parents
        .map(|parent| &tree.nodes()[parent])
        .take_while(|node| node.depth > 0)
}
