//! The store against its naive model, and at its limits.

mod limits;
mod model;
mod operations;
mod pins;
mod structure;
