//! Signals whose code exists once, not once for each type of value and each closure.
//!
//! In: what views keep and compute. Out: the same handles that Leptos gives ([`RwSignal`], [`Memo`],
//! [`Signal`], [`StoredValue`], [`Effect`], [`For`], [`Show`]), under the same names, in [`prelude`].
//! Holds: below them is one type of each of Leptos' own, with the value behind a pointer that knows
//! its type; what is left for each type is to look behind that pointer. With Leptos' own handles half
//! of the module is copies of the reactive graph. Bounded: a handle lives as long as the view that
//! made it, as with Leptos.

mod cells;
mod computed;
mod lists;
mod stored;

pub(crate) use cells::{ArcRwSignal, RwSignal};
pub(crate) use computed::{Effect, Memo, Signal};
pub(crate) use lists::{For, Show};
pub(crate) use stored::StoredValue;

/// All that a view needs: Leptos' prelude with these in place of its own.
pub(crate) mod prelude {
    pub(crate) use leptos::prelude::*;

    // Named, so that they come before those of the line above.
    pub(crate) use super::{ArcRwSignal, Effect, For, Memo, RwSignal, Show, Signal, StoredValue};
}
