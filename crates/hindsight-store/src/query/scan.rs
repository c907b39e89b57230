//! A filter put to all rows of a run at once.
//!
//! Out: the rows that certainly match and those that may. They differ where the filter looks at
//! more than the span.

use hashbrown::HashSet;
use hindsight_protocol::TraceId;

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
        Node::Trace => Scanned {
            yes: Bitmap::none(rows.len()),
            may: Bitmap::all(rows.len()),
        },
        Node::Text(pattern) => {
            let occurs = |text: &str| pattern.occurs_in(text);
            Scanned::exact(rows.rows_by_any_text(&occurs, within))
        }
        Node::Field(leaf) => Scanned::exact(leaf::rows(leaf, rows, within)),
        Node::InSet(set) => {
            let mut traces = Bitmap::none(rows.traces().len());
            for ordinal in 0..rows.traces().len() {
                if sets[*set].contains(&rows.traces().id(ordinal as u32)) {
                    traces.insert(ordinal);
                }
            }
            Scanned::exact(rows.rows_of_traces(&traces))
        }
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

/// Whether dictionaries and ranges alone tell that no row matches.
pub(super) fn is_ruled_out(node: &Node, rows: &SegmentRows) -> bool {
    match node {
        Node::Const(value) => !value,
        Node::Field(leaf) => leaf::is_ruled_out(leaf, rows),
        Node::And(members) => members.iter().any(|member| is_ruled_out(member, rows)),
        Node::Or(members) => members.iter().all(|member| is_ruled_out(member, rows)),
        Node::Not(_) | Node::Text(_) | Node::InSet(_) | Node::Trace => false,
    }
}
