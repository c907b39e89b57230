//! Descriptions of shapes, from bytes of anybody.
//!
//! Holds: each use of a generic type is a type of its own, so that what is read has no parameters left;
//! a description that makes more and more types of itself is refused.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use phon_schema::{
    ChannelDirection, Field as WireField, Primitive, Schema, SchemaId, SchemaKind, SchemaRef,
    VariantPayload, primitive_id,
};
use vox_phon::schema::{AuxiliaryRoot, SchemaBundle, parse_schema_bytes};

use crate::shape::{Field, Scalar, Shape, Type, TypeId, Types, Variant};
use crate::{SCHEMA_BYTES_MAX, TYPES_MAX};

/// Most fields, variants and elements that all types have together.
const REFERENCES_MAX: usize = 16 * TYPES_MAX;

/// Why a description says nothing; the app's fault, or that of what it was sent through.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// There is none.
    #[error("the app did not describe it")]
    Missing,
    /// It is too long to be read.
    #[error("the description has {0} bytes, more than {SCHEMA_BYTES_MAX} are not read")]
    TooLong(usize),
    /// It has too many types.
    #[error("the description has more than {TYPES_MAX} types")]
    TooManyTypes,
    /// It is not one.
    #[error("the description cannot be read: {0}")]
    Malformed(String),
    /// It names what it does not hold.
    #[error("the description refers to what it does not hold")]
    Dangling,
}

/// A description as it came: its root, and what else it names by roles.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) root: Shape,
    pub(crate) roles: Vec<(String, Shape)>,
}

/// The shape that is described by bytes, as roam sends them with values.
pub fn read_schema(bytes: &[u8]) -> Result<Shape, SchemaError> {
    Ok(read(bytes)?.root)
}

pub(crate) fn read(bytes: &[u8]) -> Result<Read, SchemaError> {
    match bytes.len() {
        0 => return Err(SchemaError::Missing),
        length if length > SCHEMA_BYTES_MAX => return Err(SchemaError::TooLong(length)),
        _ => {}
    }
    let bundle = parse_schema_bytes(bytes);
    let SchemaBundle {
        root,
        schemas,
        auxiliary_roots,
    } = bundle.map_err(|error| SchemaError::Malformed(error.0))?;
    if schemas.len() > TYPES_MAX || auxiliary_roots.len() > TYPES_MAX {
        return Err(SchemaError::TooManyTypes);
    }
    let mut reader = Reader::new(schemas);
    let root = reader.of(&SchemaRef::concrete(root), &[])?;
    let mut roles = Vec::new();
    for AuxiliaryRoot { role, root } in auxiliary_roots {
        roles.push((role, reader.of(&SchemaRef::concrete(root), &[])?));
    }
    reader.finish()?;
    let all = Arc::new(Types {
        types: reader.types,
    });
    let shape = |of| Shape {
        all: Arc::clone(&all),
        of,
    };
    Ok(Read {
        root: shape(root),
        roles: roles
            .into_iter()
            .map(|(role, of)| (role, shape(of)))
            .collect(),
    })
}

/// Parameters of a generic type and what they stand for.
type Bound = Vec<(String, TypeId)>;

struct Reader {
    schemas: HashMap<SchemaId, Arc<Schema>>,
    primitives: HashMap<SchemaId, Primitive>,
    known: HashMap<(SchemaId, Vec<TypeId>), TypeId>,
    types: Vec<Type>,
    /// Fields, variants and other references that were read.
    references: usize,
    /// Types that have their place and are not read yet.
    waiting: VecDeque<(TypeId, Arc<Schema>, Bound)>,
}

impl Reader {
    fn new(schemas: Vec<Schema>) -> Self {
        let schemas = schemas.into_iter();
        let primitives = Primitive::ALL.iter();
        Self {
            schemas: schemas
                .map(|schema| (schema.id, Arc::new(schema)))
                .collect(),
            primitives: primitives.map(|p| (primitive_id(*p), *p)).collect(),
            known: HashMap::new(),
            types: Vec::new(),
            references: 0,
            waiting: VecDeque::new(),
        }
    }

    /// The place of what is referred to; it is read later, so that depth is no matter.
    fn of(&mut self, to: &SchemaRef, bound: &[(String, TypeId)]) -> Result<TypeId, SchemaError> {
        self.count()?;
        let (id, arguments) = match to {
            SchemaRef::Var { name } => {
                let found = bound.iter().find(|(parameter, _)| parameter == name);
                return found.map(|(_, of)| *of).ok_or(SchemaError::Dangling);
            }
            SchemaRef::Concrete { id, args } => (*id, args),
        };
        let arguments = arguments.iter().map(|argument| self.of(argument, bound));
        let arguments = arguments.collect::<Result<Vec<TypeId>, _>>()?;
        let key = (id, arguments);
        if let Some(known) = self.known.get(&key) {
            return Ok(*known);
        }
        let primitive = self.primitives.get(&id).map(|primitive| scalar(*primitive));
        let schema = self.schemas.get(&id).cloned();
        let place = match (primitive, schema) {
            (Some(scalar), _) => self.place(Type::Scalar(scalar))?,
            (None, Some(schema)) => {
                if schema.type_params.len() != key.1.len() {
                    return Err(SchemaError::Malformed(
                        "a generic type has the wrong number of arguments".into(),
                    ));
                }
                let place = self.place(Type::Dynamic)?;
                let parameters = schema.type_params.iter().cloned();
                let bound = parameters.zip(key.1.iter().copied()).collect();
                self.waiting.push_back((place, schema, bound));
                place
            }
            (None, None) => return Err(SchemaError::Dangling),
        };
        self.known.insert(key, place);
        Ok(place)
    }

    /// One reference more. What refers to types is as bounded as types are.
    fn count(&mut self) -> Result<(), SchemaError> {
        self.references += 1;
        match self.references > REFERENCES_MAX {
            true => Err(SchemaError::TooManyTypes),
            false => Ok(()),
        }
    }

    fn place(&mut self, of: Type) -> Result<TypeId, SchemaError> {
        if self.types.len() >= TYPES_MAX {
            return Err(SchemaError::TooManyTypes);
        }
        let place = self.types.len() as TypeId;
        self.types.push(of);
        Ok(place)
    }

    fn finish(&mut self) -> Result<(), SchemaError> {
        while let Some((place, schema, bound)) = self.waiting.pop_front() {
            let read = self.read(&schema.kind, &bound)?;
            self.types[place as usize] = read;
        }
        Ok(())
    }

    fn read(&mut self, kind: &SchemaKind, bound: &Bound) -> Result<Type, SchemaError> {
        Ok(match kind {
            SchemaKind::Primitive(primitive) => Type::Scalar(scalar(*primitive)),
            SchemaKind::Struct { name, fields } => {
                Type::Struct(name.as_str().into(), self.fields(fields, bound)?)
            }
            SchemaKind::Enum { name, variants } => {
                let mut read = Vec::new();
                for variant in variants {
                    self.count()?;
                    read.push(Variant {
                        name: variant.name.as_str().into(),
                        index: variant.index,
                        payload: self.payload(&variant.payload, bound)?,
                    });
                }
                Type::Enum(name.as_str().into(), read)
            }
            SchemaKind::Tuple { elements } => Type::Tuple(self.all(elements, bound)?),
            SchemaKind::List { element } => {
                let of = self.of(element, bound)?;
                match self.types[of as usize] {
                    // The same on the wire, and more handy.
                    Type::Scalar(Scalar::Unsigned(8)) => Type::Scalar(Scalar::Bytes),
                    _ => Type::List(of),
                }
            }
            SchemaKind::Set { element } => Type::Set(self.of(element, bound)?),
            SchemaKind::Map { key, value } => {
                Type::Map(self.of(key, bound)?, self.of(value, bound)?)
            }
            SchemaKind::Array {
                element,
                dimensions,
            } => {
                let length = dimensions
                    .iter()
                    .try_fold(1_u64, |all, n| all.checked_mul(*n));
                let length = length.ok_or_else(|| {
                    SchemaError::Malformed("an array is larger than there are numbers".into())
                })?;
                Type::Array(self.of(element, bound)?, length)
            }
            SchemaKind::Option { element } => Type::Option(self.of(element, bound)?),
            SchemaKind::Dynamic => Type::Dynamic,
            SchemaKind::Channel { direction, .. } => Type::Other(match direction {
                ChannelDirection::Tx => "a stream to the caller",
                ChannelDirection::Rx => "a stream from the caller",
            }),
            SchemaKind::Tensor { .. } => Type::Other("a tensor"),
            SchemaKind::External { .. } => Type::Other("something that is not sent as a value"),
        })
    }

    fn fields(&mut self, fields: &[WireField], bound: &Bound) -> Result<Vec<Field>, SchemaError> {
        let mut read = Vec::new();
        for field in fields {
            read.push(Field {
                name: field.name.as_str().into(),
                of: self.of(&field.schema, bound)?,
            });
        }
        Ok(read)
    }

    fn all(&mut self, of: &[SchemaRef], bound: &Bound) -> Result<Vec<TypeId>, SchemaError> {
        of.iter().map(|of| self.of(of, bound)).collect()
    }

    fn payload(
        &mut self,
        payload: &VariantPayload,
        bound: &Bound,
    ) -> Result<Option<TypeId>, SchemaError> {
        Ok(Some(match payload {
            VariantPayload::Unit => return Ok(None),
            VariantPayload::Newtype(of) => self.of(of, bound)?,
            VariantPayload::Tuple(of) => {
                let of = self.all(of, bound)?;
                self.place(Type::Tuple(of))?
            }
            VariantPayload::Struct(fields) => {
                let fields = self.fields(fields, bound)?;
                self.place(Type::Struct("".into(), fields))?
            }
        }))
    }
}

fn scalar(primitive: Primitive) -> Scalar {
    match primitive {
        Primitive::Bool => Scalar::Bool,
        Primitive::U8 => Scalar::Unsigned(8),
        Primitive::U16 => Scalar::Unsigned(16),
        Primitive::U32 => Scalar::Unsigned(32),
        Primitive::U64 => Scalar::Unsigned(64),
        Primitive::U128 => Scalar::Unsigned(128),
        Primitive::I8 => Scalar::Signed(8),
        Primitive::I16 => Scalar::Signed(16),
        Primitive::I32 => Scalar::Signed(32),
        Primitive::I64 => Scalar::Signed(64),
        Primitive::I128 => Scalar::Signed(128),
        Primitive::F32 => Scalar::Float(32),
        Primitive::F64 => Scalar::Float(64),
        Primitive::Char => Scalar::Char,
        Primitive::String => Scalar::Text,
        Primitive::Bytes => Scalar::Bytes,
        Primitive::DateTime => Scalar::DateTime,
        Primitive::Uuid => Scalar::Uuid,
        Primitive::QName => Scalar::QualifiedName,
        Primitive::Unit => Scalar::Unit,
        Primitive::Never => Scalar::Never,
    }
}
