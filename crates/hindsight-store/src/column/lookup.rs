//! Single values by row, for what makes groups and sums of rows that were found.

use hindsight_protocol::batch::ValueRef;

use super::dictionary::Dictionary;
use super::rows::SegmentRows;
use super::scan::AttributeScope;
use super::values::ValueColumn;

/// A way to the first attribute with a key: of the spans, or of their resources or scopes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyReader {
    scope: AttributeScope,
    key: u32,
}

impl SegmentRows {
    /// Whether any attribute has this key.
    pub(crate) fn has_key(&self, key: &str) -> bool {
        self.tables.keys.find(key).is_some()
    }

    /// A way to the attribute with a key, if there is that key anywhere. Of events there is none.
    pub(crate) fn key_reader(&self, scope: AttributeScope, key: &str) -> Option<KeyReader> {
        let key = self.tables.keys.find(key)?;
        Some(KeyReader { scope, key })
    }

    /// The value of an attribute of a row, text in `buffer` if it is not stored as such.
    pub(crate) fn attribute<'a>(
        &'a self,
        row: usize,
        reader: KeyReader,
        buffer: &'a mut String,
    ) -> Option<ValueRef<'a>> {
        let KeyReader { scope, key } = reader;
        let found = match scope {
            AttributeScope::Event => None,
            AttributeScope::Resource => {
                let owner = self.heads.resources.get_u32(row);
                self.resources
                    .attributes_of(owner)
                    .find(|(k, ..)| *k == key)
            }
            AttributeScope::Scope => {
                let owner = self.heads.scopes.get_u32(row);
                self.scopes.attributes_of(owner).find(|(k, ..)| *k == key)
            }
            AttributeScope::Span => match self.groups.group_of(row) {
                None => self
                    .groups
                    .loose
                    .attributes_of(row)
                    .find(|(k, ..)| *k == key),
                Some(group) => {
                    let column = group.columns.iter().find(|column| column.key == key)?;
                    let (tables, pools) = (&self.tables, &self.groups.pools);
                    let row = row - group.start;
                    return Some(column.values.get(row, tables, pools, buffer));
                }
            },
        };
        let (_, kind, bits) = found?;
        Some(self.tables.value(kind, bits, buffer))
    }

    /// A number that two rows share only if the span's attribute is the same text in both; none
    /// where that is not known.
    pub(crate) fn attribute_code(&self, row: usize, reader: KeyReader) -> Option<u64> {
        if reader.scope != AttributeScope::Span {
            return None;
        }
        let group = self.groups.group_of(row)?;
        let column = group
            .columns
            .iter()
            .find(|column| column.key == reader.key)?;
        match &column.values {
            ValueColumn::Codes { pool, codes } => {
                Some(u64::from(*pool) << 32 | codes.get(row - group.start))
            }
            _ => None,
        }
    }

    /// The names of all operations, by code.
    pub(crate) fn names(&self) -> &Dictionary {
        &self.names
    }

    /// The code of a row's operation.
    pub(crate) fn name_code(&self, row: usize) -> u32 {
        self.heads.names.get_u32(row)
    }

    /// The code of a row's service.
    pub(crate) fn service_code(&self, row: usize) -> u32 {
        self.resources.head(self.heads.resources.get_u32(row))[0]
    }

    /// The description of a row's status, in `buffer` if it is not stored as text.
    pub(crate) fn status_message<'a>(&'a self, row: usize, buffer: &'a mut String) -> &'a str {
        let code = self.heads.status_messages.get_u32(row);
        self.tables.texts.get(code, buffer)
    }

    /// Name and version of a row's scope: 0 is the name, 1 the version.
    pub(crate) fn scope_text<'a>(
        &'a self,
        row: usize,
        which: usize,
        buffer: &'a mut String,
    ) -> &'a str {
        let scope = self.scopes.head(self.heads.scopes.get_u32(row));
        self.tables.texts.get(scope[which], buffer)
    }

    /// Events and links of a row.
    pub(crate) fn nested_counts(&self, row: usize) -> (u64, u64) {
        let events = self.events.of_rows.of(row).len();
        let links = self.links.of_rows.of(row).len();
        (events as u64, links as u64)
    }

    /// How long a row lasted; none while it is open. An end before the start counts as 0.
    pub(crate) fn duration_ns(&self, row: usize) -> Option<u64> {
        let end = self.end_ns(row)?;
        Some(end.saturating_sub(self.start_ns(row)))
    }
}
