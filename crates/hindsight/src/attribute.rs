//! Keys and values as the caller gives them: static text is not copied.

use std::borrow::Cow;

use hindsight_protocol::{KeyValue, Value};

/// An attribute's key.
pub type Key = Cow<'static, str>;

/// An attribute's value.
#[derive(Clone, Debug, PartialEq)]
pub enum AttributeValue {
    /// UTF-8 text.
    String(Cow<'static, str>),
    /// True or false.
    Bool(bool),
    /// A signed 64-bit integer.
    I64(i64),
    /// A double.
    F64(f64),
    /// Bytes, an array or a map.
    Other(Box<Value>),
}

/// An attribute of a span being recorded.
pub(crate) type Attribute = (Key, AttributeValue);

impl AttributeValue {
    /// Bytes beyond the value itself.
    pub(crate) fn heap_bytes(&self) -> usize {
        match self {
            Self::String(text) => text.len(),
            Self::Other(value) => value_bytes(value),
            _ => 0,
        }
    }
}

/// About the bytes of a value.
pub(crate) fn value_bytes(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::Array(items) => items.iter().map(|item| 32 + value_bytes(item)).sum(),
        Value::Map(entries) => entries.iter().map(entry_bytes).sum(),
        _ => 8,
    }
}

fn entry_bytes(entry: &KeyValue) -> usize {
    32 + entry.key.len() + value_bytes(&entry.value)
}

impl From<&'static str> for AttributeValue {
    fn from(text: &'static str) -> Self {
        Self::String(Cow::Borrowed(text))
    }
}

impl From<String> for AttributeValue {
    fn from(text: String) -> Self {
        Self::String(Cow::Owned(text))
    }
}

impl From<Cow<'static, str>> for AttributeValue {
    fn from(text: Cow<'static, str>) -> Self {
        Self::String(text)
    }
}

impl From<bool> for AttributeValue {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

macro_rules! number_from {
    ($variant:ident: $($from:ty),+) => {
        $(impl From<$from> for AttributeValue {
            fn from(value: $from) -> Self {
                Self::$variant(value.into())
            }
        })+
    };
}
number_from!(I64: i64, i32, i16, i8, u32, u16, u8);
number_from!(F64: f64, f32);

macro_rules! value_from {
    ($($from:ty),+) => {
        $(impl From<$from> for AttributeValue {
            /// Numbers above `i64::MAX` become their decimal text.
            fn from(value: $from) -> Self {
                Self::from(Value::from(value))
            }
        })+
    };
}
value_from!(u64, usize, Vec<u8>, Vec<Value>);

impl From<Value> for AttributeValue {
    fn from(value: Value) -> Self {
        match value {
            Value::String(text) => Self::String(Cow::Owned(text)),
            Value::Bool(value) => Self::Bool(value),
            Value::I64(value) => Self::I64(value),
            Value::F64(value) => Self::F64(value),
            other => Self::Other(Box::new(other)),
        }
    }
}
