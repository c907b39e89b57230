//! Findings as sentences.

use hindsight_protocol::hub::Removal;

use super::TraceFinding;
use crate::format::{self, Zone};
use crate::name::{name_cell, service_cell};
use crate::pattern::finding_line;
use crate::skew::skew_line;
use crate::text::{Line, Role};
use crate::tree::{MissingParent, TraceTree};

/// Cells of a name in a sentence.
const NAME_CELLS_MAX: usize = 60;

/// One line; `tree` is that of the trace the finding is of.
pub fn trace_finding_line(tree: &TraceTree, finding: &TraceFinding, zone: Zone) -> Line {
    match finding {
        TraceFinding::Removed(removal) => removed(removal, zone),
        TraceFinding::Pattern(finding) => finding_line(tree, finding),
        TraceFinding::Skew(estimate) => {
            let mut line = warning("clock skew: ");
            line.extend(skew_line(tree, estimate));
            line
        }
        TraceFinding::Missing { parent, removed } => missing(tree, parent, *removed),
        TraceFinding::NoRoot => warning("no root: ").with(
            Role::Plain,
            "every span names a parent; the trace began elsewhere, or its root has not ended",
        ),
        TraceFinding::Cycle { node, parent } => warning("cycle: ")
            .with(Role::Plain, format!("the parent {parent} of "))
            .followed_by(span(tree, *node))
            .with(Role::Plain, " is below it; shown as a root"),
        TraceFinding::SelfParent { node } => warning("cycle: ")
            .followed_by(span(tree, *node))
            .with(Role::Plain, " is its own parent; shown as a root"),
        TraceFinding::Lost { first, spans } => warning("lost: ")
            .with(Role::Plain, format::plural(*spans as u64, "span"))
            .with(Role::Plain, " never ended, the process went away: ")
            .followed_by(span(tree, *first))
            .followed_by(others(*spans)),
        TraceFinding::Duplicates {
            first,
            spans,
            reports,
        } => warning("duplicates: ")
            .with(Role::Plain, format::plural(*reports as u64, "report"))
            .with(Role::Plain, " replaced by another of the same span: ")
            .followed_by(span(tree, *first))
            .followed_by(others(*spans)),
        TraceFinding::LeftOut {
            first,
            attributes,
            events,
            links,
        } => {
            let all = [
                (*attributes, "attribute"),
                (*events, "event"),
                (*links, "link"),
            ];
            let some = all.iter().filter(|(number, _)| *number > 0);
            let parts: Vec<_> = some
                .map(|(number, noun)| format::plural(*number, noun))
                .collect();
            warning("left out: ")
                .with(Role::Plain, parts.join(", "))
                .with(Role::Plain, " by limits of tracers, first of ")
                .followed_by(span(tree, *first))
        }
    }
}

/// `removed: 12 spans evicted at 14:40:01.000 UTC: no room within --memory-limit`.
fn removed(removal: &Removal, zone: Zone) -> Line {
    let at = format::clock(removal.at_ns, zone);
    let spans = match removal.spans {
        0 => "spans".into(),
        spans => format::plural(spans, "span"),
    };
    let probably = match removal.probably {
        true => "probably ",
        false => "",
    };
    let why = match removal.reason.as_str() {
        "expired" => ": older than the hub's --ttl",
        "evicted" => ": no room within the hub's --memory-limit",
        "cleared" => ": somebody asked for it",
        _ => "",
    };
    warning("removed: ").with(
        Role::Plain,
        format!("{spans} {probably}{} at {at}{why}", removal.reason),
    )
}

fn missing(tree: &TraceTree, parent: &MissingParent, removed: bool) -> Line {
    let why = match removed {
        true => "; it may be among the removed",
        false => {
            "; it has not arrived: still open, dropped, not sampled, or of a process without a tracer"
        }
    };
    warning("missing: ")
        .with(Role::Plain, format!("span {}, parent of ", parent.id))
        .followed_by(span(tree, parent.first))
        .followed_by(others(parent.children))
        .with(Role::Plain, why)
}

fn warning(label: &str) -> Line {
    Line::new().with(Role::Warning, label)
}

/// Service and name.
fn span(tree: &TraceTree, node: usize) -> Line {
    service_cell(tree.service(node))
        .with(Role::Plain, " ")
        .followed_by(name_cell(tree.name(node)).truncated(NAME_CELLS_MAX))
}

/// ` and 3 others` of `all`.
fn others(all: usize) -> Line {
    match all.saturating_sub(1) as u64 {
        0 => Line::new(),
        more => Line::new().with(Role::Dim, format!(" and {}", format::plural(more, "other"))),
    }
}
