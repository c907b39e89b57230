//! The shape of values: what people read, what forms are made of.
//!
//! Holds: types refer to each other by number, so that a type may contain itself; every number is of a
//! type that is there. Walking a shape ends where the walker ends it.

use std::sync::Arc;

mod describe;

/// All types of a description.
#[derive(Debug, Default)]
pub(crate) struct Types {
    pub(crate) types: Vec<Type>,
}

/// The place of a type among those of its description.
pub(crate) type TypeId = u32;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Type {
    Scalar(Scalar),
    Struct(Arc<str>, Vec<Field>),
    Enum(Arc<str>, Vec<Variant>),
    Tuple(Vec<TypeId>),
    List(TypeId),
    Set(TypeId),
    Array(TypeId, u64),
    Map(TypeId, TypeId),
    Option(TypeId),
    Dynamic,
    /// What cannot be written or read here, in words.
    Other(&'static str),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Field {
    pub(crate) name: Arc<str>,
    pub(crate) of: TypeId,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Variant {
    pub(crate) name: Arc<str>,
    pub(crate) index: u32,
    /// Several values are a tuple, or a struct without a name.
    pub(crate) payload: Option<TypeId>,
}

/// Shapes that are not made of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scalar {
    /// `bool`
    Bool,
    /// `u8` to `u128`.
    Unsigned(u8),
    /// `i8` to `i128`.
    Signed(u8),
    /// `f32`, `f64`.
    Float(u8),
    /// `char`
    Char,
    /// `String`
    Text,
    /// Bytes.
    Bytes,
    /// A point in time, as RFC 3339 writes it.
    DateTime,
    /// A UUID.
    Uuid,
    /// A name with a namespace.
    QualifiedName,
    /// `()`
    Unit,
    /// Of which there is no value.
    Never,
}

/// The shape of a value. Cheap to clone.
#[derive(Clone)]
pub struct Shape {
    pub(crate) all: Arc<Types>,
    pub(crate) of: TypeId,
}

/// What a shape is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Not made of others.
    Scalar(Scalar),
    /// Fields with names.
    Struct {
        /// Of the type.
        name: Arc<str>,
        /// In their order.
        fields: Vec<FieldOf>,
    },
    /// One of several.
    Enum {
        /// Of the type.
        name: Arc<str>,
        /// In their order.
        variants: Vec<VariantOf>,
    },
    /// So many values, each of its shape.
    Tuple(Vec<Shape>),
    /// Any number of values of one shape.
    List(Shape),
    /// The same, each once.
    Set(Shape),
    /// So many values of one shape.
    Array(Shape, u64),
    /// Keys and values.
    Map(Shape, Shape),
    /// A value or nothing.
    Option(Shape),
    /// Any value.
    Dynamic,
    /// What cannot be written or read here, in words.
    Other(&'static str),
}

/// A field.
#[derive(Clone, Debug)]
pub struct FieldOf {
    /// Its name.
    pub name: Arc<str>,
    /// Of its values.
    pub shape: Shape,
}

/// A variant.
#[derive(Clone, Debug)]
pub struct VariantOf {
    /// Its name.
    pub name: Arc<str>,
    /// What it carries; several values are a tuple, or a struct without a name.
    pub payload: Option<Shape>,
}

impl Shape {
    pub(crate) fn get(&self) -> &Type {
        &self.all.types[self.of as usize]
    }

    pub(crate) fn at(&self, of: TypeId) -> Self {
        Self {
            all: Arc::clone(&self.all),
            of,
        }
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        match self.get() {
            Type::Scalar(scalar) => Kind::Scalar(*scalar),
            Type::Struct(name, of) => Kind::Struct {
                name: Arc::clone(name),
                fields: self.fields(of),
            },
            Type::Enum(name, variants) => {
                let variant = |variant: &Variant| VariantOf {
                    name: Arc::clone(&variant.name),
                    payload: variant.payload.map(|of| self.at(of)),
                };
                Kind::Enum {
                    name: Arc::clone(name),
                    variants: variants.iter().map(variant).collect(),
                }
            }
            Type::Tuple(of) => Kind::Tuple(self.all_at(of)),
            Type::List(of) => Kind::List(self.at(*of)),
            Type::Set(of) => Kind::Set(self.at(*of)),
            Type::Array(of, length) => Kind::Array(self.at(*of), *length),
            Type::Map(key, value) => Kind::Map(self.at(*key), self.at(*value)),
            Type::Option(of) => Kind::Option(self.at(*of)),
            Type::Dynamic => Kind::Dynamic,
            Type::Other(what) => Kind::Other(what),
        }
    }

    fn all_at(&self, of: &[TypeId]) -> Vec<Self> {
        of.iter().map(|of| self.at(*of)).collect()
    }

    fn fields(&self, fields: &[Field]) -> Vec<FieldOf> {
        let field = |field: &Field| FieldOf {
            name: Arc::clone(&field.name),
            shape: self.at(field.of),
        };
        fields.iter().map(field).collect()
    }
}
