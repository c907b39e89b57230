//! Tables of text: columns as wide as they need to be and as narrow as they must.
//!
//! In: columns and rows of cells. Out: [`Line`]s, the heading first. Bounded: the caller bounds the
//! rows; layout looks at each cell once and at most `width` times at the columns.

use crate::format;
use crate::text::{Line, Role};

#[cfg(test)]
mod tests;

/// What a cell holds.
pub type Cell = Line;

/// Blanks between two columns.
const GAP: usize = 2;

/// Where a column's cells stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    /// Texts.
    #[default]
    Left,
    /// Numbers.
    Right,
}

/// A column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    title: String,
    align: Align,
    shrinks_to: Option<usize>,
    yields: bool,
}

/// Columns and rows.
#[derive(Clone, Debug, Default)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

impl Column {
    /// A column of texts, never cut.
    pub fn left(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            ..Self::default()
        }
    }

    /// A column of numbers, never cut.
    pub fn right(title: impl Into<String>) -> Self {
        Self {
            align: Align::Right,
            ..Self::left(title)
        }
    }

    /// The same column, whose cells may be cut to `cells` where the table is too wide.
    pub fn shrinking_to(self, cells: usize) -> Self {
        Self {
            shrinks_to: Some(cells),
            ..self
        }
    }

    /// The same column, which is left out where the table is too wide even with all others shrunk;
    /// of several the last goes first.
    pub fn yielding(self) -> Self {
        Self {
            yields: true,
            ..self
        }
    }
}

impl Table {
    /// A table without rows.
    pub fn new(columns: Vec<Column>) -> Self {
        Self {
            columns,
            rows: Vec::new(),
        }
    }

    /// Appends a row; missing cells are empty, surplus ones are left out.
    pub fn push(&mut self, mut cells: Vec<Cell>) {
        cells.resize_with(self.columns.len(), Cell::default);
        self.rows.push(cells);
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Heading and rows, fitted into `width` cells if given, as far as the columns shrink; what
    /// still does not fit is cut at the right.
    pub fn lines(mut self, width: Option<usize>) -> Vec<Line> {
        let mut widths = self.natural_widths();
        if let Some(width) = width {
            self.leave_out(&mut widths, width);
            shrink(&mut widths, &self.columns, width);
        }
        let heading = self.columns.iter().map(Column::heading).collect();
        let fit = |line: Line| match width {
            Some(width) => line.truncated(width),
            None => line,
        };
        std::iter::once(heading)
            .chain(self.rows)
            .map(|cells| fit(row(cells, &self.columns, &widths)))
            .collect()
    }

    /// Leaves out columns that yield until the rest can be shrunk to `width`.
    fn leave_out(&mut self, widths: &mut Vec<usize>, width: usize) {
        let least = |(column, cells): (&Column, &usize)| match column.shrinks_to {
            Some(least) => least.min(*cells),
            None => *cells,
        };
        loop {
            let gaps = GAP * widths.len().saturating_sub(1);
            let needed: usize = self.columns.iter().zip(&*widths).map(least).sum();
            let last = self.columns.iter().rposition(|column| column.yields);
            let Some(last) = last.filter(|_| needed + gaps > width) else {
                return;
            };
            self.columns.remove(last);
            widths.remove(last);
            for row in &mut self.rows {
                row.remove(last);
            }
        }
    }

    fn natural_widths(&self) -> Vec<usize> {
        let widest = |(index, column): (usize, &Column)| {
            let cells = self.rows.iter().filter_map(|row| row.get(index));
            let widest = cells.map(Line::width).max().unwrap_or_default();
            widest.max(column.heading().width())
        };
        self.columns.iter().enumerate().map(widest).collect()
    }
}

impl Column {
    fn heading(&self) -> Line {
        Line::new().with(Role::Dim, self.title.as_str())
    }
}

/// Takes cells from the widest column that may lose some until the row fits or none may.
fn shrink(widths: &mut [usize], columns: &[Column], width: usize) {
    let gaps = GAP * columns.len().saturating_sub(1);
    let total = widths.iter().sum::<usize>() + gaps;
    for _ in width..total {
        let may_lose = |(index, cells): &(usize, &mut usize)| {
            let least = columns[*index].shrinks_to;
            least.is_some_and(|least| **cells > least)
        };
        let candidates = widths.iter_mut().enumerate().filter(may_lose);
        match candidates.max_by_key(|(_, cells)| **cells) {
            Some((_, cells)) => *cells -= 1,
            None => return,
        }
    }
}

fn row(cells: Vec<Cell>, columns: &[Column], widths: &[usize]) -> Line {
    let mut line = Line::new();
    let last = columns.len().saturating_sub(1);
    for (index, cell) in cells.into_iter().enumerate() {
        let cell = cell.truncated(widths[index]);
        let missing = widths[index] - cell.width();
        if index > 0 {
            line.pad(GAP);
        }
        match columns[index].align {
            Align::Right => {
                line.pad(missing);
                line.extend(cell);
            }
            Align::Left => {
                line.extend(cell);
                line.pad(if index == last { 0 } else { missing });
            }
        }
    }
    line
}

/// A cell with one segment, cut to `cells_max`.
pub fn cell(role: Role, text: &str, cells_max: usize) -> Cell {
    let escaped = format::escape(text);
    Line::new().with(role, format::truncate(&escaped, cells_max))
}
