//! Who waits for whom as a table: how long, whose, what, below whom.

use hindsight_protocol::SpanState;

use super::stuck::stuck_word;
use super::text::{oddities, reason_word, tree_prefix};
use super::{WaitReason, Waits};
use crate::columns::instance;
use crate::format;
use crate::name::{name_cell, service_cell};
use crate::table::{Cell, Column, Table};
use crate::text::{Line, Role};
use crate::waterfall::{Glyphs, span_notes};

impl Waits<'_> {
    /// For each node the deepest node below it, the oldest of those as deep; itself for a leaf.
    pub fn deepest(&self) -> Vec<usize> {
        let mut deepest: Vec<usize> = (0..self.nodes.len()).collect();
        // From the back: of equals the first in drawing order, which began first, comes last.
        for index in (0..self.nodes.len()).rev() {
            let Some(parent) = self.nodes[index].parent else {
                continue;
            };
            let depth = |node: usize| self.nodes[deepest[node]].depth;
            if depth(index) >= depth(parent) {
                deepest[parent] = deepest[index];
            }
        }
        deepest
    }

    /// For each node those it waits for: the ones right below it, then further ones.
    pub fn waits_for(&self) -> Vec<Vec<usize>> {
        let mut edges = vec![Vec::new(); self.nodes.len()];
        for (index, node) in self.nodes.iter().enumerate() {
            if let Some(parent) = node.parent {
                edges[parent].push(index);
            }
        }
        for (from, to) in &self.also {
            edges[*from].push(*to);
        }
        edges
    }

    /// The nodes of each tree, in drawing order.
    pub fn trees(&self) -> Vec<std::ops::Range<usize>> {
        let roots = (0..self.nodes.len()).filter(|index| self.nodes[*index].parent.is_none());
        let starts: Vec<usize> = roots.collect();
        let ends = starts.iter().skip(1).copied().chain([self.nodes.len()]);
        starts
            .iter()
            .copied()
            .zip(ends)
            .map(|(from, to)| from..to)
            .collect()
    }

    /// What tells the process of a node from others of its service; empty if nothing does.
    pub fn process(&self, index: usize) -> String {
        instance(self.span(index))
    }
}

/// The nodes `shown`, each in its place; a root names the deepest that it waits for.
pub fn waits_table(
    waits: &Waits<'_>,
    shown: impl IntoIterator<Item = usize>,
    now_ns: u64,
    glyphs: &Glyphs,
) -> Table {
    let mut table = Table::new(vec![
        Column::right("OPEN FOR"),
        Column::left("SPAN").shrinking_to(30),
        Column::left("SERVICE").shrinking_to(8),
        Column::left("STATE").shrinking_to(24),
        Column::left("PROCESS").shrinking_to(10).yielding(),
        Column::left("TRACE").yielding(),
    ]);
    let deepest = waits.deepest();
    for index in shown {
        table.push(row(waits, index, deepest[index], now_ns, glyphs));
    }
    table
}

fn row(waits: &Waits<'_>, index: usize, deepest: usize, now_ns: u64, glyphs: &Glyphs) -> Vec<Cell> {
    let node = &waits.nodes()[index];
    let span = waits.span(index);
    let age = format::duration(now_ns.saturating_sub(span.start_ns()));
    let tree = Line::new()
        .with(Role::Dim, tree_prefix(waits, index, glyphs))
        .with(Role::Dim, reason_word(node.reason))
        .followed_by(name_cell(waits.name(index)));
    let trace = match node.reason {
        WaitReason::Root | WaitReason::Link if span.trace_id().is_valid() => {
            span.trace_id().to_string()
        }
        _ => String::new(),
    };
    vec![
        Line::new().with(Role::Plain, age),
        tree,
        service_cell(span.service()),
        state(waits, index, deepest),
        Line::new().with(Role::Dim, waits.process(index)),
        Line::new().with(Role::Dim, trace),
    ]
}

/// What a root or a leaf is up to, and what is special.
pub(crate) fn state(waits: &Waits<'_>, index: usize, deepest: usize) -> Line {
    let node = &waits.nodes()[index];
    let mut parts = Vec::new();
    let runs = waits.span(index).state() == SpanState::Running;
    if let Some(stuck) = waits.stuck(index) {
        parts.push(Line::new().with(Role::Error, stuck_word(stuck)));
    } else if node.parent.is_some() && node.is_leaf && runs {
        parts.push(Line::new().with(Role::Warning, "works or is stuck"));
    } else if node.parent.is_none() && deepest != index {
        let levels = waits.nodes()[deepest].depth - node.depth;
        let below = waits.span(deepest);
        let line = Line::new()
            .with(Role::Plain, format!("waits, {levels} deep, for "))
            .followed_by(service_cell(below.service()))
            .with(Role::Plain, " ")
            .followed_by(name_cell(waits.name(deepest)));
        parts.push(line);
    }
    let notes = span_notes(waits.span(index));
    // That it runs goes without saying.
    if !notes.segments().is_empty() && notes.to_plain() != SpanState::Running.as_str() {
        parts.push(notes);
    }
    parts.extend(oddities(waits, index));
    let mut line = Line::new();
    for (number, part) in parts.into_iter().enumerate() {
        let gap = if number > 0 { ", " } else { "" };
        line = line.with(Role::Dim, gap).followed_by(part);
    }
    line
}
