//! Ingredients: picante's, each behind a thin type that watches it.

mod derived;
mod input;
mod interned;
mod persisted;

pub use picante::ingredient::{DerivedCell, ErasedReadyRecord, InputEntry, InternId};

pub use derived::DerivedIngredient;
pub use input::InputIngredient;
pub use interned::InternedIngredient;
