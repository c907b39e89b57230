//! What lies under a point.

use super::page::{Mode, TracePage};
use super::theme::Theme;
use super::waterfall;

/// A part of a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Hit {
    /// Nothing that answers.
    Nothing,
    /// The edge between names and bars, which can be moved.
    Divider,
    /// The minimap, at a share of the trace from 0 to 1.
    Minimap(f64),
    /// The ruler, at a pixel of the time axis.
    Ruler(f64),
    /// The fold mark of a row.
    Fold(usize),
    /// The name of a row.
    Name(usize),
    /// The bars of a row or, in a flame graph, of a lane, where no span is.
    Bars(usize),
    /// The bar of a node in a flame graph.
    Node(usize),
    /// The scroll bar, at a share of its height.
    ScrollBar(f64),
}

impl TracePage {
    /// What lies at a point of the picture.
    pub fn hit(&self, x: f32, y: f32) -> Hit {
        let bars = self.bars();
        let metrics = &self.metrics;
        let near = 3.0 * metrics.scale;
        if self.has_names() && (x - bars.left).abs() <= near {
            return Hit::Divider;
        }
        if x >= bars.right {
            let share = f64::from((y - bars.top) / (bars.bottom - bars.top).max(1.0));
            return Hit::ScrollBar(share.clamp(0.0, 1.0));
        }
        let along = f64::from(x - bars.left);
        if y < bars.top {
            return match (x < bars.left, y < metrics.minimap_height()) {
                (true, _) => Hit::Nothing,
                (false, true) => Hit::Minimap((along / self.axis.width()).clamp(0.0, 1.0)),
                (false, false) => Hit::Ruler(along),
            };
        }
        let row = (f64::from(y - bars.top) + self.scroll) / self.row_height();
        self.hit_row(row as usize, x, along)
    }

    fn hit_row(&self, row: usize, x: f32, along: f64) -> Hit {
        if self.mode == Mode::Flame {
            let theme = Theme::default();
            let node = self
                .flame(&theme)
                .and_then(|lanes| lanes.node_at(row, along));
            return node.map_or(Hit::Bars(row), Hit::Node);
        }
        let Some(shown) = self.explorer.outline().rows().get(row) else {
            return Hit::Nothing;
        };
        if x >= self.bars().left {
            return Hit::Bars(row);
        }
        let mark = waterfall::indent(&self.metrics, shown.level);
        let folds = shown.has_children || self.explorer.is_folded(row);
        match folds && (mark - 4.0..mark + 14.0 * self.metrics.scale).contains(&x) {
            true => Hit::Fold(row),
            false => Hit::Name(row),
        }
    }
}
