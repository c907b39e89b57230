//! What is known of spans that were removed, so that a hole has a reason and a time.
//!
//! In: the traces of something removed. Out: at most one [`Removal`] per trace and reason. Kept in
//! immutable tables sorted by trace id, oldest first; small tables are merged. At most
//! [`crate::StoreLimits::removals_kept`] notes: beyond, the oldest tables go, and are counted.

use std::collections::VecDeque;
use std::sync::Arc;

use hindsight_protocol::TraceId;
use hindsight_protocol::hub::Removal;

use crate::reason;

/// Notes up to which tables are merged.
const MERGED_NOTES_MAX: usize = 4096;

/// Why spans were removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    Expired,
    Evicted,
    Cleared,
}

impl Cause {
    const ALL: [Self; 3] = [Self::Expired, Self::Evicted, Self::Cleared];

    fn name(self) -> &'static str {
        match self {
            Self::Expired => reason::EXPIRED,
            Self::Evicted => reason::EVICTED,
            Self::Cleared => reason::CLEARED,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Note {
    trace: TraceId,
    at_ns: u64,
    spans: u32,
    cause: Cause,
}

impl Note {
    fn to_removal(self) -> Removal {
        Removal {
            reason: self.cause.name().to_owned(),
            at_ns: self.at_ns,
            spans: u64::from(self.spans),
        }
    }
}

/// Notes of removed traces; a clone shares them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Removals {
    /// Each sorted by trace id.
    tables: VecDeque<Arc<Vec<Note>>>,
    notes: usize,
    kept_max: usize,
}

impl Removals {
    pub(crate) fn new(kept_max: usize) -> Self {
        Self {
            kept_max,
            ..Self::default()
        }
    }

    /// Notes that spans of these traces were removed; tells how many notes were forgotten.
    pub(crate) fn add(
        &mut self,
        cause: Cause,
        at_ns: u64,
        traces: impl IntoIterator<Item = (TraceId, u32)>,
    ) -> u64 {
        let note = |(trace, spans)| Note {
            trace,
            at_ns,
            spans,
            cause,
        };
        let mut notes: Vec<Note> = traces.into_iter().map(note).collect();
        if notes.is_empty() {
            return 0;
        }
        self.notes += notes.len();
        if let Some(last) = self.tables.back()
            && last.len() + notes.len() <= MERGED_NOTES_MAX
        {
            notes.extend(last.iter());
            self.tables.pop_back();
        }
        notes.sort_unstable_by_key(|note| note.trace);
        self.tables.push_back(Arc::new(notes));
        self.forget()
    }

    fn forget(&mut self) -> u64 {
        let before = self.notes;
        while self.notes > self.kept_max {
            let Some(oldest) = self.tables.pop_front() else {
                break;
            };
            self.notes -= oldest.len();
        }
        (before - self.notes) as u64
    }

    fn of(&self, trace: TraceId) -> impl Iterator<Item = &Note> {
        self.tables.iter().flat_map(move |table| {
            let start = table.partition_point(|note| note.trace < trace);
            table[start..]
                .iter()
                .take_while(move |note| note.trace == trace)
        })
    }

    /// What was removed of `trace`: one element a cause, with the newest time and all spans.
    pub(crate) fn of_trace(&self, trace: TraceId) -> Vec<Removal> {
        let sum = |cause: Cause| {
            let notes = self.of(trace).filter(|note| note.cause == cause);
            notes.fold(None::<Removal>, |sum, note| {
                let before = sum.unwrap_or_default();
                Some(Removal {
                    reason: cause.name().to_owned(),
                    at_ns: before.at_ns.max(note.at_ns),
                    spans: before.spans + u64::from(note.spans),
                })
            })
        };
        Cause::ALL.into_iter().filter_map(sum).collect()
    }

    /// Spans removed from `trace` by age or by the byte budget.
    pub(crate) fn removed_spans(&self, trace: TraceId) -> u64 {
        self.of(trace)
            .filter(|note| note.cause != Cause::Cleared)
            .map(|note| u64::from(note.spans))
            .sum()
    }

    /// The newest removals summed by cause and time, newest first.
    pub(crate) fn newest(&self, limit: usize) -> Vec<Removal> {
        let mut newest: Vec<Removal> = Vec::new();
        for table in self.tables.iter().rev() {
            let mut sums: Vec<Removal> = Vec::new();
            let mut notes: Vec<&Note> = table.iter().collect();
            notes.sort_by_key(|note| (std::cmp::Reverse(note.at_ns), note.cause as u8));
            for note in notes {
                match sums.last_mut() {
                    Some(sum) if sum.at_ns == note.at_ns && sum.reason == note.cause.name() => {
                        sum.spans += u64::from(note.spans);
                    }
                    _ => sums.push(note.to_removal()),
                }
            }
            newest.extend(sums);
            if newest.len() >= limit {
                break;
            }
        }
        newest.truncate(limit);
        newest
    }

    pub(crate) fn bytes(&self) -> u64 {
        (self.notes * size_of::<Note>()) as u64
    }
}
