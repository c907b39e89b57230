//! Test support for hindsight: builders, seeded workloads, in-process hub, naive reference store.

pub mod attack;
pub mod builder;
pub mod hostile;
#[cfg(feature = "hub")]
pub mod hub;
pub mod large;
pub mod naive;
#[cfg(feature = "apps")]
pub mod queries;
pub mod workload;
