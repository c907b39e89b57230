//! What a change of a file made anew, as a tree of causes.

use hindsight_protocol::introspection::dodeca::{ChangeExplanation, Rebuilt};
use hindsight_protocol::{SpanId, TraceId};

use super::{duration, name, outcome_word, sentence};
use crate::format;
use crate::text::Role;

/// Causes that are shown.
pub const CAUSES_MAX: usize = 1_000;
/// Levels that are indented; deeper ones stand below the last.
const DEPTH_MAX: usize = 24;
/// Files that are offered.
const CANDIDATES_MAX: usize = 40;

/// What a change made anew.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Causes {
    /// The change is known.
    pub is_found: bool,
    /// The file, for people.
    pub path: String,
    /// `12:30:00.120 ...` is left to the view; this is `2.00 s ago`.
    pub at: String,
    /// In a sentence.
    pub summary: String,
    /// Each beneath what led to it.
    pub rows: Vec<CauseRow>,
    /// Files that were meant or changed lately: as they came, and for people.
    pub candidates: Vec<(String, String)>,
    /// How many are left out; empty for none.
    pub cut: String,
    /// Of the rebuild.
    pub trace: Option<TraceId>,
}

/// Something made anew.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CauseRow {
    /// How far to indent.
    pub depth: usize,
    /// `parse_file`.
    pub kind: String,
    /// `guide/intro.md`.
    pub key: String,
    /// `parse`; empty for what belongs to no phase.
    pub phase: String,
    /// `made anew, the same`.
    pub outcome: String,
    /// Its colour.
    pub role: Option<Role>,
    /// Nothing went on from here because the value is as it was.
    pub is_cutoff: bool,
    /// How long.
    pub time: String,
    /// How many more this led to, directly.
    pub leads_to: usize,
    /// What led to it: `build_tree`; empty for what came from outside.
    pub because: String,
    /// Its span.
    pub span: Option<(TraceId, SpanId)>,
}

/// Shapes an explanation; `now_ns` is the app's clock.
pub fn causes(change: &ChangeExplanation, now_ns: u64) -> Causes {
    let items = &change.items[..change.items.len().min(CAUSES_MAX)];
    let children = children(items);
    let mut rows = Vec::with_capacity(items.len());
    let mut stack: Vec<(usize, usize)> = children.roots.iter().rev().map(|at| (*at, 0)).collect();
    while let Some((at, depth)) = stack.pop() {
        let above = items.get(items[at].because as usize).filter(|_| depth > 0);
        let below = &children.below[at];
        rows.push(CauseRow {
            because: above.map_or(String::new(), |above| name(&above.query.kind)),
            ..row(
                &items[at],
                depth.min(DEPTH_MAX),
                below.len(),
                change.trace_id,
            )
        });
        stack.extend(below.iter().rev().map(|at| (*at, depth + 1)));
    }
    let cut = change
        .cut
        .saturating_add((change.items.len() - items.len()) as u64);
    let candidates = change.candidates.iter().take(CANDIDATES_MAX);
    Causes {
        is_found: change.is_found,
        path: name(&change.path),
        at: match change.at_ns {
            0 => String::new(),
            at_ns => format::ago(at_ns, now_ns.max(at_ns)),
        },
        summary: sentence(&change.summary),
        rows,
        candidates: candidates.map(|path| (path.clone(), name(path))).collect(),
        cut: match cut {
            0 => String::new(),
            cut => format!("{} more are left out.", format::count(cut)),
        },
        trace: Some(change.trace_id).filter(|id| id.is_valid()),
    }
}

struct Children {
    roots: Vec<usize>,
    below: Vec<Vec<usize>>,
}

/// An item comes after what led to it; one that says otherwise is a root.
fn children(items: &[Rebuilt]) -> Children {
    let mut children = Children {
        roots: Vec::new(),
        below: vec![Vec::new(); items.len()],
    };
    for (at, item) in items.iter().enumerate() {
        match item.because as usize {
            because if because < at => children.below[because].push(at),
            _ => children.roots.push(at),
        }
    }
    children
}

fn row(item: &Rebuilt, depth: usize, leads_to: usize, trace: TraceId) -> CauseRow {
    let (outcome, role) = outcome_word(&item.outcome);
    let is_cutoff =
        item.outcome == hindsight_protocol::introspection::picante::outcome::COMPUTED_UNCHANGED;
    CauseRow {
        depth,
        kind: name(&item.query.kind),
        key: name(&item.query.key),
        phase: name(&item.phase),
        outcome,
        role: Some(role),
        is_cutoff,
        time: duration(item.compute_ns),
        leads_to,
        because: String::new(),
        span: Some((trace, item.span_id))
            .filter(|(trace, span)| trace.is_valid() && span.is_valid()),
    }
}
