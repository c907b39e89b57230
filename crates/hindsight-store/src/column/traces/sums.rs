//! What is found out about a trace, row by row.

use hindsight_protocol::{OPEN_END_NS, SpanState, StatusCode};

/// What the directory needs of a row.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct RowFacts {
    pub(in super::super) span_id: u64,
    pub(in super::super) parent_id: u64,
    pub(in super::super) start_ns: u64,
    pub(in super::super) end_ns: u64,
    pub(in super::super) status: u8,
    pub(in super::super) state: u8,
    /// Code of the service.
    pub(in super::super) service: u32,
}

/// The sum of the rows of one trace.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sums {
    pub(super) start_ns: u64,
    pub(super) newest_start_ns: u64,
    pub(super) end_ns: Option<u64>,
    head: Head,
    pub(super) errors: u32,
    pub(super) running: u32,
    pub(super) aborted: u32,
}

/// A row that may stand for its trace: roots before others, then by start and id. What is smaller
/// is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Head {
    has_parent: bool,
    start_ns: u64,
    span_id: u64,
    row: u32,
}

impl Default for Sums {
    fn default() -> Self {
        Self {
            start_ns: u64::MAX,
            newest_start_ns: 0,
            end_ns: None,
            head: Head {
                has_parent: true,
                start_ns: u64::MAX,
                span_id: u64::MAX,
                row: u32::MAX,
            },
            errors: 0,
            running: 0,
            aborted: 0,
        }
    }
}

impl Sums {
    /// Adds a row, `row` by number.
    #[inline]
    pub(super) fn add(&mut self, row: u32, facts: &RowFacts) {
        self.start_ns = self.start_ns.min(facts.start_ns);
        self.newest_start_ns = self.newest_start_ns.max(facts.start_ns);
        if facts.end_ns != OPEN_END_NS {
            self.end_ns = self.end_ns.max(Some(facts.end_ns));
        }
        let head = Head {
            has_parent: facts.parent_id != 0,
            start_ns: facts.start_ns,
            span_id: facts.span_id,
            row,
        };
        self.head = self.head.min(head);
        self.errors += u32::from(StatusCode::from_u8(facts.status) == StatusCode::Error);
        match SpanState::from_u8(facts.state) {
            SpanState::Running => self.running += 1,
            SpanState::Disconnected | SpanState::Aborted => self.aborted += 1,
            SpanState::Ended | SpanState::EndedByDrop => (),
        }
    }

    pub(super) fn head_row(&self) -> u32 {
        self.head.row
    }

    pub(super) fn has_root(&self) -> bool {
        !self.head.has_parent
    }
}
