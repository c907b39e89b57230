//! A method as its app describes it: what to send, and what comes back.

use hindsight_protocol::introspection::{MethodInfo, ServiceInfo};

use crate::codec::{CodecError, decode, encode};
use crate::fit::Gaps;
use crate::read::{Read, SchemaError, read};
use crate::read_schema;
use crate::shape::{Kind, Scalar, Shape, Type};
use crate::value::Value;

mod fill;

pub use fill::{Content, Written};

/// A method. What cannot be read of its description is an error where it is needed; the rest is there.
#[derive(Clone, Debug)]
pub struct Method {
    /// Of the trait.
    pub service: String,
    /// Of the method.
    pub name: String,
    /// roam's id of it.
    pub id: u64,
    /// Its documentation.
    pub doc: String,
    /// What it takes.
    pub arguments: Result<Arguments, SchemaError>,
    /// What it answers.
    pub answer: Result<Answer, SchemaError>,
    /// Whether the app lets viewers call it.
    pub is_callable: bool,
    /// Whether the app says that a call changes nothing.
    pub is_read_only: bool,
    /// The description of the arguments, to be sent with them.
    pub arguments_schema: Vec<u8>,
}

/// An argument.
#[derive(Clone, Debug)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// What is given for it.
    pub input: Input,
}

/// What is given for an argument.
#[derive(Clone, Debug)]
pub enum Input {
    /// A value.
    Value(Shape),
    /// Nothing: the app sends items of this shape.
    Items(Shape),
    /// Items of this shape, which cannot be given here.
    Stream(Shape),
}

/// The arguments of a method.
#[derive(Clone, Debug)]
pub struct Arguments {
    /// In their order.
    pub list: Vec<Argument>,
    /// What becomes of fields that a caller leaves out: empty where the method changes nothing; where it
    /// may, nothing is sent that nobody wrote.
    pub gaps: Gaps,
    root: Shape,
}

/// The answer of a method.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Where all went well.
    pub ok: Shape,
    /// Where the method failed; none if it cannot.
    pub error: Option<Shape>,
}

/// What came back.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The answer.
    Answer(Value),
    /// The method failed, with the app's own error.
    Failed(Value),
    /// The call was not made, or its answer is not known; in words of whoever said so, not escaped.
    Refused(String),
}

impl Method {
    /// The method of a described service.
    pub fn read(service: &str, info: &MethodInfo) -> Self {
        Self {
            service: service.to_owned(),
            name: info.name.clone(),
            id: info.id,
            doc: info.doc.clone(),
            arguments: Arguments::read(info),
            answer: read_schema(&info.answer_schema).map(Answer::of),
            is_callable: info.callable,
            is_read_only: info.is_read_only,
            arguments_schema: info.arguments_schema.clone(),
        }
    }

    /// All methods of a described service.
    pub fn of_service(service: &ServiceInfo) -> Vec<Self> {
        let methods = service.methods.iter();
        methods
            .map(|info| Self::read(&service.name, info))
            .collect()
    }

    /// `price(item: u64, options: Options) -> Price or Missing`. Not escaped.
    pub fn signature(&self) -> String {
        let arguments = match &self.arguments {
            Ok(arguments) => arguments.signature(),
            Err(error) => format!("… {error}"),
        };
        let answer = match &self.answer {
            Ok(Answer { ok, error: None }) => ok.to_string(),
            Ok(Answer {
                ok,
                error: Some(error),
            }) => format!("{ok} or {error}"),
            Err(_) => "…".into(),
        };
        match answer.as_str() {
            "()" => format!("{}({arguments})", self.name),
            _ => format!("{}({arguments}) -> {answer}", self.name),
        }
    }

    /// What the names in the signature stand for, each once. Not escaped.
    pub fn definitions(&self) -> Vec<String> {
        let mut shapes: Vec<&Shape> = Vec::new();
        if let Ok(arguments) = &self.arguments {
            shapes.extend(arguments.list.iter().map(|argument| argument.input.shape()));
        }
        if let Ok(answer) = &self.answer {
            shapes.push(&answer.ok);
            shapes.extend(&answer.error);
        }
        let mut all: Vec<String> = Vec::new();
        for definition in shapes.iter().flat_map(|shape| shape.definitions()) {
            if !all.contains(&definition) {
                all.push(definition);
            }
        }
        all
    }

    /// The shape of what the app streams, and which argument it is.
    pub fn items(&self) -> Option<(usize, &Shape)> {
        let arguments = self.arguments.as_ref().ok()?;
        let mut all = arguments.list.iter().enumerate();
        all.find_map(|(index, argument)| match &argument.input {
            Input::Items(shape) => Some((index, shape)),
            _ => None,
        })
    }
}

impl Input {
    /// Of the value, or of each item.
    pub fn shape(&self) -> &Shape {
        match self {
            Self::Value(shape) | Self::Items(shape) | Self::Stream(shape) => shape,
        }
    }
}

impl Arguments {
    fn read(info: &MethodInfo) -> Result<Self, SchemaError> {
        let Read { root, roles } = read(&info.arguments_schema)?;
        let of: &[u32] = match root.get() {
            Type::Tuple(of) => of,
            // No arguments.
            Type::Scalar(Scalar::Unit) => &[],
            _ => return Err(SchemaError::Malformed("arguments are no tuple".into())),
        };
        let channel = |index: usize, end: &str| {
            let role = format!("channel.arg.{index}.{end}.element");
            let found = roles.iter().find(|(name, _)| *name == role);
            found.map(|(_, shape)| shape.clone())
        };
        let argument = |(index, of): (usize, &u32)| {
            let name = info.argument_names.get(index).cloned();
            let input = match (channel(index, "tx"), channel(index, "rx")) {
                (Some(items), _) => Input::Items(items),
                (None, Some(items)) => Input::Stream(items),
                (None, None) => Input::Value(root.at(*of)),
            };
            Argument {
                name: name.unwrap_or_else(|| format!("argument{index}")),
                input,
            }
        };
        Ok(Self {
            list: of.iter().enumerate().map(argument).collect(),
            gaps: match info.is_read_only {
                true => Gaps::Empty,
                false => Gaps::Refused,
            },
            root: root.clone(),
        })
    }

    fn signature(&self) -> String {
        let each = self.list.iter().map(|argument| match &argument.input {
            Input::Value(shape) => format!("{}: {shape}", argument.name),
            Input::Items(shape) => format!("{}: stream of {shape}", argument.name),
            Input::Stream(shape) => format!("{}: stream of {shape} from the caller", argument.name),
        });
        each.collect::<Vec<_>>().join(", ")
    }

    /// Whether the caller would have to send a stream.
    pub fn takes_stream(&self) -> bool {
        let mut inputs = self.list.iter().map(|argument| &argument.input);
        inputs.any(|input| matches!(input, Input::Stream(_)))
    }

    /// The arguments that a caller gives, in their order.
    pub fn given(&self) -> impl Iterator<Item = (&Argument, &Shape)> {
        self.list
            .iter()
            .filter_map(|argument| match &argument.input {
                Input::Value(shape) => Some((argument, shape)),
                _ => None,
            })
    }

    /// The message: `values` are those of [`fill`](Self::fill). Streams are named by their places in the
    /// list of channels that goes with it.
    pub fn encode(&self, values: &[Value]) -> Result<Vec<u8>, CodecError> {
        let mut values = values.iter();
        let mut channels = 0_u32;
        let mut all = Vec::new();
        for argument in &self.list {
            all.push(match &argument.input {
                Input::Value(_) => values.next().cloned().unwrap_or_default(),
                Input::Items(_) => {
                    channels += 1;
                    Value::Bytes((channels - 1).to_le_bytes().to_vec())
                }
                Input::Stream(_) => return Err(CodecError::Other("a stream from the caller")),
            });
        }
        match self.root.get() {
            Type::Scalar(_) => encode(&self.root, &Value::Null),
            _ => encode(&self.root, &Value::List(all)),
        }
    }
}

impl Answer {
    /// roam answers `Result<T, VoxError<E>>`.
    fn of(root: Shape) -> Self {
        let payload = |of: &Shape, wanted: &str| match of.kind() {
            Kind::Enum { variants, .. } => {
                let mut found = variants.into_iter();
                let variant = found.find(|variant| &*variant.name == wanted);
                variant.and_then(|variant| variant.payload)
            }
            _ => None,
        };
        let error = payload(&root, "Err").and_then(|error| payload(&error, "User"));
        // `Infallible` is told as a struct without fields.
        let error = error.filter(|error| match error.get() {
            Type::Enum(_, variants) => !variants.is_empty(),
            Type::Struct(name, fields) => &**name != "Infallible" || !fields.is_empty(),
            of => *of != Type::Scalar(Scalar::Never),
        });
        match payload(&root, "Ok") {
            Some(ok) => Self { ok, error },
            None => Self {
                ok: root,
                error: None,
            },
        }
    }

    /// What came back: bytes, and the description that came with them.
    pub fn decode(bytes: &[u8], schema: &[u8]) -> Result<Outcome, AnswerError> {
        let shape = read_schema(schema).map_err(AnswerError::Schema)?;
        let value = decode(&shape, bytes).map_err(AnswerError::Codec)?;
        Ok(Outcome::of(value))
    }
}

/// Why an answer cannot be read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// Its description.
    #[error("{0}")]
    Schema(SchemaError),
    /// Itself.
    #[error("{0}")]
    Codec(CodecError),
}

impl Outcome {
    fn of(value: Value) -> Self {
        let Value::Variant(name, inner) = value else {
            return Self::Answer(value);
        };
        match (&*name, *inner) {
            ("Ok", inner) => Self::Answer(inner),
            ("Err", Value::Variant(name, inner)) => match (&*name, *inner) {
                ("User", inner) => Self::Failed(inner),
                ("InvalidPayload", Value::Text(said)) => Self::Refused(said),
                ("UnknownMethod", _) => Self::Refused("the app has no such method".into()),
                ("Cancelled", _) => Self::Refused("the app gave no answer".into()),
                ("TimedOut", _) => Self::Refused("the call took too long".into()),
                (other, _) => Self::Refused(format!("the call failed: {other}")),
            },
            (_, inner) => Self::Answer(Value::Variant(name, Box::new(inner))),
        }
    }
}
