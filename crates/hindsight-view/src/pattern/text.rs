//! Findings as sentences.

use super::{Finding, PatternKind};
use crate::format;
use crate::name::{NO_NAME, name_cell, service_cell};
use crate::text::{Line, Role};
use crate::tree::TraceTree;

/// Cells of a statement that a line shows.
const SHAPE_CELLS_MAX: usize = 80;

/// `N+1: 34 x SELECT * FROM users WHERE id = ? (db) under GET /orders: 210 ms`.
pub fn finding_line(tree: &TraceTree, finding: &Finding) -> Line {
    let times = format::count(finding.members.len() as u64);
    let (label, sign) = match finding.kind {
        PatternKind::NPlusOne => ("N+1: ", " x "),
        PatternKind::Retry => ("retry: ", " attempts at "),
    };
    let shape = match finding.shape.as_str() {
        "" => NO_NAME,
        shape => shape,
    };
    let escaped = format::escape(shape);
    let mut line = Line::new()
        .with(Role::Warning, label)
        .with(Role::Plain, format!("{times}{sign}"))
        .with(Role::Strong, format::truncate(&escaped, SHAPE_CELLS_MAX));
    if let Some(first) = finding.members.first() {
        line = line.with(Role::Plain, " (");
        line.extend(service_cell(tree.service(*first)));
        line = line.with(Role::Plain, ")");
    }
    line = line.with(Role::Plain, " under ");
    line.extend(name_cell(tree.name(finding.parent)).truncated(SHAPE_CELLS_MAX));
    let total = format::duration(finding.total_ns);
    line = line.with(Role::Plain, format!(": {total}"));
    if finding.kind == PatternKind::Retry {
        line = line.with(Role::Plain, outcome(finding));
    }
    line
}

fn outcome(finding: &Finding) -> &'static str {
    match (finding.last_failed, finding.backs_off) {
        (true, true) => ", backing off, all failed",
        (true, false) => ", all failed",
        (false, true) => ", backing off, the last succeeded",
        (false, false) => ", the last succeeded",
    }
}
