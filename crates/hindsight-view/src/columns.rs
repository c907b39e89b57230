//! The spans of one trace as columns: what the tree is assembled from.
//!
//! In: rows of checked batches ([`crate::Trace`]), or columns that a peer sends without the rest of
//! the spans. Out: a [`TraceColumns`] whose structure [`TraceColumns::check`] has confirmed. Holds
//! after the check: every column has one element a span or, where it is optional, none; every code
//! is in its table. Bounded: 32-bit row numbers; about 50 bytes a span, texts stored once.

mod check;
mod gather;
mod strings;
mod structure;

#[cfg(test)]
mod tests;

use hindsight_protocol::{OPEN_END_NS, SpanId, SpanKind, SpanState, StatusCode};

pub use check::ColumnsError;
pub(crate) use gather::{gather, instance};
pub use strings::Strings;
pub use structure::StructureReader;

/// A process that made spans: the unit that has one clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Process {
    /// Code of `service.name` in [`TraceColumns::strings`]; 0 if it has none.
    pub service: u32,
    /// Code of what tells it from other processes of the service (`service.instance.id`, else host
    /// and process id); 0 if it has nothing.
    pub instance: u32,
}

/// Spans of one trace as parallel vectors, in any order.
///
/// The length of `span_ids` is the number of spans. Equal texts have one code: grouping compares
/// codes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TraceColumns {
    /// Every text.
    pub strings: Strings,
    /// The processes, one row each.
    pub processes: Vec<Process>,
    /// Span id, 0 where it is not known.
    pub span_ids: Vec<u64>,
    /// Parent's span id, 0 for a root.
    pub parent_ids: Vec<u64>,
    /// Nanoseconds since the Unix epoch.
    pub starts_ns: Vec<u64>,
    /// Nanoseconds since the Unix epoch, [`OPEN_END_NS`] while open; optional (all open).
    pub ends_ns: Vec<u64>,
    /// Code of the name.
    pub names: Vec<u32>,
    /// Row of `processes`; optional (one process without a name).
    pub process_rows: Vec<u32>,
    /// [`SpanKind`]; optional.
    pub kinds: Vec<u8>,
    /// [`StatusCode`]; optional.
    pub statuses: Vec<u8>,
    /// Code of the outcome's description; optional.
    pub messages: Vec<u32>,
    /// [`SpanState`]; optional.
    pub states: Vec<u8>,
    /// Number of the report; optional.
    pub versions: Vec<u32>,
}

fn or_default<T: Copy + Default>(column: &[T], row: usize) -> T {
    column.get(row).copied().unwrap_or_default()
}

impl TraceColumns {
    /// Number of spans.
    pub fn len(&self) -> usize {
        self.span_ids.len()
    }

    /// Whether there is no span.
    pub fn is_empty(&self) -> bool {
        self.span_ids.is_empty()
    }

    /// The span's id.
    pub fn span_id(&self, row: usize) -> SpanId {
        SpanId::from_u64(or_default(&self.span_ids, row))
    }

    /// The parent's id, if the span is not a root.
    pub fn parent_id(&self, row: usize) -> Option<SpanId> {
        let id = SpanId::from_u64(or_default(&self.parent_ids, row));
        id.is_valid().then_some(id)
    }

    /// Nanoseconds since the Unix epoch.
    pub fn start_ns(&self, row: usize) -> u64 {
        or_default(&self.starts_ns, row)
    }

    /// Nanoseconds since the Unix epoch; none while the span is open.
    pub fn end_ns(&self, row: usize) -> Option<u64> {
        let end = self.ends_ns.get(row).copied();
        end.filter(|end| *end != OPEN_END_NS)
    }

    /// What the operation is called.
    pub fn name(&self, row: usize) -> &str {
        self.strings.get(or_default(&self.names, row))
    }

    /// Code of the name.
    pub fn name_code(&self, row: usize) -> u32 {
        or_default(&self.names, row)
    }

    /// Row of `processes`.
    pub fn process_row(&self, row: usize) -> u32 {
        or_default(&self.process_rows, row)
    }

    /// Who made the span.
    pub fn process(&self, row: usize) -> Process {
        or_default(&self.processes, self.process_row(row) as usize)
    }

    /// `service.name` of who made the span, empty if it has none.
    pub fn service(&self, row: usize) -> &str {
        self.strings.get(self.process(row).service)
    }

    /// The span's role.
    pub fn kind(&self, row: usize) -> SpanKind {
        SpanKind::from_u8(or_default(&self.kinds, row))
    }

    /// The outcome.
    pub fn status(&self, row: usize) -> StatusCode {
        StatusCode::from_u8(or_default(&self.statuses, row))
    }

    /// The outcome's description, empty if none.
    pub fn status_message(&self, row: usize) -> &str {
        self.strings.get(or_default(&self.messages, row))
    }

    /// How the span stands; a span that claims to have ended without an end runs.
    pub fn state(&self, row: usize) -> SpanState {
        match SpanState::from_u8(or_default(&self.states, row)) {
            SpanState::Ended | SpanState::EndedByDrop if self.end_ns(row).is_none() => {
                SpanState::Running
            }
            state => state,
        }
    }

    /// Number of this report of the span.
    pub fn version(&self, row: usize) -> u32 {
        or_default(&self.versions, row)
    }

    /// The rows named by `order`, in that order; tables are kept.
    pub(crate) fn select(self, order: &[u32]) -> Self {
        Self {
            strings: self.strings,
            processes: self.processes,
            span_ids: select(self.span_ids, order),
            parent_ids: select(self.parent_ids, order),
            starts_ns: select(self.starts_ns, order),
            ends_ns: select(self.ends_ns, order),
            names: select(self.names, order),
            process_rows: select(self.process_rows, order),
            kinds: select(self.kinds, order),
            statuses: select(self.statuses, order),
            messages: select(self.messages, order),
            states: select(self.states, order),
            versions: select(self.versions, order),
        }
    }
}

/// Consumes the column: at most one is in memory twice.
fn select<T: Copy>(column: Vec<T>, order: &[u32]) -> Vec<T> {
    match column.is_empty() {
        true => column,
        false => order.iter().map(|row| column[*row as usize]).collect(),
    }
}
