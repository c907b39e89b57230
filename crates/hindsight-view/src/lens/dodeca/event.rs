//! The log of builds, as it happens.

use std::collections::VecDeque;

use hindsight_protocol::introspection::dodeca::{BuildEvent, event};
use hindsight_protocol::{SpanId, TraceId};

use super::{duration, name, outcome_word, sentence};
use crate::format::{self, Zone};
use crate::text::Role;

/// Events that are kept.
pub const EVENTS_MAX: usize = 400;

/// The newest events, newest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventLog {
    rows: VecDeque<EventRow>,
    last: u64,
    lost: u64,
}

/// An event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventRow {
    /// What tells rows apart.
    pub sequence: u64,
    /// `12:30:00.120`.
    pub at: String,
    /// `page`, `build done`, `file`.
    pub kind: String,
    /// What it is about.
    pub what: String,
    /// How it went.
    pub outcome: String,
    /// Its colour.
    pub role: Option<Role>,
    /// How long it took; empty where that means nothing.
    pub time: String,
    /// More, in words.
    pub detail: String,
    /// `12 events were lost before this one`; empty for none.
    pub lost: String,
    /// Where it happened.
    pub span: Option<(TraceId, SpanId)>,
}

impl EventLog {
    /// Takes an event in. One that was there already, and one that says only that nothing happened,
    /// changes nothing; a stream that begins anew begins the log anew.
    pub fn push(&mut self, told: &BuildEvent, zone: Zone) {
        if told.kind == event::HEARTBEAT || told.sequence == self.last {
            return;
        }
        if told.sequence < self.last {
            *self = Self::default();
        }
        // What an app does not say itself is seen by the gap.
        let gap = told.sequence.saturating_sub(self.last.saturating_add(1));
        let lost = match self.last {
            0 => told.dropped,
            _ => told.dropped.max(gap),
        };
        self.last = told.sequence;
        self.lost = self.lost.saturating_add(lost);
        if self.rows.len() == EVENTS_MAX {
            self.rows.pop_back();
        }
        self.rows.push_front(row(told, lost, zone));
    }

    /// Newest first.
    pub fn rows(&self) -> impl Iterator<Item = &EventRow> {
        self.rows.iter()
    }

    /// Events that the reader was not told, in all.
    pub fn lost(&self) -> u64 {
        self.lost
    }
}

fn row(told: &BuildEvent, lost: u64, zone: Zone) -> EventRow {
    let (kind, is_step) = match told.kind.as_str() {
        event::BUILD_STARTED => ("build begins", false),
        event::BUILD_ENDED => ("build ends", false),
        event::FILE_CHANGED => ("file", false),
        event::REQUEST => ("request", false),
        event::RELOAD => ("reload", false),
        event::DROPPED => ("lost", false),
        event::STEP if !told.phase.is_empty() => (told.phase.as_str(), true),
        event::STEP if told.what.starts_with('/') => ("page ready", true),
        event::STEP => ("step", true),
        other => (other, false),
    };
    let (outcome, role) = match is_step || told.kind == event::FILE_CHANGED {
        true => outcome_word(&told.outcome),
        false => (name(&told.outcome), status_role(&told.outcome)),
    };
    EventRow {
        sequence: told.sequence,
        at: format::clock(told.at_ns, zone),
        kind: name(kind),
        what: name(&told.what),
        outcome,
        role: Some(role),
        time: match told.duration_ns {
            0 => String::new(),
            ns => duration(ns),
        },
        detail: sentence(&told.detail),
        lost: match lost {
            0 => String::new(),
            1 => "1 event was lost before this one".to_owned(),
            lost => format!("{} events were lost before this one", format::count(lost)),
        },
        span: Some((told.trace_id, told.span_id)).filter(|(trace, _)| trace.is_valid()),
    }
}

/// Of a status of HTTP, or a state of a build.
fn status_role(outcome: &str) -> Role {
    match outcome.as_bytes() {
        b"failed" | [b'4' | b'5', _, _] => Role::Error,
        b"done" => Role::Good,
        _ => Role::Plain,
    }
}
