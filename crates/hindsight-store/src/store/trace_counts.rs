//! Live spans of each trace.
//!
//! Spans of one trace come in bursts: the trace counted last is kept at hand, and written back when
//! another one is counted.

use hashbrown::{DefaultHashBuilder, HashMap};
use hindsight_protocol::TraceId;

#[derive(Debug, Default)]
pub(super) struct TraceCounts {
    /// What is written down: of the trace at hand, its count when it was taken up.
    counts: HashMap<TraceId, u32, DefaultHashBuilder>,
    at_hand: Option<AtHand>,
}

#[derive(Clone, Copy, Debug)]
struct AtHand {
    trace: TraceId,
    written: u32,
    live: u32,
}

impl TraceCounts {
    /// Live spans of `trace`; it is at hand afterwards.
    pub(super) fn live(&mut self, trace: TraceId) -> u32 {
        self.take_up(trace).live
    }

    pub(super) fn add(&mut self, trace: TraceId, spans: u32) {
        let at_hand = self.take_up(trace);
        at_hand.live = at_hand.live.saturating_add(spans);
    }

    pub(super) fn subtract(&mut self, trace: TraceId, spans: u32) {
        let at_hand = self.take_up(trace);
        debug_assert!(at_hand.live >= spans, "trace {trace} was not counted");
        at_hand.live = at_hand.live.saturating_sub(spans);
    }

    fn take_up(&mut self, trace: TraceId) -> &mut AtHand {
        if self.at_hand.is_none_or(|at_hand| at_hand.trace != trace) {
            self.write_down();
            self.at_hand = None;
        }
        let counts = &self.counts;
        self.at_hand.get_or_insert_with(|| {
            let written = counts.get(&trace).copied().unwrap_or(0);
            AtHand {
                trace,
                written,
                live: written,
            }
        })
    }

    fn write_down(&mut self) {
        let Some(at_hand) = &mut self.at_hand else {
            return;
        };
        match at_hand.live {
            live if live == at_hand.written => {}
            0 => {
                self.counts.remove(&at_hand.trace);
            }
            live => {
                self.counts.insert(at_hand.trace, live);
            }
        }
        at_hand.written = at_hand.live;
    }

    /// Traces with a live span.
    pub(super) fn len(&mut self) -> usize {
        self.write_down();
        self.counts.len()
    }

    pub(super) fn bytes(&self) -> u64 {
        self.counts.allocation_size() as u64
    }

    pub(super) fn into_counts(mut self) -> Vec<(TraceId, u32)> {
        self.write_down();
        self.counts.into_iter().collect()
    }
}
