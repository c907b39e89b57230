//! Texts, keys and patterns, quoted where they must be.

use std::fmt::{self, Formatter, Write as _};

use crate::syntax::{is_plain, is_reserved};
use crate::{AttributeScope, Field, Pattern};

/// In double quotes, with escapes.
pub(crate) fn write_quoted(f: &mut impl fmt::Write, text: &str) -> fmt::Result {
    f.write_char('"')?;
    text.chars().try_for_each(|c| write_escaped(f, c))?;
    f.write_char('"')
}

fn write_escaped(f: &mut impl fmt::Write, c: char) -> fmt::Result {
    match c {
        '"' | '\\' => write!(f, "\\{c}"),
        '\n' => f.write_str("\\n"),
        '\r' => f.write_str("\\r"),
        '\t' => f.write_str("\\t"),
        c if c.is_control() || c == '\u{feff}' => write!(f, "\\u{{{:x}}}", c as u32),
        c => f.write_char(c),
    }
}

/// `key`, `span.key`, `"a key"`, `span."a key"`.
pub(crate) fn write_key(f: &mut impl fmt::Write, scope: AttributeScope, key: &str) -> fmt::Result {
    let prefix = scope.as_str();
    if !prefix.is_empty() {
        write!(f, "{prefix}.")?;
    }
    let word = match scope {
        AttributeScope::Any => key.to_owned(),
        _ => format!("{prefix}.{key}"),
    };
    let plain = key.chars().all(is_plain)
        && !key.is_empty()
        && word.starts_with(|c: char| c.is_alphanumeric() || c == '_')
        && !is_reserved(&word)
        && word != "lens";
    let same = plain
        && matches!(Field::from_word(&word), Field::Attribute(s, k) if s == scope && k == key);
    match same {
        true => f.write_str(key),
        false => write_quoted(f, key),
    }
}

/// The value of `:`.
pub(super) fn write_pattern(f: &mut Formatter<'_>, pattern: &Pattern) -> fmt::Result {
    let pieces = pattern.pieces();
    let plain = pieces.iter().all(|piece| piece.chars().all(is_plain));
    let empty = matches!(pieces, [only] if only.is_empty());
    write_pieces(f, pieces, plain && !empty)
}

/// A term of its own.
pub(super) fn write_free_text(f: &mut Formatter<'_>, pattern: &Pattern) -> fmt::Result {
    let pieces = pattern.pieces();
    let plain = pieces.iter().all(|piece| piece.chars().all(is_plain))
        && pieces
            .first()
            .is_some_and(|first| first.starts_with(|c: char| c.is_alphanumeric() || c == '/'))
        && !pattern.as_exact().is_some_and(is_reserved);
    write_pieces(f, pieces, plain)
}

fn write_pieces(f: &mut Formatter<'_>, pieces: &[String], plain: bool) -> fmt::Result {
    if plain {
        return f.write_str(&pieces.join("*"));
    }
    f.write_char('"')?;
    for (index, piece) in pieces.iter().enumerate() {
        if index > 0 {
            f.write_char('*')?;
        }
        for c in piece.chars() {
            match c {
                '*' => f.write_str("\\*")?,
                c => write_escaped(f, c)?,
            }
        }
    }
    f.write_char('"')
}
