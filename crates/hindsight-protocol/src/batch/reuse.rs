//! Emptying columns for reuse, and leaving out what says nothing.

use super::columns::{
    AttributeColumns, EventColumns, LinkColumns, ResourceTable, ScopeTable, SpanBatch,
};

impl SpanBatch {
    /// Removes all rows and tables, keeps the memory.
    pub(super) fn clear(&mut self) {
        self.strings.bytes.clear();
        self.strings.ends.clear();
        self.blobs.bytes.clear();
        self.blobs.ends.clear();
        self.resources.clear();
        self.scopes.clear();
        for column in self.wide_columns() {
            column.clear();
        }
        for column in self.word_columns() {
            column.clear();
        }
        for column in self.byte_columns() {
            column.clear();
        }
        self.names.clear();
        self.attribute_ends.clear();
        self.attributes.clear();
        self.event_ends.clear();
        self.events.clear();
        self.link_ends.clear();
        self.links.clear();
    }

    /// Empties every optional column in which all rows have the default.
    pub(super) fn leave_out_defaults(&mut self) {
        for column in self.word_columns() {
            leave_out(column);
        }
        for column in self.byte_columns() {
            leave_out(column);
        }
        leave_out(&mut self.event_ends);
        leave_out(&mut self.link_ends);
    }

    fn wide_columns(&mut self) -> [&mut Vec<u64>; 6] {
        [
            &mut self.trace_ids_high,
            &mut self.trace_ids_low,
            &mut self.span_ids,
            &mut self.parent_ids,
            &mut self.starts_ns,
            &mut self.ends_ns,
        ]
    }

    /// The optional columns of 32-bit values.
    fn word_columns(&mut self) -> [&mut Vec<u32>; 8] {
        [
            &mut self.resource_rows,
            &mut self.scope_rows,
            &mut self.status_messages,
            &mut self.versions,
            &mut self.trace_states,
            &mut self.dropped_attributes,
            &mut self.dropped_events,
            &mut self.dropped_links,
        ]
    }

    /// The optional columns of bytes.
    fn byte_columns(&mut self) -> [&mut Vec<u8>; 4] {
        [
            &mut self.kinds,
            &mut self.statuses,
            &mut self.states,
            &mut self.flags,
        ]
    }
}

fn leave_out<T: Copy + Default + PartialEq>(column: &mut Vec<T>) {
    if column.iter().all(|value| *value == T::default()) {
        *column = Vec::new();
    }
}

impl AttributeColumns {
    fn clear(&mut self) {
        self.keys.clear();
        self.tags.clear();
        self.bits.clear();
    }
}

impl ResourceTable {
    fn clear(&mut self) {
        self.attribute_ends.clear();
        self.attributes.clear();
        self.dropped_attributes.clear();
    }
}

impl ScopeTable {
    fn clear(&mut self) {
        self.names.clear();
        self.versions.clear();
        self.attribute_ends.clear();
        self.attributes.clear();
        self.dropped_attributes.clear();
    }
}

impl EventColumns {
    fn clear(&mut self) {
        self.times_ns.clear();
        self.names.clear();
        self.attribute_ends.clear();
        self.attributes.clear();
        self.dropped_attributes.clear();
    }
}

impl LinkColumns {
    fn clear(&mut self) {
        self.trace_ids_high.clear();
        self.trace_ids_low.clear();
        self.span_ids.clear();
        self.trace_states.clear();
        self.flags.clear();
        self.attribute_ends.clear();
        self.attributes.clear();
        self.dropped_attributes.clear();
    }
}
