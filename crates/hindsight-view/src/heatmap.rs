//! Durations over time as rows of shaded cells.
//!
//! In: the counts of a [`QueryHeatmap`] and how many cells there is room for. Out: coarser cells
//! that fit, labels for both axes, and spans that stand for the cells most worth a look. Holds: no
//! span is left out or counted twice; an answer that is not as it says counts as far as it goes.
//! Bounded: by the cells asked for.

pub mod brush;
mod describe;
mod draw;
mod exemplar;
mod plot;

#[cfg(test)]
mod tests;

use hindsight_protocol::hub::{Exemplar, QueryHeatmap};

use crate::format;

pub use draw::{HeatGlyphs, lines};
pub use exemplar::{Pick, Why, picks};
pub use plot::{Area, Plot};

/// Shades of a cell that has spans.
pub const LEVELS: u8 = 4;

/// One cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeatCell {
    /// Spans.
    pub count: u64,
    /// Those whose status is error.
    pub errors: u64,
}

/// Cells by time and duration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Heatmap {
    /// Start of each column.
    pub starts_ns: Vec<u64>,
    /// Length of each column.
    pub step_ns: u64,
    /// Least duration of each row, shortest first.
    pub floors_ns: Vec<u64>,
    /// Columns times rows.
    cells: Vec<HeatCell>,
    /// The longest span that stands for each of them.
    exemplars: Vec<Option<Exemplar>>,
    /// Largest count of a cell.
    pub count_max: u64,
    /// All spans, and those that are errors.
    pub total: HeatCell,
    /// Columns and rows of the answer that one here holds.
    merged: (usize, usize),
}

impl Heatmap {
    /// The answer in at most `columns_max` by `rows_max` cells (each at least 1): neighbours in
    /// time and in duration are added up.
    pub fn new(answer: &QueryHeatmap, columns_max: usize, rows_max: usize) -> Self {
        let (columns, rows) = (answer.starts_ns.len(), answer.floors_ns.len());
        let merged = (
            columns.div_ceil(columns_max.max(1)).max(1),
            rows.div_ceil(rows_max.max(1)).max(1),
        );
        let every =
            |all: &[u64], step: usize| all.iter().copied().step_by(step).collect::<Vec<_>>();
        let mut map = Self {
            starts_ns: every(&answer.starts_ns, merged.0),
            step_ns: answer.step_ns.saturating_mul(merged.0 as u64),
            floors_ns: every(&answer.floors_ns, merged.1),
            merged,
            ..Self::default()
        };
        map.cells = vec![HeatCell::default(); map.starts_ns.len() * map.floors_ns.len()];
        for (bucket, count) in answer.counts.iter().enumerate() {
            let Some(at) = map.index_of(bucket, rows) else {
                break;
            };
            let errors = answer.errors.get(bucket).copied().unwrap_or(0);
            for cell in [&mut map.cells[at], &mut map.total] {
                cell.count += count;
                cell.errors += errors;
            }
        }
        map.exemplars = vec![None; map.cells.len()];
        for exemplar in &answer.exemplars {
            let at = map.index_of(exemplar.bucket as usize, rows);
            let Some(known) = at.and_then(|at| map.exemplars.get_mut(at)) else {
                continue;
            };
            if known.is_none_or(|known| known.duration_ns < exemplar.duration_ns) {
                *known = Some(*exemplar);
            }
        }
        let counts = map.cells.iter().map(|cell| cell.count);
        map.count_max = counts.max().unwrap_or(0);
        map
    }

    /// Index of the cell that holds a bucket of an answer with so many `rows`.
    fn index_of(&self, bucket: usize, rows: usize) -> Option<usize> {
        let (time, duration) = (bucket.checked_div(rows)?, bucket % rows);
        let column = time / self.merged.0;
        (column < self.starts_ns.len())
            .then_some(column * self.floors_ns.len() + duration / self.merged.1)
    }

    /// The cell of a column and a row, both from 0; of no spans outside.
    pub fn cell(&self, column: usize, row: usize) -> HeatCell {
        let at = column * self.floors_ns.len() + row;
        let inside = row < self.floors_ns.len();
        let cell = self.cells.get(at).filter(|_| inside);
        cell.copied().unwrap_or_default()
    }

    /// A span of a cell: of those that the answer has, the longest.
    pub fn exemplar(&self, column: usize, row: usize) -> Option<Exemplar> {
        let at = column * self.floors_ns.len() + row;
        let inside = row < self.floors_ns.len();
        self.exemplars.get(at).filter(|_| inside).copied().flatten()
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.count_max == 0
    }

    /// The shade of a count: 0 for none, then 1 to [`LEVELS`] on a logarithmic scale, so that single
    /// spans show beside thousands.
    pub fn level(&self, count: u64) -> u8 {
        if count == 0 {
            return 0;
        }
        if self.count_max <= 1 {
            return LEVELS;
        }
        let share = (count as f64).ln() / (self.count_max as f64).ln();
        let level = 1.0 + share * f64::from(LEVELS - 1);
        // The most alone have the darkest shade.
        (level as u8).clamp(1, LEVELS)
    }

    /// `1.02 ms`: the least duration of a row.
    pub fn row_label(&self, row: usize) -> String {
        let floor = self.floors_ns.get(row).copied();
        floor.map(format::duration).unwrap_or_default()
    }
}
