//! Filters written for people to go on with: what a click on a value asks for.
//!
//! In: where an attribute is, its key and value. Out: a term of the query language
//! (`docs/query-language.md`). Holds: the term parses, and finds the attribute it was made from;
//! what has no term (nested values, bytes, numbers that are none) gives none.

//!
//! Beside it, what a field for queries needs while one is typed: [`classes`], [`edit`], [`recent`].

use std::fmt::Write;

use hindsight_protocol::batch::ValueRef;

pub mod classes;
pub mod edit;
mod lexer;
pub mod recent;

/// Where an attribute stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttributeOf {
    /// On the span itself.
    Span,
    /// On who made the span.
    Resource,
    /// On one of the span's events.
    Event,
}

/// Longest text that is put into a term.
const TEXT_BYTES_MAX: usize = 2_048;

/// The term that finds spans with this attribute, such as `span.http.route="/a"`.
pub fn attribute_term(of: AttributeOf, key: &str, value: ValueRef<'_>) -> Option<String> {
    let value = match value {
        ValueRef::String(text) if text.len() <= TEXT_BYTES_MAX => quoted(text),
        ValueRef::Bool(value) => value.to_string(),
        ValueRef::I64(value) => value.to_string(),
        ValueRef::F64(value) if value.is_finite() => value.to_string(),
        _ => return None,
    };
    if key.is_empty() || key.len() > TEXT_BYTES_MAX {
        return None;
    }
    let prefix = match of {
        AttributeOf::Span => "span.",
        AttributeOf::Resource => "resource.",
        AttributeOf::Event => "event.",
    };
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    let key = match key.chars().all(is_word) && key != "name" {
        true => key.to_owned(),
        false => quoted(key),
    };
    Some(format!("{prefix}{key}={value}"))
}

/// The term for spans of a service.
pub fn service_term(service: &str) -> String {
    format!("service={}", quoted(service))
}

/// The term for spans with a name.
pub fn name_term(name: &str) -> String {
    format!("name={}", quoted(name))
}

/// `text` as a quoted value of the query language.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() => {
                // Writing to a text does not fail.
                let _ = write!(quoted, "\\u{{{:x}}}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_readable_where_keys_and_values_are_plain() {
        let term = |key, value| attribute_term(AttributeOf::Span, key, value);
        assert_eq!(
            term("http.route", ValueRef::String("/a")).as_deref(),
            Some("span.http.route=\"/a\"")
        );
        assert_eq!(
            term("two words", ValueRef::I64(-5)).as_deref(),
            Some("span.\"two words\"=-5")
        );
        assert_eq!(
            term("ok", ValueRef::Bool(true)).as_deref(),
            Some("span.ok=true")
        );
        assert_eq!(term("x", ValueRef::F64(f64::NAN)), None);
        assert_eq!(term("x", ValueRef::Bytes(b"1")), None);
        assert_eq!(service_term("a\"b"), "service=\"a\\\"b\"");
        assert_eq!(name_term("GET /"), "name=\"GET /\"");
    }

    #[test]
    fn control_characters_and_quotes_cannot_end_the_text() {
        let term = attribute_term(AttributeOf::Event, "k", ValueRef::String("a\"\\\n\u{1b}"));
        assert_eq!(term.as_deref(), Some("event.k=\"a\\\"\\\\\\n\\u{1b}\""));
    }
}
