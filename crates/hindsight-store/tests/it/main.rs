//! The store against its naive model, and at its limits.

mod limits;
mod pins;
mod simulation;
mod structure;
