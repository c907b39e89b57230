//! The widths of a waterfall's columns.

use super::Waterfall;

/// Rows that are measured; the columns of longer traces are guessed from these.
const MEASURED_ROWS_MAX: usize = 1000;
/// Cells of the duration column: `59.9 ms`, `23 h 59 m`.
const DURATION_CELLS: usize = 9;
/// Narrower terminals do without self times.
const SELF_WIDTH_MIN: usize = 64;
/// Blanks between the columns.
const GAPS: usize = 4;

/// Guides may take half of the tree's column, and each takes three cells.
const CELLS_PER_LEVEL: usize = 6;

const TREE_CELLS_MIN: usize = 16;
/// `SERVICE`.
const SERVICE_TITLE_CELLS: usize = 7;
const SERVICE_CELLS_MAX: usize = 20;
const BAR_CELLS_MIN: usize = 10;
const BAR_CELLS_MAX: usize = 60;
const NOTES_CELLS_MAX: usize = 36;

/// Width of the tree where the width is free: a log file or a pipe.
const FREE_TREE_CELLS_MAX: usize = 80;
const FREE_BAR_CELLS: usize = 40;

/// Cells of each column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaterfallLayout {
    /// Guides and names.
    pub tree_cells: usize,
    /// Service names.
    pub service_cells: usize,
    /// Durations.
    pub duration_cells: usize,
    /// Self times; 0 where they are not shown.
    pub self_cells: usize,
    /// Bars.
    pub bar_cells: usize,
    /// Notes; `usize::MAX` when they may take what they need.
    pub notes_cells: usize,
    /// Levels of the tree that are drawn; deeper ones are folded into a number.
    pub levels_max: usize,
}

impl WaterfallLayout {
    /// Cells of all columns together, without the notes.
    pub fn width(&self) -> usize {
        let columns = self.tree_cells + self.service_cells + self.duration_cells + self.bar_cells;
        columns + with_gap(self.self_cells) + GAPS
    }
}

/// A column and the blank before it; nothing for none.
fn with_gap(cells: usize) -> usize {
    cells + usize::from(cells > 0)
}

/// What the columns would take.
#[derive(Default)]
struct Wanted {
    self_time: usize,
    tree: usize,
    service: usize,
    notes: usize,
}

impl Waterfall<'_> {
    /// Columns that fit this trace into `width` cells; none when width does not matter.
    pub fn layout(&self, width: Option<usize>) -> WaterfallLayout {
        let levels_max = (width.unwrap_or(2 * FREE_TREE_CELLS_MAX) / CELLS_PER_LEVEL).max(1);
        let mut wanted = self.measure(levels_max);
        if !self.self_times_ns.is_empty() && width.is_none_or(|width| width >= SELF_WIDTH_MIN) {
            wanted.self_time = DURATION_CELLS;
            // Such a waterfall has a heading.
            wanted.service = wanted.service.max(SERVICE_TITLE_CELLS);
        }
        match width {
            Some(width) => fitted(&wanted, width, levels_max),
            None => WaterfallLayout {
                levels_max,
                tree_cells: wanted.tree.clamp(TREE_CELLS_MIN, FREE_TREE_CELLS_MAX),
                service_cells: wanted.service,
                duration_cells: DURATION_CELLS,
                self_cells: wanted.self_time,
                bar_cells: FREE_BAR_CELLS,
                notes_cells: usize::MAX,
            },
        }
    }

    fn measure(&self, levels: usize) -> Wanted {
        let mut wanted = Wanted::default();
        // Only the number of levels matters to what is measured.
        let measured = WaterfallLayout {
            tree_cells: 0,
            service_cells: 0,
            duration_cells: DURATION_CELLS,
            self_cells: 0,
            bar_cells: 1,
            notes_cells: 0,
            levels_max: levels,
        };
        for number in 0..self.len().min(MEASURED_ROWS_MAX) {
            let row = self.row(number, &measured);
            let tree = row.tree_cell(&self.glyphs).width();
            let service = row.service.width();
            let notes = row.notes.width();
            wanted.tree = wanted.tree.max(tree);
            wanted.service = wanted.service.max(service.min(SERVICE_CELLS_MAX));
            wanted.notes = wanted.notes.max(notes.min(NOTES_CELLS_MAX));
        }
        wanted
    }
}

/// First the notes and the service give way, then the tree; the bar takes what is left.
fn fitted(wanted: &Wanted, width: usize, levels_max: usize) -> WaterfallLayout {
    let fixed = DURATION_CELLS + with_gap(wanted.self_time) + GAPS;
    let free = width.saturating_sub(fixed);
    let needed = TREE_CELLS_MIN + BAR_CELLS_MIN;
    let spare = free.saturating_sub(needed);
    let service_cells = wanted.service.min(spare / 3);
    let notes_cells = wanted.notes.min(spare.saturating_sub(service_cells) / 2);
    let rest = free - service_cells.min(free) - notes_cells.min(free);
    let bar_least = BAR_CELLS_MIN.max(rest / 4).min(rest / 2);
    let tree_cells = wanted.tree.min(rest - bar_least);
    let levels_max = match tree_cells < wanted.tree {
        true => (tree_cells / CELLS_PER_LEVEL).clamp(1, levels_max),
        false => levels_max,
    };
    WaterfallLayout {
        tree_cells,
        service_cells,
        duration_cells: DURATION_CELLS,
        self_cells: wanted.self_time,
        bar_cells: (rest - tree_cells).min(BAR_CELLS_MAX),
        notes_cells,
        levels_max,
    }
}
