//! Which rows have the same keys and types of attributes, in the same order.
//!
//! In: rows of one batch after the other. Out: for each batch, its rows split by shape, each with
//! the group of the segment that has a column for every attribute of that shape, or none. A group
//! is made when a shape has been seen in [`ROWS_MIN`] rows; there are at most [`GROUPS_MAX`] of at
//! most [`WIDTH_MAX`] attributes, whatever is sent. Cost: two comparisons a row where a row is like
//! the one before, else a hash.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};
use hindsight_protocol::CheckedBatch;

use super::attributes::TablesStage;
use super::build::Rows;
use super::owners::range_of;

/// Rows of a shape before it is given columns.
const ROWS_MIN: u32 = 32;

/// Most shapes with columns.
const GROUPS_MAX: usize = 256;

/// Most attributes of a shape with columns.
const WIDTH_MAX: usize = 128;

/// Most shapes that are counted without having columns yet; beyond, all counts start again.
const CANDIDATES_MAX: usize = 4096;

/// Key codes and tags, in order.
pub(super) type Shape = Vec<(u32, u8)>;

/// The shapes of a segment.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    groups: HashMap<Shape, u32>,
    /// Rows seen, by hash of the shape: equal hashes only make a group a little early.
    candidates: HashMap<u64, u32>,
    batch: BatchShapes,
}

/// The shapes of the rows of a batch.
#[derive(Debug, Default)]
struct BatchShapes {
    /// Where an example of each shape stands in the batch, and how many rows have it.
    examples: Vec<Example>,
    by_content: HashTable<u32>,
    /// Number of the shape, by position of the row.
    of_position: Vec<u32>,
    /// Positions, shape by shape.
    order: Vec<u32>,
}

#[derive(Clone, Debug)]
struct Example {
    range: std::ops::Range<usize>,
    rows: u32,
}

/// Rows of one shape within a batch.
pub(super) struct Split<'a> {
    /// Positions in the list of rows, ascending.
    pub(super) positions: &'a [u32],
    /// All rows of the batch have this shape: each as many attributes as it has, row after row.
    pub(super) is_all: bool,
    /// The group, if the shape has one, and its shape if the group is new.
    pub(super) group: Option<(u32, Option<Shape>)>,
}

impl Shapes {
    /// Splits rows of a batch by shape; `take` is given each part.
    pub(super) fn split(
        &mut self,
        batch: &CheckedBatch,
        rows: Rows<'_>,
        tables: &mut TablesStage,
        mut take: impl FnMut(Split<'_>, &mut TablesStage),
    ) {
        let mut shapes = std::mem::take(&mut self.batch);
        let is_all = rows.is_all && shapes.find_only(batch);
        if !is_all {
            shapes.find(batch, rows.list, &tables.hasher);
        }
        shapes.sort();
        let mut start = 0;
        for example in &shapes.examples {
            let end = start + example.rows as usize;
            let group = self.group(batch, example, tables);
            let positions = &shapes.order[start..end];
            take(
                Split {
                    positions,
                    is_all,
                    group,
                },
                tables,
            );
            start = end;
        }
        self.batch = shapes;
    }

    fn group(
        &mut self,
        batch: &CheckedBatch,
        example: &Example,
        tables: &mut TablesStage,
    ) -> Option<(u32, Option<Shape>)> {
        if example.range.len() > WIDTH_MAX {
            return None;
        }
        let attributes = &batch.columns().attributes;
        let shape: Shape = example
            .range
            .clone()
            .map(|at| (tables.key(batch, attributes.keys[at]), attributes.tags[at]))
            .collect();
        if let Some(group) = self.groups.get(&shape) {
            return Some((*group, None));
        }
        if self.candidates.len() >= CANDIDATES_MAX {
            self.candidates.clear();
        }
        let seen = self
            .candidates
            .entry(tables.hasher.hash_one(&shape))
            .or_insert(0);
        *seen = seen.saturating_add(example.rows);
        if *seen < ROWS_MIN || self.groups.len() >= GROUPS_MAX {
            return None;
        }
        let group = self.groups.len() as u32;
        self.groups.insert(shape.clone(), group);
        Some((group, Some(shape)))
    }
}

impl BatchShapes {
    /// Finds out whether all rows of a batch have one shape, with few long comparisons.
    fn find_only(&mut self, batch: &CheckedBatch) -> bool {
        let columns = batch.columns();
        let (keys, tags) = (&columns.attributes.keys, &columns.attributes.tags);
        let ends = &columns.attribute_ends;
        let width = ends.first().map_or(0, |end| *end as usize);
        if width == 0 || keys.len() != width * ends.len() {
            return false;
        }
        // Written so that several are compared at a time.
        let ends = ends.chunks(256).enumerate();
        let mut is_regular = ends.map(|(chunk, ends)| {
            let first = (chunk * 256 + 1) * width;
            let expected = (0..).map(|at| (first + at * width) as u32);
            ends.iter()
                .zip(expected)
                .fold(true, |all, (end, at)| all & (*end == at))
        });
        let repeats = is_regular.all(|is| is)
            && tags[width..] == tags[..tags.len() - width]
            && keys[width..] == keys[..keys.len() - width];
        if repeats {
            let rows = columns.attribute_ends.len();
            self.examples.clear();
            self.examples.push(Example {
                range: 0..width,
                rows: rows as u32,
            });
            self.of_position.clear();
            self.of_position.resize(rows, 0);
        }
        repeats
    }

    /// Numbers the shapes of the rows.
    fn find(&mut self, batch: &CheckedBatch, rows: &[u32], hasher: &DefaultHashBuilder) {
        self.examples.clear();
        self.by_content.clear();
        self.of_position.clear();
        self.of_position.reserve(rows.len());
        let columns = batch.columns();
        let (keys, tags) = (&columns.attributes.keys, &columns.attributes.tags);
        let content = |range: &std::ops::Range<usize>| (&keys[range.clone()], &tags[range.clone()]);
        let mut last = 0;
        for row in rows {
            let range = range_of(&columns.attribute_ends, *row as usize);
            let wanted = content(&range);
            let is_like = |shape: u32, examples: &[Example]| {
                let example = examples.get(shape as usize);
                example.is_some_and(|example| content(&example.range) == wanted)
            };
            if !is_like(last, &self.examples) {
                let examples = &mut self.examples;
                let entry = self.by_content.entry(
                    hasher.hash_one(wanted),
                    |shape| is_like(*shape, examples),
                    |shape| hasher.hash_one(content(&examples[*shape as usize].range)),
                );
                last = *entry.or_insert(examples.len() as u32).get();
                if last as usize == examples.len() {
                    examples.push(Example { range, rows: 0 });
                }
            }
            self.examples[last as usize].rows += 1;
            self.of_position.push(last);
        }
    }

    /// Orders the positions by shape.
    fn sort(&mut self) {
        self.order.clear();
        let rows = self.of_position.len() as u32;
        if self.examples.len() == 1 {
            self.order.extend(0..rows);
            return;
        }
        let mut end = 0;
        let start = |example: &Example| {
            let start = end;
            end += example.rows;
            start
        };
        let mut next: Vec<u32> = self.examples.iter().map(start).collect();
        self.order.resize(rows as usize, 0);
        for (position, shape) in self.of_position.iter().enumerate() {
            let at = &mut next[*shape as usize];
            self.order[*at as usize] = position as u32;
            *at += 1;
        }
    }
}
