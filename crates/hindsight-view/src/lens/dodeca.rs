//! The lens on dodeca: how far a build is, its pages and templates, and what a change made anew.
//!
//! In: answers of `DodecaIntrospection`, or the same derived from stored spans ([`stored`]). Out:
//! rows and sentences. Holds: whatever comes from the app is escaped and cut; an index that points
//! nowhere makes a root, never a loop. Bounded: [`PAGES_MAX`] pages, [`TEMPLATES_MAX`] templates,
//! [`CAUSES_MAX`] causes, [`EVENTS_MAX`] events.

mod change;
mod event;
mod head;
mod page;
pub mod stored;
mod tab;
mod template;

#[cfg(test)]
mod tests;

use hindsight_protocol::introspection::picante::outcome;

use crate::format;
use crate::text::Role;

pub use change::{CAUSES_MAX, CauseRow, Causes, causes};
pub use event::{EVENTS_MAX, EventLog, EventRow};
pub use head::{Head, PhaseRow, head, phases, recalled_head};
pub use page::{PAGES_MAX, PageRow, PageSort, Pages, pages};
pub use tab::DodecaTab;
pub use template::{TEMPLATES_MAX, TemplateRow, Templates, templates};

/// Cells of a route, a path or a name.
const NAME_CELLS_MAX: usize = 120;
/// Cells of an error or a warning.
const TEXT_CELLS_MAX: usize = 600;

/// A name from outside, as it is shown.
fn name(text: &str) -> String {
    format::truncate(&format::escape(text), NAME_CELLS_MAX).into_owned()
}

/// A text from outside, on one line.
fn sentence(text: &str) -> String {
    format::truncate(&format::escape(text.trim()), TEXT_CELLS_MAX).into_owned()
}

/// An outcome as people read it, and its colour.
fn outcome_word(outcome: &str) -> (String, Role) {
    let (word, role) = match outcome {
        outcome::HIT => ("from memory", Role::Dim),
        outcome::VALIDATED => ("still valid", Role::Dim),
        outcome::COMPUTED_CHANGED => ("made anew", Role::Plain),
        outcome::COMPUTED_UNCHANGED => ("made anew, the same", Role::Dim),
        outcome::COALESCED => ("made by another", Role::Dim),
        outcome::ADOPTED => ("taken over", Role::Dim),
        outcome::ERROR => ("failed", Role::Error),
        outcome::CANCELLED => ("given up", Role::Warning),
        outcome::SET => ("changed", Role::Strong),
        outcome::REMOVED => ("removed", Role::Strong),
        "" => ("-", Role::Dim),
        other => return (name(other), Role::Plain),
    };
    (word.to_owned(), role)
}

/// A duration; `-` where nothing was measured.
fn duration(ns: u64) -> String {
    match ns {
        0 => "-".to_owned(),
        ns => format::duration(ns),
    }
}
