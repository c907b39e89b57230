//! In-memory columnar span store of the hindsight hub.
//!
//! In: checked batches with the time of their arrival, comings and goings of tracers, the passing
//! of time. Out: what became of each record ([`Appended`]), what changed ([`Change`]), and
//! immutable views for readers ([`Snapshot`]).
//!
//! The store is a log-structured merge tree of columns. Spans that have not ended live in a
//! bounded *open table*. Final rows go to the *current chunk*; full chunks are frozen and shared;
//! the chunks of a span of time or a number of rows are sealed into a *segment* with a directory
//! of its traces. Age and the byte budget remove whole segments, oldest first. Nothing that a
//! reader holds ever changes: the writer replaces, it does not modify.
//!
//! Sealing is a job for the writer itself or, with [`StoreLimits::seals_in_flight_max`], for anybody
//! else: [`SealJob`].
//!
//! Always: the store knows no clock, no IO, no threads. Time never runs backwards in it (an earlier
//! `now_ns` counts as the latest one seen). The same calls give the same answers.
//! `received = inserted + updated + duplicate + rejected` and
//! `inserted = live + sampled_out + expired + evicted + cleared`.
//!
//! Bounded by [`StoreLimits`]: every table here has its limit there.

mod accounts;
mod change;
mod chunk;
mod column;
mod current;
mod departure;
mod directory;
mod identity;
mod latest;
mod limits;
mod open;
mod pins;
mod placed;
mod query;
pub mod reason;
mod removal;
mod resend;
mod ripe;
mod segment;
mod sharded;
mod snapshot;
mod store;
mod superseded;
mod truncate;
mod unsealed;

pub use change::Change;
pub use latest::Latest;
pub use limits::StoreLimits;
pub use pins::PinError;
pub use query::{Prepared, QueryLimits, StoredValues};
pub use ripe::{SealJob, SealedPart};
pub use snapshot::Snapshot;
pub use store::{Appended, BatchSource, Cleared, Store};
