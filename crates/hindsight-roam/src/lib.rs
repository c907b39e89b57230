//! hindsight for roam: a span for every call, and the trace context carried across processes.
//!
//! Client: open lanes with [`open_lane`], or add [`TraceCalls`] to a generated client. Server: accept
//! lanes with [`serve`], or wrap a dispatcher in [`Traced`]. The caller's span is then the parent of
//! the callee's, whatever lies between, and within a handler the callee's span is current.
//!
//! ```ignore
//! let calculator = hindsight_roam::open_lane(&connection, CalculatorClient::with_middleware).await?;
//! let acceptor = vox::lane_acceptor_fn(|request, lane| {
//!     hindsight_roam::serve(lane, CalculatorDispatcher::new(Calculator));
//!     Ok(())
//! });
//! ```
//!
//! [`introspect`] is one line more: viewers then see the process' connections, calls under way, channels
//! and how calls went, live.
//!
//! Attributes: `rpc.system` = `roam`, `rpc.service`, `rpc.method`; status error with the kind of
//! failure. What the application answered is known to the server's span only: roam's middleware sees
//! an application error as a response like any other.
//!
//! Spans are made by the process' tracer ([`hindsight::Tracer::global`]) unless one is given.

mod carrier;
mod client;
mod counting;
mod names;
mod outcome;
mod registry;
mod seat;
mod server;
mod service;
mod task;

pub use carrier::{MetadataExtractor, MetadataInjector};
pub use client::{TraceCalls, open_lane, open_lane_with};
pub use counting::{CountingLink, CountingRx, CountingTx};
pub use server::{Traced, WatchedReply, serve, serve_with};
pub use service::introspect;

/// Attribute keys of calls, as in OpenTelemetry's conventions.
pub mod attributes {
    /// The protocol: [`SYSTEM_ROAM`].
    pub const SYSTEM: &str = "rpc.system";
    /// Name of the service's trait.
    pub const SERVICE: &str = "rpc.service";
    /// Name of the method.
    pub const METHOD: &str = "rpc.method";
    /// How a call failed: `user`, `cancelled`, `unknown_method`, ...
    pub const ERROR: &str = "error.type";
    /// The value of [`SYSTEM`].
    pub const SYSTEM_ROAM: &str = "roam";
}
