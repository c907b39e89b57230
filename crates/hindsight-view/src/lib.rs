//! Pure view models of hindsight: what terminal and browser show, as plain data.
//!
//! In: rows of [`hindsight_protocol`] and settings of the viewer (width, time, zone). Out: trees,
//! waterfall rows, tables and texts whose parts carry a [`text::Role`] instead of a colour. Holds:
//! everything that came from outside is escaped before it leaves ([`format::escape`]). No IO, no
//! clock (time is an argument), no terminal or browser library.

pub mod format;
pub mod table;
pub mod text;
pub mod tree;
pub mod waterfall;

#[cfg(test)]
mod fixture;

pub use table::{Align, Cell, Column, Table};
pub use text::{Line, Role, Segment};
pub use tree::{Node, Placement, TraceTree};
pub use waterfall::{Glyphs, Waterfall, WaterfallLayout, WaterfallRow};
