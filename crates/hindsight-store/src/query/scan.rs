//! A filter put to all rows of a run at once.
//!
//! Out: the rows that certainly match and those that may. They differ where the filter looks at
//! more than the span.

use hashbrown::HashSet;
use hindsight_protocol::TraceId;
use hindsight_protocol::batch::SpanRow;
use hindsight_query::Verdict;

use super::leaf;
use super::prepared::Node;
use crate::column::{Bitmap, SegmentRows};

/// Rows that match, as far as their own columns tell.
#[derive(Clone, Debug)]
pub(crate) struct Scanned {
    /// These match.
    pub(crate) yes: Bitmap,
    /// These and no others may match; `yes` is part of them.
    pub(crate) may: Bitmap,
}

impl Scanned {
    fn exact(rows: Bitmap) -> Self {
        Self {
            yes: rows.clone(),
            may: rows,
        }
    }
}

/// Traces by the number of the set they are in; sets that come later are not asked for.
pub(super) type Sets = [HashSet<TraceId>];

/// Puts `node` to the rows. Of rows outside `within` anything may be said.
pub(super) fn scan(
    node: &Node,
    rows: &SegmentRows,
    sets: &Sets,
    within: Option<&Bitmap>,
) -> Scanned {
    match node {
        Node::Const(true) => Scanned::exact(Bitmap::all(rows.len())),
        Node::Const(false) => Scanned::exact(Bitmap::none(rows.len())),
        Node::Facts(_) => Scanned {
            yes: Bitmap::none(rows.len()),
            may: Bitmap::all(rows.len()),
        },
        Node::Kin(kin) => Scanned {
            yes: Bitmap::none(rows.len()),
            may: rows_in(&sets[kin.candidates], rows),
        },
        Node::Text(text) => {
            let occurs = |value: &str| text.pattern.occurs_in(value);
            Scanned::exact(rows.rows_by_any_text(&occurs, within))
        }
        Node::Field(leaf) => Scanned::exact(leaf::rows(leaf, rows, within)),
        Node::InSet(set) => Scanned::exact(rows_in(&sets[*set], rows)),
        Node::Not(inner) => {
            let Scanned { mut yes, mut may } = scan(inner, rows, sets, within);
            yes.invert();
            may.invert();
            Scanned { yes: may, may: yes }
        }
        Node::And(members) => {
            let mut all = match within {
                Some(within) => Scanned::exact(within.clone()),
                None => Scanned::exact(Bitmap::all(rows.len())),
            };
            for member in members {
                if all.may.is_empty() {
                    break;
                }
                let found = scan(member, rows, sets, Some(&all.may));
                all.yes.and(&found.yes);
                all.may.and(&found.may);
            }
            all
        }
        Node::Or(members) => {
            let mut any = Scanned::exact(Bitmap::none(rows.len()));
            for member in members {
                let found = scan(member, rows, sets, within);
                any.yes.or(&found.yes);
                any.may.or(&found.may);
            }
            any
        }
    }
}

/// The rows of traces that are in the set.
fn rows_in(set: &HashSet<TraceId>, rows: &SegmentRows) -> Bitmap {
    let mut traces = Bitmap::none(rows.traces().len());
    if set.is_empty() {
        return Bitmap::none(rows.len());
    }
    for ordinal in 0..rows.traces().len() {
        if set.contains(&rows.traces().id(ordinal as u32)) {
            traces.insert(ordinal);
        }
    }
    rows.rows_of_traces(&traces)
}

/// What an open span says by itself and by the sets that its trace is in.
pub(super) fn of_open(node: &Node, row: SpanRow<'_>, sets: &Sets) -> Verdict {
    let is_in = |set: usize| sets[set].contains(&row.trace_id());
    match node {
        Node::Const(value) => (*value).into(),
        Node::Text(text) => text.alone.matches_alone(row),
        Node::Field(leaf) => leaf.alone.matches_alone(row),
        Node::InSet(set) => is_in(*set).into(),
        Node::Facts(_) => Verdict::Unknown,
        Node::Kin(kin) if is_in(kin.candidates) => Verdict::Unknown,
        Node::Kin(_) => Verdict::No,
        Node::Not(inner) => of_open(inner, row, sets).negate(),
        Node::And(members) => members.iter().fold(Verdict::Yes, |all, member| match all {
            Verdict::No => all,
            all => all.and(of_open(member, row, sets)),
        }),
        Node::Or(members) => members.iter().fold(Verdict::No, |any, member| match any {
            Verdict::Yes => any,
            any => any.or(of_open(member, row, sets)),
        }),
    }
}

/// Whether dictionaries and ranges alone tell that no row matches.
pub(super) fn is_ruled_out(node: &Node, rows: &SegmentRows) -> bool {
    match node {
        Node::Const(value) => !value,
        Node::Field(leaf) => leaf::is_ruled_out(leaf, rows),
        Node::And(members) => members.iter().any(|member| is_ruled_out(member, rows)),
        Node::Or(members) => members.iter().all(|member| is_ruled_out(member, rows)),
        Node::Not(_) | Node::Text(_) | Node::InSet(_) | Node::Facts(_) | Node::Kin(_) => false,
    }
}
