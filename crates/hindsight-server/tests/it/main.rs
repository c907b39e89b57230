//! The hub over real sockets, in this process: one binary for all of it.

mod attack;
mod harness;
mod http;
mod ingest;
mod lifecycle;
mod lists;
mod live;
mod log;
mod open;
mod panic;
mod query;
mod relay;
mod start;
mod structure;
mod token;
mod upgrade;
