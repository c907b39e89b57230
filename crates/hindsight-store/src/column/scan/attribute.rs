//! Tests of attributes: of the first one with a key, as everywhere.

use super::super::attributes::Encoded;
use super::super::bitmap::Bitmap;
use super::super::owners::Owners;
use super::super::rows::SegmentRows;
use super::column::Context;
use super::{AttributeScope, ValueTest};

impl SegmentRows {
    /// The rows whose attribute `key` passes the test. Rows of spans without that attribute do
    /// not; of events, one that passes is enough.
    pub(crate) fn rows_by_attribute(
        &self,
        scope: AttributeScope,
        key: &str,
        test: &ValueTest<'_>,
        within: Option<&Bitmap>,
    ) -> Bitmap {
        let mut rows = match self.tables.keys.find(key) {
            None => Bitmap::none(self.len),
            Some(key) => match scope {
                AttributeScope::Span => self.by_span_attribute(key, test, within),
                AttributeScope::Resource => {
                    let owners = self.owners_that_pass(&self.resources, key, test);
                    self.heads.resources.rows_among(&owners)
                }
                AttributeScope::Scope => {
                    let owners = self.owners_that_pass(&self.scopes, key, test);
                    self.heads.scopes.rows_among(&owners)
                }
                AttributeScope::Event => self.by_event_attribute(key, test),
            },
        };
        if let Some(within) = within {
            rows.and(within);
        }
        rows
    }

    fn by_span_attribute(&self, key: u32, test: &ValueTest<'_>, within: Option<&Bitmap>) -> Bitmap {
        let mut rows = Bitmap::none(self.len);
        let context = Context::new(self);
        for group in &self.groups.groups {
            let Some(column) = group.columns.iter().find(|column| column.key == key) else {
                continue;
            };
            let within = within.map(|within| within.part(group.start, group.len));
            if within.as_ref().is_some_and(Bitmap::is_empty) {
                continue;
            }
            let found = test.rows(&column.values, &context, within.as_ref());
            rows.or_at(group.start, &found);
        }
        let loose = &self.groups.loose;
        if loose.attributes.has_key(key) {
            for row in loose.start..loose.start + loose.len() {
                if self.first_passes(loose.attributes_of(row), key, test) {
                    rows.insert(row);
                }
            }
        }
        rows
    }

    /// Whether the first attribute with a key passes.
    fn first_passes(
        &self,
        mut attributes: impl Iterator<Item = Encoded>,
        key: u32,
        test: &ValueTest<'_>,
    ) -> bool {
        let first = attributes.find(|(other, ..)| *other == key);
        first.is_some_and(|(_, kind, bits)| {
            let mut buffer = String::new();
            test.passes(self.tables.value(kind, bits, &mut buffer))
        })
    }

    fn owners_that_pass(&self, owners: &Owners, key: u32, test: &ValueTest<'_>) -> Bitmap {
        let mut found = Bitmap::none(owners.len());
        if owners.attributes.has_key(key) {
            for owner in 0..owners.len() {
                if self.first_passes(owners.attributes_of(owner as u32), key, test) {
                    found.insert(owner);
                }
            }
        }
        found
    }

    fn by_event_attribute(&self, key: u32, test: &ValueTest<'_>) -> Bitmap {
        let mut rows = Bitmap::none(self.len);
        if !self.events.attributes.has_key(key) {
            return rows;
        }
        for (row, mut events) in self.events.of_rows.iter() {
            if events.any(|event| self.first_passes(self.events.attributes_of(event), key, test)) {
                rows.insert(row);
            }
        }
        rows
    }

    /// The rows with an attribute of the span whose key passes the test, asked once a key.
    pub(crate) fn rows_with_key(&self, test: &dyn Fn(&str) -> bool) -> Bitmap {
        let keys = self.tables.keys.codes_where(test);
        let mut rows = Bitmap::none(self.len);
        for group in &self.groups.groups {
            let mut columns = group.columns.iter();
            if columns.any(|column| keys.contains(column.key as usize)) {
                rows.or_at(group.start, &Bitmap::all(group.len));
            }
        }
        let loose = &self.groups.loose;
        for row in loose.start..loose.start + loose.len() {
            let mut attributes = loose.attributes_of(row);
            if attributes.any(|(key, ..)| keys.contains(key as usize)) {
                rows.insert(row);
            }
        }
        rows
    }
}
