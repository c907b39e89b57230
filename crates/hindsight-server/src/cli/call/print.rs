//! Answers for people and for programs.

use hindsight_schema::{Number, Value, plain};
use hindsight_view::lens::generic::{AnswerTable, Open, one_line, tree};
use hindsight_view::{Line, Role, format};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::settings::Format;

/// Rows of a table, unless `--limit` says otherwise.
const ROWS_DEFAULT: usize = 100;
/// Cells of an item of a stream where the terminal has no width.
const ITEM_CELLS: usize = 400;

/// Prints an answer: a table for a list of structs, a text as it is, a tree for all else.
pub(super) fn answer(
    value: &Value,
    limit: Option<usize>,
    output: &mut Output,
) -> Result<(), CliError> {
    if output.format != Format::Table {
        return json(value, limit, output);
    }
    let rows_max = limit.unwrap_or(ROWS_DEFAULT);
    if let Some(table) = AnswerTable::of(value, rows_max) {
        let (total, columns) = (table.total, table.columns_left_out);
        output.table(table.into_table())?;
        if total > rows_max {
            let total = format::count(total as u64);
            output.remark(&format!(
                "the first {rows_max} of {total}; --limit shows more"
            ))?;
        }
        if columns > 0 {
            let columns = format::plural(columns as u64, "column");
            output.remark(&format!("{columns} left out; --format json has them"))?;
        }
        return Ok(());
    }
    if value.parts() == 0 {
        return output.line(&Line::new().with(Role::Plain, plain(value)));
    }
    let tree = tree::tree(value, &Open::all());
    // The whole itself says nothing that its parts do not.
    for row in tree.rows.iter().skip(1) {
        let mut line = Line::new();
        line.pad(2 * row.depth.saturating_sub(1));
        let line = match row.name.is_empty() {
            true => line,
            false => line
                .with(Role::Key, row.name.as_str())
                .with(Role::Dim, "  "),
        };
        output.line(&line.with(row.role, row.text.as_str()))?;
    }
    if tree.is_cut {
        output.remark("there is more; --format json has all of it")?;
    }
    Ok(())
}

fn json(value: &Value, limit: Option<usize>, output: &mut Output) -> Result<(), CliError> {
    match value {
        Value::List(list) => {
            let limit = limit.unwrap_or(usize::MAX).min(list.len());
            let list: Vec<_> = list[..limit].iter().map(ValueJson).collect();
            output.json_list(&list)
        }
        value => output.json(&ValueJson(value)),
    }
}

/// Prints an item of a stream, at once.
pub(super) fn item(value: &Value, output: &mut Output) -> Result<(), CliError> {
    match output.format {
        Format::Table => {
            let cells = output.width.unwrap_or(ITEM_CELLS);
            output.line(&Line::new().with(Role::Plain, one_line(value, cells)))?;
        }
        _ => output.json_line(&ValueJson(value))?,
    }
    output.finish()
}

/// A value as JSON has it, as `hindsight_schema::json` prints it.
#[derive(Debug)]
struct ValueJson<'v>(&'v Value);

impl Serialize for ValueJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(is) => serializer.serialize_bool(*is),
            Value::Number(Number::Int(number)) => serializer.serialize_i128(*number),
            Value::Number(Number::Large(number)) => serializer.serialize_u128(*number),
            Value::Number(Number::Float(number)) if number.is_finite() => {
                serializer.serialize_f64(*number)
            }
            Value::Number(number) => serializer.serialize_str(&number.to_string()),
            Value::Text(text) => serializer.serialize_str(text),
            Value::Bytes(bytes) => {
                let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
                serializer.serialize_str(&format!("0x{}", digits.collect::<String>()))
            }
            Value::List(list) => {
                let mut sequence = serializer.serialize_seq(Some(list.len()))?;
                for value in list {
                    sequence.serialize_element(&ValueJson(value))?;
                }
                sequence.end()
            }
            Value::Struct(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (name, value) in fields {
                    map.serialize_entry(&**name, &ValueJson(value))?;
                }
                map.end()
            }
            Value::Map(entries) => {
                let is_text = |(key, _): &(Value, Value)| matches!(key, Value::Text(_));
                if !entries.iter().all(is_text) {
                    let pairs = entries.iter();
                    let pairs = pairs.map(|(key, value)| [ValueJson(key), ValueJson(value)]);
                    return serializer.collect_seq(pairs);
                }
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(&plain(key), &ValueJson(value))?;
                }
                map.end()
            }
            Value::Variant(name, inner) if **inner == Value::Null => serializer.serialize_str(name),
            Value::Variant(name, inner) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry(&**name, &ValueJson(inner))?;
                map.end()
            }
            Value::Some(inner) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("Some", &ValueJson(inner))?;
                map.end()
            }
        }
    }
}
