//! The directory of a segment's traces.
//!
//! In: the rows' trace ids as they arrive, and at the end the columns of all rows. Out: a
//! [`TraceTable`]: what lists need to know of each trace, newest start first, and the rows of each,
//! ascending. A trace is found by its id in one probe. Immutable.

mod build;
mod sums;

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};
use hindsight_protocol::{OPEN_END_NS, TraceId};

pub(super) use self::build::TracesStage;
pub(super) use self::sums::RowFacts;
use super::bitmap::Bitmap;
use super::dictionary::Dictionary;
use super::packed::Packed;

/// What a segment knows of one trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TraceEntry {
    /// Its number: 0 is the trace with the newest start.
    pub(crate) ordinal: u32,
    pub(crate) trace_id: TraceId,
    /// Earliest start.
    pub(crate) start_ns: u64,
    /// Latest start.
    pub(crate) newest_start_ns: u64,
    /// Latest end, if anything has ended.
    pub(crate) end_ns: Option<u64>,
    /// Row of the earliest root, or of the earliest span if there is no root.
    pub(crate) head: u32,
    /// Whether `head` is a root.
    pub(crate) has_root: bool,
    pub(crate) spans: u32,
    pub(crate) errors: u32,
    pub(crate) running: u32,
    /// Disconnected or aborted.
    pub(crate) aborted: u32,
}

/// The traces of a segment, a column for each fact.
#[derive(Debug, Default)]
pub(crate) struct TraceTable {
    /// Newest start first, then by trace id.
    ids: Box<[TraceId]>,
    by_id: HashTable<u32>,
    hasher: DefaultHashBuilder,
    starts: Packed,
    newest_starts: Packed,
    /// [`OPEN_END_NS`] where nothing has ended.
    ends: Packed,
    heads: Packed,
    has_root: Packed,
    errors: Packed,
    running: Packed,
    aborted: Packed,
    /// Where the rows of each trace end.
    row_ends: Packed,
    /// Rows, trace by trace.
    rows: Packed,
    /// Trace of each row.
    of_row: Packed,
    /// Where the services of each trace end.
    service_ends: Packed,
    /// Services, trace by trace, and the number of spans of each.
    services: Packed,
    service_spans: Packed,
}

impl TraceTable {
    /// Number of traces.
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// The id of a trace; panics when there is no such trace, as slices do.
    #[inline]
    pub(crate) fn id(&self, ordinal: u32) -> TraceId {
        self.ids[ordinal as usize]
    }

    /// The trace of a row.
    #[inline]
    pub(crate) fn of_row(&self, row: usize) -> u32 {
        self.of_row.get_u32(row)
    }

    /// The rows of these traces.
    pub(super) fn rows_among(&self, traces: &Bitmap) -> Bitmap {
        self.of_row.rows_among(traces)
    }

    /// The trace with this id.
    pub(crate) fn find(&self, trace: TraceId) -> Option<u32> {
        let is_it = |ordinal: &u32| self.ids.get(*ordinal as usize) == Some(&trace);
        let found = self.by_id.find(self.hasher.hash_one(trace), is_it);
        found.copied()
    }

    /// What is known of a trace; panics when there is no such trace, as slices do.
    pub(crate) fn entry(&self, ordinal: u32) -> TraceEntry {
        let at = ordinal as usize;
        let end_ns = self.ends.get(at);
        TraceEntry {
            ordinal,
            trace_id: self.ids[at],
            start_ns: self.starts.get(at),
            newest_start_ns: self.newest_starts.get(at),
            end_ns: (end_ns != OPEN_END_NS).then_some(end_ns),
            head: self.heads.get_u32(at),
            has_root: self.has_root.get(at) != 0,
            spans: range(&self.row_ends, at).len() as u32,
            errors: self.errors.get_u32(at),
            running: self.running.get_u32(at),
            aborted: self.aborted.get_u32(at),
        }
    }

    /// Earliest start of a trace, for lists that merge segments.
    #[inline]
    pub(crate) fn start_ns(&self, ordinal: u32) -> u64 {
        self.starts.get(ordinal as usize)
    }

    /// All traces, newest start first, then by trace id.
    #[cfg(test)]
    pub(crate) fn entries(&self) -> impl ExactSizeIterator<Item = TraceEntry> + '_ {
        (0..self.ids.len() as u32).map(|ordinal| self.entry(ordinal))
    }

    /// The rows of a trace, ascending.
    pub(crate) fn rows_of(&self, ordinal: u32) -> impl ExactSizeIterator<Item = u32> + '_ {
        range(&self.row_ends, ordinal as usize).map(|at| self.rows.get_u32(at))
    }

    /// Codes of the services of a trace, ascending, and the spans of each.
    pub(crate) fn services_of(&self, ordinal: u32) -> impl Iterator<Item = (u32, u32)> + '_ {
        range(&self.service_ends, ordinal as usize)
            .map(|at| (self.services.get_u32(at), self.service_spans.get_u32(at)))
    }

    /// Whether a span of this trace has the service with this code.
    pub(crate) fn has_service(&self, ordinal: u32, code: u32) -> bool {
        self.services_of(ordinal).any(|(other, _)| other == code)
    }

    /// Services of a trace by name, and the spans of each.
    pub(crate) fn service_names_of<'a>(
        &'a self,
        ordinal: u32,
        names: &'a Dictionary,
    ) -> impl Iterator<Item = (&'a str, u32)> {
        let services = self.services_of(ordinal);
        services.map(|(code, spans)| (names.text(code), spans))
    }

    pub(super) fn bytes(&self) -> u64 {
        let columns = [
            &self.starts,
            &self.newest_starts,
            &self.ends,
            &self.heads,
            &self.has_root,
            &self.errors,
            &self.running,
            &self.aborted,
            &self.row_ends,
            &self.rows,
            &self.of_row,
            &self.service_ends,
            &self.services,
            &self.service_spans,
        ];
        let columns: u64 = columns.into_iter().map(Packed::bytes).sum();
        let ids = size_of_val(&*self.ids) + self.by_id.allocation_size();
        columns + ids as u64
    }
}

fn range(ends: &Packed, at: usize) -> std::ops::Range<usize> {
    let start = at.checked_sub(1).map_or(0, |before| ends.get(before));
    start as usize..ends.get(at) as usize
}
