//! A comparison as a table and lines.

use super::{AttributeChange, DiffNode, Seen, Side, TraceDiff};
use crate::format;
use crate::name::{name_cell, service_cell};
use crate::table::{Cell, Column, Table};
use crate::text::{Line, Role};
use crate::waterfall::Glyphs;

/// Cells of a value.
const VALUE_CELLS_MAX: usize = 60;
/// Levels that are drawn; deeper ones are told as a number.
const LEVELS_MAX: u32 = 20;

/// The nodes `shown`: what, how many spans, and times with their changes.
pub fn diff_table(
    diff: &TraceDiff<'_>,
    shown: impl IntoIterator<Item = usize>,
    glyphs: &Glyphs,
) -> Table {
    let mut table = Table::new(vec![
        Column::left("OPERATION").shrinking_to(20),
        Column::left("SERVICE").shrinking_to(7),
        Column::right("SPANS"),
        Column::right("ERRORS"),
        Column::right("TOTAL"),
        Column::right("CHANGE"),
        Column::right("SELF").yielding(),
        Column::right("CHANGE").yielding(),
    ]);
    for index in shown {
        let node = &diff.nodes[index];
        table.push(vec![
            title(node, glyphs),
            service_cell(node.service),
            counts(node.a.spans, node.b.spans),
            counts(node.a.errors, node.b.errors),
            Line::new().with(Role::Plain, format::duration(node.b.total_ns)),
            change(node, |side| side.total_ns),
            Line::new().with(Role::Plain, format::duration(node.b.self_ns)),
            change(node, |side| side.self_ns),
        ]);
    }
    table
}

/// Indentation, a sign for what came or went, the name.
fn title(node: &DiffNode<'_>, glyphs: &Glyphs) -> Line {
    let indent = match node.depth {
        depth if depth > LEVELS_MAX => format!("{}{depth} ", glyphs.folded),
        depth => "  ".repeat(depth as usize),
    };
    let (role, sign) = match (node.a.spans, node.b.spans) {
        (0, _) => (Role::Good, "+ "),
        (_, 0) => (Role::Error, "- "),
        _ if !node.attributes.is_empty() => (Role::Warning, "~ "),
        _ => (Role::Plain, "  "),
    };
    Line::new()
        .with(role, sign)
        .with(Role::Dim, indent)
        .followed_by(name_cell(node.name))
}

/// `3`, or `3 > 9`.
fn counts(a: u64, b: u64) -> Cell {
    let (from, to) = (format::count(a), format::count(b));
    match a == b {
        true => Line::new().with(Role::Dim, to),
        false => Line::new()
            .with(Role::Dim, format!("{from} > "))
            .with(Role::Strong, to),
    }
}

/// `+12.0 ms`.
fn change(node: &DiffNode<'_>, time_ns: impl Fn(&Side) -> u64) -> Cell {
    let (a, b) = (time_ns(&node.a), time_ns(&node.b));
    let by = format::duration(a.abs_diff(b));
    match a.cmp(&b) {
        std::cmp::Ordering::Equal => Line::new().with(Role::Dim, "="),
        std::cmp::Ordering::Less => Line::new().with(Role::Warning, format!("+{by}")),
        std::cmp::Ordering::Greater => Line::new().with(Role::Good, format!("-{by}")),
    }
}

/// `http.route: /a > /b`.
pub fn attribute_line(change: &AttributeChange<'_>) -> Line {
    Line::new()
        .with(Role::Key, change.key)
        .with(Role::Dim, ": ")
        .followed_by(seen(change.a))
        .with(Role::Dim, " > ")
        .followed_by(seen(change.b))
}

fn seen(seen: Seen<'_>) -> Line {
    match seen {
        Seen::Nowhere => Line::new().with(Role::Dim, "(absent)"),
        Seen::Varies => Line::new().with(Role::Dim, "(several)"),
        Seen::Always(value) => Line::new().with(Role::Plain, format::value(value, VALUE_CELLS_MAX)),
    }
}
