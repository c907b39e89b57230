//! What is known of spans that were removed, so that a hole has a reason and a time.
//!
//! In: the traces of something removed. Out: at most one [`Removal`] per trace and cause. What is
//! remembered of a trace depends on what is left of it:
//!
//! - While spans of it are stored: how many others were removed and when, exactly.
//! - When none is left: the same, exactly, for the [`crate::StoreLimits::removals_kept`] traces
//!   that went last ([`notes`]).
//! - Before that: cause and about when, in 15.2 bits a trace, which may be wrong for a trace that
//!   was never stored and is answered as `probably` ([`filters`]). Bounded by
//!   [`crate::StoreLimits::removal_filters_bytes_max`]; the oldest are forgotten, and counted.

mod filters;
mod fingerprints;
mod notes;
mod recent;

use std::sync::Arc;

use hindsight_protocol::TraceId;
use hindsight_protocol::hub::Removal;

use self::filters::Filters;
use self::notes::{Note, Notes};
use self::recent::Recent;
use crate::sharded::ShardedMap;
use crate::{StoreLimits, reason};

/// Bytes of an exact note.
pub(crate) const NOTE_BYTES: u64 = size_of::<Note>() as u64;

/// About the bytes of the entry of a trace that lost a part.
const PARTIAL_BYTES: u64 = 128;

/// Why spans were removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    Expired,
    Evicted,
    Cleared,
}

impl Cause {
    pub(crate) const ALL: [Self; 3] = [Self::Expired, Self::Evicted, Self::Cleared];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Expired => reason::EXPIRED,
            Self::Evicted => reason::EVICTED,
            Self::Cleared => reason::CLEARED,
        }
    }
}

/// Spans removed from one trace, by cause.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sums([Sum; 3]);

#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    spans: u64,
    /// When the last of them were removed.
    at_ns: u64,
}

impl Sums {
    fn add(&mut self, cause: Cause, at_ns: u64, spans: u64) {
        let sum = &mut self.0[cause as usize];
        sum.spans += spans;
        sum.at_ns = sum.at_ns.max(at_ns);
    }

    /// The causes that removed anything, with the newest time and the number of spans.
    pub(crate) fn removals(&self) -> impl Iterator<Item = (Cause, u64, u64)> {
        let all = Cause::ALL.into_iter().zip(self.0);
        let removed = all.filter(|(_, sum)| sum.spans > 0);
        removed.map(|(cause, sum)| (cause, sum.at_ns, sum.spans))
    }
}

/// What is known of removed spans; a clone shares it.
#[derive(Clone, Debug)]
pub(crate) struct Removals {
    /// What the traces that have a stored span have lost.
    partial: ShardedMap<TraceId, Sums>,
    notes: Notes,
    notes_max: usize,
    filters: Filters,
    recent: Recent,
}

impl Removals {
    pub(crate) fn new(limits: &StoreLimits) -> Self {
        Self {
            partial: ShardedMap::default(),
            notes: Notes::default(),
            notes_max: limits.removals_kept,
            filters: Filters::new(limits.removal_filters_bytes_max),
            recent: Recent::default(),
        }
    }

    /// Notes that spans of these traces were removed; `is_live` says of which traces others are
    /// stored. Tells how many traces were forgotten.
    pub(crate) fn add(
        &mut self,
        cause: Cause,
        at_ns: u64,
        removed: &[(TraceId, u32)],
        mut is_live: impl FnMut(TraceId) -> bool,
    ) -> u64 {
        if removed.is_empty() {
            return 0;
        }
        let spans = removed.iter().map(|(_, spans)| u64::from(*spans));
        self.recent.add(cause, at_ns, spans.sum());
        let mut gone = Vec::new();
        for (trace, spans) in removed {
            let mut sums = self.take_partial(*trace);
            sums.add(cause, at_ns, u64::from(*spans));
            if is_live(*trace) {
                self.partial.insert(*trace, *trace, sums);
                continue;
            }
            gone.extend(sums.removals().map(|(cause, at_ns, spans)| Note {
                trace: *trace,
                at_ns,
                spans: u32::try_from(spans).unwrap_or(u32::MAX),
                cause,
            }));
        }
        self.notes.add(gone);
        self.age(is_live)
    }

    /// Makes filters of the oldest notes beyond the limit. A trace of which spans have come again
    /// keeps its exact sums.
    fn age(&mut self, mut is_live: impl FnMut(TraceId) -> bool) -> u64 {
        let mut forgotten = 0;
        while let Some(oldest) = self.notes.pop_beyond(self.notes_max) {
            let mut notes = Arc::unwrap_or_clone(oldest);
            notes.retain(|note| {
                let is_live = is_live(note.trace);
                if is_live {
                    self.lost_before(note);
                }
                !is_live
            });
            forgotten += self.filters.add(notes);
        }
        forgotten
    }

    fn lost_before(&mut self, note: &Note) {
        let mut sums = self.take_partial(note.trace);
        sums.add(note.cause, note.at_ns, u64::from(note.spans));
        self.partial.insert(note.trace, note.trace, sums);
    }

    /// Looks before it takes: taking copies what readers share.
    fn take_partial(&mut self, trace: TraceId) -> Sums {
        let known = self.partial.get(trace, &trace).copied();
        if known.is_some() {
            self.partial.remove(trace, &trace);
        }
        known.unwrap_or_default()
    }

    /// What is known exactly of the spans removed from `trace`.
    pub(crate) fn exactly(&self, trace: TraceId) -> Sums {
        let mut sums = match self.partial.is_empty() {
            true => Sums::default(),
            false => self.partial.get(trace, &trace).copied().unwrap_or_default(),
        };
        self.notes.sum(trace, &mut sums);
        sums
    }

    /// What was removed of `trace`: one element a cause, with the newest time. A cause of which
    /// nothing is known exactly is told as probable, without a number of spans, if `with_probable`.
    pub(crate) fn of_trace(&self, trace: TraceId, with_probable: bool) -> Vec<Removal> {
        let sums = self.exactly(trace);
        let removal = |cause: Cause| {
            let sum = sums.0[cause as usize];
            let (at_ns, probably) = match sum.spans {
                0 if with_probable => (self.filters.find(trace, cause)?, true),
                0 => return None,
                _ => (sum.at_ns, false),
            };
            Some(Removal {
                reason: cause.name().to_owned(),
                at_ns,
                spans: sum.spans,
                probably,
            })
        };
        Cause::ALL.into_iter().filter_map(removal).collect()
    }

    /// The newest removals summed by cause and time, newest first; at most 256 are known.
    pub(crate) fn newest(&self, limit: usize) -> Vec<Removal> {
        self.recent.newest(limit)
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.notes.bytes() + self.filters.bytes() + self.partial.len() as u64 * PARTIAL_BYTES
    }
}

#[cfg(test)]
mod tests;
