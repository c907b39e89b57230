//! JSON that is safe to look at: what acts on a terminal is written as `\u` escapes, so that a
//! parser reads the very text and a terminal shows nothing but characters.

use std::io::{self, Write};

use hindsight_view::format::escape;
use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};

/// On one line.
pub(crate) fn compact<T: Serialize>(value: &T) -> io::Result<String> {
    written(value, CompactFormatter)
}

/// Indented.
pub(crate) fn pretty<T: Serialize>(value: &T) -> io::Result<String> {
    written(value, PrettyFormatter::new())
}

fn written<T: Serialize>(value: &T, formatter: impl Formatter) -> io::Result<String> {
    let mut text = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, Safe(formatter));
    value.serialize(&mut serializer)?;
    String::from_utf8(text).map_err(io::Error::other)
}

struct Safe<F>(F);

impl<F: Formatter> Formatter for Safe<F> {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if matches!(escape(fragment), std::borrow::Cow::Borrowed(_)) {
            return writer.write_all(fragment.as_bytes());
        }
        for character in fragment.chars() {
            write_character(writer, character)?;
        }
        Ok(())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, w: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(w, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, w: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(w, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

/// ASCII and what is harmless as it is, the rest as UTF-16 escapes.
fn write_character<W: ?Sized + Write>(writer: &mut W, character: char) -> io::Result<()> {
    let mut bytes = [0; 4];
    let text = character.encode_utf8(&mut bytes);
    if matches!(escape(text), std::borrow::Cow::Borrowed(_)) {
        return writer.write_all(text.as_bytes());
    }
    let mut units = [0; 2];
    for unit in character.encode_utf16(&mut units) {
        write!(writer, "\\u{unit:04x}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_escaped_and_read_back_as_it_was() {
        let hostile = "a\u{1b}[2J\u{9b}b\u{202e}c\u{e0041}\"\\ü🦀";
        let text = compact(&[hostile]).unwrap();
        assert_eq!(text, r#"["a\u001b[2J\u009bb\u202ec\udb40\udc41\"\\ü🦀"]"#);
        let read: Vec<String> = serde_json::from_str(&text).unwrap();
        assert_eq!(read, [hostile]);
    }
}
