//! What viewers do to a picture.

use crate::explore::Step;

use super::page::Mode;

/// Something that happened on the surface; points are device pixels from its upper left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Input {
    /// The surface has another size.
    Resize {
        /// Device pixels.
        width: f32,
        /// Device pixels.
        height: f32,
        /// Device pixels of one pixel of the page.
        scale: f32,
    },
    /// The wheel turned by so many device pixels.
    Wheel {
        /// Where the pointer is.
        x: f32,
        /// To the right.
        dx: f32,
        /// Down.
        dy: f32,
        /// Zooms instead of scrolling.
        zooms: bool,
    },
    /// The button went down.
    Down {
        /// Where.
        x: f32,
        /// Where.
        y: f32,
        /// Marks a stretch of time instead of moving it.
        marks: bool,
    },
    /// The pointer moved.
    Move {
        /// To where.
        x: f32,
        /// To where.
        y: f32,
    },
    /// The button came up.
    Up {
        /// Where.
        x: f32,
        /// Where.
        y: f32,
    },
    /// Two clicks: zooms to the span.
    DoubleClick {
        /// Where.
        x: f32,
        /// Where.
        y: f32,
    },
    /// The pointer left.
    Leave,
    /// A key, or a control on the page.
    Command(Command),
}

/// What keys and controls ask for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Command {
    /// Through the rows.
    Step(Step),
    /// To the next match or error.
    NextMatch,
    /// To the match or error before.
    PreviousMatch,
    /// A page of rows down (positive) or up.
    Page(i32),
    /// Closer.
    ZoomIn,
    /// Further away.
    ZoomOut,
    /// Earlier.
    Earlier,
    /// Later.
    Later,
    /// The whole trace.
    Fit,
    /// The time of what is selected.
    Focus,
    /// Shows or hides the critical path.
    ToggleCriticalPath,
    /// Groups repeats or shows every span.
    ToggleGroups,
    /// Another way to draw.
    Show(Mode),
}

/// What an input changed, for those who show it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The picture.
    pub picture: bool,
    /// What is selected.
    pub selection: bool,
    /// What a link to this view would say: stretch of time, mode, folds.
    pub view: bool,
}

impl Changes {
    /// The picture alone.
    pub const PICTURE: Self = Self {
        picture: true,
        selection: false,
        view: false,
    };

    /// Picture and view.
    pub const VIEW: Self = Self {
        picture: true,
        selection: false,
        view: true,
    };

    /// Both.
    pub fn and(self, other: Self) -> Self {
        Self {
            picture: self.picture || other.picture,
            selection: self.selection || other.selection,
            view: self.view || other.view,
        }
    }
}
