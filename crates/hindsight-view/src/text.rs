//! Styled text as plain data: segments with roles, which a terminal or a page turns into colours.
//!
//! Holds: a segment never contains control or bidirectional formatting characters, whatever it was
//! made from ([`crate::format::escape`]).

use std::borrow::Cow;

use crate::format;

/// What a piece of text is, for its colour. Never the only carrier of a meaning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Role {
    /// Ordinary text.
    #[default]
    Plain,
    /// Less important: guides, units, zones.
    Dim,
    /// More important: names, headings.
    Strong,
    /// Good.
    Good,
    /// Look here.
    Warning,
    /// Failed.
    Error,
    /// An attribute's key.
    Key,
    /// Something of a service, with the service's place in the palette of [`SERVICE_COLORS`].
    Service(u8),
    /// A shade of a heatmap, from 1 to [`crate::heatmap::LEVELS`], lightest first.
    Heat(u8),
}

/// Size of the palette for services.
pub const SERVICE_COLORS: u8 = 8;

impl Role {
    /// The role of `service`, the same wherever and whenever it is shown.
    pub fn of_service(service: &str) -> Self {
        // FNV-1a: stable over versions and platforms, unlike the standard library's hasher.
        let hash = service.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        });
        Self::Service((hash % u32::from(SERVICE_COLORS)) as u8)
    }
}

/// A piece of text of one role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Segment {
    text: String,
    role: Role,
}

impl Segment {
    /// `text`, escaped, as `role`.
    pub fn new(role: Role, text: impl Into<String>) -> Self {
        let text = text.into();
        let escaped = match format::escape(&text) {
            Cow::Borrowed(_) => None,
            Cow::Owned(escaped) => Some(escaped),
        };
        Self {
            text: escaped.unwrap_or(text),
            role,
        }
    }

    /// What it says.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it is.
    pub fn role(&self) -> Role {
        self.role
    }

    /// Cells it takes.
    pub fn width(&self) -> usize {
        format::width(&self.text)
    }
}

/// Segments side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    segments: Vec<Segment>,
}

impl Line {
    /// An empty line.
    pub fn new() -> Self {
        Self::default()
    }

    /// The line with `text` as `role` appended; nothing is appended for an empty text.
    pub fn with(mut self, role: Role, text: impl Into<String>) -> Self {
        self.push(Segment::new(role, text));
        self
    }

    /// The line with all segments of `other` appended.
    pub fn followed_by(mut self, other: Line) -> Self {
        self.extend(other);
        self
    }

    /// Appends a segment, unless it is empty.
    pub fn push(&mut self, segment: Segment) {
        if !segment.text.is_empty() {
            self.segments.push(segment);
        }
    }

    /// Appends all segments of `other`.
    pub fn extend(&mut self, other: Line) {
        self.segments.extend(other.segments);
    }

    /// Appends `cells` blanks.
    pub fn pad(&mut self, cells: usize) {
        self.push(Segment::new(Role::Plain, " ".repeat(cells)));
    }

    /// The segments, none of them empty.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// Cells it takes.
    pub fn width(&self) -> usize {
        self.segments.iter().map(Segment::width).sum()
    }

    /// The text without roles and without blanks at its end.
    pub fn to_plain(&self) -> String {
        let text: String = self.segments.iter().map(Segment::text).collect();
        text.trim_end_matches(' ').to_owned()
    }

    /// The line broken into lines of at most `cells` (at least 8), at blanks where there are any.
    pub fn wrapped(self, cells: usize) -> Vec<Self> {
        let cells = cells.max(8);
        if self.width() <= cells {
            return vec![self];
        }
        let parts = self.segments.iter();
        let all: Vec<(char, Role)> = parts
            .flat_map(|segment| segment.text.chars().map(|c| (c, segment.role)))
            .collect();
        let mut lines = Vec::new();
        let mut rest = all.as_slice();
        while !rest.is_empty() {
            let (line, after) = rest.split_at(break_at(rest, cells));
            lines.push(
                line.chunk_by(|a, b| a.1 == b.1)
                    .fold(Line::new(), |line, part| {
                        line.with(part[0].1, part.iter().map(|(c, _)| *c).collect::<String>())
                    }),
            );
            rest = after;
        }
        lines
    }

    /// The line cut to `cells`, with `…` where something is missing.
    pub fn truncated(self, cells: usize) -> Self {
        if self.width() <= cells {
            return self;
        }
        let mut left = cells;
        let mut line = Line::new();
        for segment in self.segments {
            let width = segment.width();
            // One cell must remain for the mark unless this segment is the last that is shown.
            if width < left {
                left -= width;
                line.push(segment);
                continue;
            }
            let cut = format::truncate_marked(&segment.text, left);
            line.push(Segment::new(segment.role, cut));
            break;
        }
        line
    }
}

/// How many of `characters` to put on a line of `cells`: at least one.
fn break_at(characters: &[(char, Role)], cells: usize) -> usize {
    let mut width = 0;
    let mut bytes = [0; 4];
    let fits = |(character, _): &&(char, Role)| {
        width += format::width(character.encode_utf8(&mut bytes));
        width <= cells
    };
    let fitting = characters.iter().take_while(fits).count().max(1);
    let blank = characters[..fitting].iter().rposition(|(c, _)| *c == ' ');
    match blank.filter(|_| fitting < characters.len()) {
        Some(blank) => blank + 1,
        None => fitting,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_cannot_carry_control_sequences() {
        let segment = Segment::new(Role::Plain, "a\u{1b}[31mred\u{202e}\n");
        assert_eq!(segment.text(), "a\\x1b[31mred\\u{202e}\\n");
    }

    #[test]
    fn a_line_is_cut_with_a_mark_at_the_right_cell() {
        let line = Line::new().with(Role::Plain, "abc").with(Role::Dim, "def");
        assert_eq!(line.clone().truncated(6).to_plain(), "abcdef");
        assert_eq!(line.clone().truncated(5).to_plain(), "abcd…");
        assert_eq!(line.clone().truncated(3).to_plain(), "ab…");
        assert_eq!(line.truncated(0).to_plain(), "");
    }

    #[test]
    fn a_line_is_broken_at_blanks_and_else_where_it_must() {
        let line = Line::new()
            .with(Role::Key, "some words ")
            .with(Role::Plain, "测试测试测试-and-a-long-word end");
        let lines = line.wrapped(12);
        let plain: Vec<_> = lines.iter().map(Line::to_plain).collect();
        assert_eq!(
            plain,
            ["some words", "测试测试测试", "-and-a-long-", "word end"]
        );
        assert_eq!(lines[0].segments()[0].role(), Role::Key);
        assert_eq!(Line::new().wrapped(12), [Line::new()]);
    }

    #[test]
    fn a_service_keeps_its_color() {
        assert_eq!(Role::of_service("web"), Role::of_service("web"));
        assert_eq!(Role::of_service("web"), Role::Service(1));
    }
}
