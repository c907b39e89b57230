//! Looking for rows: tests of one field, evaluated over whole columns.
//!
//! In: a segment and a test. Out: a [`Bitmap`] of the rows that pass. Tests of texts run once for
//! each dictionary entry, tests of numbers on the narrowed columns; whether dictionaries and ranges rule a
//! test out can be asked before ([`SegmentRows::may_last`] and the like). Where `within` is given,
//! tests that have to look at rows one by one leave out the rest; what they answer is always a
//! subset of `within`.

mod attribute;
mod column;
mod free_text;
mod intrinsic;
mod number;
mod ranges;
mod usage;

use hindsight_protocol::batch::ValueRef;

pub(crate) use self::intrinsic::TextField;
pub(crate) use self::number::{Bound, Number, NumberRange};
use super::bitmap::Bitmap;
use super::rows::SegmentRows;

/// Where an attribute belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum AttributeScope {
    /// The span.
    Span,
    /// Its resource.
    Resource,
    /// Its instrumentation scope.
    Scope,
    /// Any of its events.
    Event,
}

/// What a value must pass, by its type.
#[derive(Clone, Copy)]
pub(crate) struct ValueTest<'a> {
    pub(crate) texts: TextTest<'a>,
    pub(crate) numbers: NumberTest<'a>,
    pub(crate) bools: BoolTest,
    /// Bytes, arrays, maps and values of unknown type.
    pub(crate) others: OtherTest<'a>,
}

/// What a text must pass.
#[derive(Clone, Copy)]
pub(crate) enum TextTest<'a> {
    /// No text passes.
    None,
    /// Every text passes, also the empty one.
    All,
    /// One of these.
    OneOf(&'a [&'a str]),
    /// Asked once a distinct text where there is a dictionary, else once a row.
    Where(&'a dyn Fn(&str) -> bool),
}

/// What a number must pass.
#[derive(Clone, Copy)]
pub(crate) enum NumberTest<'a> {
    /// No number passes.
    None,
    /// Every number passes, also NaN.
    All,
    /// It is in one of these; integers and doubles are compared as the numbers they are.
    Ranges(&'a [NumberRange]),
    /// Asked once a row, with [`ValueRef::I64`] or [`ValueRef::F64`].
    Where(&'a dyn Fn(ValueRef<'_>) -> bool),
}

/// Which truth values pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BoolTest {
    pub(crate) yes: bool,
    pub(crate) no: bool,
}

/// What bytes, arrays, maps and values of unknown type must pass.
#[derive(Clone, Copy)]
pub(crate) enum OtherTest<'a> {
    /// None of them passes.
    None,
    /// All of them pass.
    All,
    /// Asked once a distinct value.
    Where(&'a dyn Fn(ValueRef<'_>) -> bool),
}

impl<'a> ValueTest<'a> {
    /// There is a value.
    pub(crate) const EXISTS: Self = Self {
        texts: TextTest::All,
        numbers: NumberTest::All,
        bools: BoolTest {
            yes: true,
            no: true,
        },
        others: OtherTest::All,
    };

    /// Nothing passes: to be changed by type.
    pub(crate) const NOTHING: Self = Self {
        texts: TextTest::None,
        numbers: NumberTest::None,
        bools: BoolTest {
            yes: false,
            no: false,
        },
        others: OtherTest::None,
    };

    /// These texts and nothing else.
    pub(crate) fn texts(texts: TextTest<'a>) -> Self {
        Self {
            texts,
            ..Self::NOTHING
        }
    }

    /// These numbers and nothing else.
    #[cfg(test)]
    pub(crate) fn numbers(ranges: &'a [NumberRange]) -> Self {
        Self {
            numbers: NumberTest::Ranges(ranges),
            ..Self::NOTHING
        }
    }

    /// Whether one value passes.
    pub(crate) fn passes(&self, value: ValueRef<'_>) -> bool {
        match value {
            ValueRef::String(text) => self.texts.passes(text),
            ValueRef::Bool(true) => self.bools.yes,
            ValueRef::Bool(false) => self.bools.no,
            ValueRef::I64(_) | ValueRef::F64(_) => self.numbers.passes(value),
            ValueRef::Bytes(_) | ValueRef::Nested(..) | ValueRef::Unknown(..) => {
                match self.others {
                    OtherTest::None => false,
                    OtherTest::All => true,
                    OtherTest::Where(test) => test(value),
                }
            }
        }
    }
}

impl TextTest<'_> {
    /// Whether one text passes.
    pub(crate) fn passes(&self, text: &str) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::OneOf(list) => list.contains(&text),
            Self::Where(test) => test(text),
        }
    }
}

impl NumberTest<'_> {
    fn passes(&self, value: ValueRef<'_>) -> bool {
        match (self, value) {
            (Self::None, _) => false,
            (Self::All, _) => true,
            (Self::Where(test), value) => test(value),
            (Self::Ranges(ranges), ValueRef::I64(value)) => {
                let mut ranges = ranges.iter().filter_map(NumberRange::whole);
                ranges.any(|(low, high)| (low..=high).contains(&value))
            }
            (Self::Ranges(ranges), ValueRef::F64(value)) => {
                let mut ranges = ranges.iter().filter_map(NumberRange::real);
                ranges.any(|(low, high)| (low..=high).contains(&value))
            }
            _ => false,
        }
    }
}

impl SegmentRows {
    /// The traces that have one of these rows, by ordinal: newest start first.
    pub(crate) fn traces_of(&self, rows: &Bitmap) -> Bitmap {
        let mut traces = Bitmap::none(self.traces.len());
        for row in rows.iter() {
            traces.insert(self.traces.of_row(row) as usize);
        }
        traces
    }

    /// All rows of these traces.
    pub(crate) fn rows_of_traces(&self, traces: &Bitmap) -> Bitmap {
        self.traces.rows_among(traces)
    }
}

#[cfg(test)]
mod tests;
