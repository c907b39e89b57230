//! Whether a test can hold on any row, by what is known of whole columns: their smallest and
//! largest values and their dictionaries.
//!
//! In: a test. Out: false only if it holds on no row, so that a segment can be left out; true says
//! nothing. Rows are not looked at; attributes that have no columns (of few rows, of resources, scopes
//! and events) are, up to the first that passes.

use std::ops::RangeInclusive;

use hindsight_protocol::{SpanKind, SpanState, StatusCode};

use super::super::attributes::Attributes;
use super::super::dictionary::Dictionary;
use super::super::packed::Packed;
use super::super::rows::SegmentRows;
use super::super::values::{Floats, SIGN, ValueColumn};
use super::{AttributeScope, NumberRange, NumberTest, OtherTest, TextTest, ValueTest};

impl SegmentRows {
    /// Whether a row may last this many nanoseconds; an end before the start counts as 0.
    pub(crate) fn may_last(&self, range: &RangeInclusive<u64>) -> bool {
        overlaps(range, self.heads.ended.durations)
    }

    /// Whether a row may start then.
    pub(crate) fn may_start(&self, range: &RangeInclusive<u64>) -> bool {
        self.len > 0 && overlaps(range, self.heads.starts.range())
    }

    /// Whether a row may end then; open rows do not.
    pub(crate) fn may_end(&self, range: &RangeInclusive<u64>) -> bool {
        overlaps(range, self.heads.ended.ends)
    }

    /// Whether a row may have so many events.
    pub(crate) fn may_have_events(&self, count: &RangeInclusive<u64>) -> bool {
        *count.start() == 0 || !self.events.of_rows.is_empty()
    }

    /// Whether a row may have so many links.
    pub(crate) fn may_have_links(&self, count: &RangeInclusive<u64>) -> bool {
        *count.start() == 0 || !self.links.of_rows.is_empty()
    }

    /// Whether a row's outcome may pass.
    pub(crate) fn may_have_status(&self, test: impl Fn(StatusCode) -> bool) -> bool {
        any_byte(&self.heads.statuses, |byte| test(StatusCode::from_u8(byte)))
    }

    /// Whether a row's role may pass.
    pub(crate) fn may_have_kind(&self, test: impl Fn(SpanKind) -> bool) -> bool {
        any_byte(&self.heads.kinds, |byte| test(SpanKind::from_u8(byte)))
    }

    /// Whether a row's state may pass.
    pub(crate) fn may_have_state(&self, test: impl Fn(SpanState) -> bool) -> bool {
        any_byte(&self.heads.states, |byte| test(SpanState::from_u8(byte)))
    }

    /// Whether [`SegmentRows::rows_by_attribute`] may find a row.
    pub(crate) fn may_have_attribute(
        &self,
        scope: AttributeScope,
        key: &str,
        test: &ValueTest<'_>,
    ) -> bool {
        let Some(key) = self.tables.keys.find(key) else {
            return false;
        };
        match scope {
            AttributeScope::Span => {
                self.group_may_pass(key, test)
                    || self.one_passes(&self.groups.loose.attributes, key, test)
            }
            AttributeScope::Resource => self.one_passes(&self.resources.attributes, key, test),
            AttributeScope::Scope => self.one_passes(&self.scopes.attributes, key, test),
            AttributeScope::Event => self.one_passes(&self.events.attributes, key, test),
        }
    }

    /// Whether an attribute with a key passes.
    fn one_passes(&self, attributes: &Attributes, key: u32, test: &ValueTest<'_>) -> bool {
        let mut buffer = String::new();
        let mut found = attributes.with_key(key);
        found.any(|(_, kind, bits)| test.passes(self.tables.value(kind, bits, &mut buffer)))
    }

    fn group_may_pass(&self, key: u32, test: &ValueTest<'_>) -> bool {
        let pools = &self.groups.pools;
        let mut groups = self.groups.groups.iter();
        groups.any(|group| {
            let column = group.columns.iter().find(|column| column.key == key);
            column.is_some_and(|column| test.may_pass(&column.values, pools))
        })
    }
}

fn overlaps(range: &RangeInclusive<u64>, (min, max): (u64, u64)) -> bool {
    min <= max && *range.start() <= max && min <= *range.end()
}

/// Whether a byte between the smallest and the largest of the column passes.
fn any_byte(column: &Packed, test: impl Fn(u8) -> bool) -> bool {
    let (min, max) = column.range();
    (min..=max).any(|byte| test(byte as u8))
}

impl ValueTest<'_> {
    fn may_pass(&self, column: &ValueColumn, pools: &[Dictionary]) -> bool {
        match column {
            ValueColumn::Codes { pool, .. } => match self.texts {
                TextTest::OneOf(list) => {
                    let texts = &pools[*pool as usize];
                    list.iter().any(|text| texts.find(text).is_some())
                }
                test => !matches!(test, TextTest::None),
            },
            ValueColumn::Plain(_) => !matches!(self.texts, TextTest::None | TextTest::OneOf([])),
            ValueColumn::Bool(values) => {
                let (min, max) = values.range();
                (self.bools.no && min == 0) || (self.bools.yes && max == 1)
            }
            ValueColumn::I64(values) => self.numbers.may_pass_integer(values),
            ValueColumn::F64(values) => self.numbers.may_pass_double(values),
            ValueColumn::Blob(..) | ValueColumn::Unknown(..) => {
                !matches!(self.others, OtherTest::None)
            }
        }
    }
}

impl NumberTest<'_> {
    fn may_pass_integer(&self, values: &Packed) -> bool {
        match self {
            Self::None => false,
            Self::All | Self::Where(_) => true,
            Self::Ranges(ranges) => {
                let mut bounds = ranges.iter().filter_map(NumberRange::whole);
                bounds.any(|(low, high)| {
                    let range = low as u64 ^ SIGN..=high as u64 ^ SIGN;
                    overlaps(&range, values.range())
                })
            }
        }
    }

    fn may_pass_double(&self, values: &Floats) -> bool {
        match self {
            Self::None => false,
            Self::All | Self::Where(_) => true,
            Self::Ranges(ranges) => {
                let mut bounds = ranges.iter().filter_map(NumberRange::real);
                bounds.any(|(low, high)| values.may_have(low, high))
            }
        }
    }
}
