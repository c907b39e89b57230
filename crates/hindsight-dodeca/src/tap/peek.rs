//! Looks at values whose type is not known.

use facet::{Type, UserType};
use facet_reflect::Peek;

/// Text of an error, at most.
const ERROR_BYTES_MAX: usize = 2_000;
/// Values within values that are searched for the text of an error.
const DEPTH_MAX: usize = 8;

/// The value of `Ok`, or the text of the error; another value is itself.
pub(super) fn ok_or_error<'m, 'f>(value: Peek<'m, 'f>) -> Result<Peek<'m, 'f>, String> {
    let Ok(result) = value.into_result() else {
        return Ok(value);
    };
    match (result.ok(), result.err()) {
        (Some(ok), _) => Ok(ok),
        (None, Some(error)) => Err(error_text(error)),
        (None, None) => Ok(value),
    }
}

/// The value of `Some`; another value is itself.
pub(super) fn some<'m, 'f>(value: Peek<'m, 'f>) -> Option<Peek<'m, 'f>> {
    match value.into_option() {
        Ok(option) => option.value(),
        Err(_) => Some(value),
    }
}

/// A field of a struct, or of a struct behind pointers.
pub(super) fn field<'m, 'f>(value: Peek<'m, 'f>, name: &str) -> Option<Peek<'m, 'f>> {
    value
        .innermost_peek()
        .into_struct()
        .ok()?
        .field_by_name(name)
        .ok()
}

/// Text of a string, or of a type with one field that is one.
pub(super) fn text(value: Peek<'_, '_>) -> Option<String> {
    if let Some(text) = value.as_str() {
        return Some(text.to_owned());
    }
    let inner = value.innermost_peek().into_struct().ok()?;
    match inner.field_count() {
        1 => text(inner.field(0).ok()?),
        _ => None,
    }
}

/// Text of a field.
pub(super) fn text_field(value: Peek<'_, '_>, name: &str) -> Option<String> {
    text(some(field(value, name)?)?)
}

/// A whole number.
pub(super) fn number(value: Peek<'_, '_>) -> Option<u64> {
    let value = value.innermost_peek();
    let wide = value.get::<u64>().ok().copied();
    wide.or_else(|| value.get::<u32>().ok().map(|number| u64::from(*number)))
        .or_else(|| value.get::<u16>().ok().map(|number| u64::from(*number)))
}

/// Items of a list.
pub(super) fn items<'m, 'f>(value: Peek<'m, 'f>) -> Option<impl Iterator<Item = Peek<'m, 'f>>> {
    Some(value.innermost_peek().into_list_like().ok()?.iter())
}

/// Values of a map.
pub(super) fn map_values<'m, 'f>(
    value: Peek<'m, 'f>,
) -> Option<impl Iterator<Item = Peek<'m, 'f>>> {
    let map = value.innermost_peek().into_map().ok()?;
    Some(map.iter().map(|(_key, value)| value))
}

/// Name of the variant of an enum.
pub(super) fn variant(value: Peek<'_, '_>) -> Option<&'static str> {
    value
        .innermost_peek()
        .into_enum()
        .ok()?
        .variant_name_active()
        .ok()
}

/// The first message within an error, with the path or the route that stands beside it.
pub(super) fn error_text(value: Peek<'_, '_>) -> String {
    let mut texts = Vec::new();
    collect(value, 0, &mut texts);
    let mut text = match texts.is_empty() {
        true => variant(value).unwrap_or("an error").to_owned(),
        false => texts.join(": "),
    };
    if text.len() > ERROR_BYTES_MAX {
        text.truncate(text.floor_char_boundary(ERROR_BYTES_MAX));
        text.push('…');
    }
    text
}

/// Texts of fields that say where and what, outermost first, of the first item of lists.
fn collect(value: Peek<'_, '_>, depth: usize, texts: &mut Vec<String>) {
    if depth > DEPTH_MAX || texts.len() >= 3 {
        return;
    }
    let value = value.innermost_peek();
    if let Some(mut list) = items(value) {
        if let Some(first) = list.next() {
            collect(first, depth + 1, texts);
        }
        return;
    }
    let is_struct = matches!(value.shape().ty, Type::User(UserType::Struct(_)));
    if let (true, Ok(of)) = (is_struct, value.into_struct()) {
        for name in ["path", "route", "target", "message"] {
            texts.extend(of.field_by_name(name).ok().and_then(text));
        }
        for at in 0..of.field_count() {
            // Texts under other names say something else: a source, a location.
            if let Ok(inner) = of.field(at)
                && inner.as_str().is_none()
            {
                collect(inner, depth + 1, texts);
            }
        }
        return;
    }
    if let Ok(of) = value.into_enum() {
        for at in 0..8 {
            match of.field(at) {
                Ok(Some(inner)) if text(inner).is_some() => texts.extend(text(inner)),
                Ok(Some(inner)) => collect(inner, depth + 1, texts),
                _ => break,
            }
        }
        return;
    }
    texts.extend(value.as_str().map(str::to_owned));
}
