//! Every limit of the store, with unit and default.

use crate::chunk::CHUNK_ROWS_MAX;
use crate::removal::NOTE_BYTES;

const MIB: u64 = 1 << 20;
const SECOND_NS: u64 = 1_000_000_000;

/// Limits of a [`crate::Store`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreLimits {
    /// Bytes the store may hold; beyond, the oldest segments are evicted. What readers still hold
    /// of evicted segments counts, but takes at most half. Default 512 MB (512,000,000).
    pub memory_bytes: u64,
    /// Age at which spans expire, nanoseconds since the newest span of their segment was stored.
    /// Default 1 h.
    pub ttl_ns: u64,
    /// Rows of a segment; at most 1,048,576 is used. Default 131,072.
    pub segment_spans_max: u32,
    /// Bytes of a segment's rows; at most 1/8 of `memory_bytes` is used. Default 64 MiB.
    pub segment_bytes_max: u64,
    /// Rows of a chunk of small batches, the unit in which rows are frozen; at most 4,096 is used. Default 4,096.
    pub chunk_spans_max: usize,
    /// Spans from which on a batch is kept as it came until its segment is sealed; the rows of
    /// smaller ones are copied together. Default 256.
    pub batch_kept_spans_min: usize,
    /// So is a batch of this many bytes, however few its spans: what is copied together is copied
    /// again for readers. Default 128 KiB.
    pub batch_kept_bytes_min: usize,
    /// Age at which a segment is sealed, nanoseconds since its first span; at most 1/8 of `ttl_ns`
    /// is used. Default 120 s.
    pub segment_age_max_ns: u64,
    /// Full segments that may wait to be sealed elsewhere ([`crate::Store::take_seal_job`]); beyond,
    /// the writer seals the oldest itself. Each holds up to `segment_bytes_max` meanwhile. At most 8
    /// is used. Default 0: the writer seals every segment itself.
    pub seals_in_flight_max: usize,
    /// Spans that have not ended; beyond, the tracer that has most of them loses the one whose
    /// report is oldest.
    /// Default 65,536.
    pub open_spans_max: usize,
    /// Spans of one trace; more are rejected. Default 2,000,000.
    pub spans_per_trace_max: u32,
    /// Attributes of a span, resource or scope; further ones are dropped. Default 1,024.
    pub attributes_per_span_max: usize,
    /// Attributes of an event or link; further ones are dropped. Default 128.
    pub attributes_per_event_max: usize,
    /// Events of a span; further ones are dropped. Default 1,024.
    pub events_per_span_max: usize,
    /// Links of a span; further ones are dropped. Default 1,024.
    pub links_per_span_max: usize,
    /// Bytes of a string or byte value, status message or trace state; the rest is cut off.
    /// Arrays and maps whose encoding is longer are replaced by a text. Default 64 KiB.
    pub value_bytes_max: usize,
    /// Bytes of a span's, event's or scope's name, a scope's version, an attribute's key; the rest
    /// is cut off. Default 1,024.
    pub name_bytes_max: usize,
    /// Tracers whose batch numbers are remembered, least recently heard forgotten first.
    /// Default 4,096.
    pub tracers_max: usize,
    /// Batch numbers remembered per tracer, counted back from the highest; at most 65,536 is used.
    /// Default 4,096.
    pub resend_window_batches: u32,
    /// Time a tracer may stay away before its open spans count as aborted, nanoseconds.
    /// Default 10 s.
    pub abort_grace_ns: u64,
    /// Traces that may be pinned. Default 256.
    pub pinned_traces_max: usize,
    /// Bytes that the spans of pinned traces may take; at most 1/8 of `memory_bytes` is used.
    /// Default 64 MB (64,000,000).
    pub pinned_bytes_max: u64,
    /// Notes of removed traces that are kept exactly, 40 bytes each; at most 1/64 of
    /// `memory_bytes` is used for them, but room for 256. Older ones are only remembered as
    /// probable. Default 16,384.
    pub removals_kept: usize,
    /// Bytes of the memory of older removed traces, about 15.2 bits each; at most 1/64 of
    /// `memory_bytes` is used, but 4 KiB. The oldest are forgotten first. Default 4 MiB: 2.2
    /// million traces.
    pub removal_filters_bytes_max: u64,
    /// Bytes of a page of a trace (a page has at least one span). Default 4 MiB.
    pub page_bytes_max: usize,
}

impl Default for StoreLimits {
    fn default() -> Self {
        Self {
            memory_bytes: 512_000_000,
            ttl_ns: 3600 * SECOND_NS,
            segment_spans_max: 1 << 17,
            segment_bytes_max: 64 * MIB,
            chunk_spans_max: CHUNK_ROWS_MAX,
            batch_kept_spans_min: 256,
            batch_kept_bytes_min: 128 << 10,
            segment_age_max_ns: 120 * SECOND_NS,
            seals_in_flight_max: 0,
            open_spans_max: 1 << 16,
            spans_per_trace_max: 2_000_000,
            attributes_per_span_max: 1024,
            attributes_per_event_max: 128,
            events_per_span_max: 1024,
            links_per_span_max: 1024,
            value_bytes_max: 64 << 10,
            name_bytes_max: 1024,
            tracers_max: 4096,
            resend_window_batches: 4096,
            abort_grace_ns: 10 * SECOND_NS,
            pinned_traces_max: 256,
            pinned_bytes_max: 64_000_000,
            removals_kept: 1 << 14,
            removal_filters_bytes_max: 4 * MIB,
            page_bytes_max: 4 << 20,
        }
    }
}

impl StoreLimits {
    /// The limits with those that depend on another one resolved, and none zero that must not be.
    pub(crate) fn resolved(mut self) -> Self {
        self.segment_bytes_max = self.segment_bytes_max.min(self.memory_bytes / 8).max(1);
        self.segment_age_max_ns = self.segment_age_max_ns.min(self.ttl_ns / 8).max(1);
        self.segment_spans_max = self.segment_spans_max.clamp(1, 1 << 20);
        self.chunk_spans_max = self.chunk_spans_max.clamp(1, CHUNK_ROWS_MAX);
        self.pinned_bytes_max = self.pinned_bytes_max.min(self.memory_bytes / 8);
        let share = self.memory_bytes / 64;
        let notes_max = (share / NOTE_BYTES).max(256) as usize;
        self.removals_kept = self.removals_kept.min(notes_max);
        self.removal_filters_bytes_max = self.removal_filters_bytes_max.min(share.max(4 << 10));
        self.seals_in_flight_max = self.seals_in_flight_max.min(8);
        self.open_spans_max = self.open_spans_max.max(1);
        self.tracers_max = self.tracers_max.max(1);
        self.resend_window_batches = self.resend_window_batches.clamp(1, 1 << 16);
        self
    }
}
