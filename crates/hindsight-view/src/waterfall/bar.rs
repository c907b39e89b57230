//! Bars: where a span lies on the time axis, in half cells.
//!
//! In: times and the width of the column. Out: [`Bar`]s. Holds: a bar lies within the column and is
//! at least half a cell long (a whole one when it ends in a sign), whatever its times are.

use super::glyphs::Glyphs;

/// How a bar ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BarEnd {
    /// Where the span ended.
    Known,
    /// At the present: the span is running.
    Growing,
    /// Nobody knows where: the span's process went away.
    Lost,
}

/// A bar in half cells of its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// First half cell.
    pub start_half: usize,
    /// Half cell after the last.
    pub end_half: usize,
    /// How it ends.
    pub end: BarEnd,
}

/// The time axis of a column.
pub(super) struct Axis {
    start_ns: u64,
    length_ns: u64,
    halves: usize,
}

impl Axis {
    pub(super) fn new(start_ns: u64, end_ns: u64, cells: usize) -> Self {
        Self {
            start_ns,
            length_ns: end_ns.saturating_sub(start_ns).max(1),
            halves: cells * 2,
        }
    }

    pub(super) fn bar(&self, start_ns: u64, end_ns: u64, end: BarEnd) -> Bar {
        let last = self.halves.saturating_sub(1);
        let start_half = (self.scaled(start_ns) / u128::from(self.length_ns)) as usize;
        let end_half = self.scaled(end_ns).div_ceil(u128::from(self.length_ns)) as usize;
        let start_half = start_half.min(last);
        Bar {
            start_half,
            end_half: end_half.clamp(start_half + 1, self.halves.max(start_half + 1)),
            end,
        }
    }

    /// What a cell is long on the scale of [`Self::scaled`].
    pub(super) fn cell_length(&self) -> u128 {
        u128::from(self.length_ns) * 2
    }

    /// Time since the start of the axis, clamped to it, times the half cells.
    pub(super) fn scaled(&self, ns: u64) -> u128 {
        let since = ns.saturating_sub(self.start_ns).min(self.length_ns);
        u128::from(since) * self.halves as u128
    }
}

impl Bar {
    /// The cell in which it begins.
    pub fn start_cell(&self) -> usize {
        self.start_half / 2
    }

    /// Cells it touches.
    pub fn cells(&self) -> usize {
        self.end_half.div_ceil(2) - self.start_cell()
    }

    /// The bar from its first to its last cell; `critical` says of each whether it is on the
    /// critical path, and is empty where none is.
    pub fn text(&self, critical: &[bool], glyphs: &Glyphs) -> String {
        let first = self.start_cell();
        let last = first + self.cells() - 1;
        let is_critical = |cell: usize| critical.get(cell - first).copied().unwrap_or_default();
        let cell = |cell| match self.end {
            BarEnd::Growing if cell == last => glyphs.growing_end,
            BarEnd::Lost if cell == last => glyphs.lost_end,
            _ if is_critical(cell) => glyphs.critical,
            BarEnd::Lost => glyphs.lost,
            _ => self.glyph(cell, glyphs),
        };
        (self.start_cell()..=last).map(cell).collect()
    }

    fn glyph(&self, cell: usize, glyphs: &Glyphs) -> char {
        let left = self.start_half <= cell * 2;
        let right = self.end_half >= cell * 2 + 2;
        match (left, right) {
            (true, false) => glyphs.left_half,
            (false, true) => glyphs.right_half,
            _ => glyphs.full,
        }
    }
}
