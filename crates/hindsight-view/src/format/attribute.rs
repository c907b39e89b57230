//! Attribute values on one line.
//!
//! Bounded: the line is at most as wide as asked, and no more of a value is looked at than that
//! takes; nesting is shown [`DEPTH_MAX`] deep.

use hindsight_protocol::batch::ValueRef;
use hindsight_protocol::{KeyValue, Value};

use super::escape::escape;
use super::number::bytes;
use super::width::{truncate, width};

/// Deeper arrays and maps are shown as `…`.
const DEPTH_MAX: u32 = 8;

/// Bytes shown of a byte string.
const BYTES_SHOWN_MAX: usize = 32;

/// `value` on one line of at most `cells`.
///
/// Text stands bare where that is unambiguous (`/a`), else quoted (`"two words"`, `"8080"` next to
/// the number `8080`); bytes as `0x…`; a text that is cut tells its size.
pub fn value(value: ValueRef<'_>, cells: usize) -> String {
    let mut line = Writer::new(cells);
    match value {
        ValueRef::String(text) => return string(text, cells),
        ValueRef::Bytes(bytes) => line.bytes(bytes),
        other => line.value(&other.to_value(), 0),
    }
    line.finish()
}

fn string(text: &str, cells: usize) -> String {
    // Enough to fill the line in any ordinary script; what is left out is marked.
    let head = head(text, cells.saturating_mul(8).saturating_add(8));
    let shown = escape(head);
    let quoted = match is_bare(head) {
        true => shown.into_owned(),
        false => quote(&shown),
    };
    if head.len() == text.len() && width(&quoted) <= cells {
        return quoted;
    }
    let size = format!(" ({})", bytes(text.len() as u64));
    match cells.checked_sub(width(&size)) {
        Some(left) if left >= 8 => super::truncate_marked(&quoted, left) + &size,
        _ => super::truncate_marked(&quoted, cells),
    }
}

/// The beginning of `text`, at most about `bytes_max` long.
fn head(text: &str, bytes_max: usize) -> &str {
    let mut end = bytes_max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Whether a text can be told from a number, a bool, a list and its surroundings without quotes.
fn is_bare(text: &str) -> bool {
    let special = |c: char| c.is_whitespace() || c.is_control() || "\"'=,[]{}".contains(c);
    !text.is_empty()
        && !text.contains(special)
        && !matches!(text, "true" | "false")
        && text.parse::<f64>().is_err()
}

fn quote(escaped: &str) -> String {
    format!("\"{}\"", escaped.replace('"', "\\\""))
}

/// Collects text until the line is full.
struct Writer {
    line: String,
    cells: usize,
}

impl Writer {
    fn new(cells: usize) -> Self {
        Self {
            line: String::new(),
            cells,
        }
    }

    /// Whether the line is wide enough to be cut: a cell holds a character and four marks at most.
    fn is_full(&self) -> bool {
        self.line.len() > self.cells.saturating_mul(24)
    }

    fn finish(self) -> String {
        match truncate(&self.line, self.cells) {
            std::borrow::Cow::Borrowed(_) => self.line,
            std::borrow::Cow::Owned(cut) => cut,
        }
    }

    fn value(&mut self, value: &Value, depth: u32) {
        match value {
            Value::String(text) => self.line.push_str(&string(text, self.cells)),
            Value::Bool(value) => self.line.push_str(&value.to_string()),
            Value::I64(value) => self.line.push_str(&value.to_string()),
            Value::F64(value) => self.line.push_str(&format!("{value:?}")),
            Value::Bytes(bytes) => self.bytes(bytes),
            Value::Array(values) => {
                self.list('[', ']', depth, values, |line, value| {
                    line.value(value, depth + 1);
                });
            }
            Value::Map(entries) => {
                self.list('{', '}', depth, entries, |line, KeyValue { key, value }| {
                    line.line.push_str(&string(key, line.cells));
                    line.line.push_str(": ");
                    line.value(value, depth + 1);
                });
            }
        }
    }

    fn list<T>(
        &mut self,
        open: char,
        close: char,
        depth: u32,
        items: &[T],
        mut write: impl FnMut(&mut Self, &T),
    ) {
        self.line.push(open);
        if depth >= DEPTH_MAX && !items.is_empty() {
            self.line.push('…');
        } else {
            for (index, item) in items.iter().enumerate() {
                if self.is_full() {
                    return;
                }
                if index > 0 {
                    self.line.push_str(", ");
                }
                write(self, item);
            }
        }
        self.line.push(close);
    }

    fn bytes(&mut self, all: &[u8]) {
        if all.is_empty() {
            self.line.push_str("0x (0 B)");
            return;
        }
        self.line.push_str("0x");
        for byte in all.iter().take(BYTES_SHOWN_MAX) {
            self.line.push_str(&format!("{byte:02x}"));
        }
        if all.len() > BYTES_SHOWN_MAX {
            self.line.push('…');
        }
        let size = bytes(all.len() as u64);
        self.line.push_str(&format!(" ({size})"));
    }
}
