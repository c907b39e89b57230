//! A span for the clipboard: as headers and as JSON.
//!
//! In: ids, or a row of a batch. Out: text. Holds: the JSON has the words of `hindsight trace
//! --format json`; texts are escaped as JSON has it and not cut, for a program reads them. Bounded
//! by the span.

use std::fmt::Write as _;

use hindsight_protocol::batch::{AttributeIter, SpanRow};
use hindsight_protocol::w3c::{TraceFlags, TraceParent};
use hindsight_protocol::{SpanId, TraceId, Value};

#[cfg(test)]
mod tests;

/// The header that the span sends with its requests; empty for ids that are none.
pub fn traceparent(trace: TraceId, span: SpanId) -> String {
    let header = TraceParent::new(trace, span, TraceFlags::SAMPLED);
    header.map(|header| header.to_string()).unwrap_or_default()
}

/// The span with everything that was recorded of it, as one JSON object on several lines.
pub fn span_json(span: SpanRow<'_>) -> String {
    let mut json = Object::new(0);
    json.text("trace_id", &span.trace_id().to_string());
    json.text("span_id", &span.span_id().to_string());
    match span.parent_id() {
        Some(parent) => json.text("parent_id", &parent.to_string()),
        None => json.raw("parent_id", "null"),
    }
    json.text("name", span.name());
    json.text("service", span.service());
    json.text("kind", span.kind().as_str());
    json.raw("start_ns", &span.start_ns().to_string());
    let end = span.end_ns().map(|end| end.to_string());
    json.raw("end_ns", end.as_deref().unwrap_or("null"));
    json.text("state", span.state().as_str());
    json.text("status", span.status().as_str());
    json.text("status_message", span.status_message());
    json.raw("attributes", &attributes(span.attributes(), 1));
    let events = span.events().map(|event| {
        let mut json = Object::new(2);
        json.raw("time_ns", &event.time_ns().to_string());
        json.text("name", event.name());
        json.raw("attributes", &attributes(event.attributes(), 3));
        json.finish()
    });
    json.raw("events", &array(events, 1));
    let links = span.links().map(|link| {
        let mut json = Object::new(2);
        json.text("trace_id", &link.trace_id().to_string());
        json.text("span_id", &link.span_id().to_string());
        json.raw("attributes", &attributes(link.attributes(), 3));
        json.finish()
    });
    json.raw("links", &array(links, 1));
    json.raw("resource", &attributes(span.resource(), 1));
    let mut scope = Object::new(1);
    scope.text("name", span.scope().name());
    scope.text("version", span.scope().version());
    json.raw("scope", &scope.finish());
    json.finish()
}

/// An object that is being written, so many levels deep.
struct Object {
    text: String,
    level: usize,
}

impl Object {
    fn new(level: usize) -> Self {
        Self {
            text: String::from("{"),
            level,
        }
    }

    fn raw(&mut self, key: &str, json: &str) {
        if self.text.len() > 1 {
            self.text.push(',');
        }
        new_line(&mut self.text, self.level + 1);
        string(&mut self.text, key);
        self.text.push_str(": ");
        self.text.push_str(json);
    }

    fn text(&mut self, key: &str, value: &str) {
        let mut json = String::new();
        string(&mut json, value);
        self.raw(key, &json);
    }

    fn finish(mut self) -> String {
        if self.text.len() > 1 {
            new_line(&mut self.text, self.level);
        }
        self.text.push('}');
        self.text
    }
}

fn new_line(text: &mut String, level: usize) {
    text.push('\n');
    text.extend(std::iter::repeat_n("  ", level));
}

fn array(elements: impl Iterator<Item = String>, level: usize) -> String {
    let mut text = String::from("[");
    for element in elements {
        if text.len() > 1 {
            text.push(',');
        }
        new_line(&mut text, level + 1);
        text.push_str(&element);
    }
    if text.len() > 1 {
        new_line(&mut text, level);
    }
    text.push(']');
    text
}

fn attributes(attributes: AttributeIter<'_>, level: usize) -> String {
    let mut json = Object::new(level);
    for (key, value) in attributes {
        let mut text = String::new();
        self::value(&mut text, &value.to_value());
        json.raw(key, &text);
    }
    json.finish()
}

fn value(text: &mut String, value: &Value) {
    match value {
        Value::String(value) => string(text, value),
        Value::Bool(value) => push(text, value),
        Value::I64(value) => push(text, value),
        // The shortest that reads as the same number, and a number in JSON too.
        Value::F64(value) if value.is_finite() => push(text, format_args!("{value:?}")),
        Value::F64(value) => string(text, &value.to_string()),
        Value::Bytes(bytes) => {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            push(text, format_args!("{{\"bytes\": \"{hex}\"}}"));
        }
        Value::Array(values) => {
            text.push('[');
            for (place, element) in values.iter().enumerate() {
                text.push_str(if place > 0 { ", " } else { "" });
                self::value(text, element);
            }
            text.push(']');
        }
        Value::Map(entries) => {
            text.push('{');
            for (place, entry) in entries.iter().enumerate() {
                text.push_str(if place > 0 { ", " } else { "" });
                string(text, &entry.key);
                text.push_str(": ");
                self::value(text, &entry.value);
            }
            text.push('}');
        }
    }
}

fn push(text: &mut String, value: impl std::fmt::Display) {
    // A string takes everything.
    write!(text, "{value}").ok();
}

/// RFC 8259, 7: what must be escaped, and what would end a line or a script where it is pasted.
fn string(text: &mut String, value: &str) {
    text.push('"');
    for c in value.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
                push(text, format_args!("\\u{:04x}", u32::from(c)));
            }
            c => text.push(c),
        }
    }
    text.push('"');
}
