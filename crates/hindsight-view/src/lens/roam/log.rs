//! Events of all apps, the latest first, until somebody pauses.

use std::collections::VecDeque;

use hindsight_protocol::introspection::roam::{RpcEvent, event};
use hindsight_protocol::{SpanId, TraceId};

use super::{Process, method};
use crate::format;
use crate::text::Role;

/// Events that are kept.
pub const EVENTS_MAX: usize = 300;

/// An event as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedEvent {
    /// Counts up with every event that came.
    pub number: u64,
    /// When.
    pub at_ns: u64,
    /// Whose event it is.
    pub process: Process,
    /// `call ended`.
    pub kind: String,
    /// `Catalog.list`, escaped; empty where it is about no call.
    pub name: String,
    /// `from web`, `to (unknown)`, `user after 1.2 ms`.
    pub details: String,
    /// How it ended.
    pub outcome: Role,
    /// The call's trace; all zero where there is none.
    pub trace_id: TraceId,
    /// The call's span.
    pub span_id: SpanId,
}

/// The latest events.
#[derive(Clone, Debug, Default)]
pub struct EventLog {
    events: VecDeque<LoggedEvent>,
    came: u64,
    dropped: u64,
    /// What came while it was held.
    held: Option<u64>,
}

impl EventLog {
    /// Takes in what the app called `service` told.
    pub fn take_in(&mut self, service: &str, events: &[RpcEvent]) {
        for told in events {
            self.dropped = self.dropped.saturating_add(told.dropped);
            if matches!(told.kind.as_str(), event::HEARTBEAT | event::DROPPED) {
                continue;
            }
            self.came += 1;
            if let Some(held) = &mut self.held {
                *held += 1;
                continue;
            }
            if self.events.len() >= EVENTS_MAX {
                self.events.pop_back();
            }
            self.events.push_front(logged(self.came, service, told));
        }
    }

    /// Holds it as it is, or lets it go; what came in between is not kept.
    pub fn toggle_pause(&mut self) {
        self.held = match self.held {
            None => Some(0),
            Some(_) => None,
        };
    }

    /// Whether it is held.
    pub fn is_paused(&self) -> bool {
        self.held.is_some()
    }

    /// Forgets all events.
    pub fn clear(&mut self) {
        self.events.clear();
    }

    /// The latest first.
    pub fn events(&self) -> impl Iterator<Item = &LoggedEvent> {
        self.events.iter()
    }

    /// `1,204 events`, `held, 12 came since`, `3 lost on the way`.
    pub fn status(&self) -> String {
        let mut words = format::plural(self.came, "event");
        if let Some(held) = self.held {
            words += &format!(
                ", held: {} came since and were not kept",
                format::count(held)
            );
        }
        if self.dropped > 0 {
            words += &format!(", {} lost on the way", format::count(self.dropped));
        }
        words
    }
}

fn logged(number: u64, service: &str, told: &RpcEvent) -> LoggedEvent {
    let is_end = told.kind == event::CALL_ENDED;
    let ended = match is_end {
        true => format!(
            "{} after {} ",
            super::name(&told.outcome),
            format::duration(told.duration_ns)
        ),
        false => String::new(),
    };
    let peer = match (told.direction.as_str(), told.peer.as_str()) {
        (_, "") => String::new(),
        ("incoming", peer) => format!("from {}", super::name(peer)),
        (_, peer) => format!("to {}", super::name(peer)),
    };
    LoggedEvent {
        number,
        at_ns: told.at_ns,
        process: Process::named(service),
        kind: super::name(&told.kind).replace('_', " "),
        name: method(&told.service, &told.method),
        details: format!("{ended}{peer}").trim_end().to_owned(),
        outcome: match (is_end, told.outcome.as_str()) {
            (true, "ok") => Role::Good,
            (true, _) => Role::Error,
            _ => Role::Dim,
        },
        trace_id: told.trace_id,
        span_id: told.span_id,
    }
}
