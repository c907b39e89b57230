//! One open span as a row.

use hindsight_protocol::{SpanId, SpanState, TraceId};

use super::doing::{From, doing};
use super::runs::Runs;
use super::{RowKey, Wanted, age};
use crate::format;
use crate::name::{NO_NAME, NO_SERVICE};
use crate::text::{Line, Role};
use crate::waits::{Waits, place_words, reason_word, tree_prefix};
use crate::waterfall::Glyphs;

/// Longest name that is shown, in terminal cells.
const NAME_CELLS_MAX: usize = 160;

/// What a row says, escaped. Equal rows look the same.
#[derive(Clone, Debug, PartialEq)]
pub struct RunningRow {
    /// The trace.
    pub trace: TraceId,
    /// The span.
    pub span: SpanId,
    /// Guides and branch, empty for who nobody waits for.
    pub guide: String,
    /// How the row above has to do with it: ``, `in `, `calls `, `waits for `.
    pub reason: &'static str,
    /// What it is called.
    pub name: String,
    /// Of which service; `?` where it has no name.
    pub service: String,
    /// The service's colour.
    pub service_role: Role,
    /// Start, nanoseconds since the Unix epoch.
    pub start_ns: u64,
    /// How long it is open: `12 s`.
    pub age: String,
    /// It is open for longer than the reader calls long.
    pub is_long: bool,
    /// What it waits for, or that it is stuck; what is odd about it.
    pub state: Line,
    /// Its newest event, some of its attributes.
    pub doing: Line,
    /// Which process: `pid 4711`.
    pub process: String,
    /// It is of those that were asked for; others stand here because they wait for one.
    pub matches: bool,
    /// It runs; else its process went away.
    pub is_open: bool,
    /// It has ended since the list was held.
    pub has_ended: bool,
    pub(super) age_ns: u64,
    pub(super) depth: u32,
}

impl RunningRow {
    pub(super) fn new(
        waits: &Waits<'_>,
        node: usize,
        deepest: usize,
        runs: &Runs<'_>,
        now_ns: u64,
    ) -> Self {
        let span = waits.span(node);
        let place = &waits.nodes()[node];
        let age_ns = now_ns.saturating_sub(span.start_ns());
        let is_open = span.state() == SpanState::Running;
        let mut state = place_words(waits, node, deepest);
        if let (false, Some(run)) = (is_open, runs.of(span)) {
            state = state.with(Role::Dim, format!(", {}", run.went(now_ns)));
        }
        Self {
            trace: span.trace_id(),
            span: span.span_id(),
            guide: tree_prefix(waits, node, &Glyphs::UNICODE),
            reason: reason_word(place.reason),
            name: shown(waits.name(node), NO_NAME),
            service: shown(span.service(), NO_SERVICE),
            service_role: Role::of_service(span.service()),
            start_ns: span.start_ns(),
            age: age(age_ns),
            is_long: false,
            state,
            doing: doing(span, place.is_leaf, From::Now(now_ns)),
            process: runs.process(span),
            matches: true,
            is_open,
            has_ended: false,
            age_ns,
            depth: place.depth,
        }
    }

    /// The row with what the reader asked for told.
    pub(super) fn judged(mut self, wanted: &Wanted) -> Self {
        self.is_long = self.age_ns >= wanted.long_ns;
        self.matches = (self.is_long || !wanted.only_long) && wanted.filter.lets(&self);
        self
    }

    /// What tells it from others.
    pub fn key(&self) -> RowKey {
        (self.trace, self.span)
    }

    /// Nobody waits for it.
    pub fn is_root(&self) -> bool {
        self.depth == 0
    }
}

/// A name from outside, escaped and cut, or what stands for none.
pub(super) fn shown(name: &str, none: &str) -> String {
    match name {
        "" => none.into(),
        name => format::truncate(&format::escape(name), NAME_CELLS_MAX).into(),
    }
}
