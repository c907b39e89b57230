//! Fields of events, as text.

use std::fmt;

use tracing::field::{Field, Visit};

/// Longest text of a field; the rest is cut.
const TEXT_BYTES_MAX: usize = 2_000;
/// Fields of an event that are looked at.
const FIELDS_MAX: usize = 16;

/// Names and texts.
#[derive(Debug, Default)]
pub(super) struct Fields {
    all: Vec<(&'static str, String)>,
}

impl Fields {
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let found = self.all.iter().find(|(known, _)| *known == name);
        found.map(|(_, text)| text.as_str())
    }

    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.text(name)?.parse().ok()
    }

    pub(super) fn float(&self, name: &str) -> Option<f64> {
        self.text(name)?.parse().ok()
    }

    pub(super) fn message(&self) -> &str {
        self.text("message").unwrap_or_default()
    }

    fn push(&mut self, field: &Field, mut text: String) {
        if text.len() > TEXT_BYTES_MAX {
            text.truncate(text.floor_char_boundary(TEXT_BYTES_MAX));
            text.push('…');
        }
        if self.all.len() < FIELDS_MAX {
            self.all.push((field.name(), text));
        }
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.push(field, value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.push(field, format!("{value:?}"));
    }
}
