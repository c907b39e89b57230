//! A heatmap as lines: the longest durations at the top, the latest time at the right.

use super::{HeatCell, Heatmap, LEVELS};
use crate::format::{self, Zone};
use crate::text::{Line, Role};

/// Characters for cells, one cell wide each, lightest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeatGlyphs {
    /// Cells without errors.
    pub plain: [char; LEVELS as usize],
    /// Cells with errors.
    pub errors: [char; LEVELS as usize],
    /// Between the labels and the cells.
    pub axis: char,
}

impl HeatGlyphs {
    /// Blocks and triangles.
    pub const UNICODE: Self = Self {
        plain: ['░', '▒', '▓', '█'],
        errors: ['▵', '△', '▴', '▲'],
        axis: '│',
    };

    /// For terminals and files that hold nothing but ASCII.
    pub const ASCII: Self = Self {
        plain: ['.', ':', '+', '#'],
        errors: ['e', 'E', 'x', 'X'],
        axis: '|',
    };

    fn of(&self, cell: HeatCell, level: u8) -> char {
        let shades = if cell.errors > 0 {
            self.errors
        } else {
            self.plain
        };
        match usize::from(level).checked_sub(1) {
            Some(shade) => shades[shade.min(shades.len() - 1)],
            None => ' ',
        }
    }
}

/// The cells with both axes and a legend. Each line is as wide as the columns and 12 cells more.
pub fn lines(map: &Heatmap, zone: Zone, glyphs: &HeatGlyphs) -> Vec<Line> {
    let mut lines: Vec<Line> = (0..map.floors_ns.len())
        .rev()
        .map(|row| cells(map, row, glyphs))
        .collect();
    lines.push(times(map, zone));
    lines.push(legend(map, glyphs));
    lines
}

/// Cells of a label: `23 h 59 m`.
const LABEL_CELLS: usize = 9;

fn cells(map: &Heatmap, row: usize, glyphs: &HeatGlyphs) -> Line {
    let label = format!("{:>LABEL_CELLS$} {}", map.row_label(row), glyphs.axis);
    let mut line = Line::new().with(Role::Dim, label);
    let mut run = (Role::Plain, String::new());
    for column in 0..map.starts_ns.len() {
        let cell = map.cell(column, row);
        let level = map.level(cell.count);
        let role = match (cell.errors, level) {
            (1.., _) => Role::Error,
            (0, 0) => Role::Plain,
            (0, level) => Role::Heat(level),
        };
        if role != run.0 {
            line = line.with(run.0, std::mem::take(&mut run.1));
            run.0 = role;
        }
        run.1.push(glyphs.of(cell, level));
    }
    line.with(run.0, run.1)
}

/// The first column's time at the left, and more where there is room.
fn times(map: &Heatmap, zone: Zone) -> Line {
    const SECOND_NS: u64 = 1_000_000_000;
    let label = |column: usize| {
        let time = format::time_of_day(map.starts_ns[column], zone);
        match map.step_ns {
            ..SECOND_NS => time,
            _ => time[.."14:32:10".len()].to_owned(),
        }
    };
    const BETWEEN_CELLS: usize = 24;
    let mut text = String::new();
    for column in (0..map.starts_ns.len()).step_by(BETWEEN_CELLS) {
        text += &" ".repeat(column.saturating_sub(text.len()));
        text += &label(column);
    }
    let indent = " ".repeat(LABEL_CELLS + 2);
    Line::new().with(Role::Dim, format!("{indent}{text} {zone}"))
}

fn legend(map: &Heatmap, glyphs: &HeatGlyphs) -> Line {
    let shades = |all: [char; LEVELS as usize]| all.iter().collect::<String>();
    let step = format::duration(map.step_ns);
    let mut text = format!(
        "{}column {step}, {} 1 to {} spans",
        " ".repeat(LABEL_CELLS + 2),
        shades(glyphs.plain),
        format::count(map.count_max),
    );
    if map.total.errors > 0 {
        text += &format!(", {} with errors", shades(glyphs.errors));
    }
    Line::new().with(Role::Dim, text)
}
