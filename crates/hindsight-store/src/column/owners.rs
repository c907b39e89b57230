//! Resources and scopes: what many spans share, stored once a segment whatever batch it came in.
//!
//! In: rows of the tables of batches. Out: [`Owners`], each with three numbers (what they are is
//! said at [`ResourceHead`] and [`ScopeHead`]) and attributes.

use hashbrown::HashMap;
use hindsight_protocol::CheckedBatch;
use hindsight_protocol::batch::{AttributeColumns, tag};

use super::attributes::{Attributes, AttributesStage, Encoded, TablesStage};
use super::dictionary::Interner;
use super::packed::Packed;

/// Owners being collected.
#[derive(Debug, Default)]
pub(super) struct OwnersStage {
    known: HashMap<Owner, u32>,
    heads: [Vec<u32>; 3],
    attributes: AttributesStage,
    ends: Vec<u32>,
    /// Code plus one by row of the batch's table; 0 = not known yet.
    memo: Vec<u32>,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Owner {
    head: [u32; 3],
    attributes: Vec<Encoded>,
}

/// Owners by code.
#[derive(Debug, Default)]
pub(crate) struct Owners {
    pub(super) heads: [Packed; 3],
    pub(super) attributes: Attributes,
    ends: Packed,
}

impl OwnersStage {
    /// Prepares for the rows of another batch's table.
    pub(super) fn begin(&mut self, rows: usize) {
        self.memo.clear();
        self.memo.resize(rows.max(1), 0);
    }

    /// The code of row `row` of the batch's resources.
    #[inline]
    pub(super) fn resource(
        &mut self,
        batch: &CheckedBatch,
        row: u32,
        tables: &mut TablesStage,
        services: &mut Interner,
    ) -> u32 {
        match self.memo.get(row as usize) {
            Some(code) if *code != 0 => *code - 1,
            _ => self.new_resource(batch, row, tables, services),
        }
    }

    fn new_resource(
        &mut self,
        batch: &CheckedBatch,
        row: u32,
        tables: &mut TablesStage,
        services: &mut Interner,
    ) -> u32 {
        let table = &batch.columns().resources;
        let range = range_of(&table.attribute_ends, row as usize);
        let service = service(batch, &table.attributes, range.clone());
        let service = services.intern(service.as_bytes(), &tables.hasher);
        let dropped = or_default(&table.dropped_attributes, row as usize);
        let encoded = range.map(|at| tables.attribute(batch, &table.attributes, at));
        let attributes = encoded.collect();
        self.remember(row, [service, dropped, 0], attributes)
    }

    /// The code of row `row` of the batch's scopes.
    #[inline]
    pub(super) fn scope(
        &mut self,
        batch: &CheckedBatch,
        row: u32,
        tables: &mut TablesStage,
    ) -> u32 {
        match self.memo.get(row as usize) {
            Some(code) if *code != 0 => *code - 1,
            _ => self.new_scope(batch, row, tables),
        }
    }

    fn new_scope(&mut self, batch: &CheckedBatch, row: u32, tables: &mut TablesStage) -> u32 {
        let table = &batch.columns().scopes;
        let at = row as usize;
        let name = tables.text(batch, or_default(&table.names, at));
        let version = tables.text(batch, or_default(&table.versions, at));
        let dropped = or_default(&table.dropped_attributes, at);
        let encoded = range_of(&table.attribute_ends, at)
            .map(|at| tables.attribute(batch, &table.attributes, at));
        let attributes = encoded.collect();
        self.remember(row, [name, version, dropped], attributes)
    }

    fn remember(&mut self, row: u32, head: [u32; 3], attributes: Vec<Encoded>) -> u32 {
        let next = self.ends.len() as u32;
        let owner = Owner { head, attributes };
        let code = match self.known.get(&owner) {
            Some(code) => *code,
            None => {
                for (column, value) in self.heads.iter_mut().zip(head) {
                    column.push(value);
                }
                for attribute in &owner.attributes {
                    self.attributes.push(*attribute);
                }
                self.ends.push(self.attributes.len() as u32);
                self.known.insert(owner, next);
                next
            }
        };
        if let Some(known) = self.memo.get_mut(row as usize) {
            *known = code + 1;
        }
        code
    }

    /// The first number of each owner's head.
    pub(super) fn first_heads(&self) -> &[u32] {
        &self.heads[0]
    }

    pub(super) fn finish(self) -> Owners {
        Owners {
            heads: self.heads.map(|column| Packed::of(&column)),
            attributes: self.attributes.finish(),
            ends: Packed::of(&self.ends),
        }
    }
}

impl Owners {
    /// Number of owners.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Head of an owner; panics when there is none, as slices do.
    pub(super) fn head(&self, owner: u32) -> [u32; 3] {
        let owner = owner as usize;
        std::array::from_fn(|column| self.heads[column].get_u32(owner))
    }

    /// Attributes of an owner.
    pub(super) fn attributes_of(&self, owner: u32) -> impl Iterator<Item = Encoded> + '_ {
        let owner = owner as usize;
        let start = owner
            .checked_sub(1)
            .map_or(0, |before| self.ends.get(before));
        (start as usize..self.ends.get(owner) as usize).map(|at| self.attributes.get(at))
    }

    pub(super) fn bytes(&self) -> u64 {
        let heads: u64 = self.heads.iter().map(Packed::bytes).sum();
        heads + self.attributes.bytes() + self.ends.bytes()
    }
}

/// The elements `ends[row - 1]..ends[row]`; empty outside the table.
#[inline]
pub(super) fn range_of(ends: &[u32], row: usize) -> std::ops::Range<usize> {
    let end = or_default(ends, row) as usize;
    let start = row
        .checked_sub(1)
        .map_or(0, |before| or_default(ends, before));
    start as usize..end.max(start as usize)
}

#[inline]
pub(super) fn or_default<T: Copy + Default>(column: &[T], row: usize) -> T {
    column.get(row).copied().unwrap_or_default()
}

/// The first `service.name` that is text, or the empty text.
fn service<'a>(
    batch: &'a CheckedBatch,
    columns: &AttributeColumns,
    mut range: std::ops::Range<usize>,
) -> &'a str {
    let found = range.find(|at| {
        columns.tags[*at] == tag::STRING && batch.string(columns.keys[*at]) == "service.name"
    });
    found.map_or("", |at| batch.string(columns.bits[at] as u32))
}
