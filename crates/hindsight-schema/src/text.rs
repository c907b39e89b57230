//! Values that people write in one line, and one-line texts of values.

use crate::fit::{Gaps, Misfit, Path, scalar};
use crate::json;
use crate::shape::{Scalar, Shape, Type};
use crate::value::{Number, Value};

/// What a person wrote, as a value of the shape: a text stands for itself, a word for a variant, a number
/// for a number, hex digits for an id; for anything larger it is JSON. Fields that are missing are an
/// error, but for options.
pub fn fit_text(shape: &Shape, text: &str) -> Result<Value, Misfit> {
    Gaps::Refused.fit_text(shape, text)
}

impl Gaps {
    /// As [`fit_text`], with these gaps.
    pub fn fit_text(self, shape: &Shape, text: &str) -> Result<Value, Misfit> {
        read(self, shape, text)
    }
}

fn read(gaps: Gaps, shape: &Shape, text: &str) -> Result<Value, Misfit> {
    let trimmed = text.trim();
    match shape.get() {
        Type::Scalar(Scalar::Text) => Ok(Value::text(text)),
        Type::Scalar(Scalar::Bytes) if trimmed.starts_with('[') => {
            let list = json::parse(trimmed).unwrap_or_default();
            scalar(Scalar::Bytes, &list, &Path::Root)
        }
        Type::Scalar(of) if trimmed.is_empty() && *of != Scalar::Unit => {
            Err(Misfit::missing(&Path::Root, shape))
        }
        Type::Scalar(of) => scalar(*of, &of_scalar(*of, trimmed), &Path::Root),
        Type::Option(_) if trimmed.is_empty() || trimmed == "null" => Ok(Value::Null),
        Type::Option(of) => {
            let of = shape.at(*of);
            let inner = read(gaps, &of, text)?;
            match of.may_be_null() {
                true => Ok(Value::Some(Box::new(inner))),
                false => Ok(inner),
            }
        }
        Type::Enum(..) if !trimmed.starts_with(['{', '"', '[']) => {
            gaps.fit(shape, &Value::text(trimmed))
        }
        Type::Struct(..) if shape.id_digits().is_some() && !trimmed.starts_with('{') => {
            let digits = shape.id_digits().unwrap_or_default();
            let no = |_| Misfit::new(&Path::Root, format!("a {shape} is {digits} hex digits"));
            gaps.fit(shape, &Value::text(trimmed)).map_err(no)
        }
        _ => {
            let parsed = json::parse(trimmed).map_err(|error| {
                let problem = format!("a {shape} is written as JSON: {error}");
                Misfit::new(&Path::Root, problem)
            })?;
            gaps.fit(shape, &parsed)
        }
    }
}

/// Words and digits as values of JSON have them.
fn of_scalar(of: Scalar, text: &str) -> Value {
    match (of, text) {
        (Scalar::Bool, "true") => Value::Bool(true),
        (Scalar::Bool, "false") => Value::Bool(false),
        (Scalar::Unit, "" | "null" | "()") => Value::Null,
        (Scalar::Float(_), text) => match text.parse() {
            Ok(number) if !text.contains("inf") && !text.contains("NaN") => {
                Value::Number(Number::Float(number))
            }
            _ => Value::text(text),
        },
        _ => Value::text(text),
    }
}

/// A scalar as people read it, without quotes; anything else as JSON.
pub fn plain(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Variant(name, inner) if **inner == Value::Null => name.to_string(),
        Value::Some(inner) => plain(inner),
        other => json::print(other),
    }
}
