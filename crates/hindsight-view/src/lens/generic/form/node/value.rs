//! The value that was filled in, or the row that does not fit.

use std::sync::Arc;

use hindsight_schema::{Gaps, Kind, Misfit, Shape, Value};

use super::super::line;
use super::{Element, Form, Node, form, gaps_within};
use crate::lens::generic::tree::Way;

/// The value; where it does not fit, `way` is left at the row.
pub(in crate::lens::generic::form) fn value(
    node: &Node,
    shape: &Shape,
    gaps: Gaps,
    way: &mut Way,
) -> Result<Value, Misfit> {
    let depth = way.len() - 1;
    let here = gaps_within(shape, gaps);
    let mut part = |node: &Node, of: &Shape, index: usize, name: &str| {
        way.push(index as u32);
        let value = match (node, here) {
            (Node::Line(text) | Node::Json(text), Gaps::Empty) if text.trim().is_empty() => {
                of.empty()
            }
            _ => value(node, of, gaps, way),
        };
        let value = value.map_err(|misfit| misfit.within(name))?;
        way.pop();
        Ok::<_, Misfit>(value)
    };
    match (node, form(shape, depth)) {
        (Node::Line(text) | Node::Json(text), _) => line(shape, text, gaps),
        (Node::Check(is), _) => Ok(Value::Bool(*is)),
        (Node::Parts(nodes), Form::Parts(parts)) => {
            let mut values = Vec::new();
            for (index, (node, (name, of))) in nodes.iter().zip(&parts).enumerate() {
                values.push((Arc::from(name.as_str()), part(node, of, index, name)?));
            }
            Ok(match shape.kind() {
                Kind::Struct { .. } => Value::Struct(values),
                _ => Value::List(values.into_iter().map(|(_, value)| value).collect()),
            })
        }
        (Node::Variant(chosen, payload), Form::Variants(variants)) => {
            let Some(variant) = variants.get(*chosen) else {
                return Ok(Value::Null);
            };
            let inner = match (payload, &variant.payload) {
                (Some(node), Some(of)) => part(node, of, 0, &variant.name)?,
                _ => Value::Null,
            };
            Ok(Value::Variant(Arc::clone(&variant.name), Box::new(inner)))
        }
        (Node::Elements(nodes), Form::Elements(Element::One(of))) => {
            let mut values = Vec::new();
            for (index, node) in nodes.iter().enumerate() {
                values.push(part(node, &of, index, &format!("[{index}]"))?);
            }
            Ok(Value::List(values))
        }
        (Node::Elements(nodes), Form::Elements(Element::Pair(key, of))) => {
            let mut entries = Vec::new();
            for (index, node) in nodes.iter().enumerate() {
                let Node::Parts(pair) = node else { continue };
                way.push(index as u32);
                let mut side = |side: usize, of: &Shape| {
                    way.push(side as u32);
                    let name = format!("[{index}]");
                    let value = value(&pair[side], of, gaps, way).map_err(|m| m.within(&name))?;
                    way.pop();
                    Ok(value)
                };
                let entry = (side(0, &key)?, side(1, &of)?);
                way.pop();
                entries.push(entry);
            }
            Ok(Value::Map(entries))
        }
        (Node::Given(Some(node)), Form::Given(of)) => {
            way.push(0);
            let inner = value(node, &of, gaps, way)?;
            way.pop();
            // An option of what may itself be nothing says that it is there.
            hindsight_schema::fit(shape, &Value::Some(Box::new(inner)))
        }
        _ => Ok(Value::Null),
    }
}
