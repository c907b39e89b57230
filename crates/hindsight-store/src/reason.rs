//! Names of everything that is refused, cut or forgotten, as users see them.

/// Rejected: the trace id is all zero.
pub const ZERO_TRACE_ID: &str = "zero_trace_id";
/// Rejected: the span id is zero.
pub const ZERO_SPAN_ID: &str = "zero_span_id";
/// Rejected: the span has no start (0), so it cannot be placed in time.
pub const START_MISSING: &str = "start_missing";
/// Rejected: the start is after the year 2262 (it does not fit 63 bits of nanoseconds).
pub const START_OUT_OF_RANGE: &str = "start_out_of_range";
/// Rejected: the end is after the year 2262 and not the mark of an open span.
pub const END_OUT_OF_RANGE: &str = "end_out_of_range";
/// Rejected: the trace has as many spans as a trace may have.
pub const SPANS_PER_TRACE: &str = "spans_per_trace";

/// Cut: attributes of a span, resource or scope beyond the limit were dropped.
pub const ATTRIBUTES_PER_SPAN: &str = "attributes_per_span";
/// Cut: attributes of an event or link beyond the limit were dropped.
pub const ATTRIBUTES_PER_EVENT: &str = "attributes_per_event";
/// Cut: events beyond the limit were dropped.
pub const EVENTS_PER_SPAN: &str = "events_per_span";
/// Cut: links beyond the limit were dropped.
pub const LINKS_PER_SPAN: &str = "links_per_span";
/// Cut: a value was too long.
pub const VALUE_BYTES: &str = "value_bytes";
/// Cut: a name or key was too long.
pub const NAME_BYTES: &str = "name_bytes";

/// Noted: a span ended before it started (clocks that disagree). It is stored as it came.
pub const END_BEFORE_START: &str = "end_before_start";
/// Evicted: open spans beyond the limit of the open table.
pub const OPEN_SPANS: &str = "open_spans";
/// Removed though pinned: spans of pinned traces beyond their bytes, or for lack of any other room.
pub const PINNED_REMOVED: &str = "pinned_removed";
/// Forgotten: removed traces beyond the limits of what is remembered of them.
pub const REMOVALS_FORGOTTEN: &str = "removals_forgotten";
/// Forgotten: batch numbers of a tracer beyond the number of tracers remembered.
pub const TRACERS_FORGOTTEN: &str = "tracers_forgotten";

/// All names, in the order in which they are told.
pub const ALL: [&str; 17] = [
    ZERO_TRACE_ID,
    ZERO_SPAN_ID,
    START_MISSING,
    START_OUT_OF_RANGE,
    END_OUT_OF_RANGE,
    SPANS_PER_TRACE,
    ATTRIBUTES_PER_SPAN,
    ATTRIBUTES_PER_EVENT,
    EVENTS_PER_SPAN,
    LINKS_PER_SPAN,
    VALUE_BYTES,
    NAME_BYTES,
    END_BEFORE_START,
    OPEN_SPANS,
    PINNED_REMOVED,
    REMOVALS_FORGOTTEN,
    TRACERS_FORGOTTEN,
];

/// Removed by age.
pub const EXPIRED: &str = "expired";
/// Removed by the byte budget, or for lack of room in the open table.
pub const EVICTED: &str = "evicted";
/// Removed by `clear`.
pub const CLEARED: &str = "cleared";
