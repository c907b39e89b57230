//! The hindsight hub as a library; the `hindsight` binary is a command line around it.
//!
//! In: a [`Config`]. Out: a [`RunningServer`] that listens. A request's way through the modules:
//! `listen` (bytes in, who may do what) -> `session` (one roam connection) -> `rpc` (calls) ->
//! `ingest` (limits) -> `engine` (the single writer, which owns the store) -> `live` (whoever
//! watches); reads go from `rpc` to a snapshot of the store; lanes for apps go from
//! `session` to `relay`. Every limit is in [`config`]; every
//! loss is counted in `telemetry`, under a name that `hindsight stats` shows.

mod addresses;
mod allocator;
mod clock;
pub mod config;
mod connections;
mod discovery;
mod engine;
mod error;
mod hub;
mod ingest;
mod listen;
mod live;
mod peer;
mod queries;
mod reads;
mod relay;
mod rights;
mod rpc;
mod server;
mod session;
mod telemetry;

pub use addresses::Addresses;
pub use allocator::use_few_arenas;
pub use config::{Config, ConfigError, Token};
pub use error::{OtherHub, ShutdownReport, StartError, StopReason};
pub use hub::VERSION;
pub use server::{RunningServer, Server};
