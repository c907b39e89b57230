//! The tracer against a real hub, in this process, over real sockets.

mod context;
mod delivery;
mod expose;
mod hub;
mod open_spans;
