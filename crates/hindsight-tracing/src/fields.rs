//! Fields of spans and events as attributes, with their types.

use std::fmt;

use hindsight::{AttributeValue, Key};
use tracing_core::field::{Field, Visit};

/// Longest text of a field; the rest is cut.
const TEXT_BYTES_MAX: usize = 16 << 10;

/// Collects fields.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    pub(crate) attributes: Vec<(Key, AttributeValue)>,
    /// The `message` field, apart.
    pub(crate) message: Option<String>,
}

impl Fields {
    fn push(&mut self, field: &Field, value: impl Into<AttributeValue>) {
        self.attributes
            .push((Key::Borrowed(field.name()), value.into()));
    }

    fn text(&mut self, field: &Field, text: String) {
        let text = cut(text);
        match field.name() {
            "message" => self.message = Some(text),
            _ => self.push(field, text),
        }
    }

    /// Takes a text field off the list.
    pub(crate) fn take_text(&mut self, name: &str) -> Option<String> {
        let at = self.attributes.iter().position(|(key, _)| key == name)?;
        match self.attributes.remove(at).1 {
            AttributeValue::String(text) => Some(text.into_owned()),
            _ => None,
        }
    }
}

fn cut(mut text: String) -> String {
    if text.len() > TEXT_BYTES_MAX {
        text.truncate(text.floor_char_boundary(TEXT_BYTES_MAX));
        text.push('…');
    }
    text
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.push(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.push(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.push(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.push(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, value.to_owned());
    }

    fn record_bytes(&mut self, field: &Field, value: &[u8]) {
        self.push(field, value[..value.len().min(TEXT_BYTES_MAX)].to_vec());
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.text(field, value.to_string());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field, format!("{value:?}"));
    }
}
