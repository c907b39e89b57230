//! Tests of values, made ready.

use hindsight_protocol::batch::{ValueRef, decode_nested};
use hindsight_protocol::{SpanId, TraceId, Value as Stored};
use regex::Regex;

use super::MatcherError;
use super::number::Number;
use super::spelling::Spelling;
use crate::check::build_regex;
use crate::{Field, Limits, Order, PatternMatcher, Test, Value};

/// A predicate, made ready.
#[derive(Clone, Debug)]
pub(super) struct FieldTest {
    pub(super) field: Field,
    pub(super) negated: bool,
    pub(super) test: ValueTest,
}

/// A test, made ready.
#[derive(Clone, Debug)]
pub(super) enum ValueTest {
    Exists,
    Like(PatternMatcher),
    Equal(Box<[Literal]>),
    Order(Order, Literal),
    Matches(Regex),
}

/// A literal, made ready.
#[derive(Clone, Debug)]
pub(super) enum Literal {
    Text(Box<str>),
    Bool(bool),
    /// With its spelling, which texts are compared with.
    Number(Number, Box<str>),
    /// Status, kind or state; which one follows from the field.
    Code(u8),
    Trace(TraceId),
    Span(SpanId),
}

/// A value of a field, borrowed from the span.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reading<'a> {
    /// Text of a field; empty is no value.
    Text(&'a str),
    /// Count, nanoseconds.
    Number(u64),
    Code(u8),
    Trace(TraceId),
    Span(SpanId),
    Attribute(ValueRef<'a>),
    /// No value.
    None,
}

impl ValueTest {
    pub(super) fn new(test: &Test, now_ns: u64, limits: &Limits) -> Result<Self, MatcherError> {
        let literal = |value: &Value| Literal::new(value, now_ns);
        Ok(match test {
            Test::Exists => Self::Exists,
            Test::Like(pattern) if pattern.pieces().len() > limits.pattern_pieces_max => {
                return Err(MatcherError::TooLarge("pattern_pieces_max"));
            }
            Test::Like(pattern) => Self::Like(pattern.matcher()),
            Test::Equal(value) => Self::Equal([literal(value)].into()),
            // `state:open` stands for more values than are written.
            Test::In(values) if values.len() > limits.list_values_max.saturating_mul(3) => {
                return Err(MatcherError::TooLarge("list_values_max"));
            }
            Test::In(values) => Self::Equal(values.iter().map(literal).collect()),
            Test::Order(order, value) => Self::Order(*order, literal(value)),
            Test::Matches(source) if source.len() > limits.regex_source_bytes_max => {
                return Err(MatcherError::TooLarge("regex_source_bytes_max"));
            }
            Test::Matches(source) => {
                let regex = build_regex(source, limits);
                Self::Matches(regex.map_err(|error| MatcherError::Regex(error.to_string()))?)
            }
        })
    }

    /// Whether the value passes.
    pub(super) fn passes(&self, reading: Reading<'_>) -> bool {
        match reading {
            Reading::None => false,
            Reading::Text(text) => !text.is_empty() && self.passes_text(text),
            Reading::Number(number) => self.passes_number(Number::Int(i128::from(number))),
            Reading::Code(code) => {
                self.equals(|literal| matches!(literal, Literal::Code(wanted) if *wanted == code))
            }
            Reading::Trace(id) => {
                self.equals(|literal| matches!(literal, Literal::Trace(wanted) if *wanted == id))
            }
            Reading::Span(id) => {
                self.equals(|literal| matches!(literal, Literal::Span(wanted) if *wanted == id))
            }
            Reading::Attribute(value) => self.passes_attribute(value),
        }
    }

    fn passes_attribute(&self, value: ValueRef<'_>) -> bool {
        match value {
            _ if matches!(self, Self::Exists) => true,
            ValueRef::String(text) => self.passes_text(text),
            ValueRef::Bool(value) => self.passes_bool(value),
            ValueRef::I64(value) => self.passes_i64(value),
            ValueRef::F64(value) => self.passes_f64(value),
            ValueRef::Nested(_, bytes) => self.passes_element(bytes),
            ValueRef::Bytes(_) | ValueRef::Unknown(..) => false,
        }
    }

    /// Whether a direct element of an array passes.
    fn passes_element(&self, bytes: &[u8]) -> bool {
        let Ok(Stored::Array(elements)) = decode_nested(bytes) else {
            return false;
        };
        elements.iter().any(|element| match element {
            Stored::String(text) => self.passes_text(text),
            Stored::Bool(value) => self.passes_bool(*value),
            Stored::I64(value) => self.passes_i64(*value),
            Stored::F64(value) => self.passes_f64(*value),
            Stored::Bytes(_) | Stored::Array(_) | Stored::Map(_) => false,
        })
    }

    fn passes_text(&self, text: &str) -> bool {
        match self {
            Self::Exists => true,
            Self::Like(pattern) => pattern.matches(text),
            Self::Matches(regex) => regex.is_match(text),
            Self::Order(order, Literal::Text(wanted)) => order.admits(text.cmp(wanted)),
            Self::Order(..) => false,
            Self::Equal(_) => self.equals(|literal| match literal {
                Literal::Text(wanted) | Literal::Number(_, wanted) => text == &**wanted,
                Literal::Bool(wanted) => text == bool_text(*wanted),
                _ => false,
            }),
        }
    }

    fn passes_bool(&self, value: bool) -> bool {
        self.passes_spelling(bool_text(value)).unwrap_or_else(|| {
            self.equals(|literal| matches!(literal, Literal::Bool(wanted) if *wanted == value))
        })
    }

    fn passes_i64(&self, value: i64) -> bool {
        match self {
            Self::Like(_) | Self::Matches(_) => {
                let spelled = self.passes_spelling(Spelling::of(value).as_str());
                spelled.unwrap_or(false)
            }
            _ => self.passes_number(Number::Int(i128::from(value))),
        }
    }

    fn passes_f64(&self, value: f64) -> bool {
        match self {
            _ if value.is_nan() => matches!(self, Self::Exists),
            Self::Like(_) | Self::Matches(_) => {
                let spelled = self.passes_spelling(Spelling::of(value).as_str());
                spelled.unwrap_or(false)
            }
            _ => self.passes_number(Number::Float(value)),
        }
    }

    /// The answer of a test that looks at spellings, none for the others.
    fn passes_spelling(&self, spelling: &str) -> Option<bool> {
        match self {
            Self::Like(pattern) => Some(pattern.matches(spelling)),
            Self::Matches(regex) => Some(regex.is_match(spelling)),
            Self::Exists => Some(true),
            Self::Equal(_) | Self::Order(..) => None,
        }
    }

    fn passes_number(&self, number: Number) -> bool {
        match self {
            Self::Exists => true,
            Self::Order(order, Literal::Number(wanted, _)) => number
                .compare(*wanted)
                .is_some_and(|ordering| order.admits(ordering)),
            _ => self.equals(|literal| {
                matches!(literal, Literal::Number(wanted, _) if number.compare(*wanted).is_some_and(|ordering| ordering.is_eq()))
            }),
        }
    }

    /// Whether an equality holds for one of its literals; yes for `exists`.
    fn equals(&self, is: impl Fn(&Literal) -> bool) -> bool {
        match self {
            Self::Equal(literals) => literals.iter().any(is),
            Self::Exists => true,
            _ => false,
        }
    }
}

const fn bool_text(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

impl Literal {
    fn new(value: &Value, now_ns: u64) -> Self {
        let integer =
            |number: i128| Self::Number(Number::Int(number), value.to_string().into_boxed_str());
        match value {
            Value::Text(text) => Self::Text(text.as_str().into()),
            Value::Bool(value) => Self::Bool(*value),
            Value::Int(number) => integer(i128::from(*number)),
            Value::Float(number) => Self::Number(Number::Float(*number), value.to_string().into()),
            Value::Duration(number) | Value::Size(number) => integer(i128::from(*number)),
            Value::Time(time) => integer(i128::from(time.resolve(now_ns))),
            Value::Status(status) => Self::Code(*status as u8),
            Value::Kind(kind) => Self::Code(*kind as u8),
            Value::State(state) => Self::Code(*state as u8),
            Value::TraceId(id) => Self::Trace(*id),
            Value::SpanId(id) => Self::Span(*id),
        }
    }
}
