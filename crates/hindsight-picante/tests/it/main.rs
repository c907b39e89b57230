//! The facade as a program sees it: under picante's name, with picante's macros.

// As `picante = { package = "hindsight-picante" }` in a manifest does.
extern crate hindsight_picante as picante;

mod events;
mod graphs;
mod lines;
mod scenario;
mod shared;
mod site;
mod spans;
mod stuck;
mod taps;
