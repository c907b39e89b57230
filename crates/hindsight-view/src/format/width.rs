//! Text in terminal cells.
//!
//! A text's width is the sum of its characters' widths, which is what most terminals advance by;
//! joined emoji may be drawn narrower than counted, never wider.

use std::borrow::Cow;

use unicode_width::UnicodeWidthChar;

/// Stands where text was cut; one cell wide.
const MARK: char = '…';

/// Cells that `text` takes.
pub fn width(text: &str) -> usize {
    match text.is_ascii() {
        true => text.len(),
        false => text.chars().map(cells_of).sum(),
    }
}

/// `text` if it fits into `cells`, else its beginning and `…`.
pub fn truncate(text: &str, cells: usize) -> Cow<'_, str> {
    match fitting(text, cells).len() == text.len() {
        true => Cow::Borrowed(text),
        false => Cow::Owned(truncate_marked(text, cells)),
    }
}

/// The beginning of `text` with `…` in the last cell at most, whether it would fit or not; empty
/// for no cells.
pub fn truncate_marked(text: &str, cells: usize) -> String {
    match cells {
        0 => String::new(),
        _ => format!("{}{MARK}", fitting(text, cells - 1).trim_end()),
    }
}

/// The longest beginning of `text` that fits.
fn fitting(text: &str, cells: usize) -> &str {
    let mut used = 0;
    for (index, character) in text.char_indices() {
        used += cells_of(character);
        if used > cells {
            return &text[..index];
        }
    }
    text
}

/// Control characters count as one cell; they are escaped before they are shown.
fn cells_of(character: char) -> usize {
    character.width().unwrap_or(1)
}
