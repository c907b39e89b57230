//! Pure view models of hindsight: what terminal and browser show, as plain data.
//!
//! In: rows of [`hindsight_protocol`] or columns of one trace ([`TraceColumns`]), and settings of
//! the viewer (width, time, zone). Out: trees, what follows from them (self time, critical path,
//! groups, patterns, clock skew, waits, events, findings, diffs), waterfall rows, heatmaps, layouts
//! of graphs, tables and texts whose parts carry a [`text::Role`] instead of a colour. Holds:
//! everything that came from outside is escaped before it leaves ([`format::escape`]). No IO, no
//! clock (time is an argument), no terminal or browser library.

pub mod canvas;
pub mod columns;
pub mod compare;
pub mod copy;
pub mod critical_path;
pub mod diff;
pub mod events;
pub mod explore;
pub mod findings;
pub mod format;
pub mod graph;
pub mod grouping;
pub mod heatmap;
pub mod keys;
pub mod lens;
pub mod linking;
pub mod listing;
pub mod losses;
mod name;
pub mod pattern;
pub mod problem;
pub mod query_table;
pub mod query_text;
pub mod rates;
pub mod running;
pub mod sample;
pub mod self_time;
pub mod service_map;
pub mod services;
pub mod skew;
pub mod statistics;
pub mod table;
pub mod text;
pub mod timeline;
mod trace;
pub mod trace_list;
mod trace_tab;
pub mod tree;
pub mod waits;
pub mod waterfall;

#[cfg(test)]
mod fixture;

pub use columns::TraceColumns;
pub use problem::Problem;
pub use rates::Rates;
pub use table::{Align, Cell, Column, Table};
pub use text::{Line, Role, Segment};
pub use timeline::Timeline;
pub use trace::Trace;
pub use trace_list::{TraceList, TraceRow};
pub use trace_tab::TraceTab;
pub use tree::{Placement, TraceTree};
pub use waterfall::{Glyphs, Waterfall, WaterfallLayout, WaterfallRow};
