//! Values from bytes of anybody.

use std::sync::Arc;

use facet_value::{Destructured, Value as Dynamic};
use phon_schema::bytes::{Reader, skip_pad};
use phon_schema::{DecodeError, read_value};

use super::{CodecError, alignment};
use crate::shape::{Scalar, Shape, Type, TypeId};
use crate::value::{Number, Value};
use crate::{DEPTH_MAX, VALUES_MAX};

type Result<T> = std::result::Result<T, CodecError>;

/// The value that all of `bytes` are, of a shape.
pub fn decode(shape: &Shape, bytes: &[u8]) -> Result<Value> {
    let mut decoder = Decoder {
        shape,
        reader: Reader::new(bytes),
        left: VALUES_MAX,
    };
    let value = decoder.value(shape.of, 0)?;
    match decoder.reader.remaining() {
        0 => Ok(value),
        rest => Err(DecodeError::TrailingBytes(rest).into()),
    }
}

struct Decoder<'a> {
    shape: &'a Shape,
    reader: Reader<'a>,
    /// Values that may still be made.
    left: usize,
}

impl<'a> Decoder<'a> {
    fn type_at(&self, of: TypeId) -> &'a Type {
        &self.shape.all.types[of as usize]
    }

    fn value(&mut self, of: TypeId, depth: usize) -> Result<Value> {
        if depth > DEPTH_MAX {
            return Err(CodecError::TooDeep);
        }
        self.left = self.left.checked_sub(1).ok_or(CodecError::TooLarge)?;
        let depth = depth + 1;
        Ok(match self.type_at(of) {
            Type::Scalar(scalar) => self.scalar(*scalar)?,
            Type::Struct(_, fields) => {
                let mut read = Vec::new();
                for field in fields {
                    read.push((Arc::clone(&field.name), self.value(field.of, depth)?));
                }
                Value::Struct(read)
            }
            Type::Enum(_, variants) => {
                let index = self.reader.read_u32()?;
                let variant = variants.iter().find(|variant| variant.index == index);
                let variant = variant.ok_or(CodecError::NoVariant(index))?;
                let payload = match variant.payload {
                    Some(of) => self.value(of, depth)?,
                    None => Value::Null,
                };
                Value::Variant(Arc::clone(&variant.name), Box::new(payload))
            }
            Type::Tuple(of) => {
                let mut read = Vec::new();
                for of in of {
                    read.push(self.value(*of, depth)?);
                }
                Value::List(read)
            }
            Type::List(of) | Type::Set(of) => {
                let length = self.length()?;
                self.list(*of, length, depth)?
            }
            Type::Array(of, length) => self.list(*of, *length, depth)?,
            Type::Map(key, value) => {
                let mut read = Vec::new();
                for _ in 0..self.length()? {
                    read.push((self.value(*key, depth)?, self.value(*value, depth)?));
                }
                Value::Map(read)
            }
            Type::Option(of) => match self.reader.read_u8()? {
                0 => Value::Null,
                1 => {
                    let inner = self.value(*of, depth)?;
                    match self.shape.at(*of).may_be_null() {
                        true => Value::Some(Box::new(inner)),
                        false => inner,
                    }
                }
                byte => return Err(DecodeError::InvalidBool(byte).into()),
            },
            Type::Dynamic => {
                let value = read_value(&mut self.reader)?;
                self.dynamic(value, depth)?
            }
            Type::Other(what) => return Err(CodecError::Other(what)),
        })
    }

    /// No more than there may be values. The shortest value has no bytes, so that bytes are no bound.
    fn length(&mut self) -> Result<u64> {
        Ok(self.reader.read_u32()?.into())
    }

    fn list(&mut self, of: TypeId, length: u64, depth: usize) -> Result<Value> {
        let mut read = Vec::new();
        for _ in 0..length {
            read.push(self.value(of, depth)?);
        }
        Ok(Value::List(read))
    }

    fn scalar(&mut self, scalar: Scalar) -> Result<Value> {
        let reader = &mut self.reader;
        skip_pad(reader, alignment(scalar))?;
        Ok(match scalar {
            Scalar::Bool => Value::Bool(reader.read_bool()?),
            Scalar::Unsigned(8) => Value::int(reader.read_u8()?),
            Scalar::Unsigned(16) => Value::int(reader.read_u16()?),
            Scalar::Unsigned(32) => Value::int(reader.read_u32()?),
            Scalar::Unsigned(64) => Value::int(reader.read_u64()?),
            Scalar::Unsigned(_) => Value::Number(Number::unsigned(reader.read_u128()?)),
            Scalar::Signed(8) => Value::int(reader.read_i8()?),
            Scalar::Signed(16) => Value::int(reader.read_i16()?),
            Scalar::Signed(32) => Value::int(reader.read_i32()?),
            Scalar::Signed(64) => Value::int(reader.read_i64()?),
            Scalar::Signed(_) => Value::int(reader.read_i128()?),
            Scalar::Float(32) => Value::Number(Number::Float(shortest(reader.read_f32()?))),
            Scalar::Float(_) => Value::Number(Number::Float(reader.read_f64()?)),
            Scalar::Char => Value::text(reader.read_char()?),
            Scalar::Text | Scalar::DateTime | Scalar::Uuid | Scalar::QualifiedName => {
                Value::text(reader.read_str()?)
            }
            Scalar::Bytes => Value::Bytes(reader.read_bytes()?.to_vec()),
            Scalar::Unit => Value::Null,
            Scalar::Never => {
                return Err(DecodeError::Malformed("there is no such value").into());
            }
        })
    }

    /// A value that describes itself.
    fn dynamic(&mut self, value: Dynamic, depth: usize) -> Result<Value> {
        if depth > DEPTH_MAX {
            return Err(CodecError::TooDeep);
        }
        self.left = self.left.checked_sub(1).ok_or(CodecError::TooLarge)?;
        Ok(match value.destructure() {
            Destructured::Null => Value::Null,
            Destructured::Bool(is) => Value::Bool(is),
            Destructured::Number(number) => {
                let signed = number.to_i128().map(Number::Int);
                let unsigned = || number.to_u128().map(Number::unsigned);
                let whole = signed.or_else(unsigned).filter(|_| number.is_integer());
                Value::Number(whole.unwrap_or_else(|| Number::Float(number.to_f64_lossy())))
            }
            Destructured::String(text) => Value::text(text.as_str()),
            Destructured::Bytes(bytes) => Value::Bytes(bytes.as_slice().to_vec()),
            Destructured::Array(list) => {
                let mut read = Vec::new();
                for value in list {
                    read.push(self.dynamic(value, depth + 1)?);
                }
                Value::List(read)
            }
            Destructured::Object(object) => {
                let mut read = Vec::new();
                for (name, value) in object {
                    read.push((name.as_str().into(), self.dynamic(value, depth + 1)?));
                }
                Value::Struct(read)
            }
            // Times, names and ids, as their debug text: rare, and not of JSON.
            other => Value::text(format!("{other:?}")),
        })
    }
}

/// The double that is written with as many digits as the float needs.
fn shortest(float: f32) -> f64 {
    format!("{float:?}").parse().unwrap_or(f64::from(float))
}

impl Shape {
    /// Whether nothing is a value of it, so that an option of it needs to say which nothing it is.
    pub(crate) fn may_be_null(&self) -> bool {
        match self.get() {
            Type::Option(_) | Type::Dynamic => true,
            Type::Scalar(scalar) => *scalar == Scalar::Unit,
            _ => false,
        }
    }
}
