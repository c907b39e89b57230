//! Shapes as people write them, and what their names stand for.

use std::collections::{HashSet, VecDeque};
use std::fmt;

use super::{Scalar, Shape, Type, TypeId};

/// Types within each other that a signature spells out; deeper ones are `…`.
const DEPTH_MAX: usize = 8;
/// Longest signature; what is beyond is cut.
const BYTES_MAX: usize = 400;
/// Most definitions that are listed.
const DEFINITIONS_MAX: usize = 60;

impl Scalar {
    /// As Rust names it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Unsigned(8) => "u8",
            Self::Unsigned(16) => "u16",
            Self::Unsigned(32) => "u32",
            Self::Unsigned(64) => "u64",
            Self::Unsigned(_) => "u128",
            Self::Signed(8) => "i8",
            Self::Signed(16) => "i16",
            Self::Signed(32) => "i32",
            Self::Signed(64) => "i64",
            Self::Signed(_) => "i128",
            Self::Float(32) => "f32",
            Self::Float(_) => "f64",
            Self::Char => "char",
            Self::Text => "String",
            Self::Bytes => "bytes",
            Self::DateTime => "DateTime",
            Self::Uuid => "Uuid",
            Self::QualifiedName => "QName",
            Self::Unit => "()",
            Self::Never => "!",
        }
    }

    /// What may be written for it, in words: `0 to 255`, `text`.
    pub fn range(self) -> String {
        match self {
            Self::Bool => "true or false".into(),
            Self::Unsigned(bits @ (8 | 16 | 32)) => format!("0 to {}", (1_u64 << bits) - 1),
            Self::Unsigned(64) => format!("0 to {}", u64::MAX),
            Self::Unsigned(_) => "0 to 2¹²⁸-1".into(),
            Self::Signed(bits @ (8 | 16 | 32)) => {
                let half = 1_i64 << (bits - 1);
                format!("{} to {}", -half, half - 1)
            }
            Self::Signed(64) => format!("{} to {}", i64::MIN, i64::MAX),
            Self::Signed(_) => "-2¹²⁷ to 2¹²⁷-1".into(),
            Self::Float(_) => "a number".into(),
            Self::Char => "one character".into(),
            Self::Text => "text".into(),
            Self::Bytes => "hex digits, as 0x00ff".into(),
            Self::DateTime => "a time, as 2026-11-23T09:00:00Z".into(),
            Self::Uuid => "a UUID".into(),
            Self::QualifiedName => "a name, as {namespace}name".into(),
            Self::Unit => "nothing".into(),
            Self::Never => "there is no such value".into(),
        }
    }
}

impl fmt::Display for Shape {
    /// `Vec<Item>`, `Option<u32>`; structs and enums by their names. Not escaped.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        write(self, &mut text, 0);
        if text.len() > BYTES_MAX {
            text.truncate(text.floor_char_boundary(BYTES_MAX));
            text.push('…');
        }
        f.write_str(&text)
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shape({self})")
    }
}

fn write(shape: &Shape, text: &mut String, depth: usize) {
    if depth > DEPTH_MAX || text.len() > BYTES_MAX {
        text.push('…');
        return;
    }
    let list = |text: &mut String, open: &str, of: &[TypeId], close: &str| {
        text.push_str(open);
        for (index, of) in of.iter().enumerate() {
            if index > 0 {
                text.push_str(", ");
            }
            if text.len() > BYTES_MAX {
                break;
            }
            write(&shape.at(*of), text, depth + 1);
        }
        text.push_str(close);
    };
    match shape.get() {
        Type::Scalar(scalar) => text.push_str(scalar.word()),
        Type::Struct(name, fields) if name.is_empty() => write_fields(shape, fields, text, depth),
        Type::Struct(name, _) | Type::Enum(name, _) => text.push_str(name),
        Type::Tuple(of) => list(text, "(", of, ")"),
        Type::List(of) => list(text, "Vec<", &[*of], ">"),
        Type::Set(of) => list(text, "Set<", &[*of], ">"),
        Type::Map(key, value) => list(text, "Map<", &[*key, *value], ">"),
        Type::Option(of) => list(text, "Option<", &[*of], ">"),
        Type::Array(of, length) => list(text, "[", &[*of], &format!("; {length}]")),
        Type::Dynamic => text.push_str("any"),
        Type::Other(what) => text.push_str(what),
    }
}

fn write_fields(shape: &Shape, fields: &[super::Field], text: &mut String, depth: usize) {
    text.push_str("{ ");
    for (index, field) in fields.iter().enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        if text.len() > BYTES_MAX {
            break;
        }
        text.push_str(&field.name);
        text.push_str(": ");
        write(&shape.at(field.of), text, depth + 1);
    }
    text.push_str(if fields.is_empty() { "}" } else { " }" });
}

impl Shape {
    /// What the names in the shape stand for, nearest first, each once: `struct Item { id: u64 }`,
    /// `enum Order { Name, Price { up: bool } }`. At most 60; not escaped.
    pub fn definitions(&self) -> Vec<String> {
        let mut seen = HashSet::from([self.of]);
        let mut waiting = VecDeque::from([self.of]);
        let mut told = Vec::new();
        while let Some(of) = waiting.pop_front() {
            let shape = self.at(of);
            told.extend(definition(&shape));
            if told.len() >= DEFINITIONS_MAX {
                break;
            }
            for of in parts(shape.get()) {
                if seen.insert(of) {
                    waiting.push_back(of);
                }
            }
        }
        told
    }
}

/// The types a type is made of.
pub(super) fn parts(of: &Type) -> Vec<TypeId> {
    match of {
        Type::Scalar(_) | Type::Dynamic | Type::Other(_) => Vec::new(),
        Type::Struct(_, fields) => fields.iter().map(|field| field.of).collect(),
        Type::Enum(_, variants) => variants.iter().filter_map(|v| v.payload).collect(),
        Type::Tuple(of) => of.clone(),
        Type::List(of) | Type::Set(of) | Type::Array(of, _) | Type::Option(of) => vec![*of],
        Type::Map(key, value) => vec![*key, *value],
    }
}

fn definition(shape: &Shape) -> Option<String> {
    let mut text;
    match shape.get() {
        Type::Struct(name, fields) if !name.is_empty() => {
            text = format!("struct {name} ");
            write_fields(shape, fields, &mut text, 0);
        }
        Type::Enum(name, variants) => {
            text = format!("enum {name} {{ ");
            for (index, variant) in variants.iter().enumerate() {
                if index > 0 {
                    text.push_str(", ");
                }
                if text.len() > BYTES_MAX {
                    break;
                }
                text.push_str(&variant.name);
                if let Some(of) = variant.payload {
                    let payload = shape.at(of);
                    match payload.get() {
                        Type::Tuple(_) => write(&payload, &mut text, 0),
                        Type::Struct(name, _) if name.is_empty() => {
                            text.push(' ');
                            write(&payload, &mut text, 0);
                        }
                        _ => {
                            text.push('(');
                            write(&payload, &mut text, 0);
                            text.push(')');
                        }
                    }
                }
            }
            text.push_str(" }");
        }
        _ => return None,
    }
    if text.len() > BYTES_MAX {
        text.truncate(text.floor_char_boundary(BYTES_MAX));
        text.push('…');
    }
    Some(text)
}
