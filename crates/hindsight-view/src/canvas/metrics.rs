//! Sizes of the parts of a picture.

use super::frame::Rect;

/// Where the parts lie, in device pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Metrics {
    /// Device pixels of one pixel of the page.
    pub scale: f32,
    /// The whole picture.
    pub width: f32,
    /// The whole picture.
    pub height: f32,
    /// Width of the column of names.
    pub names: f32,
}

/// The narrowest column of names and the narrowest time axis, in pixels of the page.
const COLUMN_MIN: f32 = 80.0;

impl Metrics {
    /// A picture of `width` by `height`; the column of names gets at most what leaves room for the
    /// bars.
    pub fn new(width: f32, height: f32, scale: f32, names: f32) -> Self {
        let sound = |value: f32, low: f32, high: f32| match value.is_finite() {
            true => value.clamp(low, high),
            false => low,
        };
        let scale = sound(scale, 0.25, 8.0);
        let edge = super::frame::EDGE_MAX as f32;
        let (width, height) = (sound(width, 1.0, edge), sound(height, 1.0, edge));
        let least = COLUMN_MIN * scale;
        let names = sound(names, 0.0, (width - least).max(0.0));
        Self {
            scale,
            width,
            height,
            names: names.max(least.min(width / 2.0)),
        }
    }

    /// Height of the minimap.
    pub fn minimap_height(&self) -> f32 {
        (48.0 * self.scale).min(self.height / 4.0).round()
    }

    /// Height of the ruler below it.
    pub fn ruler_height(&self) -> f32 {
        (22.0 * self.scale).round()
    }

    /// Where the rows begin.
    pub fn rows_top(&self) -> f32 {
        self.minimap_height() + self.ruler_height()
    }

    /// Height of a row.
    pub fn row_height(&self) -> f32 {
        (24.0 * self.scale).round()
    }

    /// Height of a lane of the flame graph.
    pub fn lane_height(&self) -> f32 {
        (18.0 * self.scale).round()
    }

    /// Width of the scroll bar.
    pub fn scroll_bar(&self) -> f32 {
        (8.0 * self.scale).round()
    }

    /// Where the time axis begins: after the names, or at the edge where there are none.
    pub fn axis_left(&self, with_names: bool) -> f32 {
        if with_names { self.names } else { 0.0 }
    }

    /// Where bars may be.
    pub fn bars(&self, with_names: bool) -> Rect {
        Rect {
            left: self.axis_left(with_names),
            top: self.rows_top(),
            right: (self.width - self.scroll_bar()).max(0.0),
            bottom: self.height,
        }
    }

    /// Where the minimap is.
    pub fn minimap(&self, with_names: bool) -> Rect {
        Rect {
            top: 0.0,
            bottom: self.minimap_height(),
            ..self.bars(with_names)
        }
    }

    /// Rough width of `cells` of text, for what is decided before it is set.
    pub fn text_width(&self, cells: usize) -> f32 {
        cells as f32 * 6.8 * self.scale
    }
}
