//! Keys of the list: those of all rows, and Space marks.

use super::marks::Marks;
use super::model::Model;
use crate::route::Route;
use crate::view::rows::{Walk, step};

/// The list as keys see it.
#[derive(Clone, Copy)]
pub(super) struct Keys {
    pub(super) model: Model,
    pub(super) marks: Marks,
}

impl Walk for Keys {
    fn select(self, by: isize) -> Option<usize> {
        let (place, count) = self.model.selected_place();
        let index = step(place, by, count)?;
        self.model.select(index);
        Some(index)
    }

    fn target(self) -> Option<Route> {
        self.model.selected().map(Route::of_trace)
    }

    fn toggle_pause(self) {
        self.model.toggle_pause();
    }

    fn space(self) {
        if let Some(trace) = self.model.selected() {
            self.marks.turn(trace);
        }
    }
}
