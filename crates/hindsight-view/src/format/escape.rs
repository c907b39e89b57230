//! Making foreign text harmless to show.
//!
//! Span names and attributes come from anyone. A control character could drive the terminal, a
//! bidirectional control could make text read as something else (Unicode TR 36), a heap of
//! combining marks could cover other lines. They are shown as escapes instead. Escaping twice
//! changes nothing.

use std::borrow::Cow;
use std::fmt::Write;

use unicode_width::UnicodeWidthChar;

/// More marks than this on one character are written out.
const MARKS_MAX: u32 = 4;

/// `text` with every character that does more than show itself written as an escape: `\n`,
/// `\x1b`, `\u{202e}`. Everything else, backslashes included, stays as it is.
pub fn escape(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    let mut marks = Marks::default();
    let Some((clean, _)) = text.char_indices().find(|(_, c)| marks.refuses(*c)) else {
        return Cow::Borrowed(text);
    };
    let mut escaped = String::with_capacity(text.len() + 16);
    escaped.push_str(&text[..clean]);
    let mut marks = Marks::default();
    for (index, character) in text.char_indices() {
        let refused = marks.refuses(character);
        match (index < clean, refused) {
            (true, _) => {}
            (false, true) => push_escaped(&mut escaped, character),
            (false, false) => escaped.push(character),
        }
    }
    Cow::Owned(escaped)
}

fn push_escaped(text: &mut String, character: char) {
    let written = match character {
        '\n' => text.write_str("\\n"),
        '\r' => text.write_str("\\r"),
        '\t' => text.write_str("\\t"),
        '\0'..='\x7f' => write!(text, "\\x{:02x}", character as u32),
        _ => write!(text, "\\u{{{:x}}}", character as u32),
    };
    written.expect("writing to a string does not fail");
}

/// Counts the marks that follow each other.
#[derive(Default)]
struct Marks {
    run: u32,
}

impl Marks {
    fn refuses(&mut self, character: char) -> bool {
        if is_active(character) {
            // Its escape is made of ordinary characters.
            self.run = 0;
            return true;
        }
        match character.width() {
            Some(0) => self.run += 1,
            _ => self.run = 0,
        }
        let refused = self.run > MARKS_MAX;
        if refused {
            self.run = 0;
        }
        refused
    }
}

/// Whether the character controls how others are shown, or shows nothing at all.
fn is_active(character: char) -> bool {
    matches!(character,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'      // C0, DEL, C1
        | '\u{ad}'                                 // soft hyphen
        | '\u{61c}' | '\u{200e}' | '\u{200f}'      // bidirectional marks
        | '\u{202a}'..='\u{202e}'                  // embeddings, overrides
        | '\u{2066}'..='\u{2069}'                  // isolates
        | '\u{2028}' | '\u{2029}'                  // line and paragraph separators
        | '\u{180e}' | '\u{200b}' | '\u{feff}'     // blanks without width
        | '\u{2060}'..='\u{2065}'                  // invisible operators
        | '\u{206a}'..='\u{206f}'                  // deprecated formatting
        | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' // Hangul fillers
        | '\u{fff9}'..='\u{fffb}'                  // interlinear annotation
        | '\u{e0000}'..='\u{e007f}') // tags
}
