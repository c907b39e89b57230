//! What rows refer to: strings, blobs, resources, scopes.

use super::limits::{cut, shorten};
use super::{RowCopier, or_default};
use crate::batch::build::BatchBuilder;
use crate::batch::check::span_of;
use crate::batch::columns::{AttributeColumns, tag};
use crate::batch::encoded::EncodedAttribute as Encoded;

/// What stands in for an array or map that is too large.
const TOO_LARGE: &str = "(array or map too large)";

impl RowCopier<'_> {
    /// A name, version or key.
    #[inline]
    pub(super) fn name(&mut self, index: u32, to: &mut BatchBuilder) -> u32 {
        let max = self.limits.name_bytes_max;
        if max != usize::MAX && self.source.string(index).len() > max {
            self.cuts.name_bytes += 1;
        }
        if let Some(known) = self.names.get(index as usize) {
            return known;
        }
        let copied = to.intern(cut(self.source.string(index), max));
        self.names.set(index as usize, copied);
        copied
    }

    /// A value or other text.
    #[inline]
    pub(super) fn text(&mut self, index: u32, to: &mut BatchBuilder) -> u32 {
        let max = self.limits.value_bytes_max;
        if max != usize::MAX && self.source.string(index).len() > max {
            self.cuts.value_bytes += 1;
        }
        if let Some(known) = self.values.get(index as usize) {
            return known;
        }
        let copied = to.intern(cut(self.source.string(index), max));
        self.values.set(index as usize, copied);
        copied
    }

    fn blob(&mut self, index: u64, to: &mut BatchBuilder) -> u64 {
        let at = usize::try_from(index).unwrap_or(usize::MAX);
        if let Some(known) = self.blobs.get(at) {
            return u64::from(known);
        }
        let bytes = self.source.blob(index);
        let kept = bytes.len().min(self.limits.value_bytes_max);
        let copied = to.blob(&bytes[..kept]);
        self.blobs.set(at, copied as u32);
        copied
    }

    #[inline]
    pub(super) fn attribute(
        &mut self,
        from: &AttributeColumns,
        at: usize,
        to: &mut BatchBuilder,
    ) -> Encoded {
        let key = self.name(from.keys[at], to);
        let (kind, bits) = (from.tags[at], from.bits[at]);
        let (kind, bits) = match kind {
            tag::STRING => (kind, u64::from(self.text(bits as u32, to))),
            tag::BYTES | tag::ARRAY | tag::MAP => self.large_value(kind, bits, to),
            _ => (kind, bits),
        };
        (key, kind, bits)
    }

    fn large_value(&mut self, kind: u8, bits: u64, to: &mut BatchBuilder) -> (u8, u64) {
        let is_long = self.source.blob(bits).len() > self.limits.value_bytes_max;
        self.cuts.value_bytes += u64::from(is_long);
        match is_long && kind != tag::BYTES {
            true => (tag::STRING, u64::from(to.intern(TOO_LARGE))),
            false => (kind, self.blob(bits, to)),
        }
    }

    /// The attributes of a resource or scope, and how many were dropped.
    fn attributes(
        &mut self,
        from: &AttributeColumns,
        ends: &[u32],
        row: u32,
        to: &mut BatchBuilder,
    ) -> (Vec<Encoded>, u32) {
        let range = span_of(ends, row as usize);
        let (range, lost) = shorten(range, self.limits.attributes_per_span_max);
        self.cuts.attributes_per_span += u64::from(lost);
        let encoded = range.map(|at| self.attribute(from, at, to)).collect();
        (encoded, lost)
    }

    #[inline]
    pub(super) fn resource(&mut self, row: u32, to: &mut BatchBuilder) -> u32 {
        match self.resources.get(row as usize) {
            Some(known) => known,
            None => self.new_resource(row, to),
        }
    }

    fn new_resource(&mut self, row: u32, to: &mut BatchBuilder) -> u32 {
        let table = &self.source.columns.resources;
        let (encoded, lost) = self.attributes(&table.attributes, &table.attribute_ends, row, to);
        let dropped = or_default(&table.dropped_attributes, row as usize);
        let copied = to.intern_resource(&encoded, dropped.saturating_add(lost));
        self.resources.set(row as usize, copied);
        copied
    }

    #[inline]
    pub(super) fn scope(&mut self, row: u32, to: &mut BatchBuilder) -> u32 {
        match self.scopes.get(row as usize) {
            Some(known) => known,
            None => self.new_scope(row, to),
        }
    }

    fn new_scope(&mut self, row: u32, to: &mut BatchBuilder) -> u32 {
        let table = &self.source.columns.scopes;
        let name = self.name(or_default(&table.names, row as usize), to);
        let version = self.name(or_default(&table.versions, row as usize), to);
        let (encoded, lost) = self.attributes(&table.attributes, &table.attribute_ends, row, to);
        let dropped = or_default(&table.dropped_attributes, row as usize);
        let head = (name, version, dropped.saturating_add(lost));
        let copied = to.intern_scope(head, &encoded);
        self.scopes.set(row as usize, copied);
        copied
    }
}
