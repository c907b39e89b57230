//! An access to a query, as observers see it.

use std::sync::Arc;

use hindsight_protocol::introspection::picante::outcome;
use hindsight_protocol::{SpanId, TraceId};

/// A moment of an access to a query: its start, or its end.
///
/// Accesses that were answered from memory within another are not told one by one: [`Access::hits`] of
/// the other counts them.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Access {
    /// Unique in the process; the same at start and end.
    pub id: u64,
    /// [`Self::id`] of the access that asked for it; 0 for none.
    pub parent: u64,
    /// Which moment.
    pub phase: Phase,
    /// Name of the query.
    pub kind: &'static str,
    /// Its key, readable; cut where it is long.
    pub key: Arc<str>,
    /// Hash of the whole key.
    pub key_hash: u64,
    /// What was asked for.
    pub op: Op,
    /// How it was answered; none at the start.
    pub outcome: Option<Outcome>,
    /// Revision in which it was asked for.
    pub revision: u64,
    /// Revision in which its value last changed; 0 at the start and without a value.
    pub changed_at: u64,
    /// When it began, nanoseconds since the Unix epoch.
    pub started_ns: u64,
    /// When it ended; 0 at the start.
    pub ended_ns: u64,
    /// Nanoseconds of the computation, dependencies included; 0 where nothing was computed.
    pub compute_ns: u64,
    /// What it depends on, the first some of many; empty at the start and where nothing was computed.
    pub dependencies: Arc<[Dependency]>,
    /// How many there are.
    pub dependency_count: u64,
    /// Accesses below it that were answered from memory.
    pub hits: u64,
    /// Its trace; all zero where there is none.
    pub trace_id: TraceId,
    /// Its span; all zero where it has none.
    pub span_id: SpanId,
    /// What went wrong.
    pub error: Option<Arc<str>>,
}

/// Something that a query depends on: a query, an input or an interned value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Dependency {
    /// Its name.
    pub kind: &'static str,
    /// Its key, readable.
    pub key: Arc<str>,
}

/// A moment of an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It begins.
    Started,
    /// It has an answer, or was given up.
    Ended,
}

/// What an access asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// The value.
    Get,
    /// Whether the value has changed: a dependent is being validated.
    Touch,
}

impl Op {
    /// `get` or `touch`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Touch => "touch",
        }
    }
}

/// How an access was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// From memory, in the same revision.
    Hit,
    /// From memory, after its dependencies were found unchanged.
    Validated,
    /// Computed, and the value is another one.
    ComputedChanged,
    /// Computed, and the value is the same: dependents need not run.
    ComputedUnchanged,
    /// Another access computed it meanwhile.
    Coalesced,
    /// Taken from what another snapshot computed.
    Adopted,
    /// An error, a panic or a cycle.
    Error,
    /// Given up before it had an answer.
    Cancelled,
}

impl Outcome {
    /// Its word on the wire, of [`hindsight_protocol::introspection::picante::outcome`].
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hit => outcome::HIT,
            Self::Validated => outcome::VALIDATED,
            Self::ComputedChanged => outcome::COMPUTED_CHANGED,
            Self::ComputedUnchanged => outcome::COMPUTED_UNCHANGED,
            Self::Coalesced => outcome::COALESCED,
            Self::Adopted => outcome::ADOPTED,
            Self::Error => outcome::ERROR,
            Self::Cancelled => outcome::CANCELLED,
        }
    }

    /// Whether the query ran to its end.
    pub fn is_computed(self) -> bool {
        matches!(self, Self::ComputedChanged | Self::ComputedUnchanged)
    }

    /// `hit`, `validated` or `miss`; none where there was no answer.
    pub fn cache_status(self) -> Option<&'static str> {
        match self {
            Self::Hit | Self::Coalesced | Self::Adopted => Some("hit"),
            Self::Validated => Some("validated"),
            Self::ComputedChanged | Self::ComputedUnchanged | Self::Error => Some("miss"),
            Self::Cancelled => None,
        }
    }
}
