//! A value without a type of its own.

use std::fmt;
use std::sync::Arc;

/// A number; integers keep every digit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// Whole, and fits.
    Int(i128),
    /// Whole, and too large for the other.
    Large(u128),
    /// Anything else.
    Float(f64),
}

/// A value, of JSON or of a shape.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Nothing: JSON's `null`, an empty option, Rust's `()`.
    #[default]
    Null,
    /// Yes or no.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text, a character, a time, an id.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A list, set, array or tuple.
    List(Vec<Value>),
    /// Keys and values, in the order they came in.
    Map(Vec<(Value, Value)>),
    /// Fields, in the order of the type; an object of JSON.
    Struct(Vec<(Arc<str>, Value)>),
    /// A variant of an enum with what it carries; `Null` for nothing.
    Variant(Arc<str>, Box<Value>),
    /// An option that is there, where what it holds may itself be nothing. Elsewhere the value stands
    /// for itself.
    Some(Box<Value>),
}

impl Value {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A whole number.
    pub fn int(number: impl Into<i128>) -> Self {
        Self::Number(Number::Int(number.into()))
    }

    /// The field of a struct.
    pub fn field(&self, name: &str) -> Option<&Self> {
        let Self::Struct(fields) = self else {
            return None;
        };
        let found = fields.iter().find(|(field, _)| &**field == name);
        found.map(|(_, value)| value)
    }

    /// How many values are directly within: elements, entries, fields, what a variant carries.
    pub fn parts(&self) -> usize {
        match self {
            Self::List(list) => list.len(),
            Self::Map(entries) => entries.len(),
            Self::Struct(fields) => fields.len(),
            Self::Variant(_, inner) => usize::from(**inner != Self::Null),
            Self::Some(_) => 1,
            _ => 0,
        }
    }
}

impl Number {
    /// From an unsigned integer.
    pub fn unsigned(number: u128) -> Self {
        i128::try_from(number).map_or(Self::Large(number), Self::Int)
    }

    /// The same number as a float; the nearest one.
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Int(number) => number as f64,
            Self::Large(number) => number as f64,
            Self::Float(number) => number,
        }
    }
}

impl fmt::Display for Number {
    /// As Rust and JSON write it; a float always differs from an integer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(number) => write!(f, "{number}"),
            Self::Large(number) => write!(f, "{number}"),
            Self::Float(number) => write!(f, "{number:?}"),
        }
    }
}
