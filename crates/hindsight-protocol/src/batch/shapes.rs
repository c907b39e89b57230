//! Attributes whose keys are literals: the keys of a span are looked up together.
//!
//! Spans that one place of a program makes have the same keys, so comparing addresses with those of
//! an earlier span stands in for a look-up of each. A table of fixed size in which a newer entry
//! takes the place of an older one: it may forget but never tell wrong. Entries hold for one batch.

use super::build::BatchBuilder;

/// Sets of keys that are remembered.
const SHAPES: usize = 64;
/// Longer lists are written key by key.
const KEYS_MAX: usize = 64;

const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// Lists of keys, each without repetition, and the keys' indices.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    /// Empty until the first use.
    entries: Vec<Shape>,
    /// Batches so far; entries of earlier ones do not hold.
    batch: u64,
}

#[derive(Clone, Debug, Default)]
struct Shape {
    batch: u64,
    keys: Vec<&'static str>,
    indices: Vec<u32>,
}

impl Shapes {
    pub(super) fn clear(&mut self) {
        self.batch += 1;
    }

    #[inline]
    fn slot(first: &'static str, keys: usize) -> usize {
        let address = first.as_ptr() as u64;
        ((address ^ (keys as u64) << 48).wrapping_mul(SPREAD) >> 56) as usize % SHAPES
    }

    /// Whether the entry is for these very keys.
    #[inline]
    fn holds(&self, slot: usize, len: usize, keys: impl Iterator<Item = Key>) -> bool {
        let Some(shape) = self.entries.get(slot) else {
            return false;
        };
        let same = |(key, known): (Key, &&'static str)| match key {
            Some(key) => std::ptr::eq(key, *known),
            None => false,
        };
        // An address and a length: another text of the same content is only another entry.
        shape.batch == self.batch && shape.keys.len() == len && keys.zip(&shape.keys).all(same)
    }
}

/// A key, if it lives for ever.
type Key = Option<&'static str>;

impl BatchBuilder {
    /// Adds the attributes `source` to the newest span, if all keys are literals and none is there
    /// twice; says whether it did. `key` and `value` are asked for each in turn, `value` for tag and
    /// bits in terms of this builder's tables.
    ///
    /// For lists of keys that were there before, this costs a comparison of addresses a key.
    #[inline]
    pub fn literal_attributes<S>(
        &mut self,
        source: &[S],
        key: impl Fn(&S) -> Option<&'static str>,
        mut value: impl FnMut(&S, &mut Self) -> (u8, u64),
    ) -> bool {
        let Some(first) = source.first() else {
            return true;
        };
        let Some(first) = key(first) else {
            return false;
        };
        let slot = Shapes::slot(first, source.len());
        let keys = || source.iter().map(&key);
        if !self.shapes.holds(slot, source.len(), keys()) && !self.learn(slot, keys()) {
            return false;
        }
        let indices = &self.shapes.entries[slot].indices;
        self.columns.attributes.keys.extend_from_slice(indices);
        for one in source {
            let (tag, bits) = value(one, self);
            self.columns.attributes.tags.push(tag);
            self.columns.attributes.bits.push(bits);
        }
        true
    }

    /// Remembers a list of keys, if it is one of literals without repetition.
    #[cold]
    fn learn(&mut self, slot: usize, keys: impl Iterator<Item = Key>) -> bool {
        let mut shape = Shape {
            batch: self.shapes.batch,
            ..Shape::default()
        };
        for key in keys {
            let Some(key) = key else { return false };
            let index = self.intern_static(key);
            if shape.indices.contains(&index) || shape.indices.len() >= KEYS_MAX {
                return false;
            }
            shape.keys.push(key);
            shape.indices.push(index);
        }
        self.shapes.entries.resize(SHAPES, Shape::default());
        self.shapes.entries[slot] = shape;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::{SpanHead, tag};

    fn add(builder: &mut BatchBuilder, attributes: &[(Key, i64)]) -> bool {
        builder.begin_span(&SpanHead::default());
        let value = |(_, value): &(Key, i64), _: &mut BatchBuilder| (tag::I64, *value as u64);
        let added = builder.literal_attributes(attributes, |(key, _)| *key, value);
        builder.end_span();
        added
    }

    fn keys(builder: BatchBuilder) -> Vec<Vec<String>> {
        let batch = builder.finish().into_batch().check().expect("sound");
        let spans = batch.to_spans();
        let keys = |span: crate::Span| span.attributes.into_iter().map(|a| a.key).collect();
        spans.into_iter().map(keys).collect()
    }

    #[test]
    fn lists_of_the_same_length_that_begin_alike_are_told_apart() {
        let mut builder = BatchBuilder::new();
        for _ in 0..3 {
            assert!(add(&mut builder, &[(Some("a"), 1), (Some("b"), 2)]));
            assert!(add(&mut builder, &[(Some("a"), 1), (Some("c"), 2)]));
        }
        let expected = [["a", "b"], ["a", "c"]].repeat(3);
        assert_eq!(keys(builder), expected);
    }

    #[test]
    fn a_list_with_a_repeated_or_passing_key_is_left_to_the_caller() {
        let again: &'static str = Box::leak("a".to_owned().into_boxed_str());
        let mut builder = BatchBuilder::new();
        assert!(!add(&mut builder, &[(Some("a"), 1), (Some(again), 2)]));
        assert!(!add(&mut builder, &[(Some("a"), 1), (None, 2)]));
        assert!(!add(&mut builder, &[(None, 2)]));
        assert!(add(&mut builder, &[]));
        assert_eq!(keys(builder), [const { Vec::<String>::new() }; 4]);
    }

    #[test]
    fn indices_are_those_of_the_present_batch() {
        let mut builder = BatchBuilder::new();
        assert!(add(&mut builder, &[(Some("a"), 1)]));
        builder.take();
        builder.intern("something else");
        assert!(add(&mut builder, &[(Some("a"), 1)]));
        assert_eq!(keys(builder), [["a"]]);
    }
}
