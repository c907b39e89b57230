//! One `key=value;property;key=value` of a baggage header, with its values decoded.

use std::fmt;
use std::str::FromStr;

use super::percent::{decode, encode, encoded_bytes, is_baggage_octet};
use super::{BaggageError, excerpt, trim_ows};

/// A key with its value and properties.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BaggageMember {
    key: String,
    value: String,
    properties: Vec<BaggageProperty>,
}

impl BaggageMember {
    /// A member without properties. `value` is any text; it is encoded when written.
    ///
    /// Fails if `key` is not a token of HTTP (RFC 7230, 3.2.6).
    pub fn new(key: &str, value: &str) -> Result<Self, BaggageError> {
        Ok(Self {
            key: checked_key(key)?,
            value: value.to_owned(),
            properties: Vec::new(),
        })
    }

    /// This member with one more property, which may have a value.
    ///
    /// Fails if `key` is not a token of HTTP.
    pub fn with_property(mut self, key: &str, value: Option<&str>) -> Result<Self, BaggageError> {
        self.properties.push(BaggageProperty {
            key: checked_key(key)?,
            value: value.map(str::to_owned),
        });
        Ok(self)
    }

    /// The key, which is case-sensitive.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The value, decoded.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The properties in their order; their keys may repeat.
    pub fn properties(&self) -> &[BaggageProperty] {
        &self.properties
    }

    /// Length in the header, without commas.
    pub(super) fn header_bytes(&self) -> usize {
        let properties = self.properties.iter().map(BaggageProperty::header_bytes);
        self.key.len() + "=".len() + encoded_bytes(&self.value) + properties.sum::<usize>()
    }
}

impl fmt::Display for BaggageMember {
    /// As it stands in the header, without optional whitespace.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key)?;
        f.write_str("=")?;
        encode(&self.value, f)?;
        self.properties
            .iter()
            .try_for_each(|property| write!(f, ";{property}"))
    }
}

impl FromStr for BaggageMember {
    type Err = BaggageError;

    /// `list-member = key OWS "=" OWS value *( OWS ";" OWS property )`
    fn from_str(text: &str) -> Result<Self, BaggageError> {
        let mut parts = text.split(';');
        // "`value` MAY contain any number of the equal sign (`U+003D`) code points."
        let Some((key, value)) = parts.next().and_then(|first| first.split_once('=')) else {
            let member = excerpt(text);
            return Err(BaggageError::MissingEquals { member });
        };
        let key = checked_key(trim_ows(key))?;
        let value = decoded_value(&key, value)?;
        let properties = parts.map(str::parse).collect::<Result<_, _>>()?;
        Ok(Self {
            key,
            value,
            properties,
        })
    }
}

/// "Additional metadata [...] appended to values": a key that may have a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BaggageProperty {
    key: String,
    value: Option<String>,
}

impl BaggageProperty {
    /// The key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The value, decoded.
    pub fn value(&self) -> Option<&str> {
        self.value.as_deref()
    }

    /// Length in the header, with the semicolon before it.
    fn header_bytes(&self) -> usize {
        let value = self.value.as_deref();
        ";".len() + self.key.len() + value.map_or(0, |value| "=".len() + encoded_bytes(value))
    }
}

impl fmt::Display for BaggageProperty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key)?;
        let Some(value) = &self.value else {
            return Ok(());
        };
        f.write_str("=")?;
        encode(value, f)
    }
}

impl FromStr for BaggageProperty {
    type Err = BaggageError;

    /// `property = key OWS "=" OWS value`, `property =/ key OWS`
    fn from_str(text: &str) -> Result<Self, BaggageError> {
        let (key, value) = match text.split_once('=') {
            Some((key, value)) => (key, Some(value)),
            None => (text, None),
        };
        let key = checked_key(trim_ows(key))?;
        let value = value.map(|value| decoded_value(&key, value)).transpose()?;
        Ok(Self { key, value })
    }
}

/// RFC 7230, 3.2.6: `token = 1*tchar`
fn checked_key(key: &str) -> Result<String, BaggageError> {
    if !key.is_empty() && key.bytes().all(is_token_char) {
        return Ok(key.to_owned());
    }
    let key = excerpt(key);
    Err(BaggageError::Key { key })
}

/// RFC 7230, 3.2.6: `tchar`
fn is_token_char(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// "Leading and trailing whitespaces (`OWS`) are allowed and are not considered to be a part of the
/// value." `value = *baggage-octet`
fn decoded_value(key: &str, text: &str) -> Result<String, BaggageError> {
    let text = trim_ows(text);
    if text.bytes().all(is_baggage_octet) {
        return Ok(decode(text));
    }
    let (key, value) = (excerpt(key), excerpt(text));
    Err(BaggageError::Value { key, value })
}
