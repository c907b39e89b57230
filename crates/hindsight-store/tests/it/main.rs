//! The store against its naive model, and at its limits.

mod eviction;
mod harness;
mod limits;
mod pins;
mod reading;
mod simulation;
mod structure;
