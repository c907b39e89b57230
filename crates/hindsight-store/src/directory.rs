//! The directory of traces of a *run*: a sealed segment, a chunk, or a set of open spans.
//!
//! In: rows with their slots. Out: one [`TraceEntry`] per trace, newest start first, found by trace
//! id in one probe; the rows of each trace in order of (start, span id). Lists and lookups never
//! touch the columns except for the name they show. Immutable.

mod build;

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};
use hindsight_protocol::batch::SpanRow;
use hindsight_protocol::TraceId;

use crate::chunk::Slot;

/// What a run knows of one trace, without its removed or superseded rows.
#[derive(Clone, Debug)]
pub(crate) struct TraceEntry {
    pub(crate) trace_id: TraceId,
    /// Earliest start.
    pub(crate) start_ns: u64,
    /// Latest start.
    pub(crate) newest_start_ns: u64,
    /// Latest end, if anything has ended.
    pub(crate) end_ns: Option<u64>,
    /// The earliest root, or the earliest span if there is no root.
    pub(crate) head: Slot,
    /// Whether `head` is a root.
    pub(crate) has_root: bool,
    pub(crate) spans: u32,
    pub(crate) errors: u32,
    pub(crate) running: u32,
    pub(crate) aborted: u32,
    /// Where its rows begin; there are `spans` of them.
    rows_start: u32,
    /// Its services: range of [`TraceTable::services`].
    services_start: u32,
    services_end: u32,
}

/// The traces of a run.
#[derive(Debug, Default)]
pub(crate) struct TraceTable {
    /// Newest start first, then by trace id.
    entries: Vec<TraceEntry>,
    /// Slots, grouped by trace, in order of (start, span id).
    rows: Vec<Slot>,
    /// Service and number of spans, grouped by trace.
    services: Vec<(u32, u32)>,
    service_names: Vec<Box<str>>,
    by_id: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl TraceTable {
    /// The traces of rows that are found by slot.
    pub(crate) fn build<'a>(rows: impl Iterator<Item = (Slot, SpanRow<'a>)>) -> Self {
        build::build(rows)
    }

    /// All traces, newest start first.
    pub(crate) fn entries(&self) -> &[TraceEntry] {
        &self.entries
    }

    /// The entry of a trace.
    pub(crate) fn find(&self, trace: TraceId) -> Option<&TraceEntry> {
        let at = self.by_id.find(self.hasher.hash_one(trace), |at| {
            self.entries
                .get(*at as usize)
                .is_some_and(|entry| entry.trace_id == trace)
        })?;
        self.entries.get(*at as usize)
    }

    /// The slots of a trace in order of (start, span id).
    pub(crate) fn rows_of(&self, entry: &TraceEntry) -> &[Slot] {
        let start = entry.rows_start as usize;
        let end = start + entry.spans as usize;
        self.rows.get(start..end).unwrap_or_default()
    }

    /// Services of a trace and their spans.
    pub(crate) fn services_of(&self, entry: &TraceEntry) -> impl Iterator<Item = (&str, u32)> {
        let range = entry.services_start as usize..entry.services_end as usize;
        let services = self.services.get(range).unwrap_or_default();
        services
            .iter()
            .map(|(code, spans)| (&*self.service_names[*code as usize], *spans))
    }

    /// The code of a service, if a span of the run has it.
    pub(crate) fn service_code(&self, service: &str) -> Option<u32> {
        let at = self.service_names.iter().position(|n| &**n == service)?;
        Some(at as u32)
    }

    /// Whether a span of this trace has the service with this code.
    pub(crate) fn has_service(&self, entry: &TraceEntry, code: u32) -> bool {
        let range = entry.services_start as usize..entry.services_end as usize;
        let services = self.services.get(range).unwrap_or_default();
        services.iter().any(|(other, _)| *other == code)
    }

    /// About the bytes held.
    pub(crate) fn bytes(&self) -> u64 {
        let names: usize = self.service_names.iter().map(|n| n.len() + 16).sum();
        let bytes = self.entries.len() * size_of::<TraceEntry>()
            + self.rows.len() * size_of::<Slot>()
            + self.services.len() * 8
            + self.by_id.allocation_size()
            + names;
        bytes as u64
    }
}
