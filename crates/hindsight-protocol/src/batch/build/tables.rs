//! Resources and scopes: stored once, referred to by row.

use std::hash::BuildHasher;

use super::{BatchBuilder, push};
use crate::batch::check::span_of;
use crate::batch::columns::{AttributeColumns, ScopeTable};
use crate::batch::encoded::EncodedAttribute as Encoded;
use crate::{KeyValue, Resource, Scope};

impl BatchBuilder {
    /// The row of a resource with these attributes, stored once.
    pub fn resource(&mut self, resource: &Resource) -> u32 {
        let encoded = self.encode_all(&resource.attributes);
        self.intern_resource(&encoded, resource.dropped_attributes)
    }

    pub(in crate::batch) fn intern_resource(&mut self, encoded: &[Encoded], dropped: u32) -> u32 {
        let (table, hasher) = (&mut self.columns.resources, &self.hasher);
        let hash = hasher.hash_one((dropped, encoded));
        let found = self.interned_resources.find(hash, |row| {
            let row = *row as usize;
            table.dropped_attributes[row] == dropped
                && is_row(&table.attributes, &table.attribute_ends, row, encoded)
        });
        if let Some(row) = found {
            return *row;
        }
        push_all(&mut table.attributes, encoded);
        table
            .attribute_ends
            .push(table.attributes.keys.len() as u32);
        table.dropped_attributes.push(dropped);
        let row = table.attribute_ends.len() as u32 - 1;
        self.interned_resources.insert_unique(hash, row, |row| {
            let row = *row as usize;
            let encoded = encoded_row(&table.attributes, &table.attribute_ends, row);
            hasher.hash_one((table.dropped_attributes[row], encoded.as_slice()))
        });
        row
    }

    /// The row of this scope, stored once.
    pub fn scope(&mut self, scope: &Scope) -> u32 {
        let name = self.intern(&scope.name);
        let version = self.intern(&scope.version);
        let encoded = self.encode_all(&scope.attributes);
        self.intern_scope((name, version, scope.dropped_attributes), &encoded)
    }

    /// `head`: name, version, dropped attributes.
    pub(in crate::batch) fn intern_scope(
        &mut self,
        head: (u32, u32, u32),
        encoded: &[Encoded],
    ) -> u32 {
        let (table, hasher) = (&mut self.columns.scopes, &self.hasher);
        let hash = hasher.hash_one((head, encoded));
        let found = self.interned_scopes.find(hash, |row| {
            let row = *row as usize;
            scope_head(table, row) == head
                && is_row(&table.attributes, &table.attribute_ends, row, encoded)
        });
        if let Some(row) = found {
            return *row;
        }
        table.names.push(head.0);
        table.versions.push(head.1);
        table.dropped_attributes.push(head.2);
        push_all(&mut table.attributes, encoded);
        table
            .attribute_ends
            .push(table.attributes.keys.len() as u32);
        let row = table.attribute_ends.len() as u32 - 1;
        self.interned_scopes.insert_unique(hash, row, |row| {
            let row = *row as usize;
            let encoded = encoded_row(&table.attributes, &table.attribute_ends, row);
            hasher.hash_one((scope_head(table, row), encoded.as_slice()))
        });
        row
    }

    fn encode_all(&mut self, attributes: &[KeyValue]) -> Vec<Encoded> {
        let encode = |attribute: &KeyValue| {
            let key = self.intern(&attribute.key);
            let (kind, bits) = self.encode_value(&attribute.value);
            (key, kind, bits)
        };
        attributes.iter().map(encode).collect()
    }
}

fn push_all(columns: &mut AttributeColumns, encoded: &[Encoded]) {
    for attribute in encoded {
        push(columns, *attribute);
    }
}

fn is_row(columns: &AttributeColumns, ends: &[u32], row: usize, encoded: &[Encoded]) -> bool {
    let range = span_of(ends, row);
    range.len() == encoded.len()
        && range
            .zip(encoded)
            .all(|(at, e)| (columns.keys[at], columns.tags[at], columns.bits[at]) == *e)
}

fn encoded_row(columns: &AttributeColumns, ends: &[u32], row: usize) -> Vec<Encoded> {
    span_of(ends, row)
        .map(|at| (columns.keys[at], columns.tags[at], columns.bits[at]))
        .collect()
}

fn scope_head(table: &ScopeTable, row: usize) -> (u32, u32, u32) {
    (
        table.names[row],
        table.versions[row],
        table.dropped_attributes[row],
    )
}
