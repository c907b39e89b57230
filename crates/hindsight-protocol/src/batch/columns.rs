//! The columns themselves, as they travel.

use facet::Facet;

/// Type tags of attribute values. `bits` is what [`AttributeColumns::bits`] holds.
pub mod tag {
    /// `bits`: index into the string table.
    pub const STRING: u8 = 0;
    /// `bits`: 0 or 1.
    pub const BOOL: u8 = 1;
    /// `bits`: the two's complement.
    pub const I64: u8 = 2;
    /// `bits`: IEEE 754 binary64.
    pub const F64: u8 = 3;
    /// `bits`: index into the blob table.
    pub const BYTES: u8 = 4;
    /// `bits`: index of a blob in the nested encoding.
    pub const ARRAY: u8 = 5;
    /// `bits`: index of a blob in the nested encoding.
    pub const MAP: u8 = 6;
}

/// Strings end to end. String `i` is `bytes[ends[i-1]..ends[i]]`; string 0 is always empty.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct StringTable {
    /// UTF-8.
    #[facet(default)]
    pub bytes: Vec<u8>,
    /// End offset of each string, not decreasing.
    #[facet(default)]
    pub ends: Vec<u32>,
}

/// Byte strings end to end, laid out like [`StringTable`] but without the empty first entry.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct BlobTable {
    /// All blobs.
    #[facet(default)]
    pub bytes: Vec<u8>,
    /// End offset of each blob, not decreasing.
    #[facet(default)]
    pub ends: Vec<u32>,
}

/// Attributes of many owners, end to end; the owner knows where its own end.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct AttributeColumns {
    /// String index of each key.
    #[facet(default)]
    pub keys: Vec<u32>,
    /// [`tag`] of each value.
    #[facet(default)]
    pub tags: Vec<u8>,
    /// The value's bits.
    #[facet(default)]
    pub bits: Vec<u64>,
}

/// Resources, one row each.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct ResourceTable {
    /// End of each row's attributes.
    #[facet(default)]
    pub attribute_ends: Vec<u32>,
    /// The attributes.
    #[facet(default)]
    pub attributes: AttributeColumns,
    /// Optional.
    #[facet(default)]
    pub dropped_attributes: Vec<u32>,
}

/// Instrumentation scopes, one row each.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct ScopeTable {
    /// String index.
    #[facet(default)]
    pub names: Vec<u32>,
    /// String index.
    #[facet(default)]
    pub versions: Vec<u32>,
    /// End of each row's attributes.
    #[facet(default)]
    pub attribute_ends: Vec<u32>,
    /// The attributes.
    #[facet(default)]
    pub attributes: AttributeColumns,
    /// Optional.
    #[facet(default)]
    pub dropped_attributes: Vec<u32>,
}

/// Events of all spans, end to end.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct EventColumns {
    /// Nanoseconds since the Unix epoch.
    #[facet(default)]
    pub times_ns: Vec<u64>,
    /// String index.
    #[facet(default)]
    pub names: Vec<u32>,
    /// End of each event's attributes.
    #[facet(default)]
    pub attribute_ends: Vec<u32>,
    /// The attributes.
    #[facet(default)]
    pub attributes: AttributeColumns,
    /// Optional.
    #[facet(default)]
    pub dropped_attributes: Vec<u32>,
}

/// Links of all spans, end to end.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct LinkColumns {
    /// First half of the trace id.
    #[facet(default)]
    pub trace_ids_high: Vec<u64>,
    /// Second half of the trace id.
    #[facet(default)]
    pub trace_ids_low: Vec<u64>,
    /// Span id.
    #[facet(default)]
    pub span_ids: Vec<u64>,
    /// String index; optional.
    #[facet(default)]
    pub trace_states: Vec<u32>,
    /// Trace flags; optional.
    #[facet(default)]
    pub flags: Vec<u8>,
    /// End of each link's attributes.
    #[facet(default)]
    pub attribute_ends: Vec<u32>,
    /// The attributes.
    #[facet(default)]
    pub attributes: AttributeColumns,
    /// Optional.
    #[facet(default)]
    pub dropped_attributes: Vec<u32>,
}

/// Spans as columns; see the module's text for the rules.
///
/// The length of [`SpanBatch::span_ids`] is the number of rows.
#[derive(Clone, Debug, Default, PartialEq, Facet)]
pub struct SpanBatch {
    /// Every string of the batch.
    #[facet(default)]
    pub strings: StringTable,
    /// Bytes, arrays and maps.
    #[facet(default)]
    pub blobs: BlobTable,
    /// The processes that made the spans.
    #[facet(default)]
    pub resources: ResourceTable,
    /// The libraries that made the spans.
    #[facet(default)]
    pub scopes: ScopeTable,

    /// First half of the trace id.
    #[facet(default)]
    pub trace_ids_high: Vec<u64>,
    /// Second half of the trace id.
    #[facet(default)]
    pub trace_ids_low: Vec<u64>,
    /// Span id.
    #[facet(default)]
    pub span_ids: Vec<u64>,
    /// Parent's span id, 0 for a root.
    #[facet(default)]
    pub parent_ids: Vec<u64>,
    /// Nanoseconds since the Unix epoch.
    #[facet(default)]
    pub starts_ns: Vec<u64>,
    /// Nanoseconds since the Unix epoch, [`crate::OPEN_END_NS`] while open.
    #[facet(default)]
    pub ends_ns: Vec<u64>,
    /// String index.
    #[facet(default)]
    pub names: Vec<u32>,
    /// Row of the resource table; optional (row 0).
    #[facet(default)]
    pub resource_rows: Vec<u32>,
    /// Row of the scope table; optional (row 0).
    #[facet(default)]
    pub scope_rows: Vec<u32>,
    /// [`crate::SpanKind`]; optional.
    #[facet(default)]
    pub kinds: Vec<u8>,
    /// [`crate::StatusCode`]; optional.
    #[facet(default)]
    pub statuses: Vec<u8>,
    /// String index; optional.
    #[facet(default)]
    pub status_messages: Vec<u32>,
    /// [`crate::SpanState`]; optional.
    #[facet(default)]
    pub states: Vec<u8>,
    /// Number of the report; optional.
    #[facet(default)]
    pub versions: Vec<u32>,
    /// Trace flags; optional.
    #[facet(default)]
    pub flags: Vec<u8>,
    /// String index; optional.
    #[facet(default)]
    pub trace_states: Vec<u32>,

    /// End of each span's attributes.
    #[facet(default)]
    pub attribute_ends: Vec<u32>,
    /// The attributes.
    #[facet(default)]
    pub attributes: AttributeColumns,
    /// End of each span's events; optional (no events).
    #[facet(default)]
    pub event_ends: Vec<u32>,
    /// The events.
    #[facet(default)]
    pub events: EventColumns,
    /// End of each span's links; optional (no links).
    #[facet(default)]
    pub link_ends: Vec<u32>,
    /// The links.
    #[facet(default)]
    pub links: LinkColumns,

    /// Optional.
    #[facet(default)]
    pub dropped_attributes: Vec<u32>,
    /// Optional.
    #[facet(default)]
    pub dropped_events: Vec<u32>,
    /// Optional.
    #[facet(default)]
    pub dropped_links: Vec<u32>,
}

impl SpanBatch {
    /// Number of spans.
    pub fn len(&self) -> usize {
        self.span_ids.len()
    }

    /// Whether there is no span.
    pub fn is_empty(&self) -> bool {
        self.span_ids.is_empty()
    }

    /// Bytes of all columns, about what the batch takes on the wire and in memory.
    pub fn byte_len(&self) -> usize {
        self.strings.byte_len()
            + self.blobs.bytes.len()
            + 4 * self.blobs.ends.len()
            + table_bytes(&self.resources.attribute_ends, &self.resources.attributes)
            + table_bytes(&self.scopes.attribute_ends, &self.scopes.attributes)
            + 8 * self.scopes.names.len()
            + self.row_bytes()
    }

    fn row_bytes(&self) -> usize {
        let wide = 6 * 8 * self.span_ids.len();
        let words = self.names.len()
            + self.resource_rows.len()
            + self.scope_rows.len()
            + self.status_messages.len()
            + self.versions.len()
            + self.trace_states.len()
            + self.event_ends.len()
            + self.link_ends.len()
            + self.dropped_attributes.len()
            + self.dropped_events.len()
            + self.dropped_links.len();
        let bytes = self.kinds.len() + self.statuses.len() + self.states.len() + self.flags.len();
        let events = 12 * self.events.names.len()
            + table_bytes(&self.events.attribute_ends, &self.events.attributes);
        let links = 29 * self.links.span_ids.len()
            + table_bytes(&self.links.attribute_ends, &self.links.attributes);
        wide + 4 * words
            + bytes
            + table_bytes(&self.attribute_ends, &self.attributes)
            + events
            + links
    }
}

impl StringTable {
    /// Bytes of text and offsets.
    pub fn byte_len(&self) -> usize {
        self.bytes.len() + 4 * self.ends.len()
    }
}

fn table_bytes(ends: &[u32], attributes: &AttributeColumns) -> usize {
    4 * ends.len() + 13 * attributes.keys.len()
}
