//! The rows of a sealed segment, read by number.
//!
//! Rows with the same keys and types of attributes follow each other; among them the order is that
//! of arrival. Reading a field of a row takes constant time, about a nanosecond for numbers, unless
//! said otherwise.

#[cfg(test)]
use hindsight_protocol::batch::ValueRef;
use hindsight_protocol::{OPEN_END_NS, SpanId, SpanKind, SpanState, StatusCode, TraceId};

use super::attributes::Tables;
use super::copy::SegmentCopier;
use super::dictionary::Dictionary;
use super::groups::Groups;
use super::heads::Heads;
use super::nested::{Events, Links};
use super::owners::Owners;
#[cfg(test)]
use super::traces::TraceEntry;
use super::traces::TraceTable;

/// The rows of a segment and the directory of their traces. Immutable.
#[derive(Debug, Default)]
pub(crate) struct SegmentRows {
    pub(super) len: usize,
    pub(super) heads: Heads,
    pub(super) names: Dictionary,
    pub(super) services: Dictionary,
    /// Heads: code of the service, attributes dropped, 0.
    pub(super) resources: Owners,
    /// Heads: codes of name and version, attributes dropped.
    pub(super) scopes: Owners,
    pub(super) tables: Tables,
    pub(super) groups: Groups,
    pub(super) events: Events,
    pub(super) links: Links,
    pub(super) traces: TraceTable,
}

impl SegmentRows {
    /// Number of rows.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Bytes on the heap, exact but for what the allocator adds.
    pub(crate) fn bytes(&self) -> u64 {
        let tables = self.names.bytes() + self.services.bytes() + self.tables.bytes();
        let owners = self.resources.bytes() + self.scopes.bytes();
        let nested = self.events.bytes() + self.links.bytes();
        let rows = self.heads.bytes() + self.groups.bytes() + self.traces.bytes();
        tables + owners + nested + rows
    }

    /// The directory of the traces.
    pub(crate) fn traces(&self) -> &TraceTable {
        &self.traces
    }

    /// What is known of a trace.
    #[cfg(test)]
    pub(crate) fn find(&self, trace: TraceId) -> Option<TraceEntry> {
        self.traces
            .find(trace)
            .map(|ordinal| self.traces.entry(ordinal))
    }

    /// The rows of a trace in order of (start, span id).
    #[cfg(test)]
    pub(crate) fn sorted_rows_of(&self, ordinal: u32) -> Vec<u32> {
        let mut rows: Vec<u32> = self.traces.rows_of(ordinal).collect();
        rows.sort_by_cached_key(|row| {
            let row = *row as usize;
            (self.start_ns(row), self.span_id(row))
        });
        rows
    }

    /// The row of a span. Linear in the rows of its trace.
    #[cfg(test)]
    pub(crate) fn row_of(&self, trace: TraceId, span: SpanId) -> Option<usize> {
        let mut rows = self.traces.rows_of(self.traces.find(trace)?);
        let found = rows.find(|row| self.span_id(*row as usize) == span);
        found.map(|row| row as usize)
    }

    /// The span's trace.
    pub(crate) fn trace_id(&self, row: usize) -> TraceId {
        self.traces.id(self.traces.of_row(row))
    }

    /// The span's id.
    pub(crate) fn span_id(&self, row: usize) -> SpanId {
        SpanId::from_u64(self.heads.span_ids.get(row))
    }

    /// The parent's id, if the span is not a root.
    pub(crate) fn parent_id(&self, row: usize) -> Option<SpanId> {
        let id = SpanId::from_u64(self.heads.parent_ids.get(row));
        id.is_valid().then_some(id)
    }

    /// Nanoseconds since the Unix epoch.
    pub(crate) fn start_ns(&self, row: usize) -> u64 {
        self.heads.starts.get(row)
    }

    /// Nanoseconds since the Unix epoch; none while the span is open.
    pub(crate) fn end_ns(&self, row: usize) -> Option<u64> {
        let end = self.raw_end_ns(row);
        (end != OPEN_END_NS).then_some(end)
    }

    pub(super) fn raw_end_ns(&self, row: usize) -> u64 {
        let start = self.heads.starts.get(row);
        start.wrapping_add(self.heads.durations.get(row))
    }

    /// What the operation is called.
    pub(crate) fn name(&self, row: usize) -> &str {
        self.names.text(self.heads.names.get_u32(row))
    }

    /// `service.name` of the resource, empty if it has none.
    pub(crate) fn service(&self, row: usize) -> &str {
        self.services.text(self.service_code(row))
    }

    /// The names of all services, by code.
    pub(crate) fn services(&self) -> &Dictionary {
        &self.services
    }

    /// The span's role.
    pub(crate) fn kind(&self, row: usize) -> SpanKind {
        SpanKind::from_u8(self.heads.kinds.get(row) as u8)
    }

    /// The outcome.
    pub(crate) fn status(&self, row: usize) -> StatusCode {
        StatusCode::from_u8(self.heads.statuses.get(row) as u8)
    }

    /// How the span stands.
    pub(crate) fn state(&self, row: usize) -> SpanState {
        SpanState::from_u8(self.heads.states.get(row) as u8)
    }

    /// Number of this report of the span.
    pub(crate) fn version(&self, row: usize) -> u32 {
        self.heads.versions.get_u32(row)
    }

    /// Gives each attribute of a row to `take`, in order.
    #[cfg(test)]
    pub(crate) fn attributes(&self, row: usize, mut take: impl FnMut(&str, ValueRef<'_>)) {
        let mut buffer = String::new();
        let key_text = |key| self.tables.keys.text(key);
        let Some(group) = self.groups.group_of(row) else {
            for (key, kind, bits) in self.groups.loose.attributes_of(row) {
                take(key_text(key), self.tables.value(kind, bits, &mut buffer));
            }
            return;
        };
        for column in &group.columns {
            let pools = &self.groups.pools;
            let values = &column.values;
            let value = values.get(row - group.start, &self.tables, pools, &mut buffer);
            take(key_text(column.key), value);
        }
    }

    /// Something that copies rows to a builder; see there.
    pub(crate) fn copier(&self) -> SegmentCopier<'_> {
        SegmentCopier::new(self)
    }
}
