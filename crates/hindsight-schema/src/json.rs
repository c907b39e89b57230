//! JSON, with every digit of integers.
//!
//! A value that has no form in JSON is printed so that [`fit`](crate::fit()) reads it back: bytes as
//! `"0x00ff"`, maps with other keys than texts as lists of pairs, floats that are no numbers as words.

use std::fmt::Write;

use crate::value::{Number, Value};

mod parse;

pub use parse::{JsonError, parse};

/// One line.
pub fn print(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text, None);
    text
}

/// Several lines, two blanks for each level.
pub fn pretty(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text, Some(0));
    text
}

/// `level` is how far lines are indented; none for one line.
fn write(value: &Value, text: &mut String, level: Option<usize>) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(is) => text.push_str(if *is { "true" } else { "false" }),
        Value::Number(Number::Float(float)) if !float.is_finite() => {
            quote(&format!("{float:?}"), text);
        }
        Value::Number(number) => push(text, format_args!("{number}")),
        Value::Text(written) => quote(written, text),
        Value::Bytes(bytes) => {
            text.push_str("\"0x");
            for byte in bytes {
                push(text, format_args!("{byte:02x}"));
            }
            text.push('"');
        }
        Value::List(list) => {
            let each = list.iter().map(|value| (None, value));
            members('[', ']', each, text, level);
        }
        Value::Struct(fields) => {
            let each = fields.iter().map(|(name, value)| (Some(&**name), value));
            members('{', '}', each, text, level);
        }
        Value::Map(entries) => write_map(entries, text, level),
        Value::Variant(name, inner) if **inner == Value::Null => quote(name, text),
        Value::Variant(name, inner) => {
            members(
                '{',
                '}',
                [(Some(&**name), &**inner)].into_iter(),
                text,
                level,
            );
        }
        Value::Some(inner) => {
            members(
                '{',
                '}',
                [(Some("Some"), &**inner)].into_iter(),
                text,
                level,
            );
        }
    }
}

fn write_map(entries: &[(Value, Value)], text: &mut String, level: Option<usize>) {
    let keys = entries.iter().map(|(key, _)| match key {
        Value::Text(key) => Some(key.as_str()),
        _ => None,
    });
    let keys: Option<Vec<&str>> = keys.collect();
    match keys {
        Some(keys) => {
            let values = entries.iter().map(|(_, value)| value);
            let each = keys.into_iter().map(Some).zip(values);
            members('{', '}', each, text, level);
        }
        None => {
            let pair =
                |(key, value): &(Value, Value)| Value::List(vec![key.clone(), value.clone()]);
            let pairs: Vec<Value> = entries.iter().map(pair).collect();
            members('[', ']', pairs.iter().map(|pair| (None, pair)), text, level);
        }
    }
}

fn members<'v>(
    open: char,
    close: char,
    each: impl Iterator<Item = (Option<&'v str>, &'v Value)>,
    text: &mut String,
    level: Option<usize>,
) {
    let inner = level.map(|level| level + 1);
    let line = |text: &mut String, level: Option<usize>| {
        if let Some(level) = level {
            text.push('\n');
            text.extend(std::iter::repeat_n(' ', 2 * level));
        }
    };
    text.push(open);
    let mut is_empty = true;
    for (name, value) in each {
        if !is_empty {
            text.push(',');
        }
        is_empty = false;
        line(text, inner);
        if let Some(name) = name {
            quote(name, text);
            text.push(':');
            if level.is_some() {
                text.push(' ');
            }
        }
        write(value, text, inner);
    }
    if !is_empty {
        line(text, level);
    }
    text.push(close);
}

fn quote(written: &str, text: &mut String) {
    text.push('"');
    for character in written.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\0'..='\u{1f}' | '\u{7f}' => {
                push(text, format_args!("\\u{:04x}", u32::from(character)));
            }
            _ => text.push(character),
        }
    }
    text.push('"');
}

fn push(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    text.write_fmt(arguments)
        .expect("writing to a string does not fail");
}
