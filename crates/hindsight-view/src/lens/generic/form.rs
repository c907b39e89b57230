//! A form for the arguments of a method, made of their shapes.
//!
//! In: a method's arguments, and what a reader does to the rows. Out: rows in the order in which they
//! are filled in, and the values, or the row that does not fit and why. Holds: rows are named by the way
//! to what they stand for; what was written stays while other rows change. Bounded: [`ROWS_MAX`] rows;
//! what is nested deeper than [`DEPTH_MAX`] is written as JSON.

use hindsight_schema::{Arguments, Gaps, Kind, Misfit, Scalar, Shape, Value};

use super::tree::Way;
use crate::format;

mod node;

use node::{Head, Node};

/// Most rows.
pub const ROWS_MAX: usize = 500;
/// Most parts within each other that have rows of their own.
pub const DEPTH_MAX: usize = 8;
/// Most elements of a list.
const ELEMENTS_MAX: usize = 100;
/// Longest text of a row, bytes.
const TEXT_BYTES_MAX: usize = 256 * 1024;

/// Cells of a label or hint.
const LABEL_CELLS_MAX: usize = 80;

/// The state of a form.
#[derive(Clone, Debug)]
pub struct Form {
    arguments: Vec<(String, Shape, Node)>,
    /// What becomes of fields whose line is empty.
    gaps: Gaps,
}

/// A row of a form, escaped, but for what the reader wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormRow {
    /// What it stands for; the first is the place of the argument.
    pub way: Way,
    /// How far it is indented.
    pub depth: usize,
    /// Name of the argument or field; the place of an element.
    pub label: String,
    /// Its type, and what may be written.
    pub hint: String,
    /// What the reader does to it.
    pub control: Control,
    /// Whether it can be taken out of its list.
    pub can_go: bool,
}

/// What a reader does to a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Control {
    /// Writes a line.
    Line(String),
    /// Writes JSON.
    Json(String),
    /// Says yes or no.
    Check(bool),
    /// Chooses one of these.
    Choose {
        /// Their names, escaped.
        options: Vec<String>,
        /// Which.
        chosen: usize,
    },
    /// Says whether there is a value at all.
    Given(bool),
    /// Adds an element; there are so many.
    Add(usize),
    /// Nothing: it heads those below it.
    Heading,
}

/// What a reader did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Wrote this.
    Write(String),
    /// Said so, of [`Control::Check`] and [`Control::Given`].
    Check(bool),
    /// Chose this one.
    Choose(usize),
    /// Wants one element more.
    Add,
    /// Wants this element gone.
    Remove,
}

/// The row that does not fit, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormFault {
    /// Of the row.
    pub way: Way,
    /// Where and why, escaped.
    pub text: String,
}

impl Form {
    /// An empty form.
    pub fn of(arguments: &Arguments) -> Self {
        let given = arguments.given();
        let argument = |(argument, shape): (&hindsight_schema::Argument, &Shape)| {
            (argument.name.clone(), shape.clone(), Node::of(shape, 0))
        };
        Self {
            arguments: given.map(argument).collect(),
            gaps: arguments.gaps,
        }
    }

    /// A form without rows.
    pub fn empty() -> Self {
        Self {
            arguments: Vec::new(),
            gaps: Gaps::Refused,
        }
    }

    /// Whether there is nothing to fill in.
    pub fn is_empty(&self) -> bool {
        self.arguments.is_empty()
    }

    /// All rows, in their order.
    pub fn rows(&self) -> Vec<FormRow> {
        let mut rows = Vec::new();
        for (index, (name, shape, node)) in self.arguments.iter().enumerate() {
            let mut way = vec![index as u32];
            let head = Head::of(name, Gaps::Refused);
            node::rows(node, shape, head, self.gaps, &mut way, &mut rows);
        }
        rows.truncate(ROWS_MAX);
        rows
    }

    /// Does what the reader did to the row of `way`; nothing if that makes no sense.
    pub fn edit(&mut self, way: &[u32], edit: Edit) {
        let Some((first, rest)) = way.split_first() else {
            return;
        };
        if let Some((_, shape, node)) = self.arguments.get_mut(*first as usize) {
            node::edit(node, shape, rest, edit, 0);
        }
    }

    /// The values of all arguments, in their order, as
    /// [`Arguments::encode`](hindsight_schema::Arguments::encode) takes them.
    pub fn values(&self) -> Result<Vec<Value>, FormFault> {
        let mut values = Vec::new();
        for (index, (name, shape, node)) in self.arguments.iter().enumerate() {
            let mut way = vec![index as u32];
            let value = node::value(node, shape, self.gaps, &mut way);
            values.push(value.map_err(|misfit| FormFault {
                way,
                text: escaped(&misfit.within(name).to_string()),
            })?);
        }
        Ok(values)
    }
}

fn escaped(text: &str) -> String {
    format::truncate(&format::escape(text), super::VALUE_CELLS_MAX).into_owned()
}

fn label(text: &str) -> String {
    format::truncate(&format::escape(text), LABEL_CELLS_MAX).into_owned()
}

/// Its type, and what may be written where that does not say.
fn hint(shape: &Shape) -> String {
    let told = match shape.kind() {
        Kind::Scalar(scalar @ (Scalar::Unsigned(8 | 16 | 32) | Scalar::Signed(8 | 16 | 32))) => {
            format!("{shape}, {}", scalar.range())
        }
        Kind::Scalar(scalar @ (Scalar::Bytes | Scalar::DateTime | Scalar::QualifiedName)) => {
            format!("{shape}, {}", scalar.range())
        }
        Kind::Option(_) => format!("{shape}, may be empty"),
        _ => match shape.id_digits() {
            Some(digits) => format!("{shape}, {digits} hex digits"),
            None => shape.to_string(),
        },
    };
    label(&told)
}

/// The same of a field whose line may stay empty.
fn hint_of_gap(shape: &Shape) -> String {
    let told = hint(shape);
    match shape.kind() {
        Kind::Scalar(Scalar::Unsigned(_) | Scalar::Signed(_) | Scalar::Float(_)) => {
            label(&format!("{told}, 0 if empty"))
        }
        Kind::Scalar(Scalar::Bytes) | Kind::Struct { .. } => {
            label(&format!("{told}, may be empty"))
        }
        _ => told,
    }
}

/// The value that a line stands for.
fn line(shape: &Shape, text: &str, gaps: Gaps) -> Result<Value, Misfit> {
    gaps.fit_text(shape, text)
}
