//! Tests of the values of one column of a group.

use std::cell::RefCell;
use std::rc::Rc;

use hashbrown::HashMap;
use hindsight_protocol::batch::{ValueRef, tag};

use super::super::attributes::Tables;
use super::super::bitmap::Bitmap;
use super::super::dictionary::Dictionary;
use super::super::packed::Packed;
use super::super::rows::SegmentRows;
use super::super::texts::Texts;
use super::super::values::{Floats, SIGN, ValueColumn};
use super::{NumberRange, NumberTest, OtherTest, TextTest, ValueTest};

/// What codes refer to, for one test.
pub(super) struct Context<'a> {
    tables: &'a Tables,
    pools: &'a [Dictionary],
    /// The codes of each pool that pass, once the test has been asked.
    codes: RefCell<HashMap<u32, Rc<Bitmap>>>,
}

impl<'a> Context<'a> {
    pub(super) fn new(rows: &'a SegmentRows) -> Self {
        Self {
            tables: &rows.tables,
            pools: &rows.groups.pools,
            codes: RefCell::default(),
        }
    }

    fn codes(&self, pool: u32, test: &TextTest<'_>) -> Rc<Bitmap> {
        let mut known = self.codes.borrow_mut();
        let codes = || Rc::new(test.codes(&self.pools[pool as usize]));
        known.entry(pool).or_insert_with(codes).clone()
    }
}

/// Texts looked for one after the other; more are looked for at once.
const ONE_BY_ONE_MAX: usize = 4;

impl TextTest<'_> {
    /// The codes of the texts that pass.
    pub(super) fn codes(&self, dictionary: &Dictionary) -> Bitmap {
        match self {
            Self::None => Bitmap::none(dictionary.len()),
            Self::All => Bitmap::all(dictionary.len()),
            Self::Where(test) => dictionary.codes_where(test),
            Self::OneOf(list) => {
                let mut codes = Bitmap::none(dictionary.len());
                let found = list.iter().filter_map(|text| dictionary.find(text));
                found.for_each(|code| codes.insert(code as usize));
                codes
            }
        }
    }

    fn rows(&self, texts: &Texts, within: Option<&Bitmap>) -> Bitmap {
        match self {
            Self::None => Bitmap::none(texts.len()),
            Self::All => Bitmap::all(texts.len()),
            Self::Where(test) => texts.rows_where(within, test),
            Self::OneOf(list) if list.len() > ONE_BY_ONE_MAX => {
                let list: hashbrown::HashSet<&str> = list.iter().copied().collect();
                texts.rows_where(within, &|text| list.contains(text))
            }
            Self::OneOf(list) => {
                let mut rows = Bitmap::none(texts.len());
                let found = list.iter().map(|text| texts.rows_equal(text));
                found.for_each(|found| rows.or(&found));
                rows
            }
        }
    }
}

impl NumberTest<'_> {
    fn integers(&self, values: &Packed) -> Bitmap {
        let integer = |value: u64| (value ^ SIGN) as i64;
        match self {
            Self::None => Bitmap::none(values.len()),
            Self::All => Bitmap::all(values.len()),
            Self::Where(test) => values.rows_where(|value| test(ValueRef::I64(integer(value)))),
            Self::Ranges(ranges) => {
                let bounds = ranges.iter().filter_map(NumberRange::whole);
                union(values.len(), bounds, |(low, high)| {
                    values.rows_in(low as u64 ^ SIGN, high as u64 ^ SIGN)
                })
            }
        }
    }

    fn doubles(&self, values: &Floats) -> Bitmap {
        match self {
            Self::None => Bitmap::none(values.len()),
            Self::All => Bitmap::all(values.len()),
            Self::Where(test) => values.rows_where(|value| test(ValueRef::F64(value))),
            Self::Ranges(ranges) => {
                let bounds = ranges.iter().filter_map(NumberRange::real);
                union(values.len(), bounds, |(low, high)| {
                    values.rows_in(low, high)
                })
            }
        }
    }
}

fn union<B>(len: usize, bounds: impl Iterator<Item = B>, find: impl Fn(B) -> Bitmap) -> Bitmap {
    let found = bounds.map(find).reduce(|mut all, found| {
        all.or(&found);
        all
    });
    found.unwrap_or_else(|| Bitmap::none(len))
}

impl ValueTest<'_> {
    /// The rows of a column whose values pass; rows outside `within` may be left out. The context
    /// is of this test alone.
    pub(super) fn rows(
        &self,
        column: &ValueColumn,
        context: &Context<'_>,
        within: Option<&Bitmap>,
    ) -> Bitmap {
        let blobs = &context.tables.blobs;
        match column {
            ValueColumn::Codes { pool, codes } => match self.texts {
                TextTest::All => Bitmap::all(codes.len()),
                test => codes.rows_among(&context.codes(*pool, &test)),
            },
            ValueColumn::Plain(texts) => self.texts.rows(texts, within),
            ValueColumn::Bool(values) => match (self.bools.yes, self.bools.no) {
                (true, true) => Bitmap::all(values.len()),
                (true, false) => values.rows_in(1, 1),
                (false, true) => values.rows_in(0, 0),
                (false, false) => Bitmap::none(values.len()),
            },
            ValueColumn::I64(values) => self.numbers.integers(values),
            ValueColumn::F64(values) => self.numbers.doubles(values),
            ValueColumn::Blob(kind, codes) => self.others(codes, |code| match *kind {
                tag::BYTES => ValueRef::Bytes(blobs.get(code as u32)),
                kind => ValueRef::Nested(kind, blobs.get(code as u32)),
            }),
            ValueColumn::Unknown(kind, bits) => {
                self.others(bits, |bits| ValueRef::Unknown(*kind, bits))
            }
        }
    }

    /// The rows whose values pass, each distinct one asked once.
    fn others<'v>(&self, all: &Packed, value: impl Fn(u64) -> ValueRef<'v>) -> Bitmap {
        match self.others {
            OtherTest::None => Bitmap::none(all.len()),
            OtherTest::All => Bitmap::all(all.len()),
            OtherTest::Where(test) => {
                let known: RefCell<HashMap<u64, bool>> = RefCell::default();
                all.rows_where(|code| {
                    let mut known = known.borrow_mut();
                    *known.entry(code).or_insert_with(|| test(value(code)))
                })
            }
        }
    }
}
