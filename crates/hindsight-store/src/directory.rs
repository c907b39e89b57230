//! The traces of the open spans, for lists: newest start first. Immutable.
//!
//! Cost of making it: one hash look-up a span, and a sort.

use std::cmp::Reverse;

use hashbrown::{HashMap, HashSet};
use hindsight_protocol::TraceId;
use hindsight_protocol::batch::SpanRow;

use crate::column::Bitmap;

#[derive(Debug, Default)]
pub(crate) struct OpenTraces {
    /// Newest start first, then by trace id.
    traces: Vec<OpenTrace>,
    services: Vec<Box<str>>,
}

#[derive(Debug)]
struct OpenTrace {
    trace_id: TraceId,
    /// Earliest start.
    start_ns: u64,
    /// Codes of services, each once.
    services: Vec<u32>,
}

impl OpenTraces {
    pub(crate) fn new<'a>(rows: impl Iterator<Item = SpanRow<'a>>) -> Self {
        let mut open = Self::default();
        let mut known: HashMap<TraceId, usize> = HashMap::new();
        let mut codes: HashMap<&str, u32> = HashMap::new();
        for row in rows {
            let service = *codes.entry(row.service()).or_insert_with(|| {
                open.services.push(row.service().into());
                open.services.len() as u32 - 1
            });
            let at = *known.entry(row.trace_id()).or_insert_with(|| {
                open.traces.push(OpenTrace {
                    trace_id: row.trace_id(),
                    start_ns: u64::MAX,
                    services: Vec::new(),
                });
                open.traces.len() - 1
            });
            let trace = &mut open.traces[at];
            trace.start_ns = trace.start_ns.min(row.start_ns());
            if !trace.services.contains(&service) {
                trace.services.push(service);
            }
        }
        open.traces
            .sort_unstable_by_key(|trace| (Reverse(trace.start_ns), trace.trace_id));
        open
    }

    pub(crate) fn len(&self) -> usize {
        self.traces.len()
    }

    /// Id and earliest start of the trace at `at`, which must be there.
    pub(crate) fn entry(&self, at: usize) -> (TraceId, u64) {
        let trace = &self.traces[at];
        (trace.trace_id, trace.start_ns)
    }

    /// Those of these traces that are here.
    pub(crate) fn among(&self, traces: &HashSet<TraceId>) -> Bitmap {
        let mut found = Bitmap::none(self.traces.len());
        for (at, trace) in self.traces.iter().enumerate() {
            if traces.contains(&trace.trace_id) {
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

    /// Whether a span of the trace at `at` has the service with this code.
    pub(crate) fn has_service(&self, at: usize, code: u32) -> bool {
        self.traces[at].services.contains(&code)
    }
}
