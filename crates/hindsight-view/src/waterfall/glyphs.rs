//! The characters that trees and bars are drawn with.

/// A set of characters; each bar and sign is one cell wide, each guide three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glyphs {
    /// In front of a span with a sibling below it.
    pub branch: &'static str,
    /// In front of the last of siblings.
    pub last_branch: &'static str,
    /// Beside the rows below a span that has a sibling further down.
    pub guide: &'static str,
    /// Beside the rows below a last sibling.
    pub blank: &'static str,
    /// Stands for levels that are not shown.
    pub folded: &'static str,
    /// A cell of a bar.
    pub full: char,
    /// A cell of a bar on the critical path.
    pub critical: char,
    /// A bar that ends in the middle of the cell.
    pub left_half: char,
    /// A bar that begins in the middle of the cell.
    pub right_half: char,
    /// A cell of a bar whose end nobody knows.
    pub lost: char,
    /// The end of a bar that grows.
    pub growing_end: char,
    /// The end of a bar whose process went away.
    pub lost_end: char,
    /// The sign of an error.
    pub error: char,
}

impl Glyphs {
    /// Box drawing characters.
    pub const UNICODE: Self = Self {
        branch: "├─ ",
        last_branch: "└─ ",
        guide: "│  ",
        blank: "   ",
        folded: "⋯",
        full: '━',
        critical: '█',
        left_half: '╸',
        right_half: '╺',
        lost: '╍',
        growing_end: '▶',
        lost_end: '?',
        error: '✗',
    };

    /// For terminals and files that hold nothing but ASCII.
    pub const ASCII: Self = Self {
        branch: "|- ",
        last_branch: "`- ",
        guide: "|  ",
        blank: "   ",
        folded: "~",
        full: '=',
        critical: '#',
        left_half: '=',
        right_half: '=',
        lost: '-',
        growing_end: '>',
        lost_end: '?',
        error: '!',
    };
}
