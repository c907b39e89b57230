//! Ended spans on their way to the exporter: a few flat tables that change hands as a whole.
//!
//! In: records, copied to the end of each table; nothing is looked up or encoded here, so this is
//! all that ending a span costs. Out: rows, which the exporter writes into the columns of a batch.
//! Bounded by the caller with [`Ended::len`] and [`Ended::byte_len`].

use hindsight_protocol::batch::{EncodedHead, tag};
use hindsight_protocol::{BatchBuilder, OPEN_END_NS, SpanState};

use super::extra::Extra;
use super::record::{Head, SpanRecord};
use super::slots::{Slot, SlotValue, Text, read};

/// Ended spans of one thread.
#[derive(Debug, Default)]
pub(crate) struct Ended {
    rows: Vec<Row>,
    slots: Vec<Slot>,
    text: String,
    extras: Vec<Extra>,
    extras_bytes: usize,
}

#[derive(Clone, Copy, Debug)]
struct Row {
    head: Head,
    end_ns: u64,
    /// Ends of its parts of the tables; they begin where those of the row before end.
    slots_end: u32,
    text_end: u32,
    extras_end: u32,
    state: SpanState,
}

/// Bytes of a row and of a slot.
const ROW_BYTES: usize = size_of::<Row>();
const SLOT_BYTES: usize = size_of::<Slot>();

/// Rows, slots and bytes of text for which an emptied table keeps room.
const ROWS_KEPT: usize = 8192;

impl Ended {
    /// Number of spans.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Bytes of all tables.
    #[inline]
    pub(crate) fn byte_len(&self) -> usize {
        ROW_BYTES * self.rows.len()
            + SLOT_BYTES * self.slots.len()
            + self.text.len()
            + self.extras_bytes
    }

    /// Whether `record` fits: the tables then take no more than `bytes_max`, which is below 4 GiB.
    #[inline]
    pub(crate) fn has_room(&self, record: &SpanRecord, bytes_max: usize) -> bool {
        let extra = record.extra.as_ref().map_or(0, |extra| extra.byte_len());
        let attributes = &record.attributes;
        let bytes = ROW_BYTES + SLOT_BYTES * attributes.slots.len() + attributes.text.len() + extra;
        self.byte_len().saturating_add(bytes) <= bytes_max.min(u32::MAX as usize)
    }

    /// Adds a span that has room, and takes its extra.
    #[inline]
    pub(crate) fn push(&mut self, record: &mut SpanRecord, end_ns: u64, state: SpanState) {
        self.slots.extend_from_slice(&record.attributes.slots);
        if !record.attributes.text.is_empty() {
            self.text.push_str(&record.attributes.text);
        }
        if let Some(extra) = record.extra.take() {
            self.extras_bytes += extra.byte_len();
            self.extras.push(*extra);
        }
        self.rows.push(Row {
            head: record.head,
            end_ns,
            slots_end: self.slots.len() as u32,
            text_end: self.text.len() as u32,
            extras_end: self.extras.len() as u32,
            state,
        });
    }

    /// Visits the rows in order.
    pub(crate) fn for_each(&self, mut visit: impl FnMut(View<'_>)) {
        let (mut slot, mut byte, mut extra) = (0, 0, 0);
        for row in &self.rows {
            visit(View {
                head: &row.head,
                end_ns: Some(row.end_ns),
                state: row.state,
                slots: self
                    .slots
                    .get(slot..row.slots_end as usize)
                    .unwrap_or_default(),
                text: self
                    .text
                    .get(byte..row.text_end as usize)
                    .unwrap_or_default(),
                extra: self
                    .extras
                    .get(extra..row.extras_end as usize)
                    .and_then(|e| e.first()),
            });
            slot = row.slots_end as usize;
            byte = row.text_end as usize;
            extra = row.extras_end as usize;
        }
    }

    /// Empties the tables; keeps their memory unless it is large.
    pub(crate) fn clear(&mut self) {
        if self.rows.capacity() > ROWS_KEPT || self.byte_len() > ROWS_KEPT * 512 {
            *self = Self::default();
        }
        self.rows.clear();
        self.slots.clear();
        self.text.clear();
        self.extras.clear();
        self.extras_bytes = 0;
    }
}

/// A span, ended or open, about to be written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    head: &'a Head,
    end_ns: Option<u64>,
    state: SpanState,
    slots: &'a [Slot],
    text: &'a str,
    extra: Option<&'a Extra>,
}

impl<'a> View<'a> {
    /// A span that runs.
    pub(crate) fn open(record: &'a SpanRecord) -> Self {
        Self {
            head: &record.head,
            end_ns: None,
            state: SpanState::Running,
            slots: &record.attributes.slots,
            text: &record.attributes.text,
            extra: record.extra.as_deref(),
        }
    }

    /// About the bytes of its texts and extras: what can make a span large.
    pub(crate) fn byte_len(&self) -> usize {
        self.text.len() + self.extra.map_or(0, Extra::byte_len)
    }

    /// How often a limit of the tracer cut something.
    pub(crate) fn cuts(&self) -> u64 {
        u64::from(self.head.dropped_attributes) + self.extra.map_or(0, Extra::cuts)
    }

    /// Adds the span to `batch`, in which the resource and the empty scope are row 0.
    pub(crate) fn write(&self, batch: &mut BatchBuilder) {
        let head = self.head;
        let mut encoded = EncodedHead {
            trace_id: head.trace_id,
            span_id: head.span_id,
            parent_id: head.parent_id,
            name: self.index_of(head.name, batch),
            start_ns: head.start_ns,
            end_ns: self.end_ns.unwrap_or(OPEN_END_NS),
            kind: head.kind,
            status: head.status as u8,
            status_message: 0,
            state: self.state as u8,
            version: head.version,
            flags: head.flags,
            trace_state: 0,
            resource: 0,
            scope: 0,
            dropped: (head.dropped_attributes, 0, 0),
        };
        if let Some(extra) = self.extra {
            extra.complete(&mut encoded, batch);
        }
        batch.begin_encoded(&encoded);
        self.write_attributes(batch);
        if let Some(extra) = self.extra {
            extra.write(batch);
        }
        batch.end_span();
    }

    fn write_attributes(&self, batch: &mut BatchBuilder) {
        let key = |slot: &Slot| match slot.key {
            Text::Static(key) => Some(key),
            Text::Kept { .. } => None,
        };
        let value = |slot: &Slot, batch: &mut BatchBuilder| self.encode(slot.value, batch);
        if !batch.literal_attributes(self.slots, key, value) {
            self.write_any_attributes(batch);
        }
    }

    /// Keys that do not live for ever, or that are there twice: the last value counts.
    #[inline(never)]
    fn write_any_attributes(&self, batch: &mut BatchBuilder) {
        // A bit for each key seen, by its index: only a bit that is set already needs a search.
        let mut seen = 0_u64;
        for slot in self.slots {
            let key = self.index_of(slot.key, batch);
            let value = self.encode(slot.value, batch);
            let bit = 1 << (key & 63);
            if seen & bit == 0 || !batch.replace_attribute(key, value) {
                batch.attribute_encoded((key, value.0, value.1));
            }
            seen |= bit;
        }
    }

    /// The index of a name or key: by its address if it lives for ever.
    #[inline]
    fn index_of(&self, text: Text, batch: &mut BatchBuilder) -> u32 {
        match text {
            Text::Static(text) => batch.intern_static(text),
            kept => batch.intern(read(kept, self.text)),
        }
    }

    /// Tag and bits of a value: a literal by its address, other text stored once if it was there
    /// lately.
    #[inline(always)]
    fn encode(&self, value: SlotValue, batch: &mut BatchBuilder) -> (u8, u64) {
        match value {
            SlotValue::Text(Text::Static(text)) => {
                (tag::STRING, u64::from(batch.intern_static(text)))
            }
            SlotValue::Text(kept) => {
                let index = batch.intern_recent(read(kept, self.text));
                (tag::STRING, u64::from(index))
            }
            SlotValue::Bool(value) => (tag::BOOL, u64::from(value)),
            SlotValue::I64(value) => (tag::I64, value as u64),
            SlotValue::F64(value) => (tag::F64, value.to_bits()),
            SlotValue::Other(index) => {
                let value = self.extra.and_then(|e| e.values.get(index as usize));
                value.map_or((tag::STRING, 0), |value| batch.encode_value(value))
            }
        }
    }
}
