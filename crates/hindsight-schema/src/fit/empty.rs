//! What stands for a field that nobody wrote.
//!
//! Descriptions of types carry no defaults. Zero, no, an empty text and an empty list are what a default
//! is nearly always; where a type has no such value (which variant? which time?) there is none.

use std::sync::Arc;

use super::{Fitter, Misfit, Path, Result, left_out, names};
use crate::VALUES_MAX;
use crate::shape::{Scalar, Shape, Type};
use crate::value::{Number, Value};

/// What becomes of fields that nobody wrote. Options and nothing may be left out in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Gaps {
    /// They are an error.
    #[default]
    Refused,
    /// They have their [empty value](Shape::empty); an error where there is none.
    Empty,
}

impl Gaps {
    /// `value` as a value of the shape.
    pub fn fit(self, shape: &Shape, value: &Value) -> Result<Value> {
        Fitter::new(self).value(shape, value, &Path::Root, 0)
    }

    /// The value of an argument of which nothing was written: of a struct its fields.
    pub(crate) fn nothing(self, shape: &Shape) -> Result<Value> {
        match (self, shape.get()) {
            (Self::Empty, Type::Struct(..)) => shape.empty(),
            _ => left_out(shape).ok_or_else(|| Misfit::missing(&Path::Root, shape)),
        }
    }
}

impl Shape {
    /// The empty value: zero, no, `""`, `[]`, `{}`, null; of a struct, tuple or array that of each part.
    /// Enums, characters, times and the like have none; the error names the part.
    pub fn empty(&self) -> Result<Value> {
        Fitter::new(Gaps::Empty).empty(self, &Path::Root, 0)
    }
}

impl Fitter {
    pub(super) fn new(gaps: Gaps) -> Self {
        Self {
            left: VALUES_MAX,
            gaps,
        }
    }

    /// The value of a field that is not there.
    pub(super) fn gap(&mut self, shape: &Shape, path: &Path<'_>, depth: usize) -> Result<Value> {
        match self.gaps {
            Gaps::Empty => self.empty(shape, path, depth),
            Gaps::Refused => left_out(shape).ok_or_else(|| Misfit::missing(path, shape)),
        }
    }

    fn empty(&mut self, shape: &Shape, path: &Path<'_>, depth: usize) -> Result<Value> {
        self.count(path, depth)?;
        let depth = depth + 1;
        let no = |more: String| {
            Misfit::new(
                path,
                format!("missing ({shape}), and has no empty value{more}"),
            )
        };
        Ok(match shape.get() {
            Type::Option(_) | Type::Scalar(Scalar::Unit) | Type::Dynamic => Value::Null,
            Type::Scalar(scalar) => empty_scalar(*scalar).ok_or_else(|| no(String::new()))?,
            Type::List(_) | Type::Set(_) => Value::List(Vec::new()),
            Type::Map(..) => Value::Map(Vec::new()),
            Type::Struct(_, fields) => {
                let mut all = Vec::new();
                for field in fields {
                    let path = Path::Field(path, &field.name);
                    let value = self.empty(&shape.at(field.of), &path, depth)?;
                    all.push((Arc::clone(&field.name), value));
                }
                Value::Struct(all)
            }
            Type::Tuple(of) => {
                let parts = of.iter().enumerate().map(|(index, of)| {
                    self.empty(&shape.at(*of), &Path::Element(path, index), depth)
                });
                Value::List(parts.collect::<Result<_>>()?)
            }
            Type::Array(of, length) => {
                let of = shape.at(*of);
                let mut all = Vec::new();
                for index in 0..*length {
                    let path = Path::Element(path, usize::try_from(index).unwrap_or(usize::MAX));
                    all.push(self.empty(&of, &path, depth)?);
                }
                Value::List(all)
            }
            Type::Enum(_, variants) => {
                let names = names(variants.iter().map(|variant| &*variant.name));
                return Err(no(format!("; there are: {names}")));
            }
            Type::Other(what) => return Err(no(format!("; {what} cannot be written"))),
        })
    }
}

fn empty_scalar(scalar: Scalar) -> Option<Value> {
    Some(match scalar {
        Scalar::Bool => Value::Bool(false),
        Scalar::Unsigned(_) | Scalar::Signed(_) => Value::int(0),
        Scalar::Float(_) => Value::Number(Number::Float(0.0)),
        Scalar::Text => Value::text(""),
        Scalar::Bytes => Value::Bytes(Vec::new()),
        Scalar::Unit => Value::Null,
        Scalar::Char | Scalar::DateTime | Scalar::Uuid | Scalar::QualifiedName | Scalar::Never => {
            return None;
        }
    })
}
