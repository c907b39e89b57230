//! Values that are not made of others.

use phon_schema::{Primitive, extended_from_string, extended_to_string};

use super::{Misfit, Path, in_range};
use crate::shape::Scalar;
use crate::value::{Number, Value};

/// Whole numbers up to here are the same as floats.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

pub(crate) fn scalar(scalar: Scalar, value: &Value, path: &Path<'_>) -> Result<Value, Misfit> {
    let no = |problem: String| Err(Misfit::new(path, problem));
    let is_no = || no(format!("{} is no {}", super::kind(value), scalar.word()));
    match (scalar, value) {
        (Scalar::Bool, Value::Bool(_)) | (Scalar::Unit, Value::Null) => Ok(value.clone()),
        (Scalar::Text, Value::Text(_)) | (Scalar::Bytes, Value::Bytes(_)) => Ok(value.clone()),
        (Scalar::Unsigned(_) | Scalar::Signed(_), Value::Number(number)) => {
            let Some(whole) = whole(*number) else {
                return no(format!(
                    "{number} is not a whole number ({})",
                    scalar.word()
                ));
            };
            match in_range(scalar, whole) {
                true => Ok(Value::Number(whole)),
                false => no(format!(
                    "out of range for {} ({})",
                    scalar.word(),
                    scalar.range()
                )),
            }
        }
        // JavaScript's way of sending what it has no number for.
        (Scalar::Unsigned(_) | Scalar::Signed(_), Value::Text(text)) => match whole_text(text) {
            Some(number) => self::scalar(scalar, &Value::Number(number), path),
            None => is_no(),
        },
        (Scalar::Float(bits), Value::Number(number)) => {
            let float = number.as_f64();
            match bits == 32 && float.is_finite() && !(float as f32).is_finite() {
                true => no(format!("{number} is out of range for f32")),
                false => Ok(Value::Number(Number::Float(float))),
            }
        }
        (Scalar::Float(_), Value::Text(text)) => match text.as_str() {
            "NaN" => Ok(Value::Number(Number::Float(f64::NAN))),
            "inf" => Ok(Value::Number(Number::Float(f64::INFINITY))),
            "-inf" => Ok(Value::Number(Number::Float(f64::NEG_INFINITY))),
            _ => is_no(),
        },
        (Scalar::Char, Value::Text(text)) if text.chars().count() == 1 => Ok(value.clone()),
        (Scalar::Bytes, Value::Text(text)) => match hex(text) {
            Some(bytes) => Ok(Value::Bytes(bytes)),
            None => no("bytes are written in hex digits, as 0x00ff".into()),
        },
        (Scalar::Bytes, Value::List(list)) => {
            let byte = |value: &Value| match value {
                Value::Number(Number::Int(number)) => u8::try_from(*number).ok(),
                _ => None,
            };
            let bytes: Option<Vec<u8>> = list.iter().map(byte).collect();
            match bytes {
                Some(bytes) => Ok(Value::Bytes(bytes)),
                None => no("each byte is a number from 0 to 255".into()),
            }
        }
        (Scalar::DateTime, Value::Text(text)) => extended(text, Primitive::DateTime, scalar, path),
        (Scalar::Uuid, Value::Text(text)) => extended(text, Primitive::Uuid, scalar, path),
        (Scalar::QualifiedName, Value::Text(text)) => {
            extended(text, Primitive::QName, scalar, path)
        }
        (Scalar::Never, _) => no("there is no value of this shape".into()),
        _ => is_no(),
    }
}

/// In the one form in which it is sent.
fn extended(
    text: &str,
    primitive: Primitive,
    scalar: Scalar,
    path: &Path<'_>,
) -> Result<Value, Misfit> {
    let read = extended_from_string(text, primitive).ok();
    let canonical = read.and_then(|value| extended_to_string(&value, primitive).ok());
    canonical.map(Value::Text).ok_or_else(|| {
        let problem = format!("{:?} is no {}", cut(text), scalar.range());
        Misfit::new(path, problem)
    })
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(40)]
}

/// The whole number that it is.
fn whole(number: Number) -> Option<Number> {
    match number {
        Number::Float(float) if float.trunc() == float && float.abs() <= EXACT_MAX => {
            Some(Number::Int(float as i128))
        }
        Number::Float(_) => None,
        number => Some(number),
    }
}

pub(crate) fn whole_text(text: &str) -> Option<Number> {
    let signed = text.parse().ok().map(Number::Int);
    signed.or_else(|| text.parse().ok().map(Number::unsigned))
}

/// The bytes of `0x00ff`, blanks between them left out.
pub(crate) fn hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("0x")?;
    let digits: Option<Vec<u8>> = digits
        .bytes()
        .filter(|byte| !matches!(byte, b' ' | b'_'))
        .map(|byte| char::from(byte).to_digit(16).map(|digit| digit as u8))
        .collect();
    let digits = digits?;
    let pairs = digits.chunks_exact(2);
    match pairs.remainder() {
        [] => Some(pairs.map(|pair| pair[0] << 4 | pair[1]).collect()),
        _ => None,
    }
}
