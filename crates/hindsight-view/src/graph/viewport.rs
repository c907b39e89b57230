//! Which part of a picture is seen, and how large.
//!
//! Holds: the scale stays between [`Viewport::SCALE_MIN`] and [`Viewport::SCALE_MAX`]; zooming
//! leaves the point under the pointer where it is.

use super::{Area, Point, Size};

/// A point `p` of the picture is seen at `p * scale + at`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Viewport {
    /// Where the picture's (0, 0) is seen.
    pub at: Point,
    /// Seen size over size.
    pub scale: f64,
}

impl Default for Viewport {
    fn default() -> Self {
        Self {
            at: Point::default(),
            scale: 1.0,
        }
    }
}

/// Room left around a picture that is fitted in.
const MARGIN: f64 = 16.0;

impl Viewport {
    /// Smallest.
    pub const SCALE_MIN: f64 = 0.02;
    /// Smallest at which texts of 12 pixels can be read.
    pub const SCALE_READABLE: f64 = 0.7;
    /// Largest.
    pub const SCALE_MAX: f64 = 4.0;

    /// All of `picture` within `window`, in the middle, no larger than it is.
    pub fn fit(picture: Size, window: Size) -> Self {
        let room = |window: f64| (window - 2.0 * MARGIN).max(1.0);
        let wanted = (room(window.width) / picture.width.max(1.0))
            .min(room(window.height) / picture.height.max(1.0));
        let scale = wanted.clamp(Self::SCALE_MIN, 1.0);
        let margin = |window: f64, picture: f64| ((window - picture * scale) / 2.0).round();
        Self {
            at: Point {
                x: margin(window.width, picture.width),
                y: margin(window.height, picture.height),
            },
            scale,
        }
    }

    /// As [`fit`](Self::fit), where that can be read; else the part of `picture` around the box at
    /// `home`, or its left end, at [`Self::SCALE_READABLE`].
    pub fn open(picture: Size, window: Size, home: Option<Area>) -> Self {
        let fitted = Self::fit(picture, window);
        if fitted.scale >= Self::SCALE_READABLE {
            return fitted;
        }
        let scale = Self::SCALE_READABLE;
        let home = home.unwrap_or(Area {
            at: Point {
                x: 0.0,
                y: picture.height / 2.0,
            },
            size: Size::default(),
        });
        let place = |middle: f64, picture: f64, window: f64| {
            let room = window - picture * scale;
            match room >= 2.0 * MARGIN {
                true => room / 2.0,
                false => (window / 2.0 - middle * scale).clamp(room - MARGIN, MARGIN),
            }
        };
        let middle_x = home.at.x + home.size.width / 2.0;
        Self {
            at: Point {
                x: place(middle_x, picture.width, window.width).round(),
                y: place(home.middle_y(), picture.height, window.height).round(),
            },
            scale,
        }
    }

    /// Larger by `factor`, the point seen at `still` staying there.
    pub fn zoomed(self, factor: f64, still: Point) -> Self {
        let scale = (self.scale * factor).clamp(Self::SCALE_MIN, Self::SCALE_MAX);
        let by = scale / self.scale;
        Self {
            at: Point {
                x: still.x - (still.x - self.at.x) * by,
                y: still.y - (still.y - self.at.y) * by,
            },
            scale,
        }
    }

    /// Moved by so much of the window, but never so far that nothing of `picture` is left in it.
    pub fn moved(self, dx: f64, dy: f64, picture: Size, window: Size) -> Self {
        let hold = |at: f64, picture: f64, window: f64| {
            let (least, most) = (MARGIN - picture * self.scale, window - MARGIN);
            at.max(least).min(most.max(least))
        };
        Self {
            at: Point {
                x: hold(self.at.x + dx, picture.width, window.width),
                y: hold(self.at.y + dy, picture.height, window.height),
            },
            ..self
        }
    }

    /// Moved no further than needed to see `area` of the picture.
    pub fn showing(self, area: &Area, window: Size) -> Self {
        let shift = |at: f64, from: f64, size: f64, window: f64| {
            let (from, to) = (at + from * self.scale, at + (from + size) * self.scale);
            if from < MARGIN || to - from > window - 2.0 * MARGIN {
                MARGIN - from
            } else {
                (window - MARGIN - to).min(0.0)
            }
        };
        Self {
            at: Point {
                x: self.at.x + shift(self.at.x, area.at.x, area.size.width, window.width),
                y: self.at.y + shift(self.at.y, area.at.y, area.size.height, window.height),
            },
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Size = Size::new(800.0, 400.0);

    #[test]
    fn a_small_picture_is_shown_in_the_middle_at_its_size_and_a_large_one_smaller() {
        let small = Viewport::fit(Size::new(100.0, 100.0), WINDOW);
        assert_eq!((small.scale, small.at.x, small.at.y), (1.0, 350.0, 150.0));
        let large = Viewport::fit(Size::new(7680.0, 100.0), WINDOW);
        assert_eq!((large.scale, large.at.x), (0.1, 16.0));
        let none = Viewport::fit(Size::default(), Size::default());
        assert!(none.scale > 0.0 && none.at.x.is_finite());
    }

    #[test]
    fn a_picture_too_large_to_be_read_is_opened_at_its_home_or_its_left_end() {
        let picture = Size::new(8_000.0, 4_000.0);
        let left = Viewport::open(picture, WINDOW, None);
        assert_eq!((left.scale, left.at.x), (Viewport::SCALE_READABLE, 16.0));
        assert_eq!(left.at.y, 200.0 - 0.7 * 2_000.0);
        let home = Area {
            at: Point { x: 7_900.0, y: 0.0 },
            size: Size::new(100.0, 40.0),
        };
        let at_home = Viewport::open(picture, WINDOW, Some(home));
        assert_eq!(at_home.at.x, 800.0 - 16.0 - 0.7 * 8_000.0);
        assert_eq!(at_home.at.y, 16.0);
        let small = Size::new(300.0, 100.0);
        assert_eq!(
            Viewport::open(small, WINDOW, Some(home)),
            Viewport::fit(small, WINDOW)
        );
    }

    #[test]
    fn zooming_leaves_the_pointer_on_its_point_and_ends_at_the_bounds() {
        let still = Point { x: 300.0, y: 80.0 };
        let before = Viewport {
            at: Point { x: 20.0, y: 10.0 },
            scale: 0.5,
        };
        let after = before.zoomed(2.0, still);
        let under = |view: Viewport| {
            let x = (still.x - view.at.x) / view.scale;
            (x, (still.y - view.at.y) / view.scale)
        };
        assert_eq!(under(before), under(after));
        assert_eq!(after.scale, 1.0);
        assert_eq!(before.zoomed(1e9, still).scale, Viewport::SCALE_MAX);
        assert_eq!(before.zoomed(0.0, still).scale, Viewport::SCALE_MIN);
    }

    #[test]
    fn a_picture_cannot_be_moved_out_of_sight_and_a_box_is_brought_into_it() {
        let picture = Size::new(500.0, 300.0);
        let away = Viewport::default().moved(-1e6, 1e6, picture, WINDOW);
        assert_eq!((away.at.x, away.at.y), (-484.0, 384.0));
        let area = Area {
            at: Point { x: 10.0, y: 20.0 },
            size: Size::new(100.0, 40.0),
        };
        let back = away.showing(&area, WINDOW);
        assert_eq!((back.at.x, back.at.y), (6.0, 324.0));
        assert_eq!(back.showing(&area, WINDOW), back);
    }
}
