//! Apps and services: who is connected, how each fares, how fast and how well it answers.
//!
//! In: the apps that the hub lists, answers to [`queries`], and [`Vitals`] kept from look to look.
//! Out: a [`ServiceRow`] for each service, a [`RunSheet`] for each of its processes, an
//! [`OperationRow`] for each of its operations. Holds: a service that sent spans without an app of
//! its own is listed too; of several runs the one that fares worst speaks for the service; sums of
//! counters are those of the README. Bounded: by the answers; [`GROUPS_MAX`] services or operations.

mod health;
mod list;
mod operations;
mod run;
mod traffic;

#[cfg(test)]
mod tests;

pub use health::{Health, Vitals};
pub use list::{ServiceRow, services};
pub use operations::{OperationRow, operations};
pub use run::{Counter, RunSheet, runs};
pub use traffic::{Traffic, left_open_query, queries};

/// Most services, or operations of one, that are asked for.
pub const GROUPS_MAX: usize = 500;

/// The stretch of time that rates, errors and durations are of: the last 15 minutes.
pub const WINDOW_NS: u64 = 15 * 60 * 1_000_000_000;
