//! Arguments as they were typed.

use hindsight_schema::{Arguments, Content, Value, Written, json};

use super::error::MethodError;
use crate::cli::arguments::CallArguments;

/// What is written for which argument.
pub(super) fn read(
    typed: &CallArguments,
    described: &Arguments,
) -> Result<Vec<Written>, MethodError> {
    if let Some(text) = &typed.args_json {
        return all(text);
    }
    let texts = typed.arguments.iter().map(|text| {
        let (name, text) = named(text, described);
        let content = Content::Text(text.to_owned());
        Ok(Written { name, content })
    });
    let values = typed.json.iter().map(|text| {
        let (name, text) = named(text, described);
        let content = Content::Json(parse("--arg-json", text)?);
        Ok(Written { name, content })
    });
    texts.chain(values).collect()
}

/// `limit=3` names an argument or field only if there is one of that name, so that texts may hold `=`.
fn named<'t>(text: &'t str, described: &Arguments) -> (Option<String>, &'t str) {
    let split = text.split_once('=');
    match split.filter(|(name, _)| described.has(name)) {
        Some((name, value)) => (Some(name.to_owned()), value),
        None => (None, text),
    }
}

/// A list of all, or an object by name.
fn all(text: &str) -> Result<Vec<Written>, MethodError> {
    let written = |name: Option<&str>, value: &Value| Written {
        name: name.map(Into::into),
        content: Content::Json(value.clone()),
    };
    match parse("--args-json", text)? {
        Value::List(list) => Ok(list.iter().map(|value| written(None, value)).collect()),
        Value::Struct(fields) => {
            let fields = fields.iter();
            Ok(fields
                .map(|(name, value)| written(Some(name), value))
                .collect())
        }
        _ => {
            let text = "--args-json takes a list of all arguments, or an object by name";
            Err(MethodError::Unknown(text.into()))
        }
    }
}

fn parse(flag: &str, text: &str) -> Result<Value, MethodError> {
    json::parse(text).map_err(|error| MethodError::Unknown(format!("{flag}: {error}")))
}
