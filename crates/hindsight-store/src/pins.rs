//! Which traces are pinned: age and the byte budget spare them.
//!
//! In: trace ids, and what a span of each takes. Out: whether a trace is pinned, and which pinned
//! traces fit into a number of bytes. Bounded by [`crate::StoreLimits::pinned_traces_max`]; the
//! bytes are an estimate, spans stored times the bytes of a span when it was last looked at, so
//! that a trace that grows after it was pinned counts with what it has grown to.

use std::collections::BTreeMap;
use std::sync::Arc;

use hindsight_protocol::TraceId;

/// About the bytes of one pin.
const PIN_BYTES: u64 = 96;

/// Why a trace was not pinned. The caller's fault, or that of a limit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    /// There is nothing to keep.
    #[error("trace {trace} is not stored")]
    NotStored {
        /// Which.
        trace: TraceId,
    },
    /// Others must be unpinned first.
    #[error(
        "{pinned_traces_max} traces are pinned, and no more may be (pinned_traces_max); unpin one \
         of them first"
    )]
    TooMany {
        /// The limit.
        pinned_traces_max: usize,
    },
    /// The trace is too large, or others must be unpinned first.
    #[error(
        "trace {trace} takes about {bytes} bytes; pinned traces may take {pinned_bytes_max} in all \
         (pinned_bytes_max, at most 1/8 of --memory-limit), and others take {pinned_bytes}"
    )]
    TooLarge {
        /// Which.
        trace: TraceId,
        /// What it takes, about.
        bytes: u64,
        /// What the traces that are pinned take, about.
        pinned_bytes: u64,
        /// The limit.
        pinned_bytes_max: u64,
    },
}

#[derive(Clone, Copy, Debug)]
struct Pin {
    /// Grows with each pin: who comes first is served first.
    serial: u64,
    span_bytes: u64,
}

/// All pins; a clone shares them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pins {
    traces: Arc<BTreeMap<TraceId, Pin>>,
    last_serial: u64,
}

impl Pins {
    pub(crate) fn len(&self) -> usize {
        self.traces.len()
    }

    pub(crate) fn contains(&self, trace: TraceId) -> bool {
        !self.traces.is_empty() && self.traces.contains_key(&trace)
    }

    /// Pins a trace whose spans take about `span_bytes` each.
    pub(crate) fn add(&mut self, trace: TraceId, span_bytes: u64) {
        self.last_serial += 1;
        let serial = self.last_serial;
        Arc::make_mut(&mut self.traces).insert(trace, Pin { serial, span_bytes });
    }

    /// Unpins a trace; says whether it was pinned.
    pub(crate) fn remove(&mut self, trace: TraceId) -> bool {
        self.contains(trace) && Arc::make_mut(&mut self.traces).remove(&trace).is_some()
    }

    /// A span of a pinned trace takes about so many bytes.
    pub(crate) fn measured(&mut self, trace: TraceId, span_bytes: u64) {
        if let Some(pin) = Arc::make_mut(&mut self.traces).get_mut(&trace) {
            pin.span_bytes = span_bytes;
        }
    }

    /// About the bytes of the spans of pinned traces; `spans` tells how many a trace has.
    pub(crate) fn spans_bytes(&self, mut spans: impl FnMut(TraceId) -> u32) -> u64 {
        let pins = self.traces.iter();
        pins.map(|(trace, pin)| pin.span_bytes * u64::from(spans(*trace)))
            .sum()
    }

    /// The traces that fit into `bytes_max` together, taken in the order in which they were pinned;
    /// one that does not fit is passed over.
    pub(crate) fn fitting(
        &self,
        bytes_max: u64,
        mut spans: impl FnMut(TraceId) -> u32,
    ) -> Vec<TraceId> {
        let mut pins: Vec<(TraceId, Pin)> = self.traces.iter().map(|(t, pin)| (*t, *pin)).collect();
        pins.sort_unstable_by_key(|(_, pin)| pin.serial);
        let mut left = bytes_max;
        let mut fits = |(trace, pin): &(TraceId, Pin)| {
            let rest = left.checked_sub(pin.span_bytes * u64::from(spans(*trace)));
            left = rest.unwrap_or(left);
            rest.is_some()
        };
        pins.retain(&mut fits);
        pins.into_iter().map(|(trace, _)| trace).collect()
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.traces.len() as u64 * PIN_BYTES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_that_fit_are_those_pinned_first() {
        let trace = |low| TraceId { high: 0, low };
        let mut pins = Pins::default();
        for (low, span_bytes) in [(9, 10), (1, 30), (5, 20), (2, 1)] {
            pins.add(trace(low), span_bytes);
        }
        let spans = |_| 2;
        assert_eq!(pins.spans_bytes(spans), 122);
        let fitting = |bytes_max| pins.fitting(bytes_max, spans);
        assert_eq!(fitting(122), [9, 1, 5, 2].map(trace));
        assert_eq!(fitting(62), [9, 5, 2].map(trace));
        assert_eq!(fitting(1), []);
        pins.measured(trace(9), 60);
        assert_eq!(pins.fitting(119, spans), [1, 5, 2].map(trace));
        assert!(pins.remove(trace(1)) && !pins.remove(trace(1)));
        assert_eq!(pins.len(), 3);
    }
}
