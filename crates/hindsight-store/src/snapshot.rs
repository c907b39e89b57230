//! An immutable view of the store.
//!
//! In: requests of readers. Out: summaries, lists, pages. Shares segments, chunks and open spans
//! with the writer, who replaces and never changes them; a reader costs the writer nothing.
//! Bounded: a snapshot keeps what it shares alive until it is dropped, so readers drop theirs
//! after an answer; answers are bounded by [`TRACES_LISTED_MAX`], spans and bytes a page.

pub(crate) mod list;
pub(crate) mod page;
pub(crate) mod run;
mod structure;
mod summary;

use std::sync::{Arc, OnceLock};

use hindsight_protocol::batch::SpanRow;
use hindsight_protocol::hub::{
    GetSpansReply, GetTraceReply, IngestCounters, ListTracesReply, ListTracesRequest, ReasonCount,
    Removal, StoreCounters, TraceStructure, TraceStructureRequest, TraceSummary,
};
use hindsight_protocol::{KeyValue, SpanBatch, SpanId, TraceId};

use self::list::ListSources;
use crate::accounts::Accounts;
use crate::chunk::FrozenChunk;
use crate::open::OpenSpans;
use crate::pins::Pins;
use crate::removal::Removals;
use crate::segment::Segment;
use crate::superseded::Superseded;
use crate::unsealed::Tip;

/// Most traces in one list, whatever is asked for.
const TRACES_LISTED_MAX: usize = 10_000;

/// The store at one revision. Cheap to keep for the length of an answer; shared between threads.
#[derive(Debug)]
pub struct Snapshot {
    pub(crate) revision: u64,
    pub(crate) segments: Vec<Arc<Segment>>,
    /// Of the segment that is not sealed, the current chunk's copy last.
    pub(crate) chunks: Vec<Arc<FrozenChunk>>,
    pub(crate) tip: Tip,
    pub(crate) open: OpenSpans,
    /// The greatest stamp given to an open span so far.
    pub(crate) open_stamp: u64,
    pub(crate) superseded: Superseded,
    pub(crate) traces: u64,
    pub(crate) removals: Removals,
    pub(crate) pins: Pins,
    pub(crate) pinned_bytes: u64,
    pub(crate) accounts: Accounts,
    pub(crate) memory_bytes: u64,
    pub(crate) page_bytes_max: usize,
    /// Made by the first list.
    pub(crate) lists: OnceLock<ListSources>,
}

impl Snapshot {
    /// Number of changes so far.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Counters of records.
    pub fn ingest(&self) -> IngestCounters {
        self.accounts.ingest
    }

    /// Counters of spans.
    pub fn stored(&self) -> StoreCounters {
        self.accounts.store
    }

    /// Everything refused, cut or forgotten, by the names in [`crate::reason`].
    pub fn reasons(&self) -> Vec<ReasonCount> {
        self.accounts.reasons.to_counts()
    }

    /// Traces of which a span is stored.
    pub fn traces(&self) -> u64 {
        self.traces
    }

    /// Spans that have not ended and are not given up: running or disconnected.
    pub fn open_spans(&self) -> u64 {
        self.open.len() as u64
    }

    /// Segments, with the one that is not sealed.
    pub fn segments(&self) -> u64 {
        self.segments.len() as u64 + u64::from(!self.chunks.is_empty())
    }

    /// Traces that are pinned.
    pub fn pinned_traces(&self) -> u64 {
        self.pins.len() as u64
    }

    /// About the bytes of the spans of pinned traces.
    pub fn pinned_bytes(&self) -> u64 {
        self.pinned_bytes
    }

    /// [`crate::Store::memory_bytes`] when the snapshot was taken.
    pub fn memory_bytes(&self) -> u64 {
        self.memory_bytes
    }

    /// The newest removals, newest first, summed over the traces removed at one time for one
    /// reason; at most 256.
    pub fn removals(&self, limit: usize) -> Vec<Removal> {
        self.removals.newest(limit)
    }

    /// Calls `visit` with every open span, in no particular order.
    pub fn for_each_open(&self, mut visit: impl FnMut(SpanRow<'_>)) {
        self.open.rows().for_each(&mut visit);
    }

    /// Summaries of the newest traces, by (start descending, trace id): of `limit` traces (0 means
    /// 100, at most 10,000) that began before `before_ns` and have a span of `service`. Cost: a
    /// probe of every segment and chunk per trace answered; with `service`, also one look at each
    /// newer trace's entry. With `sort` the newest 10,000 are summed up and sorted; with `columns`
    /// each trace answered is summed up once more.
    pub fn list_traces(&self, request: &ListTracesRequest) -> ListTracesReply {
        ListTracesReply {
            revision: self.revision,
            traces: list::traces(self, request, None),
            total: self.traces,
            ..ListTracesReply::default()
        }
    }

    /// What is known of a trace; none when no span of it is stored.
    pub fn summary(&self, trace: TraceId) -> Option<TraceSummary> {
        summary::of_trace(self, trace)
    }

    /// Attributes of the span that the summary names the trace by; see
    /// [`ListTracesRequest::columns`].
    pub fn root_attributes(&self, trace: TraceId, keys: &[String]) -> Vec<KeyValue> {
        summary::attributes(self, trace, keys)
    }

    /// A page of the spans of a trace, in order of (start, span id): at most `page_spans_max` (at
    /// least 1) and about 4 MiB.
    ///
    /// `page` is 0 for the first page, then [`GetTraceReply::next_page`], which is the id of the
    /// last span given: the next page begins after that span, whatever was stored meanwhile. Spans
    /// stored meanwhile with an earlier start are not in later pages (the change feed tells them).
    /// When the span was removed meanwhile, the page is empty and the last; `removals` says why.
    ///
    /// `removals` tells what was removed of the trace: exactly while a part of it is stored, and for
    /// the traces removed last; of older ones cause and time are known, and told as `probably`,
    /// because about one trace of 8,192 for each removal remembered is taken for one that was
    /// removed. A trace whose root is stored is not searched for among those.
    pub fn trace_page(&self, trace: TraceId, page: u64, page_spans_max: usize) -> GetTraceReply {
        let page = page::after(self, trace, page, page_spans_max.max(1));
        let summary = self.summary(trace);
        let is_whole = summary.as_ref().is_some_and(|summary| summary.has_root);
        GetTraceReply {
            revision: self.revision,
            summary: summary.into_iter().collect(),
            batch: page.as_ref().map_or_else(SpanBatch::default, page::batch),
            next_page: page.map_or(0, |page| page.next),
            removals: self.removals.of_trace(trace, !is_whole),
        }
    }

    /// A page of what is needed to draw all spans of a trace, or of what is new of it; see
    /// [`TraceStructureRequest`].
    ///
    /// Cost: a sort of the trace's rows in each run when it is first asked for (kept with the run,
    /// 4 bytes a row), then about 100 ns a row of the page; with a cursor whose round is over, a
    /// look at each row of the trace in the runs stored since.
    pub fn trace_structure(&self, request: &TraceStructureRequest) -> TraceStructure {
        structure::page(self, request)
    }

    /// Spans of a trace by their ids, those that are stored; about 4 MiB at most, the rest is left
    /// out. Cost: a look at the id of each span of the trace.
    pub fn get_spans(&self, trace: TraceId, ids: &[SpanId]) -> GetSpansReply {
        let (batch, left_out) = page::by_ids(self, trace, ids);
        GetSpansReply {
            revision: self.revision,
            batch,
            left_out,
        }
    }
}
