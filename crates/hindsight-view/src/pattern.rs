//! Repetition that is a mistake or a sign of one: N+1 queries and retries.
//!
//! In: a tree, its times, what the spans' attributes say ([`CallDetails`]). Out: [`Finding`]s.
//!
//! **N+1**: calls to another component under one parent, near-sequential, of one shape (service,
//! name, kind, and the statement with its literals stripped), each with other literals. Not so:
//! calls that overlap (fan-out, pipelines), the same literals again (polling), literals that page
//! (`OFFSET`, cursors, `since=`), statements on many rows (batches). Where a statement shows no
//! literals the calls must follow each other closely.
//!
//! **Retry**: the same call again under one parent after the one before has failed; the last may
//! succeed. Attributes that number attempts, and links that say so, count as failure. Not so: other
//! literals (a loop over items that fail), starts before the failure (hedging).
//!
//! A call may be wrapped: a span whose only child is the call (and so on, a few levels) stands for
//! it. Bounded: [`FindLimits`]; statements are read up to a length.

mod call;
mod find;
mod n_plus_one;
mod retry;
mod statement;
mod text;

#[cfg(test)]
mod tests;

pub use call::{CallDetails, Details, NoDetails};
pub use find::{FindLimits, find};
pub use text::finding_line;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PatternKind {
    /// One call for each of many items, one after the other.
    NPlusOne,
    /// A call repeated after it failed.
    Retry,
}

/// Calls under one parent that make a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which pattern.
    pub kind: PatternKind,
    /// The node that repeats the calls.
    pub parent: usize,
    /// The repeated children of `parent`, by start.
    pub members: Vec<usize>,
    /// The statement with its literals stripped, or the name where there is none.
    pub shape: String,
    /// Sum of the members' durations.
    pub total_ns: u64,
    /// Whether the last of them has failed.
    pub last_failed: bool,
    /// Whether the pauses between them grow.
    pub backs_off: bool,
}
