//! Graphs of any shape, pictures of huge ones, and what spans tell against what apps tell.

mod graphs;
mod scene;
mod shown;
mod stored;
mod tables;
