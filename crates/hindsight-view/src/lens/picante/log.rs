//! What happens, as rows: newest last, the oldest go.
//!
//! In: [`QueryEvent`]s, in the order they came. Out: [`LogRow`]s. Holds: what was dropped on the way
//! or has gone from here is counted. Bounded: [`LOG_ROWS_MAX`] rows, each of bounded texts.

use std::collections::VecDeque;

use hindsight_protocol::introspection::picante::{QueryEvent, event};
use hindsight_protocol::{SpanId, TraceId};

use super::name::shown_name;
use super::outcome::Outcome;
use crate::format::{self, Zone};
use crate::text::{Line, Role};

/// Rows that are kept.
pub const LOG_ROWS_MAX: usize = 1_000;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct LogRow {
    /// Counts up by one, from 1, in the order of arrival.
    pub number: u64,
    /// When.
    pub at: String,
    /// Its revision; empty where it has none.
    pub revision: String,
    /// How it went; none for what is no access.
    pub outcome: Option<Outcome>,
    /// What happened.
    pub text: Line,
    /// Its span; none where there is none.
    pub span: Option<(TraceId, SpanId)>,
}

/// See the module's documentation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Log {
    rows: VecDeque<LogRow>,
    taken: u64,
    numbered: u64,
    dropped: u64,
    sequence: u64,
}

impl Log {
    /// Takes in an event.
    pub fn take_in(&mut self, event: &QueryEvent, zone: Zone) {
        let gap = match (self.sequence, event.sequence) {
            (0, _) | (_, 0) => 0,
            (before, now) => now.saturating_sub(before.saturating_add(1)),
        };
        if event.sequence > 0 {
            self.sequence = event.sequence;
        }
        let lost = event.dropped.max(gap);
        if lost > 0 {
            self.dropped = self.dropped.saturating_add(lost);
            let text = format!(
                "{} lost here: more came than could be sent",
                format::plural(lost, "event")
            );
            self.push(event, zone, None, Line::new().with(Role::Warning, text));
        }
        if let Some((outcome, text)) = words(event) {
            self.taken += 1;
            self.push(event, zone, outcome, text);
        }
    }

    fn push(&mut self, event: &QueryEvent, zone: Zone, outcome: Option<Outcome>, text: Line) {
        self.numbered += 1;
        if self.rows.len() >= LOG_ROWS_MAX {
            self.rows.pop_front();
        }
        let has_span = event.trace_id.is_valid() && event.span_id.is_valid();
        self.rows.push_back(LogRow {
            number: self.numbered,
            at: format::time_of_day(event.at_ns, zone),
            revision: match event.revision {
                0 => String::new(),
                revision => revision.to_string(),
            },
            outcome,
            text,
            span: has_span.then_some((event.trace_id, event.span_id)),
        });
    }

    /// The rows, oldest first.
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = &LogRow> + ExactSizeIterator {
        self.rows.iter()
    }

    /// `1,204 events, the newest 1,000 shown; 12 lost`.
    pub fn note(&self) -> String {
        let mut note = format::plural(self.taken, "event");
        if self.numbered > self.rows.len() as u64 {
            note += &format!(
                ", the newest {} shown",
                format::count(self.rows.len() as u64)
            );
        }
        if self.dropped > 0 {
            note += &format!("; {} lost on the way", format::count(self.dropped));
        }
        note
    }
}

/// What is said of an event; nothing of what only says that others are missing.
fn words(event: &QueryEvent) -> Option<(Option<Outcome>, Line)> {
    let name = || Line::new().with(Role::Strong, shown_name(&event.query));
    Some(match event.kind.as_str() {
        event::QUERY_ENDED => {
            let outcome = Outcome::of_word(&event.outcome);
            let mut line = name()
                .with(Role::Plain, " ")
                .with(outcome.role(), outcome.label());
            if event.compute_ns > 0 {
                line = line.with(
                    Role::Plain,
                    format!(" in {}", format::duration(event.compute_ns)),
                );
            }
            (Some(outcome), line)
        }
        event::INPUT_SET => (Some(Outcome::Set), name().with(Outcome::Set.role(), " set")),
        event::INPUT_REMOVED => (
            Some(Outcome::Removed),
            name().with(Outcome::Removed.role(), " removed"),
        ),
        event::REVISION => {
            let text = format!("revision {}", format::count(event.revision));
            (None, Line::new().with(Role::Dim, text))
        }
        event::INVALIDATED => {
            let by = format!(" is in doubt, because of {}", shown_name(&event.by));
            (None, name().with(Role::Dim, by))
        }
        event::DROPPED | event::HEARTBEAT => return None,
        other => {
            let kind = &other[..other.floor_char_boundary(120)];
            (
                None,
                Line::new()
                    .with(Role::Dim, format!("{kind} "))
                    .followed_by(name()),
            )
        }
    })
}
