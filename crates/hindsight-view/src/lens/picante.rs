//! Queries of an incremental program: what depends on what, what was computed, and why.
//!
//! In: messages of [`hindsight_protocol::introspection::picante`] that an app tells, and the stored
//! spans of its queries ([`Stored`]), from which the same messages are made as far as spans tell
//! them. Out: the graph ([`Queries`]), the part of it that is drawn ([`Shown`], [`Picture`]), why a
//! query was computed ([`Why`]), figures by kind ([`Statistics`]), what is under way ([`Active`]),
//! and what happens ([`Log`]). Holds: the parts of the view do not know whether the app or spans
//! told them; what spans cannot tell is said in the notes. Bounded: [`NODES_MAX`], [`EDGES_MAX`],
//! [`TEXT_BYTES_MAX`] of a graph, [`BOXES_MAX`] and [`LINKS_MAX`] of a picture,
//! [`EXECUTIONS_MAX`] spans, [`STEPS_MAX`] steps of an explanation, [`ROWS_MAX`] rows of a table.

mod active;
mod explain;
mod filter;
mod graph;
mod label;
mod log;
mod name;
mod outcome;
mod pages;
mod picture;
mod shown;
mod statistics;
mod stored;
mod tab;

#[cfg(test)]
mod tests;

pub use active::{Active, ActiveRow};
pub use explain::{STEPS_MAX, Why, WhyStep};
pub use filter::{Filter, Outcomes};
pub use graph::{EDGES_MAX, Edge, NODES_MAX, Queries, QueriesBuilder, TEXT_BYTES_MAX};
pub use label::{BoxText, odd_edges};
pub use log::{LOG_ROWS_MAX, Log, LogRow};
pub use name::{parse_name, short_name, shown_name, written_name};
pub use outcome::{Outcome, outcome_queries};
pub use pages::{PAGES_MAX, Pages};
pub use picture::{BOX, LinkEnds, Picture, Structure};
pub use shown::{BOXES_MAX, Item, KindCounts, LINKS_MAX, Link, Look, Mode, Shown};
pub use statistics::{KindRow, SortKinds, Statistics};
pub use stored::{EXECUTIONS_MAX, Stored};
pub use tab::Tab;

/// Most rows of a table of queries.
pub const ROWS_MAX: usize = 1_000;

/// `1 query`, `1,204 queries`.
pub fn queries(count: u64) -> String {
    match count {
        1 => "1 query".into(),
        count => format!("{} queries", crate::format::count(count)),
    }
}

/// `1 dependency`, `12 dependencies`.
pub fn dependencies(count: u64) -> String {
    match count {
        1 => "1 dependency".into(),
        count => format!("{} dependencies", crate::format::count(count)),
    }
}
