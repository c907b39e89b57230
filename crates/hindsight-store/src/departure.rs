//! Tracers that went away a moment ago, and when their open spans will count as aborted.
//!
//! Bounded by [`crate::StoreLimits::tracers_max`]: beyond, the caller ends the oldest grace early.

use std::collections::BTreeSet;

use hashbrown::HashMap;
use hindsight_protocol::TracerId;

/// About the bytes of a tracer in the map and in the order.
const DEPARTURE_BYTES: u64 = 96;

#[derive(Debug, Default)]
pub(crate) struct Departures {
    deadlines: HashMap<TracerId, u64>,
    order: BTreeSet<(u64, u64, u64)>,
}

impl Departures {
    pub(crate) fn len(&self) -> usize {
        self.deadlines.len()
    }

    pub(crate) fn contains(&self, tracer: TracerId) -> bool {
        self.deadlines.contains_key(&tracer)
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.deadlines.len() as u64 * DEPARTURE_BYTES
    }

    /// Notes that `tracer` went; its grace ends at `deadline_ns`.
    pub(crate) fn add(&mut self, tracer: TracerId, deadline_ns: u64) {
        self.remove(tracer);
        self.deadlines.insert(tracer, deadline_ns);
        self.order.insert((deadline_ns, tracer.high, tracer.low));
    }

    /// Notes that `tracer` is back.
    pub(crate) fn remove(&mut self, tracer: TracerId) {
        if let Some(deadline) = self.deadlines.remove(&tracer) {
            self.order.remove(&(deadline, tracer.high, tracer.low));
        }
    }

    /// Takes out the tracer whose grace ends first, if that is by `now_ns`.
    pub(crate) fn pop_due(&mut self, now_ns: u64) -> Option<TracerId> {
        let (deadline, high, low) = *self.order.first()?;
        if deadline > now_ns {
            return None;
        }
        let tracer = TracerId { high, low };
        self.remove(tracer);
        Some(tracer)
    }

    pub(crate) fn next_deadline_ns(&self) -> Option<u64> {
        self.order.first().map(|(deadline, _, _)| *deadline)
    }
}
