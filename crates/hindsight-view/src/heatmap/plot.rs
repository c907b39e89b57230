//! Where the cells of a heatmap lie on a surface, and which lies where.
//!
//! In: the surface's size, in whatever unit. Out: rectangles, and cells of points. Holds: the
//! shortest durations are at the bottom; cells share no area.

use super::Heatmap;

/// A rectangle.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Area {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

/// The cells on a surface.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Plot {
    area: Area,
    columns: usize,
    rows: usize,
}

impl Plot {
    /// All cells of `map` in `area`.
    pub fn new(map: &Heatmap, area: Area) -> Self {
        Self {
            area,
            columns: map.starts_ns.len(),
            rows: map.floors_ns.len(),
        }
    }

    /// Where a rectangle of cells lies, corners included.
    pub fn rectangle(&self, columns: (usize, usize), rows: (usize, usize)) -> Area {
        let width = self.area.width / self.columns.max(1) as f64;
        let height = self.area.height / self.rows.max(1) as f64;
        let above = self.rows.saturating_sub(rows.1 + 1);
        Area {
            x: self.area.x + columns.0 as f64 * width,
            y: self.area.y + above as f64 * height,
            width: (columns.1 + 1 - columns.0) as f64 * width,
            height: (rows.1 + 1 - rows.0) as f64 * height,
        }
    }

    /// The column and row at a point; those next to it where it lies outside. None without cells.
    pub fn cell_at(&self, x: f64, y: f64) -> Option<(usize, usize)> {
        let place = |at: f64, length: f64, count: usize| {
            let share = (at / length.max(f64::MIN_POSITIVE)).clamp(0.0, 1.0);
            ((share * count as f64) as usize)
                .min(count.checked_sub(1)?)
                .into()
        };
        let column: Option<usize> = place(x - self.area.x, self.area.width, self.columns);
        let from_top: Option<usize> = place(y - self.area.y, self.area.height, self.rows);
        Some((column?, self.rows - 1 - from_top?))
    }
}

#[cfg(test)]
mod tests {
    use hindsight_protocol::hub::QueryHeatmap;
    use proptest::prelude::*;

    use super::*;

    fn plot(columns: usize, rows: usize) -> Plot {
        let answer = QueryHeatmap {
            starts_ns: (0..columns as u64).collect(),
            floors_ns: (0..rows as u64).collect(),
            counts: vec![1; columns * rows],
            ..QueryHeatmap::default()
        };
        let area = Area {
            x: 60.0,
            y: 4.0,
            width: 900.0,
            height: 96.0,
        };
        Plot::new(&Heatmap::new(&answer, 100, 100), area)
    }

    #[test]
    fn points_outside_belong_to_the_cells_at_the_edge() {
        let plot = plot(10, 4);
        assert_eq!(plot.cell_at(-5.0, -5.0), Some((0, 3)));
        assert_eq!(plot.cell_at(5_000.0, 5_000.0), Some((9, 0)));
        assert_eq!(plot.cell_at(f64::NAN, 0.0), Some((0, 3)));
        assert_eq!(Plot::default().cell_at(1.0, 1.0), None);
    }

    proptest! {
        #[test]
        fn the_middle_of_a_cell_is_in_that_cell(
            (columns, column) in (1usize..90).prop_flat_map(|n| (Just(n), 0..n)),
            (rows, row) in (1usize..30).prop_flat_map(|n| (Just(n), 0..n)),
        ) {
            let plot = plot(columns, rows);
            let area = plot.rectangle((column, column), (row, row));
            let (x, y) = (area.x + area.width / 2.0, area.y + area.height / 2.0);
            prop_assert_eq!(plot.cell_at(x, y), Some((column, row)));
        }
    }
}
