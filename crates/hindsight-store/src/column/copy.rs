//! Copying rows of a segment to a builder of batches.
//!
//! In: a segment and row numbers. Out: exactly those rows in a [`BatchBuilder`]. What rows refer to
//! is looked up in the builder once per copier, except for texts that hardly ever repeat, which
//! are not looked up at all. Memory: about twelve bytes for each dictionary entry copied.

use hashbrown::HashMap;
use hindsight_protocol::batch::{EncodedAttribute, EncodedHead, tag};
use hindsight_protocol::{BatchBuilder, SpanId};

use super::attributes::Encoded;
use super::groups::Group;
use super::rows::SegmentRows;
use super::values::{SIGN, ValueColumn};

/// Copies rows of one segment into one builder: the first copy chooses the builder, which is not
/// to be cleared meanwhile.
#[derive(Debug)]
pub(crate) struct SegmentCopier<'a> {
    rows: &'a SegmentRows,
    known: HashMap<(Table, u32), u32>,
    /// The first row of the group last copied from.
    group: Option<usize>,
    /// String indices of that group's keys.
    group_keys: Vec<u32>,
    buffer: String,
    attributes: Vec<EncodedAttribute>,
}

/// What a code is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Table {
    Name,
    Key,
    Text,
    Blob,
    Resource,
    Scope,
    Pool(u32),
}

impl<'a> SegmentCopier<'a> {
    pub(super) fn new(rows: &'a SegmentRows) -> Self {
        Self {
            rows,
            known: HashMap::new(),
            group: None,
            group_keys: Vec::new(),
            buffer: String::new(),
            attributes: Vec::new(),
        }
    }

    /// Copies row `row`; panics when there is no such row, as slices do.
    pub(crate) fn copy(&mut self, row: usize, to: &mut BatchBuilder) {
        let state = self.rows.heads.states.get(row) as u8;
        self.copy_as(row, state, to);
    }

    /// Copies row `row` with another [`hindsight_protocol::SpanState`].
    pub(crate) fn copy_as(&mut self, row: usize, state: u8, to: &mut BatchBuilder) {
        let head = self.head(row, state, to);
        to.begin_encoded(&head);
        self.copy_attributes(row, to);
        self.copy_events(row, to);
        self.copy_links(row, to);
        to.end_span();
    }

    fn head(&mut self, row: usize, state: u8, to: &mut BatchBuilder) -> EncodedHead {
        let rows = self.rows;
        let heads = &rows.heads;
        let [attributes, events, links] = &heads.dropped;
        EncodedHead {
            trace_id: rows.trace_id(row),
            span_id: rows.span_id(row),
            parent_id: SpanId::from_u64(heads.parent_ids.get(row)),
            name: self.name(heads.names.get_u32(row), to),
            start_ns: heads.starts.get(row),
            end_ns: rows.raw_end_ns(row),
            kind: heads.kinds.get(row) as u8,
            status: heads.statuses.get(row) as u8,
            status_message: self.text(heads.status_messages.get_u32(row), to),
            state,
            version: heads.versions.get_u32(row),
            flags: heads.flags.get(row) as u8,
            trace_state: self.text(heads.trace_states.get_u32(row), to),
            resource: self.resource(heads.resources.get_u32(row), to),
            scope: self.scope(heads.scopes.get_u32(row), to),
            dropped: (
                attributes.get_u32(row),
                events.get_u32(row),
                links.get_u32(row),
            ),
        }
    }

    fn copy_attributes(&mut self, row: usize, to: &mut BatchBuilder) {
        let rows = self.rows;
        let Some(group) = rows.groups.group_of(row) else {
            for attribute in rows.groups.loose.attributes_of(row) {
                let attribute = self.attribute(attribute, to);
                to.attribute_encoded(attribute);
            }
            return;
        };
        self.enter_group(group, to);
        for (at, column) in group.columns.iter().enumerate() {
            let key = self.group_keys[at];
            let bits = self.value(&column.values, row - group.start, to);
            to.attribute_encoded((key, column.values.tag(), bits));
        }
    }

    /// Makes the list of keys that of a group; a trace mostly stays in one for several rows.
    fn enter_group(&mut self, group: &Group, to: &mut BatchBuilder) {
        if self.group == Some(group.start) {
            return;
        }
        let mut keys = std::mem::take(&mut self.group_keys);
        keys.clear();
        keys.extend(group.columns.iter().map(|column| self.key(column.key, to)));
        self.group_keys = keys;
        self.group = Some(group.start);
    }

    fn value(&mut self, values: &'a ValueColumn, row: usize, to: &mut BatchBuilder) -> u64 {
        match values {
            ValueColumn::Codes { pool, codes } => {
                let code = codes.get_u32(row);
                let dictionary = &self.rows.groups.pools[*pool as usize];
                let copy = |buffer: &mut String| to.intern(dictionary.get(code, buffer));
                u64::from(self.once(Table::Pool(*pool), code, copy))
            }
            ValueColumn::Plain(texts) => {
                u64::from(to.append_string(texts.get(row, &mut self.buffer)))
            }
            ValueColumn::Bool(values) | ValueColumn::Unknown(_, values) => values.get(row),
            ValueColumn::I64(values) => values.get(row) ^ SIGN,
            ValueColumn::F64(values) => values.get(row).to_bits(),
            ValueColumn::Blob(_, codes) => u64::from(self.blob(codes.get_u32(row), to)),
        }
    }

    fn copy_events(&mut self, row: usize, to: &mut BatchBuilder) {
        let events = &self.rows.events;
        for event in events.of_rows.of(row) {
            let name = self.text(events.names.get_u32(event), to);
            let attributes = self.attributes(events.attributes_of(event), to);
            let time_ns = events.times.get(event);
            let dropped = events.dropped.get_u32(event);
            to.event_encoded(time_ns, name, &attributes, dropped);
            self.attributes = attributes;
        }
    }

    fn copy_links(&mut self, row: usize, to: &mut BatchBuilder) {
        let links = &self.rows.links;
        for link in links.of_rows.of(row) {
            let trace_state = self.text(links.trace_states.get_u32(link), to);
            let attributes = self.attributes(links.attributes_of(link), to);
            let flags = links.flags.get(link) as u8;
            let dropped = links.dropped.get_u32(link);
            to.link_encoded(links.target(link), trace_state, flags, &attributes, dropped);
            self.attributes = attributes;
        }
    }

    /// Attributes in terms of the builder, in the copier's own list.
    fn attributes(
        &mut self,
        from: impl Iterator<Item = Encoded>,
        to: &mut BatchBuilder,
    ) -> Vec<EncodedAttribute> {
        let mut attributes = std::mem::take(&mut self.attributes);
        attributes.clear();
        attributes.extend(from.map(|attribute| self.attribute(attribute, to)));
        attributes
    }

    fn attribute(&mut self, (key, kind, bits): Encoded, to: &mut BatchBuilder) -> EncodedAttribute {
        let key = self.key(key, to);
        let bits = match kind {
            tag::STRING => u64::from(self.text(bits as u32, to)),
            tag::BYTES | tag::ARRAY | tag::MAP => u64::from(self.blob(bits as u32, to)),
            _ => bits,
        };
        (key, kind, bits)
    }

    fn resource(&mut self, code: u32, to: &mut BatchBuilder) -> u32 {
        let resources = &self.rows.resources;
        if let Some(known) = self.known.get(&(Table::Resource, code)) {
            return *known;
        }
        let attributes = self.attributes(resources.attributes_of(code), to);
        let copied = to.resource_encoded(&attributes, resources.head(code)[1]);
        self.attributes = attributes;
        self.known.insert((Table::Resource, code), copied);
        copied
    }

    fn scope(&mut self, code: u32, to: &mut BatchBuilder) -> u32 {
        let scopes = &self.rows.scopes;
        if let Some(known) = self.known.get(&(Table::Scope, code)) {
            return *known;
        }
        let [name, version, dropped] = scopes.head(code);
        let head = (self.text(name, to), self.text(version, to));
        let attributes = self.attributes(scopes.attributes_of(code), to);
        let copied = to.scope_encoded(head, &attributes, dropped);
        self.attributes = attributes;
        self.known.insert((Table::Scope, code), copied);
        copied
    }

    fn name(&mut self, code: u32, to: &mut BatchBuilder) -> u32 {
        let names = &self.rows.names;
        self.once(Table::Name, code, |_| to.intern(names.text(code)))
    }

    fn key(&mut self, code: u32, to: &mut BatchBuilder) -> u32 {
        let keys = &self.rows.tables.keys;
        self.once(Table::Key, code, |_| to.intern(keys.text(code)))
    }

    fn text(&mut self, code: u32, to: &mut BatchBuilder) -> u32 {
        if code == 0 {
            return to.intern("");
        }
        let texts = &self.rows.tables.texts;
        self.once(Table::Text, code, |buffer| {
            to.intern(texts.get(code, buffer))
        })
    }

    fn blob(&mut self, code: u32, to: &mut BatchBuilder) -> u32 {
        let blobs = &self.rows.tables.blobs;
        self.once(Table::Blob, code, |_| {
            to.intern_blob(blobs.get(code)) as u32
        })
    }

    /// What became of a code: known, or made now.
    fn once(&mut self, table: Table, code: u32, copy: impl FnOnce(&mut String) -> u32) -> u32 {
        let entry = self.known.entry((table, code));
        *entry.or_insert_with(|| copy(&mut self.buffer))
    }
}
