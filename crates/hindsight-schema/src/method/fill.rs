//! Arguments from what a person wrote for some of them, or for some of their fields.

use std::sync::Arc;

use super::Arguments;
use crate::fit::{Gaps, Misfit, Path, names};
use crate::json;
use crate::shape::{Shape, Type};
use crate::value::Value;

/// What a person wrote for an argument, or for a field of one.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// Of which: an argument, `argument.field`, or a field that one argument only has; none for the next
    /// argument.
    pub name: Option<String>,
    /// What.
    pub content: Content,
}

/// Words or JSON.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// As [`fit_text`](crate::fit_text) reads it.
    Text(String),
    /// As [`fit`](crate::fit) takes it.
    Json(Value),
}

/// What was written for one argument.
#[derive(Default)]
struct Parts<'w> {
    whole: Option<&'w Content>,
    /// Names of fields within each other, joined by dots.
    fields: Vec<(&'w str, &'w Content)>,
}

impl Arguments {
    /// The values to send, from what a person wrote for some of the arguments: a text as it is, or JSON.
    /// Arguments are named, or taken in the order of those that have no name; fields are always named,
    /// and win over what the whole says; nothing is given twice. What is left out is filled in as [`gaps`](Self::gaps) says.
    pub fn fill(&self, written: &[Written]) -> Result<Vec<Value>, Misfit> {
        let mut all: Vec<Parts<'_>> = self.given().map(|_| Parts::default()).collect();
        for written in written {
            let Some(name) = &written.name else { continue };
            match self.place(name) {
                Some((place, "")) if all[place].whole.is_none() => {
                    all[place].whole = Some(&written.content);
                }
                Some((place, field)) if !field.is_empty() && !all[place].has(field) => {
                    all[place].fields.push((field, &written.content));
                }
                _ => return Err(self.surplus(written)),
            }
        }
        let mut unnamed = written.iter().filter(|written| written.name.is_none());
        for parts in &mut all {
            if parts.whole.is_none() && parts.fields.is_empty() {
                parts.whole = unnamed.next().map(|written| &written.content);
            }
        }
        let mut values = Vec::new();
        for ((argument, shape), parts) in self.given().zip(&all) {
            let value = parts.value(shape, self.gaps);
            values.push(value.map_err(|misfit| misfit.within(&argument.name))?);
        }
        match unnamed.next() {
            Some(surplus) => Err(self.surplus(surplus)),
            None => Ok(values),
        }
    }

    /// Whether the name stands for an argument or a field of one.
    pub fn has(&self, name: &str) -> bool {
        self.place(name).is_some()
    }

    /// The place of an argument among those given, and the field of it; empty for the whole.
    fn place<'n>(&self, name: &'n str) -> Option<(usize, &'n str)> {
        let place = |name: &str| self.given().position(|(argument, _)| argument.name == name);
        if let Some(place) = place(name) {
            return Some((place, ""));
        }
        let has = |place: usize, field: &str| {
            let found = self.given().nth(place);
            found.is_some_and(|(_, shape)| field_of(shape, field).is_some())
        };
        if let Some((first, field)) = name.split_once('.')
            && let Some(place) = place(first)
            && has(place, field)
        {
            return Some((place, field));
        }
        let mut having = (0..self.given().count()).filter(|place| has(*place, name));
        match (having.next(), having.next()) {
            (Some(place), None) => Some((place, name)),
            _ => None,
        }
    }

    fn surplus(&self, written: &Written) -> Misfit {
        let all = names(self.given().map(|(argument, _)| argument.name.as_str()));
        let mut problem = match &written.name {
            Some(name) if self.has(name) => {
                return Misfit::new(&Path::Root, "given twice").within(name);
            }
            Some(_) => format!("there is no such argument; there are: {all}"),
            None => format!("there are more values than arguments; there are: {all}"),
        };
        for (argument, shape) in self.given() {
            if let Type::Struct(_, fields) = shape.get() {
                let fields = names(fields.iter().map(|field| &*field.name));
                problem = format!("{problem}; fields of {}: {fields}", argument.name);
            }
        }
        Misfit {
            path: written.name.clone().unwrap_or_default(),
            problem,
        }
    }
}

impl Parts<'_> {
    fn has(&self, field: &str) -> bool {
        self.fields.iter().any(|(name, _)| *name == field)
    }

    fn value(&self, shape: &Shape, gaps: Gaps) -> Result<Value, Misfit> {
        if self.fields.is_empty() {
            return match self.whole {
                Some(Content::Text(text)) => whole(shape, text, gaps),
                Some(Content::Json(value)) => gaps.fit(shape, value),
                None => gaps.nothing(shape),
            };
        }
        let mut value = match self.whole {
            None => Value::Struct(Vec::new()),
            Some(Content::Json(value)) => value.clone(),
            Some(Content::Text(text)) => json::parse(text.trim()).map_err(|error| {
                let problem = format!("a {shape} is written as JSON: {error}");
                Misfit::new(&Path::Root, problem)
            })?,
        };
        for (name, content) in &self.fields {
            let of = field_of(shape, name);
            let field = match (content, of) {
                (Content::Text(text), Some(of)) => gaps.fit_text(&of, text),
                (Content::Json(value), Some(of)) => gaps.fit(&of, value),
                (_, None) => Err(Misfit::new(&Path::Root, "there is no such field")),
            };
            let field = field.map_err(|misfit| misfit.within(name))?;
            put(&mut value, name, field).ok_or_else(|| {
                Misfit::new(&Path::Root, "given as a whole that has no fields").within(name)
            })?;
        }
        gaps.fit(shape, &value)
    }
}

/// A text for a whole argument.
fn whole(shape: &Shape, text: &str, gaps: Gaps) -> Result<Value, Misfit> {
    let is_json = text.trim_start().starts_with('{') || text.trim() == "null";
    match shape.get() {
        Type::Struct(_, fields) if !is_json && shape.id_digits().is_none() => {
            let names = names(fields.iter().map(|field| &*field.name));
            let problem =
                format!("a {shape} is written as FIELD=VALUE or as JSON; its fields: {names}");
            Err(Misfit::new(&Path::Root, problem))
        }
        _ => gaps.fit_text(shape, text),
    }
}

/// The shape of a field, by the names on the way to it.
fn field_of(shape: &Shape, names: &str) -> Option<Shape> {
    let mut at = shape.clone();
    for name in names.split('.') {
        if let Type::Option(of) = at.get() {
            at = at.at(*of);
        }
        let Type::Struct(_, fields) = at.get() else {
            return None;
        };
        let field = fields.iter().find(|field| &*field.name == name)?;
        at = at.at(field.of);
    }
    Some(at)
}

/// Sets a field; none if there is something else in its way.
fn put(value: &mut Value, names: &str, field: Value) -> Option<()> {
    if *value == Value::Null {
        *value = Value::Struct(Vec::new());
    }
    let Value::Struct(fields) = value else {
        return None;
    };
    let (first, rest) = match names.split_once('.') {
        Some((first, rest)) => (first, Some(rest)),
        None => (names, None),
    };
    let place = fields.iter().rposition(|(name, _)| &**name == first);
    let place = place.unwrap_or_else(|| {
        fields.push((Arc::from(first), Value::Null));
        fields.len() - 1
    });
    let found = &mut fields[place].1;
    match rest {
        Some(rest) => put(found, rest, field)?,
        None => *found = field,
    }
    Some(())
}
