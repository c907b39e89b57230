//! The rows' attributes: groups of rows with the same keys and types, and the rest.
//!
//! A [`Group`] is a range of the segment's rows with one column for each attribute they all have.
//! [`Loose`] rows, which come last, have their attributes one after the other.

use hashbrown::HashMap;
use hindsight_protocol::CheckedBatch;

use super::attributes::{Attributes, AttributesStage, Encoded, TablesStage};
use super::build::Rows;
use super::dictionary::Dictionary;
use super::owners::range_of;
use super::packed::Packed;
use super::shapes::{Shape, Shapes, Split};
use super::values::{TextPool, ValueColumn, ValueStage};

/// Number that stands for no group.
const LOOSE: u16 = u16::MAX;

/// Columns of a group up to which memory is reserved: wider ones are rare, and may be hostile.
const RESERVE_WIDTH_MAX: usize = 32;

/// Texts looked at to decide for or against a dictionary.
const SAMPLE: usize = 1024;

/// Attributes being collected.
#[derive(Debug, Default)]
pub(super) struct GroupsStage {
    shapes: Shapes,
    groups: Vec<GroupStage>,
    /// Dictionaries of the keys that have texts in a group.
    pools: Vec<TextPool>,
    pool_of_key: HashMap<u32, u32>,
    loose: AttributesStage,
    loose_ends: Vec<u32>,
    /// Group of each row in order of arrival, or [`LOOSE`].
    of_row: Vec<u16>,
    rows_expected: usize,
    /// Rows that groups may still reserve memory for, foretelling how many they will have.
    rows_reservable: usize,
    starts: Vec<usize>,
}

#[derive(Debug)]
struct GroupStage {
    columns: Vec<(u32, ValueStage)>,
    rows: usize,
}

/// Consecutive rows with the same keys and types.
#[derive(Debug)]
pub(crate) struct Group {
    /// The first row.
    pub(super) start: usize,
    pub(super) len: usize,
    /// In the order of the attributes.
    pub(super) columns: Vec<Column>,
}

/// The values of one attribute of a group.
#[derive(Debug)]
pub(crate) struct Column {
    /// Code of the key.
    pub(super) key: u32,
    pub(super) values: ValueColumn,
}

/// Rows whose attributes have no columns.
#[derive(Debug, Default)]
pub(crate) struct Loose {
    /// The first row.
    pub(super) start: usize,
    ends: Packed,
    pub(super) attributes: Attributes,
}

/// The attributes of a segment's rows.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    pub(super) groups: Vec<Group>,
    pub(super) loose: Loose,
    pub(super) pools: Vec<Dictionary>,
}

impl GroupsStage {
    pub(super) fn new(rows_expected: usize) -> Self {
        Self {
            rows_expected,
            rows_reservable: rows_expected,
            of_row: Vec::with_capacity(rows_expected),
            ..Self::default()
        }
    }

    /// Adds rows of a batch.
    pub(super) fn extend(
        &mut self,
        batch: &CheckedBatch,
        rows: Rows<'_>,
        tables: &mut TablesStage,
    ) {
        let first = self.of_row.len();
        self.of_row.resize(first + rows.len(), LOOSE);
        let mut shapes = std::mem::take(&mut self.shapes);
        let mut loose = Vec::new();
        shapes.split(batch, rows, tables, |split, tables| match &split.group {
            None => loose.extend_from_slice(split.positions),
            Some((group, new)) => {
                if let Some(shape) = new {
                    self.add_group(shape);
                }
                let of_row = &mut self.of_row[first..];
                for position in split.positions {
                    of_row[*position as usize] = *group as u16;
                }
                self.extend_group(*group, batch, rows, &split, tables);
            }
        });
        self.shapes = shapes;
        loose.sort_unstable();
        self.extend_loose(batch, rows.list, &loose, tables);
        self.pools.iter_mut().for_each(TextPool::decide);
    }

    fn add_group(&mut self, shape: &Shape) {
        let (pools, rows) = (&mut self.pools, self.rows_expected);
        let column = |(key, kind): &(u32, u8)| {
            let pool = self.pool_of_key.entry(*key).or_insert_with(|| {
                pools.push(TextPool::new(rows));
                pools.len() as u32 - 1
            });
            (*key, ValueStage::new(*kind, *pool))
        };
        self.groups.push(GroupStage {
            columns: shape.iter().map(column).collect(),
            rows: 0,
        });
    }

    fn extend_group(
        &mut self,
        group: u32,
        batch: &CheckedBatch,
        rows: Rows<'_>,
        split: &Split<'_>,
        tables: &mut TablesStage,
    ) {
        let (columns, positions) = (batch.columns(), split.positions);
        let bits = &columns.attributes.bits;
        let group = &mut self.groups[group as usize];
        if group.rows == 0 && group.columns.len() <= RESERVE_WIDTH_MAX {
            let share = self.rows_expected as u64 * positions.len() as u64 / rows.len() as u64;
            let share = (share as usize).min(self.rows_reservable);
            self.rows_reservable -= share;
            group.columns.iter_mut().for_each(|(_, c)| c.reserve(share));
        }
        group.rows += positions.len();
        if split.is_all {
            let width = group.columns.len();
            for (at, (_, values)) in group.columns.iter_mut().enumerate() {
                let bits = bits.chunks_exact(width).map(|row| row[at]);
                values.extend(batch, bits, tables, &mut self.pools);
            }
            return;
        }
        let start = |position: &u32| {
            let row = rows.list[*position as usize];
            range_of(&columns.attribute_ends, row as usize).start
        };
        self.starts.clear();
        self.starts.extend(positions.iter().map(start));
        for (at, (_, values)) in group.columns.iter_mut().enumerate() {
            let bits = self.starts.iter().map(|start| bits[start + at]);
            values.extend(batch, bits, tables, &mut self.pools);
        }
    }

    fn extend_loose(
        &mut self,
        batch: &CheckedBatch,
        rows: &[u32],
        positions: &[u32],
        tables: &mut TablesStage,
    ) {
        let columns = batch.columns();
        for position in positions {
            let row = rows[*position as usize] as usize;
            for at in range_of(&columns.attribute_ends, row) {
                let encoded = tables.attribute(batch, &columns.attributes, at);
                self.loose.push(encoded);
            }
            self.loose_ends.push(self.loose.len() as u32);
        }
    }

    /// Rows in their final order, as numbers in order of arrival: group by group, then the loose
    /// ones. None if that is the order of arrival.
    pub(super) fn order(&self) -> Option<Vec<u32>> {
        let is_sorted = self.of_row.is_sorted();
        (!is_sorted).then(|| {
            let mut next = Vec::with_capacity(self.groups.len() + 1);
            let mut end = 0_u32;
            for rows in self.groups.iter().map(|group| group.rows) {
                next.push(end);
                end += rows as u32;
            }
            let mut loose = end;
            let mut order = vec![0; self.of_row.len()];
            for (row, group) in self.of_row.iter().enumerate() {
                let at = next.get_mut(usize::from(*group)).unwrap_or(&mut loose);
                order[*at as usize] = row as u32;
                *at += 1;
            }
            order
        })
    }

    pub(super) fn finish(mut self, tables: &TablesStage) -> Groups {
        self.decide_pools();
        let mut start = 0;
        let mut groups = Vec::with_capacity(self.groups.len());
        for group in self.groups {
            let column = |(key, values): (u32, ValueStage)| Column {
                key,
                values: values.finish(tables, &mut self.pools),
            };
            groups.push(Group {
                start,
                len: group.rows,
                columns: group.columns.into_iter().map(column).collect(),
            });
            start += group.rows;
        }
        let loose = Loose {
            start,
            ends: Packed::of(&self.loose_ends),
            attributes: self.loose.finish(),
        };
        let pools = self.pools.into_iter();
        Groups {
            groups,
            loose,
            pools: pools.map(|pool| pool.finish(&tables.hasher)).collect(),
        }
    }

    fn decide_pools(&mut self) {
        let mut samples: Vec<Vec<&str>> = vec![Vec::new(); self.pools.len()];
        let columns = self.groups.iter().flat_map(|group| &group.columns);
        for (_, values) in columns {
            if let ValueStage::Text { pool, plain, .. } = values {
                let step = plain.len().div_ceil(SAMPLE).max(1);
                samples[*pool as usize].extend(plain.iter().step_by(step));
            }
        }
        for (pool, sample) in self.pools.iter_mut().zip(samples) {
            pool.decide_at_end(&sample);
        }
    }
}

impl Groups {
    /// The group of a row; none if it is loose.
    pub(super) fn group_of(&self, row: usize) -> Option<&Group> {
        let after = self.groups.partition_point(|group| group.start <= row);
        let group = self.groups.get(after.checked_sub(1)?)?;
        (row < group.start + group.len).then_some(group)
    }

    pub(super) fn bytes(&self) -> u64 {
        let columns = self.groups.iter().flat_map(|group| &group.columns);
        let values: u64 = columns.map(|column| column.values.bytes()).sum();
        let structs: usize = self
            .groups
            .iter()
            .map(|group| size_of::<Group>() + group.columns.len() * size_of::<Column>())
            .sum();
        let pools: u64 = self.pools.iter().map(Dictionary::bytes).sum();
        let pool_structs = self.pools.len() * size_of::<Dictionary>();
        values + pools + self.loose.bytes() + (structs + pool_structs) as u64
    }
}

impl Loose {
    /// Number of rows.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Where the attributes of a row of the segment are.
    pub(super) fn range(&self, row: usize) -> std::ops::Range<usize> {
        let row = row - self.start;
        let start = row.checked_sub(1).map_or(0, |before| self.ends.get(before));
        start as usize..self.ends.get(row) as usize
    }

    /// The attributes of a row of the segment.
    pub(super) fn attributes_of(&self, row: usize) -> impl Iterator<Item = Encoded> + '_ {
        self.range(row).map(|at| self.attributes.get(at))
    }

    fn bytes(&self) -> u64 {
        self.ends.bytes() + self.attributes.bytes()
    }
}
