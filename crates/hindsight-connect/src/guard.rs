//! The guard: a conduit that sees every message before vox does, and ends a connection whose peer
//! breaks a limit.
//!
//! In: decoded messages from the peer, and our own on their way out. Out: the same messages, save
//! those that come too late for a channel or lane that is gone. Always holds: what vox would
//! answer with an abort of the process, a task that never ends or memory without bound does not
//! reach it. Bounded: by [`GuardLimits`], every one.
//!
//! The reckoning itself is in `guard/ledger.rs`, which does no IO and takes the time as an argument.

mod accounts;
mod answers;
mod channel;
mod conduit;
mod lane;
mod ledger;
mod limits;
mod overflow;
mod violation;

#[cfg(test)]
mod tests;

pub(crate) use accounts::Accounts;
pub(crate) use answers::{AnswerShapes, Answers};
pub(crate) use conduit::Guard;
pub(crate) use ledger::Ledger;
pub use limits::{CREDIT_METADATA_KEY, GuardLimits, RelayedLimits};
pub use violation::Violation;
