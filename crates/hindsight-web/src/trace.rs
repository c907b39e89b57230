//! A trace in a worker: read, arranged and drawn beside the page.
//!
//! In: the page's [`Order`]s and a canvas of its. Out: pixels on that canvas, and [`Told`]s. Holds:
//! reading, arranging and drawing happen in the worker alone, so that a trace of a million spans
//! keeps the page waiting for nothing; the worker has a connection of its own to the hub. Bounded:
//! one trace at a time; leaving the view ends the worker, which frees its memory.

mod colors;
mod message;

#[cfg(target_arch = "wasm32")]
mod handle;
#[cfg(target_arch = "wasm32")]
mod surface;
#[cfg(target_arch = "wasm32")]
mod worker;

#[cfg(test)]
mod tests;

pub use colors::{colors_of, theme_of};
#[cfg(target_arch = "wasm32")]
pub(crate) use handle::{Handle, prepare};
pub use message::{
    Found, Hint, Order, Piece, Pointer, Row, Rows, Shown, Told, TracedQueries, decode, encode,
};
#[cfg(target_arch = "wasm32")]
pub(crate) use worker::{is_worker, start};
