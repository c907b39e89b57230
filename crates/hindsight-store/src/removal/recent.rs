//! The removals of late, without their traces: for the statistics.

use std::collections::VecDeque;
use std::sync::Arc;

use hindsight_protocol::hub::Removal;

use super::Cause;

/// Removals that are told.
const RECENT_MAX: usize = 256;

#[derive(Clone, Copy, Debug)]
struct Event {
    cause: Cause,
    at_ns: u64,
    spans: u64,
}

/// Oldest first; those of one time and one cause are summed up.
#[derive(Clone, Debug, Default)]
pub(super) struct Recent(Arc<VecDeque<Event>>);

impl Recent {
    pub(super) fn add(&mut self, cause: Cause, at_ns: u64, spans: u64) {
        let events = Arc::make_mut(&mut self.0);
        // Time does not run backwards: all of one time are at the end.
        let of_now = events.iter_mut().rev().take_while(|e| e.at_ns == at_ns);
        if let Some(event) = of_now.into_iter().find(|event| event.cause == cause) {
            event.spans += spans;
            return;
        }
        if events.len() == RECENT_MAX {
            events.pop_front();
        }
        events.push_back(Event {
            cause,
            at_ns,
            spans,
        });
    }

    /// Newest first.
    pub(super) fn newest(&self, limit: usize) -> Vec<Removal> {
        let newest = self.0.iter().rev().take(limit);
        let removal = |event: &Event| Removal {
            reason: event.cause.name().to_owned(),
            at_ns: event.at_ns,
            spans: event.spans,
            probably: false,
        };
        newest.map(removal).collect()
    }
}
