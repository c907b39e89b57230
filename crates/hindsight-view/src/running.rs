//! What runs right now: open spans by who waits for whom, and the last words of processes that died.
//!
//! In: a [`Look`] at the hub (open spans, spans given up, what apps told), the apps it knows, and what the reader
//! [`Wanted`]. Out: [`Running`]: rows of trees in drawing order, oldest tree first; last words, who
//! died last first; counts. Holds: a tree is listed while something in it runs, whole, so that a row
//! that matches stands below who waits for it; a span of a process that went is among the last words
//! whether or not somebody still waits for it; every row has ids of its own. Bounded: by the look;
//! [`LAST_WORDS_MAX`] last words.

mod doing;
mod filter;
mod groups;
mod last_words;
mod list;
mod row;
mod runs;

#[cfg(test)]
mod tests;

use std::collections::HashSet;

use hindsight_protocol::hub::AppInfo;
use hindsight_protocol::{CheckedBatch, SpanId, SpanState, TraceId};

use crate::format::{self, Zone};
use crate::text::Line;
use crate::waits::{Told, Waits, stuck_lines};

pub use filter::Filter;
pub use groups::{GroupRow, Grouping, groups};
pub use last_words::LastWords;
pub use list::RunningList;
pub use row::RunningRow;
use runs::Runs;

/// Most last words that are listed.
pub const LAST_WORDS_MAX: usize = 50;

/// Most sentences about what never goes on.
pub const STUCK_MAX: usize = 5;

/// How long a span is open before it counts as long, unless the reader says otherwise.
pub const LONG_NS: u64 = 10_000_000_000;

/// What the hub answered at one time.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// The hub's clock, nanoseconds since the Unix epoch.
    now_ns: u64,
    /// What apps told, open spans, then dead ones.
    pages: Vec<CheckedBatch>,
    told: Told,
    /// Open spans that the look left out.
    unseen: u64,
}

impl Look {
    /// The open spans, of `total` in all, and spans that were given up.
    pub fn new(now_ns: u64, open: CheckedBatch, total: u64, dead: CheckedBatch) -> Self {
        let seen = open.rows().len() as u64;
        Self {
            now_ns,
            unseen: total.saturating_sub(seen),
            pages: vec![CheckedBatch::default(), open, dead],
            told: Told::default(),
        }
    }

    /// The same with what apps told of their calls and queries at that time.
    pub fn with_told(mut self, told: Told) -> Self {
        self.pages[0] = told.page.clone();
        self.told = told;
        self
    }

    /// The hub's clock at the look.
    pub fn now_ns(&self) -> u64 {
        self.now_ns
    }
}

/// What the reader asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Which rows.
    pub filter: Filter,
    /// From which age on a span is long.
    pub long_ns: u64,
    /// Only the long ones, and who waits for them.
    pub only_long: bool,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            filter: Filter::default(),
            long_ns: LONG_NS,
            only_long: false,
        }
    }
}

/// A look, shaped.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Running {
    /// Rows in drawing order.
    pub rows: Vec<RunningRow>,
    /// Spans of processes that went away.
    pub last_words: Vec<LastWords>,
    /// Spans that run and match.
    pub open: u64,
    /// Those of them that are long.
    pub long: u64,
    /// Traces they are of.
    pub traces: u64,
    /// Spans that run, matching or not.
    pub open_before_filter: u64,
    /// Open spans that the look left out: later ones than those listed.
    pub unseen: u64,
    /// What never goes on, each with who waits for it, as sentences: at most [`STUCK_MAX`].
    pub stuck: Vec<Line>,
    /// Others that never go on.
    pub stuck_more: usize,
}

impl Running {
    /// Shapes a look.
    pub fn new(look: &Look, apps: &[AppInfo], wanted: &Wanted, zone: Zone) -> Self {
        let waits = Waits::with_told(&look.pages, &look.told, usize::MAX);
        let runs = Runs::new(apps);
        let (stuck, stuck_more) = stuck_lines(&waits, look.now_ns, STUCK_MAX);
        let mut running = Self {
            stuck,
            stuck_more,
            unseen: look.unseen,
            ..Self::default()
        };
        let mut traces = HashSet::new();
        let deepest = waits.deepest();
        for tree in waits.trees() {
            let is_open = |node: usize| waits.span(node).state() == SpanState::Running;
            if !tree.clone().any(is_open) {
                continue;
            }
            let rows: Vec<RunningRow> = tree
                .filter(|node| waits.span(*node).span_id().is_valid())
                .map(|node| RunningRow::new(&waits, node, deepest[node], &runs, look.now_ns))
                .map(|row| row.judged(wanted))
                .collect();
            let open = rows.iter().filter(|row| row.is_open);
            running.open_before_filter += open.count() as u64;
            let found = rows.iter().filter(|row| row.matches && row.is_open);
            for row in found {
                running.open += 1;
                running.long += u64::from(row.is_long);
                traces.insert(row.trace);
            }
            if rows.iter().any(|row| row.matches) {
                running.rows.extend(rows);
            }
        }
        running.traces = traces.len() as u64;
        running.last_words = last_words::last_words(&waits, &runs, wanted, look.now_ns, zone);
        running
    }

    /// `17 open in 5 traces, 3 for more than 10 s`.
    pub fn summary(&self, wanted: &Wanted) -> String {
        let filtered = *wanted
            != Wanted {
                long_ns: wanted.long_ns,
                ..Wanted::default()
            };
        let total = self.open_before_filter + self.unseen;
        let mut text = match (self.open, filtered) {
            (0, false) => return "nothing is running".into(),
            (open, true) => format!("{} of {} open", format::count(open), format::count(total)),
            (_, false) => format!("{} open", format::count(total)),
        };
        if self.traces > 0 && self.unseen == 0 {
            text += &format!(" in {}", format::plural(self.traces, "trace"));
        }
        if self.long > 0 && !wanted.only_long {
            let long = format::count(self.long);
            text += &format!(", {long} for more than {}", plain_duration(wanted.long_ns));
        }
        text
    }
}

/// `10 s`, `5 min`, `2 h`: a threshold as a person says it, whole units only.
pub fn plain_duration(ns: u64) -> String {
    const SECOND_NS: u64 = 1_000_000_000;
    match ns {
        0 => "0 s".into(),
        ns if ns.is_multiple_of(3_600 * SECOND_NS) => format!("{} h", ns / (3_600 * SECOND_NS)),
        ns if ns.is_multiple_of(60 * SECOND_NS) => format!("{} min", ns / (60 * SECOND_NS)),
        ns if ns.is_multiple_of(SECOND_NS) => format!("{} s", ns / SECOND_NS),
        ns => format::duration(ns),
    }
}

/// An age that ticks calmly: `< 1 s`, then whole seconds, then as durations are.
pub(crate) fn age(ns: u64) -> String {
    const SECOND_NS: u64 = 1_000_000_000;
    match ns / SECOND_NS {
        0 => "< 1 s".into(),
        secs @ 1..60 => format!("{secs} s"),
        // Rounded down, so that it never runs ahead.
        secs => format::duration(secs * SECOND_NS),
    }
}

/// What tells a row from all others.
pub type RowKey = (TraceId, SpanId);
