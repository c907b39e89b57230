//! Ids of traces and spans, which people know as hex digits.

use std::sync::Arc;

use crate::shape::{Scalar, Shape, Type};
use crate::value::Value;

/// Names of the protocol's ids, and the 64-bit numbers they are made of, the first digits first.
const IDS: [(&str, &[&str]); 2] = [("TraceId", &["high", "low"]), ("SpanId", &["bits"])];
/// Of each number.
const DIGITS: usize = 16;

impl Shape {
    /// How many hex digits may be written for it; none if it is no id of a trace or span.
    pub fn id_digits(&self) -> Option<usize> {
        let Type::Struct(name, fields) = self.get() else {
            return None;
        };
        let (_, parts) = IDS.iter().find(|(id, _)| *id == &**name)?;
        let is_number = |of| *self.at(of).get() == Type::Scalar(Scalar::Unsigned(64));
        let mut pairs = fields.iter().zip(*parts);
        let is_id = fields.len() == parts.len()
            && pairs.all(|(field, part)| *field.name == **part && is_number(field.of));
        is_id.then_some(parts.len() * DIGITS)
    }
}

/// The id that the digits stand for.
pub(super) fn read(shape: &Shape, text: &str) -> Option<Value> {
    let digits = shape.id_digits()?;
    let is_hex = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let Type::Struct(_, fields) = shape.get() else {
        return None;
    };
    let number = |index: usize| {
        let part = text.get(index * DIGITS..(index + 1) * DIGITS)?;
        u64::from_str_radix(part, 16).ok().map(Value::int)
    };
    let parts = fields.iter().enumerate();
    let parts = parts.map(|(index, field)| Some((Arc::clone(&field.name), number(index)?)));
    is_hex.then(|| parts.collect::<Option<_>>().map(Value::Struct))?
}
