//! What is said beside the picture: of what lies under the pointer, or of the row that keys reached.
//!
//! Holds: nothing is told twice; while the pointer moves along a row the note stays where it is.

use hindsight_view::canvas::Input;

use super::{Piece, State};
use crate::trace::Hint;

/// Who leads, and what was told last.
#[derive(Default)]
pub(super) struct Hints {
    by_keys: bool,
    told: Option<Hint>,
}

impl Hints {
    /// Notes who asked for the last thing.
    pub(super) fn follow(&mut self, input: Input) {
        match input {
            Input::Command(_) => self.by_keys = true,
            Input::Resize { .. } => {}
            _ => self.by_keys = false,
        }
    }
}

impl State {
    /// What is to be told now; none if it is what was told.
    pub(super) fn new_hint(&mut self) -> Option<Option<Hint>> {
        let hint = self.hint();
        if hint == self.hints.told {
            return None;
        }
        self.hints.told = hint.clone();
        Some(hint)
    }

    fn hint(&self) -> Option<Hint> {
        let page = self.page.as_ref().filter(|_| self.tab.is_drawn())?;
        let is_of_keys = self.hints.by_keys;
        let hint = match is_of_keys {
            true => page.selected_hint(),
            false => page.hint(),
        }?;
        let lines: Vec<_> = hint.lines.iter().map(Piece::of_line).collect();
        let (top, bottom) = (hint.about.top, hint.about.bottom);
        let is_same = |told: &&Hint| told.top == top && told.lines.first() == lines.first();
        let before = self.hints.told.as_ref().filter(is_same);
        Some(Hint {
            x: before.map_or(hint.about.left, |told| told.x),
            top,
            bottom,
            lines,
            is_of_keys,
        })
    }
}
