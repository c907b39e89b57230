//! A test of one field put to all rows of a run.
//!
//! The rules are those of `hindsight_query`: what a field's values are, which literals a test has,
//! and that a negated test needs a value that fails.

use std::ops::RangeInclusive;

use hindsight_protocol::SpanId;
use hindsight_protocol::batch::ValueRef;
use hindsight_query::{AttributeScope as Scope, Field, Order, Test, TimeValue, Value};

use super::prepared::Leaf;
use crate::column::{
    AttributeScope, Bitmap, BoolTest, Bound, Number, NumberRange, NumberTest, OtherTest,
    SegmentRows, TextField, TextTest, ValueTest,
};

/// The rows on which the test holds; of rows outside `within` anything may be said.
pub(super) fn rows(leaf: &Leaf, rows: &SegmentRows, within: Option<&Bitmap>) -> Bitmap {
    let field = &leaf.predicate.field;
    let mut passing = match field {
        Field::Attribute(scope, key) => attribute(leaf, *scope, key, rows, within),
        field => match text_field(field) {
            Some(text) => by_text(leaf, text, rows),
            None => intrinsic(leaf, field, rows),
        },
    };
    if leaf.predicate.negated {
        passing.invert();
        passing.and(&having(field, rows, within));
    }
    passing
}

fn text_field(field: &Field) -> Option<TextField> {
    Some(match field {
        Field::Name => TextField::Name,
        Field::Service => TextField::Service,
        Field::StatusMessage => TextField::StatusMessage,
        Field::ScopeName => TextField::ScopeName,
        Field::ScopeVersion => TextField::ScopeVersion,
        _ => return None,
    })
}

const NOT_EMPTY: TextTest<'static> = TextTest::Where(&|text: &str| !text.is_empty());

/// The texts that an equality is with, if the test is one; the empty text is no value.
fn wanted_texts(test: &Test) -> Option<Vec<&str>> {
    let values = match test {
        Test::Equal(value) => std::slice::from_ref(value),
        Test::In(values) => values,
        _ => return None,
    };
    values.iter().map(text_of).collect()
}

fn text_of(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

fn by_text(leaf: &Leaf, field: TextField, rows: &SegmentRows) -> Bitmap {
    match wanted_texts(&leaf.predicate.test) {
        Some(mut wanted) => {
            wanted.retain(|text| !text.is_empty());
            rows.rows_by_text(field, &TextTest::OneOf(&wanted))
        }
        None => {
            let passes = |text: &str| leaf.matcher.passes_text(text);
            rows.rows_by_text(field, &TextTest::Where(&passes))
        }
    }
}

/// Fields that are neither attributes nor text. Those of traces never come here.
fn intrinsic(leaf: &Leaf, field: &Field, rows: &SegmentRows) -> Bitmap {
    let matcher = &leaf.matcher;
    let ranges = |find: &dyn Fn(RangeInclusive<u64>) -> Bitmap| {
        let mut found = Bitmap::none(rows.len());
        for range in number_ranges(&leaf.predicate.test) {
            found.or(&find(range));
        }
        found
    };
    match field {
        Field::Duration => ranges(&|range| rows.rows_by_duration(range)),
        Field::Start => ranges(&|range| rows.rows_by_start(range)),
        Field::End => ranges(&|range| rows.rows_by_end(range)),
        Field::Links => ranges(&|range| rows.rows_by_links(range)),
        Field::Events => ranges(&|range| rows.rows_by_events(range)),
        Field::Status => rows.rows_by_status(|status| matcher.passes_code(status as u8)),
        Field::Kind => rows.rows_by_kind(|kind| matcher.passes_code(kind as u8)),
        Field::State => rows.rows_by_state(|state| matcher.passes_code(state as u8)),
        Field::EventName => {
            let passes = |text: &str| matcher.passes_text(text);
            rows.rows_by_event_name(&TextTest::Where(&passes))
        }
        Field::Id | Field::Parent => {
            let mut found = match (field, &leaf.predicate.test) {
                (Field::Parent, Test::Exists) => with_parent(rows),
                (_, Test::Exists) => Bitmap::all(rows.len()),
                _ => Bitmap::none(rows.len()),
            };
            for value in leaf.predicate.test.values() {
                if let Value::SpanId(id) = value
                    && id.is_valid()
                {
                    found.or(&match field {
                        Field::Id => rows.rows_by_span_id(*id),
                        _ => rows.rows_by_parent_id(*id),
                    });
                }
            }
            found
        }
        Field::LinkTrace | Field::LinkSpan => {
            let mut found = match leaf.predicate.test {
                Test::Exists => rows.rows_by_links(1..=u64::MAX),
                _ => Bitmap::none(rows.len()),
            };
            for value in leaf.predicate.test.values() {
                match value {
                    Value::TraceId(id) => found.or(&rows.rows_by_linked_trace(*id)),
                    Value::SpanId(id) => found.or(&rows.rows_by_linked_span(*id)),
                    _ => {}
                }
            }
            found
        }
        Field::Trace => {
            let mut found = match leaf.predicate.test {
                Test::Exists => Bitmap::all(rows.len()),
                _ => Bitmap::none(rows.len()),
            };
            for value in leaf.predicate.test.values() {
                if let Value::TraceId(id) = value {
                    found.or(&rows.rows_by_trace_id(*id));
                }
            }
            found
        }
        _ => Bitmap::none(rows.len()),
    }
}

fn with_parent(rows: &SegmentRows) -> Bitmap {
    let mut found = rows.rows_by_parent_id(SpanId::INVALID);
    found.invert();
    found
}

/// The rows whose field has a value.
fn having(field: &Field, rows: &SegmentRows, within: Option<&Bitmap>) -> Bitmap {
    if let Some(text) = text_field(field) {
        return rows.rows_by_text(text, &NOT_EMPTY);
    }
    match field {
        Field::Attribute(scope, key) => {
            let exists = |scope| rows.rows_by_attribute(scope, key, &ValueTest::EXISTS, within);
            match storage_scope(*scope) {
                Some(scope) => exists(scope),
                None => {
                    let mut found = exists(AttributeScope::Span);
                    found.or(&exists(AttributeScope::Resource));
                    found
                }
            }
        }
        Field::Duration | Field::End => rows.rows_by_end(0..=u64::MAX),
        Field::Parent => with_parent(rows),
        Field::EventName => rows.rows_by_event_name(&NOT_EMPTY),
        Field::LinkTrace | Field::LinkSpan => rows.rows_by_links(1..=u64::MAX),
        _ => Bitmap::all(rows.len()),
    }
}

/// Where an attribute is looked for; none for the span first and then the resource.
fn storage_scope(scope: Scope) -> Option<AttributeScope> {
    Some(match scope {
        Scope::Any => return None,
        Scope::Span => AttributeScope::Span,
        Scope::Resource => AttributeScope::Resource,
        Scope::Scope => AttributeScope::Scope,
        Scope::Event => AttributeScope::Event,
    })
}

fn attribute(
    leaf: &Leaf,
    scope: Scope,
    key: &str,
    rows: &SegmentRows,
    within: Option<&Bitmap>,
) -> Bitmap {
    with_value_test(leaf, |test| {
        let passing = |scope| rows.rows_by_attribute(scope, key, test, within);
        if let Some(scope) = storage_scope(scope) {
            return passing(scope);
        }
        let mut of_resource = passing(AttributeScope::Resource);
        if !of_resource.is_empty() {
            let span = AttributeScope::Span;
            let mut without = rows.rows_by_attribute(span, key, &ValueTest::EXISTS, within);
            without.invert();
            of_resource.and(&without);
        }
        of_resource.or(&passing(AttributeScope::Span));
        of_resource
    })
}

/// Makes of a test one that columns take, and calls `look` with it.
fn with_value_test<R>(leaf: &Leaf, look: impl FnOnce(&ValueTest<'_>) -> R) -> R {
    let matcher = &leaf.matcher;
    let passes = |value: ValueRef<'_>| matcher.passes(value);
    let passes_text = |text: &str| matcher.passes(ValueRef::String(text));
    let others = OtherTest::Where(&passes);
    let bools = BoolTest {
        yes: matcher.passes(ValueRef::Bool(true)),
        no: matcher.passes(ValueRef::Bool(false)),
    };
    match &leaf.predicate.test {
        Test::Exists => look(&ValueTest::EXISTS),
        Test::Like(_) | Test::Matches(_) => look(&ValueTest {
            texts: TextTest::Where(&passes_text),
            numbers: NumberTest::Where(&passes),
            bools,
            others,
        }),
        test @ (Test::Equal(_) | Test::In(_)) => {
            let texts: Vec<String> = test.values().iter().map(spelling).collect();
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let ranges = attribute_ranges(test);
            look(&ValueTest {
                texts: TextTest::OneOf(&texts),
                numbers: NumberTest::Ranges(&ranges),
                bools,
                others,
            })
        }
        Test::Order(_, Value::Text(_)) => look(&ValueTest {
            texts: TextTest::Where(&passes_text),
            others,
            ..ValueTest::NOTHING
        }),
        test @ Test::Order(..) => {
            let ranges = attribute_ranges(test);
            look(&ValueTest {
                numbers: NumberTest::Ranges(&ranges),
                others,
                ..ValueTest::NOTHING
            })
        }
    }
}

/// What a text must be to equal a literal.
fn spelling(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        value => value.to_string(),
    }
}

fn number(value: &Value) -> Option<Number> {
    Some(match value {
        Value::Int(number) => Number::Whole(i128::from(*number)),
        Value::Float(number) => Number::Real(*number),
        Value::Duration(number) | Value::Size(number) => Number::Whole(i128::from(*number)),
        Value::Time(TimeValue::At(number)) => Number::Whole(i128::from(*number)),
        _ => return None,
    })
}

fn attribute_ranges(test: &Test) -> Vec<NumberRange> {
    let Test::Order(order, value) = test else {
        let numbers = test.values().iter().filter_map(number);
        return numbers.map(NumberRange::only).collect();
    };
    let Some(number) = number(value) else {
        return Vec::new();
    };
    let (low, high) = match order {
        Order::Less => (Bound::Open, Bound::Excluding(number)),
        Order::LessEqual => (Bound::Open, Bound::Including(number)),
        Order::Greater => (Bound::Excluding(number), Bound::Open),
        Order::GreaterEqual => (Bound::Including(number), Bound::Open),
    };
    vec![NumberRange { low, high }]
}

/// The numbers that pass, of a field that has numbers from 0 on.
fn number_ranges(test: &Test) -> Vec<RangeInclusive<u64>> {
    let natural = |value: &Value| match value {
        Value::Int(number) => u64::try_from(*number).ok(),
        Value::Duration(number) | Value::Size(number) => Some(*number),
        Value::Time(TimeValue::At(number)) => Some(*number),
        _ => None,
    };
    match test {
        Test::Exists => vec![0..=u64::MAX],
        Test::Equal(_) | Test::In(_) => {
            let numbers = test.values().iter().filter_map(natural);
            numbers.map(|number| number..=number).collect()
        }
        Test::Order(order, value) => match (order, natural(value)) {
            (Order::Less, Some(0)) | (Order::Less | Order::LessEqual, None) => Vec::new(),
            (Order::Less, Some(number)) => vec![0..=number - 1],
            (Order::LessEqual, Some(number)) => vec![0..=number],
            (Order::Greater, Some(u64::MAX)) => Vec::new(),
            (Order::Greater, Some(number)) => vec![number + 1..=u64::MAX],
            (Order::GreaterEqual, Some(number)) => vec![number..=u64::MAX],
            // A literal below zero.
            (Order::Greater | Order::GreaterEqual, None) => vec![0..=u64::MAX],
        },
        Test::Like(_) | Test::Matches(_) => Vec::new(),
    }
}

/// Whether dictionaries and ranges alone tell that the test holds on no row.
pub(super) fn is_ruled_out(leaf: &Leaf, rows: &SegmentRows) -> bool {
    let (test, matcher) = (&leaf.predicate.test, &leaf.matcher);
    let none_of = |may: &dyn Fn(&RangeInclusive<u64>) -> bool| !number_ranges(test).iter().any(may);
    match &leaf.predicate.field {
        Field::Attribute(_, key) if !rows.has_key(key) => true,
        // A negated test holds on what fails.
        _ if leaf.predicate.negated => false,
        Field::Attribute(scope, key) => with_value_test(leaf, |test| {
            let may = |scope| rows.may_have_attribute(scope, key, test);
            match storage_scope(*scope) {
                Some(scope) => !may(scope),
                None => !may(AttributeScope::Span) && !may(AttributeScope::Resource),
            }
        }),
        Field::Service | Field::Name => wanted_texts(test).is_some_and(|wanted| {
            let dictionary = match leaf.predicate.field {
                Field::Service => rows.services(),
                _ => rows.names(),
            };
            wanted.iter().all(|text| dictionary.find(text).is_none())
        }),
        Field::Duration => none_of(&|range| rows.may_last(range)),
        Field::Start => none_of(&|range| rows.may_start(range)),
        Field::End => none_of(&|range| rows.may_end(range)),
        Field::Events => none_of(&|range| rows.may_have_events(range)),
        Field::Links => none_of(&|range| rows.may_have_links(range)),
        Field::EventName => !rows.may_have_events(&(1..=u64::MAX)),
        Field::LinkTrace | Field::LinkSpan => !rows.may_have_links(&(1..=u64::MAX)),
        Field::Status => !rows.may_have_status(|status| matcher.passes_code(status as u8)),
        Field::Kind => !rows.may_have_kind(|kind| matcher.passes_code(kind as u8)),
        Field::State => !rows.may_have_state(|state| matcher.passes_code(state as u8)),
        Field::Trace => {
            let ids = test.values().iter();
            let is_here = |value: &Value| match value {
                Value::TraceId(id) => rows.traces().find(*id).is_some(),
                _ => true,
            };
            *test != Test::Exists && !ids.into_iter().any(is_here)
        }
        _ => false,
    }
}
