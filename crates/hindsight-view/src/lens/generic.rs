//! Any service: its methods as its app describes them, a form for a call, the answer.
//!
//! In: described [`Method`](hindsight_schema::Method)s, what a reader does to a form, and values. Out:
//! [`MethodSheet`]s, rows of a [`Form`], and answers as a [`Table`](crate::Table) or as rows of a
//! [`Tree`], plain data that is escaped. Holds: what is not looked at costs nothing: only opened parts of
//! an answer are shaped. Bounded: [`form::ROWS_MAX`] rows of a form, [`tree::CHILDREN_MAX`] parts of each
//! opened value until more are asked for, [`table::ROWS_MAX`] rows.

pub mod form;
mod sheet;
pub mod table;
pub mod tree;

#[cfg(test)]
mod tests;

pub use form::{Control, Edit, Form, FormRow};
pub use sheet::{Consent, MethodSheet, refusal, sheets};
pub use table::AnswerTable;
pub use tree::{Open, Tree, TreeRow};

use hindsight_schema::{Number, Value, json, plain};

use crate::format;
use crate::text::Role;

/// Cells of a value in one line.
pub(crate) const VALUE_CELLS_MAX: usize = 200;

/// A value in one line, escaped, cut to `cells`; large ones are not written out to be cut.
pub fn one_line(value: &Value, cells: usize) -> String {
    let text = match value {
        Value::Null => "–".to_owned(),
        Value::Text(text) => text[..text.floor_char_boundary(8 * cells)].to_owned(),
        Value::Bytes(bytes) if bytes.len() > cells => format::bytes(bytes.len() as u64),
        Value::List(list) if list.len() > cells => format::plural(list.len() as u64, "element"),
        Value::Map(map) if map.len() > cells => format::plural(map.len() as u64, "entry"),
        value if is_small(value, &mut 64) => plain(value),
        value => outline(value),
    };
    format::truncate(&format::escape(&text), cells).into_owned()
}

/// Whether it has few values, looking at no more of them.
fn is_small(value: &Value, left: &mut usize) -> bool {
    if *left == 0 {
        return false;
    }
    *left -= 1;
    match value {
        Value::Text(text) => text.len() < 4_096,
        Value::Bytes(bytes) => bytes.len() < 4_096,
        Value::List(list) => list.iter().all(|value| is_small(value, left)),
        Value::Map(map) => map
            .iter()
            .all(|(key, value)| is_small(key, left) && is_small(value, left)),
        Value::Struct(fields) => fields.iter().all(|(_, value)| is_small(value, left)),
        Value::Variant(_, inner) | Value::Some(inner) => is_small(inner, left),
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    }
}

/// What a value holds, by number.
fn outline(value: &Value) -> String {
    let parts = value.parts() as u64;
    match value {
        Value::List(_) => format::plural(parts, "element"),
        Value::Map(_) => format!(
            "{} {}",
            format::count(parts),
            if parts == 1 { "entry" } else { "entries" }
        ),
        Value::Struct(_) => format::plural(parts, "field"),
        Value::Variant(name, _) => format!("{name} …"),
        _ => json::print(value),
    }
}

/// The colour of a value.
fn role(value: &Value) -> Role {
    match value {
        Value::Null => Role::Dim,
        _ => Role::Plain,
    }
}

/// Whether columns of it are aligned right.
fn is_number(value: &Value) -> bool {
    matches!(
        value,
        Value::Number(Number::Int(_) | Number::Large(_) | Number::Float(_))
    )
}
