//! The traces of a piece of open spans, for lists: newest start first. Immutable.
//!
//! One entry for each row (those that are alike have one), also for rows that count no more: each may begin later than its trace,
//! never earlier than what is left of it, and lists look at what they meet.
//!
//! Cost of making it: one hash look-up a span, and a sort.

use std::cmp::Reverse;

use hashbrown::{HashMap, HashSet};
use hindsight_protocol::{CheckedBatch, TraceId};

use crate::column::Bitmap;

#[derive(Debug, Default)]
pub(crate) struct OpenTraces {
    /// Newest start first, then by trace id.
    rows: Vec<OpenRow>,
    services: Vec<Box<str>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct OpenRow {
    trace_id: TraceId,
    start_ns: u64,
    /// Code of the service.
    service: u32,
}

impl OpenTraces {
    pub(crate) fn new(rows: &CheckedBatch) -> Self {
        let mut codes: HashMap<&str, u32> = HashMap::new();
        let mut services: Vec<Box<str>> = Vec::new();
        let mut open = Vec::with_capacity(rows.len());
        for row in rows.rows() {
            let service = *codes.entry(row.service()).or_insert_with(|| {
                services.push(row.service().into());
                services.len() as u32 - 1
            });
            open.push(OpenRow {
                trace_id: row.trace_id(),
                start_ns: row.start_ns(),
                service,
            });
        }
        open.sort_unstable_by_key(|row| (Reverse(row.start_ns), row.trace_id, row.service));
        // Spans that begin together, as a program's that says nothing of time, need one entry.
        open.dedup();
        open.shrink_to_fit();
        Self {
            rows: open,
            services,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Id and start of the row at `at`, which must be there.
    pub(crate) fn entry(&self, at: usize) -> (TraceId, u64) {
        let row = &self.rows[at];
        (row.trace_id, row.start_ns)
    }

    /// Those of these traces that are here.
    pub(crate) fn among(&self, traces: &HashSet<TraceId>) -> Bitmap {
        let mut found = Bitmap::none(self.rows.len());
        for (at, row) in self.rows.iter().enumerate() {
            if traces.contains(&row.trace_id) {
                found.insert(at);
            }
        }
        found
    }

    /// The code of a service, if a span has it.
    pub(crate) fn service_code(&self, service: &str) -> Option<u32> {
        let at = self.services.iter().position(|name| &**name == service)?;
        Some(at as u32)
    }

    /// Whether the row at `at` has the service with this code.
    pub(crate) fn has_service(&self, at: usize, code: u32) -> bool {
        self.rows[at].service == code
    }
}
