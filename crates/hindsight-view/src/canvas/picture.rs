//! What a surface shows: pixels, and texts over them.

use crate::text::Line;

use super::frame::{Color, Frame, Rect};

/// How a text is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Font {
    /// The usual one.
    Text,
    /// For figures and marks.
    Small,
}

/// A line of text on one place.
#[derive(Clone, Debug, PartialEq)]
pub struct TextRun {
    /// Where it begins.
    pub x: f32,
    /// The middle of its height.
    pub y: f32,
    /// What lies outside of this is not to be seen.
    pub clip: Rect,
    /// How it is set.
    pub font: Font,
    /// What it says.
    pub line: Line,
    /// The colour of all of it, over a bar; none for those of its roles.
    pub color: Option<Color>,
}

/// Pixels and the texts over them.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    /// The pixels.
    pub frame: Frame,
    /// The texts, none of which lies over another.
    pub texts: Vec<TextRun>,
}
