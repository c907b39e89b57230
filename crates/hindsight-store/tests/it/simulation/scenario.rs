//! The limits of a case, and what happens in it.

use hindsight_store::StoreLimits;
use hindsight_testkit::naive::NaiveLimits;
use rand::Rng;
use rand::rngs::SmallRng;

use super::operations::{Operation, Sender};

pub(crate) const HOUR_NS: u64 = 3_600_000_000_000;

/// What a case is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stress {
    /// Age, open spans, tracers: removed traces are known exactly.
    Time,
    /// As before, but few exact notes are kept.
    Memory,
    /// The byte budget; a part of the traces has large attributes.
    Bytes,
}

#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    pub(crate) stress: Stress,
    pub(crate) limits: StoreLimits,
    /// Readers keep old views.
    pub(crate) keeps_views: bool,
}

impl Scenario {
    pub(crate) fn new(random: &mut SmallRng) -> Self {
        let stress = match random.random_range(0..10) {
            0..5 => Stress::Time,
            5..8 => Stress::Memory,
            _ => Stress::Bytes,
        };
        let mut limits = StoreLimits {
            ttl_ns: 80,
            chunk_spans_max: random.random_range(1..4),
            batch_kept_spans_min: random.random_range(1..5),
            batch_kept_bytes_min: [1, 400, 128 << 10][random.random_range(0..3)],
            segment_spans_max: random.random_range(3..8),
            segment_age_max_ns: 10,
            open_spans_max: random.random_range(1..6),
            spans_per_trace_max: 6,
            tracers_max: 2,
            resend_window_batches: 4,
            abort_grace_ns: 10,
            pinned_traces_max: 2,
            seals_in_flight_max: random.random_range(0..4),
            ..StoreLimits::default()
        };
        match stress {
            Stress::Time => {}
            Stress::Memory => {
                limits.removals_kept = random.random_range(0..4);
                let room = [0, 300, 2_000, 1 << 20];
                limits.removal_filters_bytes_max = room[random.random_range(0..room.len())];
            }
            Stress::Bytes => {
                limits.memory_bytes = random.random_range(200_000..300_000);
                limits.chunk_spans_max = 16;
                limits.batch_kept_spans_min = random.random_range(4..12);
                limits.spans_per_trace_max = 40;
                limits.ttl_ns = 2 * HOUR_NS;
                limits.segment_age_max_ns = HOUR_NS / 4;
            }
        }
        Self {
            stress,
            limits,
            keeps_views: random.random(),
        }
    }

    pub(crate) fn operations(&self, random: &mut SmallRng) -> Vec<Operation> {
        let (len, is_heavy) = match self.stress {
            Stress::Time | Stress::Memory => (random.random_range(1..50), false),
            Stress::Bytes => (random.random_range(30..80), true),
        };
        let mut sender = Sender::new(is_heavy, self.limits.ttl_ns);
        (0..len).map(|_| sender.operation(random)).collect()
    }

    pub(crate) fn naive_limits(&self) -> NaiveLimits {
        let limits = &self.limits;
        NaiveLimits {
            ttl_ns: limits.ttl_ns,
            segment_spans_max: limits.segment_spans_max as usize,
            segment_age_max_ns: limits.segment_age_max_ns.min(limits.ttl_ns / 8),
            open_spans_max: limits.open_spans_max,
            spans_per_trace_max: limits.spans_per_trace_max as usize,
            tracers_max: limits.tracers_max,
            resend_window_batches: u64::from(limits.resend_window_batches),
            abort_grace_ns: limits.abort_grace_ns,
            pinned_traces_max: limits.pinned_traces_max,
        }
    }
}
