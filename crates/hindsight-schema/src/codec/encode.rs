//! Bytes from values that fit.

use facet_value::{VArray, VBytes, VNumber, VObject, VString, Value as Dynamic};
use phon_schema::bytes::{
    pad_to, write_bool, write_bytes, write_f32, write_f64, write_i8, write_i16, write_i32,
    write_i64, write_i128, write_str, write_u8, write_u16, write_u32, write_u64, write_u128,
};
use phon_schema::write_value;

use super::{CodecError, alignment};
use crate::DEPTH_MAX;
use crate::fit::{Misfit, Path};
use crate::shape::{Scalar, Shape, Type};
use crate::value::{Number, Value};

type Result<T> = std::result::Result<T, CodecError>;

/// The bytes of a value, which must fit the shape as [`fit`](crate::fit()) makes it.
pub fn encode(shape: &Shape, value: &Value) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    put(shape, value, &mut out, 0)?;
    Ok(out)
}

/// Appends a value to a message.
fn put(shape: &Shape, value: &Value, out: &mut Vec<u8>, depth: usize) -> Result<()> {
    if depth > DEPTH_MAX {
        return Err(CodecError::TooDeep);
    }
    let depth = depth + 1;
    let other = || Err(CodecError::Misfit(Misfit::of(&Path::Root, shape, value)));
    match (shape.get(), value) {
        (Type::Scalar(scalar), value) => {
            return put_scalar(*scalar, value, out).map_or_else(other, Ok);
        }
        (Type::Struct(_, fields), Value::Struct(values)) if fields.len() == values.len() => {
            for (field, (name, value)) in fields.iter().zip(values) {
                if field.name != *name {
                    return other();
                }
                put(&shape.at(field.of), value, out, depth)?;
            }
        }
        (Type::Enum(_, variants), Value::Variant(name, inner)) => {
            let Some(variant) = variants.iter().find(|variant| variant.name == *name) else {
                return other();
            };
            write_u32(out, variant.index);
            if let Some(of) = variant.payload {
                put(&shape.at(of), inner, out, depth)?;
            }
        }
        (Type::Tuple(of), Value::List(list)) if of.len() == list.len() => {
            for (of, value) in of.iter().zip(list) {
                put(&shape.at(*of), value, out, depth)?;
            }
        }
        (Type::List(of) | Type::Set(of), Value::List(list)) => {
            let Ok(length) = u32::try_from(list.len()) else {
                return other();
            };
            write_u32(out, length);
            for value in list {
                put(&shape.at(*of), value, out, depth)?;
            }
        }
        (Type::Array(of, length), Value::List(list)) if *length == list.len() as u64 => {
            for value in list {
                put(&shape.at(*of), value, out, depth)?;
            }
        }
        (Type::Map(key, of), Value::Map(entries)) => {
            let Ok(length) = u32::try_from(entries.len()) else {
                return other();
            };
            write_u32(out, length);
            for (name, value) in entries {
                put(&shape.at(*key), name, out, depth)?;
                put(&shape.at(*of), value, out, depth)?;
            }
        }
        (Type::Option(_), Value::Null) => write_u8(out, 0),
        (Type::Option(of), value) => {
            write_u8(out, 1);
            let of = shape.at(*of);
            match (of.may_be_null(), value) {
                (true, Value::Some(inner)) => put(&of, inner, out, depth)?,
                (true, _) => return other(),
                (false, value) => put(&of, value, out, depth)?,
            }
        }
        (Type::Dynamic, value) => {
            let written = write_value(out, &dynamic(value));
            written.or_else(|_| other())?;
        }
        (Type::Other(what), _) => return Err(CodecError::Other(what)),
        _ => return other(),
    }
    Ok(())
}

/// None if the value is of another kind or out of range.
fn put_scalar(scalar: Scalar, value: &Value, out: &mut Vec<u8>) -> Option<()> {
    pad_to(out, alignment(scalar));
    match (scalar, value) {
        (Scalar::Bool, Value::Bool(is)) => write_bool(out, *is),
        (Scalar::Unsigned(128), Value::Number(Number::Large(number))) => write_u128(out, *number),
        (Scalar::Unsigned(bits), Value::Number(Number::Int(number))) => match bits {
            8 => write_u8(out, u8::try_from(*number).ok()?),
            16 => write_u16(out, u16::try_from(*number).ok()?),
            32 => write_u32(out, u32::try_from(*number).ok()?),
            64 => write_u64(out, u64::try_from(*number).ok()?),
            _ => write_u128(out, u128::try_from(*number).ok()?),
        },
        (Scalar::Signed(bits), Value::Number(Number::Int(number))) => match bits {
            8 => write_i8(out, i8::try_from(*number).ok()?),
            16 => write_i16(out, i16::try_from(*number).ok()?),
            32 => write_i32(out, i32::try_from(*number).ok()?),
            64 => write_i64(out, i64::try_from(*number).ok()?),
            _ => write_i128(out, *number),
        },
        (Scalar::Float(32), Value::Number(number)) => write_f32(out, number.as_f64() as f32),
        (Scalar::Float(_), Value::Number(number)) => write_f64(out, number.as_f64()),
        (Scalar::Char, Value::Text(text)) => {
            let mut characters = text.chars();
            let (Some(character), None) = (characters.next(), characters.next()) else {
                return None;
            };
            write_u32(out, character.into());
        }
        (
            Scalar::Text | Scalar::DateTime | Scalar::Uuid | Scalar::QualifiedName,
            Value::Text(text),
        ) => {
            u32::try_from(text.len()).ok()?;
            write_str(out, text);
        }
        (Scalar::Bytes, Value::Bytes(bytes)) => {
            u32::try_from(bytes.len()).ok()?;
            write_bytes(out, bytes);
        }
        (Scalar::Unit, Value::Null) => {}
        _ => return None,
    }
    Some(())
}

/// A value that describes itself, with names where it has any.
fn dynamic(value: &Value) -> Dynamic {
    match value {
        Value::Null => Dynamic::NULL,
        Value::Bool(is) => Dynamic::from(*is),
        Value::Number(Number::Int(number)) => VNumber::from_i128(*number).into_value(),
        Value::Number(Number::Large(number)) => VNumber::from_u128(*number).into_value(),
        Value::Number(Number::Float(number)) => VNumber::from_f64(*number).into_value(),
        Value::Text(text) => VString::new(text).into_value(),
        Value::Bytes(bytes) => VBytes::new(bytes).into_value(),
        Value::List(list) => {
            let mut array = VArray::new();
            for value in list {
                array.push(dynamic(value));
            }
            array.into_value()
        }
        Value::Struct(fields) => {
            let mut object = VObject::new();
            for (name, value) in fields {
                object.insert(&**name, dynamic(value));
            }
            object.into_value()
        }
        Value::Map(entries) => {
            let mut object = VObject::new();
            for (key, value) in entries {
                object.insert(crate::plain(key).as_str(), dynamic(value));
            }
            object.into_value()
        }
        Value::Variant(name, inner) if **inner == Value::Null => VString::new(name).into_value(),
        Value::Variant(name, inner) => {
            let mut object = VObject::new();
            object.insert(&**name, dynamic(inner));
            object.into_value()
        }
        Value::Some(inner) => dynamic(inner),
    }
}
