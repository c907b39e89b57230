//! Attribute values: the value set of OpenTelemetry's data model.

use facet::Facet;

/// The value of an attribute.
///
/// An enum on the wire fails the whole call when a peer sends a variant this side does not know, so
/// the set is closed; columns ([`crate::batch`]) carry values as tag and bits instead.
#[derive(Clone, Debug, PartialEq, Facet)]
#[repr(u8)]
#[facet(recursive_type)]
pub enum Value {
    /// UTF-8 text.
    String(String),
    /// True or false.
    Bool(bool),
    /// A signed 64-bit integer.
    I64(i64),
    /// A double; NaN and infinities are allowed and kept.
    F64(f64),
    /// Opaque bytes.
    Bytes(Vec<u8>),
    /// Values of any type, in order.
    Array(Vec<Value>),
    /// Keys and values, in order; keys are expected to be unique.
    Map(Vec<KeyValue>),
}

/// One attribute: a key and its value.
#[derive(Clone, Debug, PartialEq, Facet)]
#[facet(recursive_type)]
pub struct KeyValue {
    /// The attribute's name, e.g. `http.route`.
    #[facet(default)]
    pub key: String,
    /// The attribute's value.
    #[facet(default)]
    pub value: Value,
}

impl KeyValue {
    /// An attribute `key` = `value`.
    pub fn new(key: impl Into<String>, value: impl Into<Value>) -> Self {
        Self {
            key: key.into(),
            value: value.into(),
        }
    }
}

impl Default for Value {
    /// The empty string.
    fn default() -> Self {
        Self::String(String::new())
    }
}

impl Value {
    /// The text of a string value.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }
}

macro_rules! value_from {
    ($($variant:ident($as:ty) <- $($from:ty),+;)+) => {
        $($(impl From<$from> for Value {
            fn from(value: $from) -> Self {
                Self::$variant(<$as>::from(value))
            }
        })+)+
    };
}

value_from! {
    String(String) <- String, &str, std::borrow::Cow<'_, str>, char;
    Bool(bool) <- bool;
    I64(i64) <- i64, i32, i16, i8, u32, u16, u8;
    F64(f64) <- f64, f32;
    Bytes(Vec<u8>) <- Vec<u8>, &[u8];
}

/// Unsigned numbers above `i64::MAX` become their decimal text: nothing is wrapped silently.
impl From<u64> for Value {
    fn from(value: u64) -> Self {
        match i64::try_from(value) {
            Ok(value) => Self::I64(value),
            Err(_) => Self::String(value.to_string()),
        }
    }
}

impl From<usize> for Value {
    fn from(value: usize) -> Self {
        Self::from(value as u64)
    }
}

impl From<Vec<Value>> for Value {
    fn from(values: Vec<Value>) -> Self {
        Self::Array(values)
    }
}

impl From<Vec<KeyValue>> for Value {
    fn from(entries: Vec<KeyValue>) -> Self {
        Self::Map(entries)
    }
}
