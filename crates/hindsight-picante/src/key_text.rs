//! Keys as text, by reflection.
//!
//! In: a key, and where ids of interned values can be looked up. Out: what a person would call it: `a.md`,
//! `b.md, 0`, nothing at all for `()`. Bounded: [`TEXT_BYTES_MAX`], [`DEPTH_MAX`], [`ITEMS_MAX`].

use std::fmt::{self, Write as _};

use facet::{Def, Facet, Shape, StructKind, Type, UserType};
use facet_reflect::{HasFields as _, Peek};
use picante::{InternId, QueryKindId};

use crate::names::Names;

/// Bytes of a key's text, the mark that it was cut included.
pub(crate) const TEXT_BYTES_MAX: usize = 160;
/// Values within values.
const DEPTH_MAX: usize = 8;
/// Items of a list.
const ITEMS_MAX: usize = 16;

const CUT: char = '…';

/// `value` as text.
pub(crate) fn text_of(value: Peek<'_, '_>, names: &dyn Names) -> String {
    let mut text = Text::default();
    // The only error is that there is no more room, and then what there is has its mark.
    if write_value(&mut text, value, names, 0).is_err() {
        text.0.push(CUT);
    }
    text.0
}

/// A string that refuses to grow too long.
#[derive(Default)]
struct Text(String);

impl fmt::Write for Text {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        let room = TEXT_BYTES_MAX - CUT.len_utf8() - self.0.len();
        if more.len() <= room {
            self.0.push_str(more);
            return Ok(());
        }
        self.0.push_str(&more[..more.floor_char_boundary(room)]);
        Err(fmt::Error)
    }
}

fn write_value(
    text: &mut Text,
    value: Peek<'_, '_>,
    names: &dyn Names,
    depth: usize,
) -> fmt::Result {
    if depth > DEPTH_MAX {
        return text.write_char(CUT);
    }
    if let Some(string) = value.as_str() {
        return text.write_str(string);
    }
    if let Ok(option) = value.into_option() {
        return match option.value() {
            Some(inner) => write_value(text, inner, names, depth + 1),
            None => text.write_str("none"),
        };
    }
    if let Ok(pointer) = value.into_pointer()
        && let Some(inner) = pointer.borrow_inner()
    {
        return write_value(text, inner, names, depth + 1);
    }
    if value.shape().is_display() {
        return write!(text, "{value}");
    }
    match (value.shape().ty, value.shape().def) {
        (_, Def::List(_) | Def::Array(_) | Def::Slice(_)) => match value.into_list_like() {
            Ok(list) => write_items(text, list.iter(), names, depth),
            Err(_) => text.write_char(CUT),
        },
        (Type::User(UserType::Struct(_)), _) => write_struct(text, value, names, depth),
        (Type::User(UserType::Enum(_)), _) => write_enum(text, value, names, depth),
        _ if value.shape().is_debug() => write!(text, "{value:?}"),
        _ => text.write_char(CUT),
    }
}

fn write_items<'m, 'f>(
    text: &mut Text,
    items: impl Iterator<Item = Peek<'m, 'f>>,
    names: &dyn Names,
    depth: usize,
) -> fmt::Result {
    text.write_char('[')?;
    for (at, item) in items.enumerate() {
        if at == ITEMS_MAX {
            write!(text, ", {CUT}")?;
            break;
        }
        text.write_str(if at == 0 { "" } else { ", " })?;
        write_value(text, item, names, depth + 1)?;
    }
    text.write_char(']')
}

fn write_struct(
    text: &mut Text,
    value: Peek<'_, '_>,
    names: &dyn Names,
    depth: usize,
) -> fmt::Result {
    let Ok(of) = value.into_struct() else {
        return text.write_char(CUT);
    };
    let kind = of.ty().kind;
    let count = of.field_count();
    if let (1, Ok(only)) = (count, of.field(0)) {
        return match only.get::<InternId>() {
            Ok(id) => write_interned(text, value.shape(), *id, names),
            Err(_) => write_value(text, only, names, depth + 1),
        };
    }
    let is_outermost = depth == 0;
    let (open, close) = match kind {
        _ if is_outermost || count == 0 => ("", ""),
        StructKind::Struct => ("{", "}"),
        _ => ("(", ")"),
    };
    text.write_str(open)?;
    for (at, (field, value)) in of.fields().enumerate() {
        text.write_str(if at == 0 { "" } else { ", " })?;
        if kind == StructKind::Struct {
            write!(text, "{}: ", field.name)?;
        }
        write_value(text, value, names, depth + 1)?;
    }
    text.write_str(close)
}

fn write_enum(
    text: &mut Text,
    value: Peek<'_, '_>,
    names: &dyn Names,
    depth: usize,
) -> fmt::Result {
    let Ok(of) = value.into_enum() else {
        return text.write_char(CUT);
    };
    text.write_str(of.variant_name_active().unwrap_or("?"))?;
    for (at, (_, value)) in of.fields().enumerate() {
        text.write_str(if at == 0 { "(" } else { ", " })?;
        write_value(text, value, names, depth + 1)?;
    }
    let has_fields = of.fields().next().is_some();
    text.write_str(if has_fields { ")" } else { "" })
}

fn write_interned(
    text: &mut Text,
    owner: &'static Shape,
    id: InternId,
    names: &dyn Names,
) -> fmt::Result {
    let found = interners_of(owner).into_iter().flatten();
    match found.into_iter().find_map(|kind| names.interned(kind, id)) {
        Some(found) => text.write_str(&found),
        None => write!(text, "#{}", id.0),
    }
}

/// Where picante's macros keep the values of a type that they made: as keys of an input, or as interned.
fn interners_of(owner: &'static Shape) -> [Option<QueryKindId>; 2] {
    let kind = |suffix| kind_of(owner.module_path, owner.type_identifier, suffix);
    [kind("::keys"), kind("")]
}

/// The interner of the keys of an input whose values have this type, which picante's macro calls
/// `{input}Data`.
pub(crate) fn interner_of_input<V: Facet<'static>>() -> Option<QueryKindId> {
    let mut shape = V::SHAPE;
    if let Def::Pointer(pointer) = shape.def {
        shape = pointer.pointee?;
    }
    let input = shape.type_identifier.strip_suffix("Data")?;
    kind_of(shape.module_path, input, "::keys")
}

fn kind_of(module: Option<&str>, name: &str, suffix: &str) -> Option<QueryKindId> {
    let path = format!("{}::{name}{suffix}", module?);
    Some(QueryKindId::from_str(&path))
}

#[cfg(test)]
mod tests;
