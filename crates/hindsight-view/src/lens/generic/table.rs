//! A list of structs as a table.

use std::sync::Arc;

use hindsight_schema::Value;

use super::{is_number, one_line, role};
use crate::format;
use crate::table::{Align, Cell, Column, Table};
use crate::text::Role;

/// Rows that are shown before more are asked for.
pub const ROWS_MAX: usize = 200;
/// Most columns.
const COLUMNS_MAX: usize = 16;
/// Cells of a value.
const CELLS_MAX: usize = 60;
/// Rows that are looked at to see what the columns are.
const LOOKED_AT: usize = 64;
/// Least cells of a column that is too wide.
const SHRINKS_TO: usize = 8;

/// A list of structs, escaped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnswerTable {
    /// Their names, and where their cells stand.
    pub columns: Vec<(String, Align)>,
    /// The cells of each row with their colours, as many as there are columns.
    pub rows: Vec<Vec<(Role, String)>>,
    /// Rows that there are in all.
    pub total: usize,
    /// Columns that are left out.
    pub columns_left_out: usize,
}

impl AnswerTable {
    /// The first `rows_max` elements as rows, if `value` is a list of structs or a map to structs, or is
    /// a struct of one such list and nothing else.
    pub fn of(value: &Value, rows_max: usize) -> Option<Self> {
        let (key, list) = rows_of(value)?;
        let mut names: Vec<Arc<str>> = Vec::new();
        for (_, row) in list.iter().take(LOOKED_AT) {
            let Value::Struct(fields) = row else {
                return None;
            };
            for (name, _) in fields {
                if !names.contains(name) {
                    names.push(Arc::clone(name));
                }
            }
        }
        if names.is_empty() {
            return None;
        }
        let room = COLUMNS_MAX - usize::from(key);
        let columns_left_out = names.len().saturating_sub(room);
        names.truncate(room);
        let cells = |(key, row): &(Option<&Value>, &Value)| {
            let cell = |value: Option<&Value>| match value {
                Some(value) => (role(value), one_line(value, CELLS_MAX)),
                None => (Role::Dim, String::new()),
            };
            let fields = names.iter().map(|name| cell(row.field(name)));
            key.map(|key| cell(Some(key)))
                .into_iter()
                .chain(fields)
                .collect()
        };
        let align = |name: &Arc<str>| {
            let mut values = list.iter().take(LOOKED_AT);
            let is_right = values.all(|(_, row)| {
                row.field(name)
                    .is_none_or(|value| *value == Value::Null || is_number(value))
            });
            let title = format::truncate(&format::escape(name), CELLS_MAX).into_owned();
            let align = if is_right { Align::Right } else { Align::Left };
            (title, align)
        };
        let first = key.then(|| ("key".to_owned(), Align::Left));
        Some(Self {
            columns: first.into_iter().chain(names.iter().map(align)).collect(),
            rows: list.iter().take(rows_max).map(cells).collect(),
            total: list.len(),
            columns_left_out,
        })
    }

    /// For a terminal.
    pub fn into_table(self) -> Table {
        let column = |(title, align): (String, Align)| match align {
            Align::Left => Column::left(title.to_uppercase()).shrinking_to(SHRINKS_TO),
            Align::Right => Column::right(title.to_uppercase()),
        };
        let mut table = Table::new(self.columns.into_iter().map(column).collect());
        for row in self.rows {
            let cells = row.into_iter();
            table.push(
                cells
                    .map(|(role, text)| Cell::new().with(role, text))
                    .collect(),
            );
        }
        table
    }
}

/// Rows with their keys, and whether they have keys.
type Rows<'v> = (bool, Vec<(Option<&'v Value>, &'v Value)>);

fn rows_of(value: &Value) -> Option<Rows<'_>> {
    match value {
        Value::List(list) if !list.is_empty() => {
            Some((false, list.iter().map(|row| (None, row)).collect()))
        }
        Value::Map(entries) if !entries.is_empty() => {
            let rows = entries.iter().map(|(key, row)| (Some(key), row));
            Some((true, rows.collect()))
        }
        // Answers are often a struct, so that fields can be added.
        Value::Struct(fields) if fields.len() == 1 => match &fields[0].1 {
            inner @ (Value::List(_) | Value::Map(_)) => rows_of(inner),
            _ => None,
        },
        _ => None,
    }
}
