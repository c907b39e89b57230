//! What is still known of traces whose exact notes are too old.
//!
//! In: notes. Out: by which cause and when a trace was removed, probably. The notes of one removal
//! become one filter: a set of fingerprints with the cause and the time. Removals of few traces
//! that happened within a minute share a filter.
//!
//! Bounded in bytes and to [`FILTERS_MAX`] filters; the oldest are forgotten. A trace that was never
//! removed is taken for one that was with a probability of at most
//! `filters / STRANGERS_PER_ERROR`: 6.3 % with 512 filters, 0.1 % with ten.

use std::collections::VecDeque;
use std::sync::Arc;

use hindsight_protocol::TraceId;

use super::Cause;
use super::fingerprints::Fingerprints;
use super::notes::Note;

/// Most filters, and with that what a search costs and how often it errs.
pub(super) const FILTERS_MAX: usize = 512;

/// Most traces of a filter, the unit in which traces are forgotten.
const FILTER_TRACES_MAX: usize = 1 << 16;

/// Time within which removals share a filter.
const SHARED_NS: u64 = 60 * 1_000_000_000;

/// When removals were few, notes of a long time become filters together: no more than this.
const SHARES_MAX: u64 = 16;

#[derive(Debug)]
struct Filter {
    cause: Cause,
    /// When the last of the traces were removed.
    at_ns: u64,
    traces: Fingerprints,
}

impl Filter {
    fn bytes(&self) -> u64 {
        size_of::<Self>() as u64 + self.traces.bytes()
    }
}

#[derive(Clone, Debug)]
pub(super) struct Filters {
    /// In the order in which they were made.
    filters: Arc<VecDeque<Arc<Filter>>>,
    bytes: u64,
    bytes_max: u64,
}

impl Filters {
    pub(super) fn new(bytes_max: u64) -> Self {
        Self {
            filters: Arc::default(),
            bytes: 0,
            bytes_max,
        }
    }

    /// Remembers these traces; tells how many were forgotten for it.
    pub(super) fn add(&mut self, mut notes: Vec<Note>) -> u64 {
        notes.sort_unstable_by_key(|note| (note.cause as u8, note.at_ns));
        for of_cause in notes.chunk_by(|a, b| a.cause == b.cause) {
            let (first, last) = (of_cause[0].at_ns, of_cause[of_cause.len() - 1].at_ns);
            let share_ns = SHARED_NS.max((last - first).div_ceil(SHARES_MAX));
            let mut rest = of_cause;
            while let [oldest, ..] = rest {
                let until = oldest.at_ns.saturating_add(share_ns);
                let len = rest.partition_point(|note| note.at_ns <= until);
                let (shared, later) = rest.split_at(len.min(FILTER_TRACES_MAX));
                self.push(shared);
                rest = later;
            }
        }
        self.forget()
    }

    fn push(&mut self, notes: &[Note]) {
        let Some(last) = notes.last() else {
            return;
        };
        let filter = Filter {
            cause: last.cause,
            at_ns: last.at_ns,
            traces: Fingerprints::of(notes.iter().map(|note| note.trace)),
        };
        self.bytes += filter.bytes();
        Arc::make_mut(&mut self.filters).push_back(Arc::new(filter));
    }

    fn forget(&mut self) -> u64 {
        let mut forgotten = 0;
        while self.bytes > self.bytes_max || self.filters.len() > FILTERS_MAX {
            let Some(oldest) = Arc::make_mut(&mut self.filters).pop_front() else {
                break;
            };
            self.bytes -= oldest.bytes();
            forgotten += oldest.traces.len() as u64;
        }
        forgotten
    }

    /// When the trace was removed by this cause, probably; the newest time.
    pub(super) fn find(&self, trace: TraceId, cause: Cause) -> Option<u64> {
        let newest_first = self.filters.iter().rev();
        let mut of_cause = newest_first.filter(|filter| filter.cause == cause);
        let found = of_cause.find(|filter| filter.traces.contains(trace))?;
        Some(found.at_ns)
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes + (self.filters.capacity() * size_of::<Arc<Filter>>()) as u64
    }
}

#[cfg(test)]
mod tests;
