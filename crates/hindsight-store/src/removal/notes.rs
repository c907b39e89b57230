//! Exact notes of the traces that were removed last.
//!
//! In: notes. Out: those of a trace; the oldest tables, once there are too many notes. Kept in
//! immutable tables sorted by trace id, oldest first; small tables are merged, so that there are
//! few to search.

use std::collections::VecDeque;
use std::sync::Arc;

use hindsight_protocol::TraceId;

use super::{Cause, Sums};

/// Notes up to which tables are merged.
const MERGED_NOTES_MAX: usize = 4096;

/// That spans of a trace that is gone were removed for one reason.
#[derive(Clone, Copy, Debug)]
pub(super) struct Note {
    pub(super) trace: TraceId,
    /// When the last of them were.
    pub(super) at_ns: u64,
    pub(super) spans: u32,
    pub(super) cause: Cause,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Notes {
    /// Each sorted by trace id.
    tables: VecDeque<Arc<Vec<Note>>>,
    len: usize,
}

impl Notes {
    pub(super) fn add(&mut self, mut notes: Vec<Note>) {
        if notes.is_empty() {
            return;
        }
        self.len += notes.len();
        // Only tables that are not larger: a note is copied a few times, not once for each that
        // follows.
        while let Some(last) = self.tables.back()
            && last.len() <= notes.len()
            && last.len() + notes.len() <= MERGED_NOTES_MAX
        {
            notes.extend(last.iter());
            self.tables.pop_back();
        }
        notes.sort_unstable_by_key(|note| note.trace);
        self.tables.push_back(Arc::new(notes));
    }

    /// Takes out the oldest table if there are more than `max` notes.
    pub(super) fn pop_beyond(&mut self, max: usize) -> Option<Arc<Vec<Note>>> {
        if self.len <= max {
            return None;
        }
        let oldest = self.tables.pop_front()?;
        self.len -= oldest.len();
        Some(oldest)
    }

    /// Adds up what is noted of a trace.
    pub(super) fn sum(&self, trace: TraceId, sums: &mut Sums) {
        for table in &self.tables {
            let start = table.partition_point(|note| note.trace < trace);
            let of_trace = table[start..].iter();
            for note in of_trace.take_while(|note| note.trace == trace) {
                sums.add(note.cause, note.at_ns, u64::from(note.spans));
            }
        }
    }

    pub(super) fn bytes(&self) -> u64 {
        (self.len * size_of::<Note>()) as u64
    }
}
