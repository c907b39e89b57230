//! What a report of a span means, given what is stored of that span.
//!
//! A span moves up this ladder and, with two exceptions, never down: running, aborted, ended.
//! A newer report of a running span replaces the older one. An end replaces any report of an open
//! span, whatever its number. Of two ends the one with the higher number stays. The exceptions: a
//! tracer that comes back reports its open spans again; one that was disconnected or aborted then
//! is running again, if the report is not older than the one stored.

use hindsight_protocol::SpanState;
use hindsight_protocol::batch::SpanRow;

use crate::reason;

/// The latest time that is shown: it fits 63 bits of nanoseconds (the year 2262).
pub(super) const TIME_MAX_NS: u64 = i64::MAX as u64;

/// Where a report stands on the ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rung {
    Running,
    Aborted,
    Ended,
}

/// The state in which a report is stored. The end decides: with one the span has ended, without
/// one it has not, whatever the report's state says. A report that says disconnected comes from
/// elsewhere (an import), where nobody will come back: it is stored as aborted.
pub(super) fn stored_state(row: SpanRow<'_>) -> SpanState {
    match (row.end_ns().is_some(), row.state()) {
        (true, SpanState::EndedByDrop) => SpanState::EndedByDrop,
        (true, _) => SpanState::Ended,
        (false, SpanState::Aborted | SpanState::Disconnected) => SpanState::Aborted,
        (false, _) => SpanState::Running,
    }
}

/// The rung of a stored state.
pub(super) fn rung(state: SpanState) -> Rung {
    match state {
        SpanState::Running | SpanState::Disconnected => Rung::Running,
        SpanState::Aborted => Rung::Aborted,
        SpanState::Ended | SpanState::EndedByDrop => Rung::Ended,
    }
}

/// Whether the report (its state as it would be stored, and its number) replaces the stored one.
pub(super) fn replaces(report: (SpanState, u32), stored: (SpanState, u32)) -> bool {
    let is_newer = report.1 > stored.1;
    match (rung(report.0), rung(stored.0)) {
        (Rung::Running, Rung::Running | Rung::Aborted) => {
            let is_back = report.0 == SpanState::Running && stored.0 != SpanState::Running;
            is_newer || (is_back && report.1 == stored.1)
        }
        (new, old) if new == old => is_newer,
        (new, old) => new > old,
    }
}

/// Why a record cannot be stored, if so: what has no identity or cannot be placed in time.
///
/// An end before the start is stored as it came: OpenTelemetry keeps such spans, and clocks that
/// disagree are worth seeing.
pub(super) fn rejection(row: SpanRow<'_>) -> Option<&'static str> {
    if !row.trace_id().is_valid() {
        return Some(reason::ZERO_TRACE_ID);
    }
    if !row.span_id().is_valid() {
        return Some(reason::ZERO_SPAN_ID);
    }
    if row.start_ns() == 0 {
        return Some(reason::START_MISSING);
    }
    if row.start_ns() > TIME_MAX_NS {
        return Some(reason::START_OUT_OF_RANGE);
    }
    match row.end_ns() {
        Some(end) if end > TIME_MAX_NS => Some(reason::END_OUT_OF_RANGE),
        _ => None,
    }
}

/// Whether a span ended before it started.
pub(super) fn is_backwards(row: SpanRow<'_>) -> bool {
    row.end_ns().is_some_and(|end| end < row.start_ns())
}
