//! Values that are too long, cut when they are set.
//!
//! In: a value. Out: the value with at most [`VALUE_BYTES_MAX`] bytes, and whether it was cut. The
//! hub cuts at the same length: what would be cut there need not wait, nor travel.

use std::borrow::Cow;

use hindsight_protocol::Value;

use crate::attribute::{Attribute, AttributeValue, value_bytes};

/// Most bytes of a text or of bytes; of arrays and maps, about. Also of a status message, of an
/// event's name, and of a name or key that is not a literal.
pub(crate) const VALUE_BYTES_MAX: usize = 64 << 10;

/// What stands in for an array or map that is too large.
const TOO_LARGE: &str = "(array or map too large)";

/// Cuts a text at a character; whether it had to be.
pub(crate) fn cut_text(text: &mut Cow<'static, str>) -> bool {
    let is_long = text.len() > VALUE_BYTES_MAX;
    if is_long {
        let end = text.floor_char_boundary(VALUE_BYTES_MAX);
        match text {
            Cow::Borrowed(text) => *text = &text[..end],
            Cow::Owned(text) => {
                text.truncate(end);
                text.shrink_to_fit();
            }
        }
    }
    is_long
}

/// Cuts text and bytes, replaces an array or map that is too large; whether it had to be.
pub(crate) fn cut_value(value: &mut Value) -> bool {
    let is_large = value_bytes(value) > VALUE_BYTES_MAX;
    if is_large {
        let large = std::mem::take(value);
        *value = cut_large(large);
    }
    is_large
}

#[cold]
fn cut_large(value: Value) -> Value {
    match value {
        Value::Bytes(mut bytes) => {
            bytes.truncate(VALUE_BYTES_MAX);
            bytes.shrink_to_fit();
            Value::Bytes(bytes)
        }
        Value::String(text) => {
            let mut text = Cow::Owned(text);
            cut_text(&mut text);
            Value::String(text.into_owned())
        }
        _ => Value::from(TOO_LARGE),
    }
}

/// Cuts the values of an event or link; how many had to be.
pub(crate) fn cut_values(attributes: &mut [Attribute]) -> u32 {
    let cut = |(_, value): &mut Attribute| match value {
        AttributeValue::String(text) => cut_text(text),
        AttributeValue::Other(value) => cut_value(value),
        _ => false,
    };
    let mut all = attributes.iter_mut();
    all.by_ref()
        .fold(0, |count, one| count + u32::from(cut(one)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_at_a_character() {
        let mut text = Cow::Owned("ä".repeat(VALUE_BYTES_MAX));
        assert!(cut_text(&mut text));
        assert_eq!(text.len(), VALUE_BYTES_MAX);
        let mut odd = Cow::Owned(format!("x{}", "ä".repeat(VALUE_BYTES_MAX)));
        assert!(cut_text(&mut odd));
        assert_eq!(odd.len(), VALUE_BYTES_MAX - 1);
        let mut short = Cow::Borrowed("short");
        assert!(!cut_text(&mut short));
        assert_eq!(short, "short");
    }

    #[test]
    fn bytes_are_cut_and_large_arrays_replaced() {
        let mut bytes = Value::Bytes(vec![7; VALUE_BYTES_MAX + 1]);
        assert!(cut_value(&mut bytes));
        assert_eq!(bytes, Value::Bytes(vec![7; VALUE_BYTES_MAX]));
        let mut array = Value::from(vec![Value::from(1); VALUE_BYTES_MAX / 8]);
        assert!(cut_value(&mut array));
        assert_eq!(array, Value::from(TOO_LARGE));
        let mut small = Value::from(vec![Value::from(1)]);
        assert!(!cut_value(&mut small));
    }

    #[test]
    fn long_values_of_events_are_counted() {
        let mut attributes: Vec<Attribute> = vec![
            ("a".into(), "x".repeat(1 << 20).into()),
            ("b".into(), 1.into()),
            ("c".into(), vec![0_u8; 1 << 20].into()),
        ];
        assert_eq!(cut_values(&mut attributes), 2);
        let left: usize = attributes.iter().map(|(_, v)| v.heap_bytes()).sum();
        assert_eq!(left, 2 * VALUE_BYTES_MAX);
    }
}
