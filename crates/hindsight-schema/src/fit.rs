//! Making a value fit a shape, or saying where and why it does not.
//!
//! Fills in what may be left out (options, nothing; with [`Gaps::Empty`] any field that has an empty
//! value), takes words for variants that carry nothing, and texts for what JSON has no form of; changes
//! nothing else. A number out of range or a field too many is an error, never cut.

use std::fmt;
use std::sync::Arc;

use crate::shape::{Field, Scalar, Shape, Type, Variant};
use crate::value::{Number, Value};
use crate::{DEPTH_MAX, VALUES_MAX};

mod empty;
mod id;
mod scalar;

pub use empty::Gaps;
pub(crate) use scalar::{scalar, whole_text};

/// Most names that an error lists.
const NAMES_MAX: usize = 12;

/// Where a value does not fit, and why. Not escaped: it holds what was given, and names of the app's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}{}{problem}", if .path.is_empty() { "" } else { ": " })]
pub struct Misfit {
    /// `filter.names[3]`; empty for the value itself.
    pub path: String,
    /// `missing`, `out of range for u32 (0 to 4294967295)`, ...
    pub problem: String,
}

impl Misfit {
    pub(crate) fn new(path: &Path<'_>, problem: impl Into<String>) -> Self {
        Self {
            path: path.to_string(),
            problem: problem.into(),
        }
    }

    /// The value is of another kind than the shape.
    pub(crate) fn of(path: &Path<'_>, shape: &Shape, value: &Value) -> Self {
        Self::new(path, format!("{} is no {shape}", kind(value)))
    }

    /// Nothing is there.
    pub(crate) fn missing(path: &Path<'_>, shape: &Shape) -> Self {
        Self::new(path, format!("missing ({shape})"))
    }

    /// The same within the part of this name.
    pub fn within(mut self, name: &str) -> Self {
        let joint = match self.path.is_empty() || self.path.starts_with('[') {
            true => "",
            false => ".",
        };
        self.path = format!("{name}{joint}{}", self.path);
        self
    }
}

fn kind(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(is) => is.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => {
            let end = text.floor_char_boundary(40);
            format!(
                "{:?}{}",
                &text[..end],
                if end < text.len() { "…" } else { "" }
            )
        }
        Value::Bytes(_) => "bytes".into(),
        Value::List(_) => "a list".into(),
        Value::Map(_) => "a map".into(),
        Value::Struct(_) => "an object".into(),
        Value::Variant(name, _) => format!("the variant {name}"),
        Value::Some(_) => "an option".into(),
    }
}

/// The way to a value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Path<'p> {
    Root,
    Field(&'p Path<'p>, &'p str),
    Element(&'p Path<'p>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Field(Path::Root, name) => f.write_str(name),
            Self::Field(outer, name) => write!(f, "{outer}.{name}"),
            Self::Element(outer, index) => write!(f, "{outer}[{index}]"),
        }
    }
}

type Result<T> = std::result::Result<T, Misfit>;

/// `value` as a value of the shape. Fields that are missing are an error, but for options.
pub fn fit(shape: &Shape, value: &Value) -> Result<Value> {
    Gaps::Refused.fit(shape, value)
}

/// The value of what is left out, if it may be.
pub(crate) fn left_out(shape: &Shape) -> Option<Value> {
    match shape.get() {
        Type::Option(_) | Type::Scalar(Scalar::Unit) => Some(Value::Null),
        _ => None,
    }
}

struct Fitter {
    left: usize,
    gaps: Gaps,
}

impl Fitter {
    /// One value more, so deep.
    fn count(&mut self, path: &Path<'_>, depth: usize) -> Result<()> {
        if depth > DEPTH_MAX {
            return Err(Misfit::new(path, format!("nested deeper than {DEPTH_MAX}")));
        }
        let left = self.left.checked_sub(1);
        self.left =
            left.ok_or_else(|| Misfit::new(path, format!("more than {VALUES_MAX} values")))?;
        Ok(())
    }

    fn value(
        &mut self,
        shape: &Shape,
        value: &Value,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<Value> {
        self.count(path, depth)?;
        let depth = depth + 1;
        let no = || Misfit::of(path, shape, value);
        match (shape.get(), value) {
            (Type::Dynamic, value) => Ok(value.clone()),
            (Type::Other(what), _) => Err(Misfit::new(path, format!("{what} cannot be written"))),
            (Type::Scalar(of), value) => scalar(*of, value, path),
            (Type::Struct(_, fields), Value::Struct(given)) => {
                self.fields(shape, fields, given, path, depth)
            }
            (Type::Struct(..), Value::Text(text)) => id::read(shape, text).ok_or_else(no),
            (Type::Struct(_, fields), Value::Null) if fields.is_empty() => {
                Ok(Value::Struct(Vec::new()))
            }
            (Type::Enum(_, variants), value) => self.variant(shape, variants, value, path, depth),
            (Type::Tuple(of), Value::Null) if of.is_empty() => Ok(Value::List(Vec::new())),
            (Type::Tuple(of), Value::List(list)) => {
                if of.len() != list.len() {
                    return Err(Misfit::new(path, count(list.len(), of.len() as u64)));
                }
                let mut fitted = Vec::new();
                for (index, (of, value)) in of.iter().zip(list).enumerate() {
                    let path = Path::Element(path, index);
                    fitted.push(self.value(&shape.at(*of), value, &path, depth)?);
                }
                Ok(Value::List(fitted))
            }
            (Type::Array(_, length), Value::List(list)) if *length != list.len() as u64 => {
                Err(Misfit::new(path, count(list.len(), *length)))
            }
            (Type::List(of) | Type::Set(of) | Type::Array(of, _), Value::List(list)) => {
                let of = shape.at(*of);
                let mut fitted: Vec<Value> = Vec::new();
                for (index, value) in list.iter().enumerate() {
                    let path = Path::Element(path, index);
                    fitted.push(self.value(&of, value, &path, depth)?);
                }
                Ok(Value::List(fitted))
            }
            (Type::Map(key, of), given) => {
                let (key, of) = (shape.at(*key), shape.at(*of));
                self.map(&key, &of, given, path, depth).ok_or_else(no)?
            }
            (Type::Option(_), Value::Null) => Ok(Value::Null),
            (Type::Option(of), value) => {
                let of = shape.at(*of);
                let some = match value {
                    Value::Some(inner) => Some(&**inner),
                    other => other.field("Some").filter(|_| value.parts() == 1),
                };
                match (of.may_be_null(), some) {
                    (true, Some(inner)) => {
                        let inner = self.value(&of, inner, path, depth)?;
                        Ok(Value::Some(Box::new(inner)))
                    }
                    (true, None) => {
                        let inner = self.value(&of, value, path, depth)?;
                        Ok(Value::Some(Box::new(inner)))
                    }
                    (false, _) => match value {
                        Value::Some(inner) => self.value(&of, inner, path, depth),
                        value => self.value(&of, value, path, depth),
                    },
                }
            }
            _ => Err(no()),
        }
    }

    fn fields(
        &mut self,
        shape: &Shape,
        fields: &[Field],
        given: &[(Arc<str>, Value)],
        path: &Path<'_>,
        depth: usize,
    ) -> Result<Value> {
        let is_known = |name: &str| fields.iter().any(|field| &*field.name == name);
        if let Some((name, _)) = given.iter().find(|(name, _)| !is_known(name)) {
            let names = names(fields.iter().map(|field| &*field.name));
            let problem = format!("there is no such field; there are: {names}");
            return Err(Misfit::new(&Path::Field(path, name), problem));
        }
        let mut fitted = Vec::new();
        for field in fields {
            let path = Path::Field(path, &field.name);
            let of = shape.at(field.of);
            // The last of several, as in JSON.
            let found = given.iter().rev().find(|(name, _)| *name == field.name);
            let value = match found {
                Some((_, value)) => self.value(&of, value, &path, depth)?,
                None => self.gap(&of, &path, depth)?,
            };
            fitted.push((Arc::clone(&field.name), value));
        }
        Ok(Value::Struct(fitted))
    }

    /// `"Name"`, `{"Name": ...}`.
    fn variant(
        &mut self,
        shape: &Shape,
        variants: &[Variant],
        value: &Value,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<Value> {
        let (name, payload) = match value {
            Value::Text(name) => (name.as_str(), &Value::Null),
            Value::Variant(name, payload) => (&**name, &**payload),
            Value::Struct(fields) if fields.len() == 1 => (&*fields[0].0, &fields[0].1),
            other => return Err(Misfit::of(path, shape, other)),
        };
        let found = variants.iter().find(|variant| &*variant.name == name);
        let Some(variant) = found else {
            let names = names(variants.iter().map(|variant| &*variant.name));
            let problem = format!("there is no variant {name:?}; there are: {names}");
            return Err(Misfit::new(path, problem));
        };
        let path = Path::Field(path, &variant.name);
        let fitted = match variant.payload {
            None if *payload == Value::Null => Value::Null,
            None => return Err(Misfit::new(&path, "carries nothing")),
            Some(of) => {
                let of = shape.at(of);
                if *payload == Value::Null && left_out(&of).is_none() && !of.is_empty() {
                    return Err(Misfit::missing(&path, &of));
                }
                self.value(&of, payload, &path, depth)?
            }
        };
        Ok(Value::Variant(Arc::clone(&variant.name), Box::new(fitted)))
    }

    /// An object, or a list of pairs; none if it is neither.
    fn map(
        &mut self,
        key: &Shape,
        of: &Shape,
        given: &Value,
        path: &Path<'_>,
        depth: usize,
    ) -> Option<Result<Value>> {
        let pairs: Vec<(Value, &Value)> = match given {
            Value::Map(entries) => entries.iter().map(|(k, v)| (k.clone(), v)).collect(),
            Value::Struct(fields) => {
                let pairs = fields.iter();
                pairs.map(|(k, v)| (Value::text(&**k), v)).collect()
            }
            Value::List(list) => {
                let pair = |pair: &'_ Value| match pair {
                    Value::List(pair) if pair.len() == 2 => Some(pair[0].clone()),
                    _ => None,
                };
                let keys = list.iter().map(pair).collect::<Option<Vec<_>>>()?;
                let pairs = keys.into_iter().zip(list);
                let pairs = pairs.map(|(key, pair)| match pair {
                    Value::List(pair) => (key, &pair[1]),
                    other => (key, other),
                });
                pairs.collect()
            }
            _ => return None,
        };
        let mut fitted = Vec::new();
        for (index, (name, value)) in pairs.iter().enumerate() {
            let at = Path::Element(path, index);
            let name = match self.key(key, name, &at, depth) {
                Ok(name) => name,
                Err(misfit) => return Some(Err(misfit)),
            };
            let word = crate::plain(&name);
            match self.value(of, value, &Path::Field(path, &word), depth) {
                Ok(value) => fitted.push((name, value)),
                Err(misfit) => return Some(Err(misfit)),
            }
        }
        Some(Ok(Value::Map(fitted)))
    }

    /// Keys of objects are texts, whatever they stand for.
    fn key(
        &mut self,
        shape: &Shape,
        given: &Value,
        path: &Path<'_>,
        depth: usize,
    ) -> Result<Value> {
        match (shape.get(), given) {
            (Type::Scalar(Scalar::Text), _) => self.value(shape, given, path, depth),
            (Type::Scalar(_), Value::Text(text)) => {
                let read = crate::fit_text(shape, text);
                read.map_err(|misfit| Misfit::new(path, misfit.problem))
            }
            _ => self.value(shape, given, path, depth),
        }
    }
}

impl Shape {
    /// Whether it is a struct or tuple of nothing.
    pub(crate) fn is_empty(&self) -> bool {
        match self.get() {
            Type::Struct(_, fields) => fields.is_empty(),
            Type::Tuple(of) => of.is_empty(),
            _ => false,
        }
    }
}

fn count(given: usize, wanted: u64) -> String {
    let s = if given == 1 { "" } else { "s" };
    format!("{given} value{s} instead of {wanted}")
}

pub(crate) fn names<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let all: Vec<&str> = names.collect();
    match all.len() {
        0 => "none".into(),
        count if count > NAMES_MAX => {
            format!(
                "{} and {} more",
                all[..NAMES_MAX].join(", "),
                count - NAMES_MAX
            )
        }
        _ => all.join(", "),
    }
}

/// A number as wide as its shape.
pub(crate) fn in_range(scalar: Scalar, number: Number) -> bool {
    match (scalar, number) {
        (Scalar::Unsigned(128), Number::Large(_)) => true,
        (Scalar::Unsigned(128), Number::Int(number)) => number >= 0,
        (Scalar::Unsigned(bits), Number::Int(number)) => (0..1 << bits).contains(&number),
        (Scalar::Signed(128), Number::Int(_)) => true,
        (Scalar::Signed(bits), Number::Int(number)) => {
            let half = 1_i128 << (bits - 1);
            (-half..half).contains(&number)
        }
        _ => false,
    }
}
