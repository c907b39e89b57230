//! From the spelling of a literal to its text: quotes and escapes.
//!
//! Within quotes `\"`, `\'`, `\\`, `\n`, `\r`, `\t` and `\u{hex}` stand for a character; before any
//! other character a backslash stands for itself, so regular expressions need no doubling. Without
//! quotes a backslash always stands for itself, except in patterns, where `\*` is a star that is no
//! wildcard, with quotes and without.

use std::ops::Range;

use crate::Pattern;

/// A literal as it stands in the text.
#[derive(Clone, Debug)]
pub(crate) struct Literal<'t> {
    /// Without the quotes.
    body: &'t str,
    pub(crate) quoted: bool,
    /// Of the whole literal, with quotes.
    pub(crate) range: Range<usize>,
}

enum Part {
    Char(char),
    /// A star that no backslash precedes.
    Star,
}

impl<'t> Literal<'t> {
    pub(crate) fn word(text: &'t str, range: Range<usize>) -> Self {
        Self {
            body: &text[range.clone()],
            quoted: false,
            range,
        }
    }

    /// `range` includes the opening quote, and the closing one if `closed`.
    pub(crate) fn quoted(text: &'t str, range: Range<usize>, closed: bool) -> Self {
        let end = range.end - usize::from(closed);
        Self {
            body: &text[range.start + 1..end],
            quoted: true,
            range,
        }
    }

    /// The text without quotes.
    pub(crate) fn body(&self) -> &'t str {
        self.body
    }

    /// The text it stands for.
    pub(crate) fn text(&self) -> String {
        let mut text = String::with_capacity(self.body.len());
        for (_, part) in self.parts(false) {
            text.push(match part {
                Part::Char(c) => c,
                Part::Star => '*',
            });
        }
        text
    }

    /// The pattern it stands for.
    pub(crate) fn pattern(&self) -> Pattern {
        let mut pieces = vec![String::new()];
        for (_, part) in self.parts(true) {
            match (part, pieces.last_mut()) {
                (Part::Char(c), Some(piece)) => piece.push(c),
                _ => pieces.push(String::new()),
            }
        }
        Pattern::from_pieces(pieces)
    }

    /// Where in the query byte `offset` of [`Self::text`] comes from.
    pub(crate) fn source_offset(&self, offset: usize) -> usize {
        let mut length = 0;
        let body_start = self.range.start + usize::from(self.quoted);
        for (at, part) in self.parts(false) {
            if length >= offset {
                return body_start + at;
            }
            length += match part {
                Part::Char(c) => c.len_utf8(),
                Part::Star => 1,
            };
        }
        body_start + self.body.len()
    }

    fn parts(&self, pattern: bool) -> impl Iterator<Item = (usize, Part)> {
        let mut rest = self.body;
        std::iter::from_fn(move || {
            let at = self.body.len() - rest.len();
            let (part, length) = match rest.chars().next()? {
                '*' => (Part::Star, 1),
                '\\' => escape(rest, self.quoted, pattern),
                c => (Part::Char(c), c.len_utf8()),
            };
            rest = &rest[length..];
            Some((at, part))
        })
    }
}

/// What the backslash at the start of `rest` and its follower stand for, and their length.
fn escape(rest: &str, quoted: bool, pattern: bool) -> (Part, usize) {
    let itself = (Part::Char('\\'), 1);
    let simple = match rest.chars().nth(1) {
        Some('*') if pattern => '*',
        Some(c @ ('"' | '\'' | '\\')) if quoted => c,
        Some('n') if quoted => '\n',
        Some('r') if quoted => '\r',
        Some('t') if quoted => '\t',
        Some('u') if quoted => return unicode_escape(rest).unwrap_or(itself),
        _ => return itself,
    };
    (Part::Char(simple), 2)
}

fn unicode_escape(rest: &str) -> Option<(Part, usize)> {
    let hex = rest.strip_prefix("\\u{")?;
    let (digits, _) = hex.split_once('}')?;
    let in_form = (1..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit());
    let number = u32::from_str_radix(digits, 16).ok().filter(|_| in_form)?;
    let c = char::from_u32(number)?;
    Some((Part::Char(c), digits.len() + 4))
}

#[cfg(test)]
mod tests {
    use super::Literal;

    fn quoted(text: &str) -> Literal<'_> {
        Literal::quoted(text, 0..text.len(), true)
    }

    #[test]
    fn escapes_stand_for_characters_and_unknown_ones_for_themselves() {
        for (source, text) in [
            (r#""a \"b\"""#, "a \"b\""),
            (r#""\\d\d""#, r"\d\d"),
            (r#""\n\t\u{e9}\u{zz}\u{110000}""#, "\n\té\\u{zz}\\u{110000}"),
            (r#""\*""#, r"\*"),
        ] {
            assert_eq!(quoted(source).text(), text, "{source}");
        }
        let word = r"C:\new*";
        assert_eq!(Literal::word(word, 0..word.len()).text(), word);
    }

    #[test]
    fn a_star_is_a_wildcard_unless_a_backslash_precedes_it() {
        for (source, pieces) in [
            (r#""a*b""#, vec!["a", "b"]),
            (r#""a\*b""#, vec!["a*b"]),
            (r#""a\\*b""#, vec!["a\\", "b"]),
        ] {
            assert_eq!(quoted(source).pattern().pieces(), pieces, "{source}");
        }
        let word = r"a\*b*";
        let pattern = Literal::word(word, 0..word.len()).pattern();
        assert_eq!(pattern.pieces(), ["a*b", ""]);
    }

    #[test]
    fn offsets_are_found_behind_escapes() {
        let source = r#""a\"bé("#;
        let literal = Literal::quoted(source, 0..source.len(), false);
        assert_eq!(literal.text(), "a\"bé(");
        assert_eq!(literal.source_offset(0), 1);
        assert_eq!(literal.source_offset(2), 4);
        assert_eq!(literal.source_offset(5), 7);
        assert_eq!(literal.source_offset(99), 8);
    }
}
