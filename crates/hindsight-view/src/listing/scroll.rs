//! Which rows of a long list are in sight.
//!
//! Holds: every row can be reached, also of a list that is higher than browsers let a box be: such
//! a list moves by more than a row's height a row.

/// Highest distance that is scrolled, in pixels: half of what the browsers can do.
const SCROLLED_PX_MAX: f64 = 8_000_000.0;

/// A list of `rows` rows of `row_px` pixels, `seen` of which fit into its box.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scroll {
    /// All rows.
    pub rows: u64,
    /// Height of a row.
    pub row_px: f64,
    /// Rows that fit.
    pub seen: u64,
}

impl Scroll {
    /// The first row when the last ones are in sight.
    fn last_first(&self) -> u64 {
        self.rows.saturating_sub(self.seen.max(1))
    }

    /// How far the list can be scrolled.
    pub fn length_px(&self) -> f64 {
        (self.last_first() as f64 * self.row_px).min(SCROLLED_PX_MAX)
    }

    /// The first row in sight where `px` pixels are scrolled.
    pub fn first_at(&self, px: f64) -> u64 {
        let length = self.length_px();
        if length <= 0.0 || !px.is_finite() {
            return 0;
        }
        let share = (px / length).clamp(0.0, 1.0);
        (share * self.last_first() as f64).round() as u64
    }

    /// How far to scroll for `first` to be the first row in sight.
    pub fn px_of(&self, first: u64) -> f64 {
        match self.last_first() {
            0 => 0.0,
            last => first.min(last) as f64 / last as f64 * self.length_px(),
        }
    }

    /// The first row to show so that `row` is in sight, as near to `first` as can be.
    pub fn reveal(&self, row: u64, first: u64) -> u64 {
        let lowest = (row + 1).saturating_sub(self.seen.max(1));
        first.clamp(lowest, row.max(lowest)).min(self.last_first())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_end_of_a_million_rows_is_in_sight_at_the_end() {
        let scroll = Scroll {
            rows: 1_000_000,
            row_px: 24.0,
            seen: 30,
        };
        assert_eq!(scroll.length_px(), SCROLLED_PX_MAX);
        assert_eq!(scroll.first_at(scroll.length_px()), 999_970);
        assert_eq!(scroll.first_at(1e9), 999_970);
        assert_eq!(scroll.first_at(-5.0), 0);
        assert_eq!(scroll.reveal(500, 0), 471);
        assert_eq!(scroll.reveal(500, 600), 500);
        assert_eq!(scroll.reveal(500, 490), 490);
    }

    proptest! {
        #[test]
        fn every_row_can_be_reached(rows in 0..2_000_000_u64, seen in 0..100_u64, row in 0..2_000_000_u64, first in 0..2_000_000_u64) {
            let scroll = Scroll { rows, row_px: 24.0, seen };
            let to = scroll.reveal(row.min(rows), first);
            prop_assert_eq!(scroll.first_at(scroll.px_of(to)), to);
            if row < rows {
                prop_assert!((to..to + seen.max(1)).contains(&row));
            }
        }
    }
}
