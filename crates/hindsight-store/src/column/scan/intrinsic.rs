//! Tests of what every span has.
//!
//! Texts that a span does not have are tested as the empty text.

use std::ops::RangeInclusive;

use hindsight_protocol::{OPEN_END_NS, SpanId, SpanKind, SpanState, StatusCode, TraceId};

use super::super::bitmap::Bitmap;
use super::super::nested::Belonging;
use super::super::packed::Packed;
use super::super::rows::SegmentRows;
use super::TextTest;

/// A text that belongs to a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum TextField {
    Name,
    Service,
    StatusMessage,
    ScopeName,
    ScopeVersion,
}

impl SegmentRows {
    /// The rows whose text passes.
    pub(crate) fn rows_by_text(&self, field: TextField, test: &TextTest<'_>) -> Bitmap {
        let heads = &self.heads;
        match field {
            TextField::Name => heads.names.rows_among(&test.codes(&self.names)),
            TextField::Service => {
                let services = test.codes(&self.services);
                let resources = self.resources.heads[0].rows_among(&services);
                heads.resources.rows_among(&resources)
            }
            TextField::StatusMessage => self.by_code(&heads.status_messages, test),
            TextField::ScopeName => heads
                .scopes
                .rows_among(&self.by_code(&self.scopes.heads[0], test)),
            TextField::ScopeVersion => heads
                .scopes
                .rows_among(&self.by_code(&self.scopes.heads[1], test)),
        }
    }

    fn by_code(&self, codes: &Packed, test: &TextTest<'_>) -> Bitmap {
        codes.rows_among(&test.codes(&self.tables.texts))
    }

    /// The rows with an event whose name passes.
    pub(crate) fn rows_by_event_name(&self, test: &TextTest<'_>) -> Bitmap {
        let events = self.by_code(&self.events.names, test);
        self.rows_of_events(&events)
    }

    /// The rows that have one of these events.
    pub(super) fn rows_of_events(&self, events: &Bitmap) -> Bitmap {
        self.rows_with(&self.events.of_rows, events)
    }

    /// The rows to which one of `wanted` belongs.
    fn rows_with(&self, of_rows: &Belonging, wanted: &Bitmap) -> Bitmap {
        let mut rows = Bitmap::none(self.len);
        if wanted.is_empty() {
            return rows;
        }
        for (row, mut range) in of_rows.iter() {
            if range.any(|one| wanted.contains(one)) {
                rows.insert(row);
            }
        }
        rows
    }

    /// The rows with a link to this span, whatever its trace.
    pub(crate) fn rows_by_linked_span(&self, id: SpanId) -> Bitmap {
        self.rows_with(&self.links.of_rows, &self.links.to_span(id))
    }

    /// The rows with a link to a span of this trace.
    pub(crate) fn rows_by_linked_trace(&self, id: TraceId) -> Bitmap {
        self.rows_with(&self.links.of_rows, &self.links.to_trace(id))
    }

    /// The rows with an end that last this many nanoseconds; an end before the start counts as 0.
    pub(crate) fn rows_by_duration(&self, range: RangeInclusive<u64>) -> Bitmap {
        let durations = &self.heads.durations;
        let mut rows = durations.rows_in(*range.start(), *range.end());
        // Open rows and those that end before they start hold at least this; hardly any other does.
        let (_, newest_start) = self.heads.starts.range();
        for row in durations.rows_in(u64::MAX - newest_start, u64::MAX).iter() {
            let end = self.end_ns(row);
            let duration = end.map(|end| end.saturating_sub(self.start_ns(row)));
            match duration.is_some_and(|duration| range.contains(&duration)) {
                true => rows.insert(row),
                false => rows.remove(row),
            }
        }
        rows
    }

    /// The rows that start then.
    pub(crate) fn rows_by_start(&self, range: RangeInclusive<u64>) -> Bitmap {
        self.heads.starts.rows_in(*range.start(), *range.end())
    }

    /// The rows that end then; open rows do not.
    pub(crate) fn rows_by_end(&self, range: RangeInclusive<u64>) -> Bitmap {
        const BLOCK: usize = 1024;
        let mut rows = Bitmap::none(self.len);
        let low = *range.start();
        let Some(span) = (*range.end()).min(OPEN_END_NS - 1).checked_sub(low) else {
            return rows;
        };
        let (mut starts, mut durations) = ([0; BLOCK], [0; BLOCK]);
        for first in (0..self.len).step_by(BLOCK) {
            let len = BLOCK.min(self.len - first);
            let ends = &mut starts[..len];
            self.heads.starts.read(first, ends);
            self.heads.durations.read(first, &mut durations[..len]);
            for (end, duration) in ends.iter_mut().zip(&durations) {
                *end = end.wrapping_add(*duration);
            }
            rows.or_at(
                first,
                &Bitmap::of(ends, |end| end.wrapping_sub(low) <= span),
            );
        }
        rows
    }

    /// The rows whose role passes.
    pub(crate) fn rows_by_kind(&self, test: impl Fn(SpanKind) -> bool) -> Bitmap {
        by_byte(&self.heads.kinds, |byte| test(SpanKind::from_u8(byte)))
    }

    /// The rows whose outcome passes.
    pub(crate) fn rows_by_status(&self, test: impl Fn(StatusCode) -> bool) -> Bitmap {
        by_byte(&self.heads.statuses, |byte| test(StatusCode::from_u8(byte)))
    }

    /// The rows whose state passes.
    pub(crate) fn rows_by_state(&self, test: impl Fn(SpanState) -> bool) -> Bitmap {
        by_byte(&self.heads.states, |byte| test(SpanState::from_u8(byte)))
    }

    /// The rows with this span id.
    pub(crate) fn rows_by_span_id(&self, id: SpanId) -> Bitmap {
        self.heads.span_ids.rows_in(id.bits, id.bits)
    }

    /// The rows with this parent; roots have [`SpanId::INVALID`].
    pub(crate) fn rows_by_parent_id(&self, id: SpanId) -> Bitmap {
        self.heads.parent_ids.rows_in(id.bits, id.bits)
    }

    /// The rows of this trace.
    pub(crate) fn rows_by_trace_id(&self, id: TraceId) -> Bitmap {
        let mut rows = Bitmap::none(self.len);
        if let Some(trace) = self.traces.find(id) {
            let all = self.traces.rows_of(trace);
            all.for_each(|row| rows.insert(row as usize));
        }
        rows
    }

    /// The rows with this many events.
    pub(crate) fn rows_by_events(&self, count: RangeInclusive<u64>) -> Bitmap {
        let (low, high) = count.into_inner();
        self.events.of_rows.rows_counting(low, high, self.len)
    }

    /// The rows with this many links.
    pub(crate) fn rows_by_links(&self, count: RangeInclusive<u64>) -> Bitmap {
        let (low, high) = count.into_inner();
        self.links.of_rows.rows_counting(low, high, self.len)
    }

    /// Earliest and latest start; (0, 0) without rows.
    pub(crate) fn start_range(&self) -> (u64, u64) {
        self.heads.starts.range()
    }
}

fn by_byte(column: &Packed, test: impl Fn(u8) -> bool) -> Bitmap {
    let all: [u8; 256] = std::array::from_fn(|byte| byte as u8);
    column.rows_among(&Bitmap::of(&all, test))
}
